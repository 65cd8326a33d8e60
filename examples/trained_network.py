"""Train a spiking network on images of digits, and evaluate it step by step: accuracy, events, and costs on a chip.

The training uses NumPy only. The images are from scikit-learn: ``pip install scikit-learn``.
"""

import argparse
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from image_data import load
from spiking_layers import SpikingNetwork, no_penalty
from train_mnist import write
from trainable_layers import Adam, cosine_rate, layers_of

from benchnn.cli import main as benchnn

BATCH = 100
STEPS = 8
FOLDER = Path("results/digits")


def main() -> None:
    """Train, evaluate, and draw accuracy and energy over the steps."""
    parser = argparse.ArgumentParser(description="Train a spiking network, and run it on an emulated chip.")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the images (default: 20)")
    parser.add_argument("--hidden", type=int, default=64, help="neurons of the hidden layer (default: 64)")
    parser.add_argument("--out", default="trained_network.png", metavar="FILE", help="file of the picture")
    options = parser.parse_args()
    images, unseen = load("digits")
    random = np.random.default_rng(1)
    network = SpikingNetwork(layers_of("dense", images.x.shape[1], options.hidden, random), STEPS, decay=1.0)
    adam = Adam([array for layer in network.layers for array in (layer.weight, layer.bias)])
    batches = len(images.x) // BATCH
    for batch in range(options.epochs * batches):
        chosen = random.choice(len(images.x), BATCH, replace=False)
        weights = [layer.weight for layer in network.layers]
        _, gradients = network.gradients(images.x[chosen], images.y[chosen], weights, no_penalty)
        adam.step(gradients, cosine_rate(2e-3, batch / (options.epochs * batches)))
    write("digits.nir", network, tau=None)
    np.savez("digits.npz", x=unseen.x, y=unseen.y)

    steps = ",".join(str(step) for step in range(1, STEPS + 1))
    on_chip = ("--chip", "loihi1", "--on-violation", "adapt", "--weight-bits", "8")
    inference = ("infer", "digits.nir", "--data", "digits.npz", "--steps", steps, *on_chip)
    if benchnn([*inference, "--out", str(FOLDER), "--overwrite"]) != 0:
        raise SystemExit("the network could not be evaluated")

    rows = json.loads((FOLDER / "inference.json").read_text())["rows"]
    original = [row for row in rows if row["network"] == "original"]
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    axes.plot(range(1, STEPS + 1), [100.0 * row["accuracy"]["share"] for row in original], "o-", color="tab:blue")
    axes.set_xlabel("steps of an image")
    axes.set_ylabel("accuracy (%)", color="tab:blue")
    costs = axes.twinx()
    costs.plot(range(1, STEPS + 1), [row["synaptic_events"] for row in original], "s--", color="tab:orange")
    costs.set_ylabel("synaptic events of an image", color="tab:orange")
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
