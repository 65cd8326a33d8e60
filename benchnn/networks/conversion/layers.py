"""The layers of a trained network: their shapes, and their outputs for a batch of samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, require, shown

FloatArray = npt.NDArray[np.float64]
Shape = tuple[int, ...]
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Dense:
    """A dense layer, in which each neuron has a weight for each input.

    Parameters
    ----------
    weight
        Shape (neurons, inputs).
    bias
        Shape (neurons,).
    """

    kind: ClassVar[str] = "dense"
    weight: FloatArray
    bias: FloatArray

    def output_shape(self, inputs: Shape) -> Shape:
        """Shape of a sample after the layer; raises `InputError` if `inputs` is not a valid shape of its input."""
        _require_shape(inputs, "one dimension (add a flatten layer before it)", len(inputs) == 1)
        _require_shape(inputs, f"{self.weight.shape[1]} inputs, as in its weight", inputs == self.weight.shape[1:])
        return self.weight.shape[:1]

    def apply(self, x: FloatArray) -> FloatArray:
        """Output of the layer for samples of shape (samples, *inputs)."""
        return x @ self.weight.T + self.bias


@dataclass(frozen=True, eq=False)
class Conv2d:
    """A convolution over height and width, without mirroring the kernel.

    Parameters
    ----------
    weight
        Shape (channels, input channels, height, width).
    bias
        Shape (channels,).
    stride, padding
        Stride, and number of zeros padded on both sides, along height and width.
    """

    kind: ClassVar[str] = "conv2d"
    weight: FloatArray
    bias: FloatArray
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)

    def output_shape(self, inputs: Shape) -> Shape:
        """See `Dense.output_shape`."""
        _require_shape(inputs, "three dimensions: channels, height, width", len(inputs) == 3)
        channels = self.weight.shape[1]
        _require_shape(inputs, f"{channels} channels, as in its weight", inputs[0] == channels)
        padded = [size + 2 * pad for size, pad in zip(inputs[1:], self.padding, strict=True)]
        return (len(self.weight), *_positions(inputs, padded, self.weight.shape[2:], self.stride))

    def apply(self, x: FloatArray) -> FloatArray:
        """See `Dense.apply`."""
        rows, columns = self.padding
        padded = np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
        windows = _windows(padded, self.weight.shape[2:], self.stride)
        height, width = windows.shape[2:4]
        inputs = windows.transpose(0, 2, 3, 1, 4, 5).reshape(len(x) * height * width, -1)
        product = inputs @ self.weight.reshape(len(self.weight), -1).T + self.bias
        return np.ascontiguousarray(product.reshape(len(x), height, width, -1).transpose(0, 3, 1, 2))


@dataclass(frozen=True)
class AveragePool2d:
    """Means over windows of height and width for each channel.

    Parameters
    ----------
    kernel, stride
        Size of a window, and distance of neighbouring windows, along height and width.
    """

    kind: ClassVar[str] = "avgpool2d"
    kernel: Pair
    stride: Pair

    def output_shape(self, inputs: Shape) -> Shape:
        """See `Dense.output_shape`."""
        _require_shape(inputs, "three dimensions: channels, height, width", len(inputs) == 3)
        return (inputs[0], *_positions(inputs, inputs[1:], self.kernel, self.stride))

    def apply(self, x: FloatArray) -> FloatArray:
        """See `Dense.apply`."""
        return np.asarray(_windows(x, self.kernel, self.stride).mean(axis=(4, 5)), np.float64)


@dataclass(frozen=True)
class Flatten:
    """Flatten all dimensions to one; the last dimension varies fastest."""

    kind: ClassVar[str] = "flatten"

    def output_shape(self, inputs: Shape) -> Shape:
        """See `Dense.output_shape`."""
        return (prod(inputs),)

    def apply(self, x: FloatArray) -> FloatArray:
        """See `Dense.apply`."""
        return x.reshape(len(x), -1)


@dataclass(frozen=True)
class Relu:
    """Rectified linear units, optionally clipped and quantised.

    Parameters
    ----------
    clip
        Largest activation; None for no limit.
    levels
        Number of steps between 0 and `clip` to which activations are rounded; None for no rounding.
    """

    kind: ClassVar[str] = "relu"
    clip: float | None = None
    levels: int | None = None

    def output_shape(self, inputs: Shape) -> Shape:
        """See `Dense.output_shape`."""
        return inputs

    def apply(self, x: FloatArray) -> FloatArray:
        """See `Dense.apply`."""
        if self.clip is None:
            return np.maximum(x, 0.0)
        if self.levels is None:
            return np.clip(x, 0.0, self.clip)
        step = self.clip / self.levels
        return np.asarray(step * np.clip(np.floor(x / step + 0.5), 0.0, self.levels), np.float64)


Weighted = Dense | Conv2d
Linear = Dense | Conv2d | AveragePool2d | Flatten
Layer = Linear | Relu


@dataclass(frozen=True)
class Stage:
    """Linear layers and the units that act on their output; the last stage of a network may have no units.

    Parameters
    ----------
    layers
        Linear layers, at least one of them with weights.
    relu
        The units.
    shape
        Shape of the units.
    """

    layers: tuple[Linear, ...]
    relu: Relu | None
    shape: Shape

    def input(self, x: FloatArray) -> FloatArray:
        """Input of the units for outputs of the previous stage, shape (samples, *shape)."""
        for layer in self.layers:
            x = layer.apply(x)
        return x

    def apply(self, x: FloatArray) -> FloatArray:
        """Activations of the units."""
        return self.input(x) if self.relu is None else self.relu.apply(self.input(x))


@dataclass(frozen=True)
class ReluNetwork:
    """A trained feed-forward network; the class of a sample is the index of the largest output.

    Parameters
    ----------
    input_shape
        Shape of one sample.
    stages
        Stages, as returned by `network_of`.
    """

    input_shape: Shape
    stages: tuple[Stage, ...]

    def apply(self, x: FloatArray) -> FloatArray:
        """Outputs, shape (samples, classes), for samples of shape (samples, *input_shape)."""
        for stage in self.stages:
            x = stage.apply(x)
        return x


def network_of(input_shape: Shape, layers: Sequence[Layer], source: str) -> ReluNetwork:
    """Return the network of layers that were read from the file `source`.

    Raises
    ------
    InputError
        If the shape of a layer does not fit the previous layer, or units do not follow a layer with weights; the
        message names the layer.
    """
    stages: list[Stage] = []
    pending: list[Linear] = []
    shape = input_shape
    for number, layer in enumerate(layers):
        try:
            shape = layer.output_shape(shape)
            if isinstance(layer, Relu):
                if not any(isinstance(one, Weighted) for one in pending):
                    raise InputError("it must follow a layer with weights", "relu", number)
                stages.append(Stage(tuple(pending), layer, shape))
                pending = []
            else:
                pending.append(layer)
        except InputError as error:
            raise InputError(f"{source}: layer {number} ({layer.kind}): {error}", error.field, error.value) from None
    if any(isinstance(one, Weighted) for one in pending):
        stages.append(Stage(tuple(pending), None, shape))
    elif stages and pending:
        raise InputError(
            f"{source}: its last layer, {pending[-1].kind}, has neither weights nor units; add a dense layer"
        )
    require(len(stages) > 0, "layers", source, "at least one layer must have weights")
    out = stages[-1].shape
    require(len(out) == 1, "output shape", out, "the last layer must have one output for each class")
    return ReluNetwork(input_shape, tuple(stages))


def _require_shape(inputs: Shape, wanted: str, fits: bool) -> None:
    if not fits:
        raise InputError(f"its input has the shape {shown(inputs)}, but must have {wanted}", "shape", inputs)


def _positions(inputs: Shape, sizes: Sequence[int], kernel: Sequence[int], stride: Pair) -> Shape:
    fits = all(size >= window for size, window in zip(sizes, kernel, strict=True))
    _require_shape(inputs, f"at least {kernel[0]} rows and {kernel[1]} columns", fits)
    return tuple((size - window) // step + 1 for size, window, step in zip(sizes, kernel, stride, strict=True))


def _windows(x: FloatArray, kernel: Sequence[int], stride: Pair) -> FloatArray:
    """All windows, shape (samples, channels, rows, columns, *kernel)."""
    windows = x
    for axis, size in enumerate(kernel, 2):
        windows = np.lib.stride_tricks.sliding_window_view(windows, size, axis)
    return windows[:, :, :: stride[0], :: stride[1]]
