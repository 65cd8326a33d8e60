"""Dense and convolution layers with their gradients, and the Adam optimiser, in NumPy, for the training examples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


class Layer:
    """Weights that map the spikes or activations of one layer to the input of the next.

    Parameters
    ----------
    weight
        Initial weights; drawn with a standard deviation of sqrt(2 / inputs of a neuron) by the classes below.
    stride
        Steps between neighbouring neurons of a convolution; 0 for a dense layer.
    input_shape, output_shape
        Shapes of a sample: (neurons,), or (channels, height, width).
    """

    def __init__(
        self, weight: FloatArray, stride: int, input_shape: tuple[int, ...], output_shape: tuple[int, ...]
    ) -> None:
        self.weight = weight
        self.bias = np.zeros(len(weight), np.float32)
        self.stride = stride
        self.input_shape, self.output_shape = input_shape, output_shape

    def columns(self, x: FloatArray) -> FloatArray:
        """The inputs of each neuron of one channel in a row; shape (samples x positions, inputs of a neuron)."""
        raise NotImplementedError

    def scattered(self, columns: FloatArray, samples: int) -> FloatArray:
        """Sums of the columns over all occurrences of each input: the transpose of `columns`."""
        raise NotImplementedError

    def forward(self, columns: FloatArray, weight: FloatArray) -> FloatArray:
        """Input of the neurons without bias, shape (samples, *output_shape); the weights may be noisy ones."""
        product = columns @ weight.reshape(len(weight), -1).T
        return self._by_sample(product)

    def backward(self, gradient: FloatArray, columns: FloatArray) -> FloatArray:
        """Gradient of the weights from the gradient of the output, shape (samples, *output_shape)."""
        return (self._by_position(gradient).T @ columns).reshape(self.weight.shape)

    def to_inputs(self, gradient: FloatArray, weight: FloatArray) -> FloatArray:
        """Gradient of the inputs from the gradient of the output; shape (samples, *input_shape)."""
        return self.scattered(self._by_position(gradient) @ weight.reshape(len(weight), -1), len(gradient))

    def fan_out(self, cores: npt.NDArray[np.int64]) -> FloatArray:
        """Synapses from each input neuron onto each core; shape (cores, *input_shape).

        Parameters
        ----------
        cores
            Core of each neuron of this layer, shape (neurons,).
        """
        on_core = (cores == np.arange(cores.max() + 1)[:, None]).astype(np.float32)
        return self.to_inputs(on_core.reshape(-1, *self.output_shape), np.ones_like(self.weight))

    def _by_sample(self, product: FloatArray) -> FloatArray:
        positions = int(np.prod(self.output_shape[1:], dtype=np.int64))
        channels = product.reshape(-1, positions, len(self.weight)).transpose(0, 2, 1)
        return channels.reshape(-1, *self.output_shape)

    def _by_position(self, values: FloatArray) -> FloatArray:
        return values.reshape(len(values), len(self.weight), -1).transpose(0, 2, 1).reshape(-1, len(self.weight))


class Dense(Layer):
    """Each neuron has a synapse from each input."""

    def __init__(self, inputs: tuple[int, ...], neurons: int, random: np.random.Generator) -> None:
        n = int(np.prod(inputs))
        super().__init__(_drawn((neurons, n), random), 0, inputs, (neurons,))

    def columns(self, x: FloatArray) -> FloatArray:
        return x.reshape(len(x), -1)

    def scattered(self, columns: FloatArray, samples: int) -> FloatArray:
        return columns.reshape(samples, *self.input_shape)


class Convolution(Layer):
    """Neurons of a channel share a square kernel over all input channels, each at its own position."""

    def __init__(
        self, inputs: tuple[int, ...], channels: int, kernel: int, stride: int, random: np.random.Generator
    ) -> None:
        height, width = ((size - kernel) // stride + 1 for size in inputs[1:])
        weight = _drawn((channels, inputs[0], kernel, kernel), random)
        super().__init__(weight, stride, inputs, (channels, height, width))

    def columns(self, x: FloatArray) -> FloatArray:
        windows = x
        for axis, size in enumerate(self.weight.shape[2:], 2):
            windows = np.lib.stride_tricks.sliding_window_view(windows, size, axis)
        windows = windows[:, :, :: self.stride, :: self.stride].transpose(0, 2, 3, 1, 4, 5)
        return np.asarray(windows.reshape(-1, int(np.prod(self.weight.shape[1:]))), np.float32)

    def scattered(self, columns: FloatArray, samples: int) -> FloatArray:
        _, height, width = self.output_shape
        channels, *kernel = self.weight.shape[1:]
        windows = columns.reshape(samples, height, width, channels, *kernel).transpose(0, 3, 4, 5, 1, 2)
        total = np.zeros((samples, *self.input_shape), np.float32)
        for row in range(kernel[0]):
            for column in range(kernel[1]):
                rows = slice(row, row + self.stride * height, self.stride)
                places = slice(column, column + self.stride * width, self.stride)
                total[:, :, rows, places] += windows[:, :, row, column]
        return total


def layers_of(kind: str, pixels: int, hidden: int, random: np.random.Generator) -> list[Layer]:
    """Layers of a ``dense`` or a ``convolution`` network for square images of digits."""
    if kind == "dense":
        return [Dense((pixels,), hidden, random), Dense((hidden,), 10, random)]
    side = math.isqrt(pixels)
    kernel, stride = (5, 2) if side > 16 else (3, 1)
    first = Convolution((1, side, side), 8, kernel, stride, random)
    second = Convolution(first.output_shape, 16, 3, stride, random)
    return [first, second, Dense(second.output_shape, 10, random)]


def _drawn(shape: tuple[int, ...], random: np.random.Generator) -> FloatArray:
    deviation = np.sqrt(2.0 / np.prod(shape[1:]))
    return np.asarray(random.standard_normal(shape) * deviation, np.float32)


def softmax_loss(logits: FloatArray, labels: npt.NDArray[np.int64]) -> tuple[float, FloatArray]:
    """Mean cross-entropy of a batch, and its gradient by the logits."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    probability = shifted / shifted.sum(axis=1, keepdims=True)
    picked = probability[np.arange(len(labels)), labels]
    gradient = probability
    gradient[np.arange(len(labels)), labels] -= 1.0
    return float(-np.log(np.maximum(picked, 1e-30)).mean()), gradient / np.float32(len(labels))


@dataclass
class Adam:
    """Adam of Kingma and Ba (2015) with their decay rates; changes arrays in place."""

    parameters: Sequence[FloatArray]
    steps: int = 0
    moments: list[tuple[FloatArray, FloatArray]] = field(init=False)

    def __post_init__(self) -> None:
        self.moments = [(np.zeros_like(array), np.zeros_like(array)) for array in self.parameters]

    def step(self, gradients: Sequence[FloatArray], rate: float) -> None:
        """Change the parameters by one batch's gradients."""
        self.steps += 1
        for array, gradient, (mean, square) in zip(self.parameters, gradients, self.moments, strict=True):
            mean += np.float32(0.1) * (gradient - mean)
            square += np.float32(0.001) * (gradient * gradient - square)
            corrected = mean / np.float32(1.0 - 0.9**self.steps)
            deviation = np.sqrt(square / np.float32(1.0 - 0.999**self.steps)) + np.float32(1e-8)
            array -= np.float32(rate) * corrected / deviation


def cosine_rate(largest: float, done: float) -> float:
    """Learning rate after a share `done` of the training, falling to zero along a half cosine."""
    return float(largest * 0.5 * (1.0 + np.cos(np.pi * done)))
