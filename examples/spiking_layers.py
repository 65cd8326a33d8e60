"""A feed-forward network of leaky integrate-and-fire neurons, its gradients through time, and penalties on its spikes.

The input of a sample is constant and acts as a current. In each step the potential of a neuron becomes v <- a v +
input, and if v > 1 the neuron fires and v <- v - 1. The last layer does not fire: the class is the neuron with the
largest sum of inputs over all steps. The derivative of a spike by the potential is replaced by a smooth function, a
surrogate gradient.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from trainable_layers import FloatArray, Layer, softmax_loss

Penalty = Callable[[Sequence[FloatArray]], list[FloatArray]]
"""Function of the spikes of each layer, shape (samples, *neurons); returns the gradient by a spike of each neuron."""


@dataclass(frozen=True)
class Forward:
    """A pass of one batch.

    Parameters
    ----------
    columns
        Inputs of each layer in all steps, arranged by `Layer.columns`. The first layer has one step, because its input
        is constant; the last layer has the sum over the steps.
    potentials
        Potentials of each firing layer before its reset, shape (steps, samples, *neurons).
    spikes
        Sums of the spikes of each firing layer over the steps, shape (samples, *neurons).
    logits
        Sums of the last layer's inputs, shape (samples, classes).
    """

    columns: list[FloatArray]
    potentials: list[FloatArray]
    spikes: list[FloatArray]
    logits: FloatArray


@dataclass(frozen=True)
class SpikingNetwork:
    """Layers that fire, and a last layer that sums its input.

    Parameters
    ----------
    layers
        The layers, in order.
    steps
        Number of steps of a sample.
    decay
        Share of the potential that is left after a step; 1 for neurons without leak.
    """

    layers: Sequence[Layer]
    steps: int
    decay: float

    def forward(self, x: FloatArray, weights: Sequence[FloatArray]) -> Forward:
        """Run a batch; `weights` are the weights of the layers, possibly with noise."""
        steps = np.float32(self.steps)
        columns: list[FloatArray] = []
        potentials: list[FloatArray] = []
        spikes: list[FloatArray] = []
        seen = x.reshape(-1, *self.layers[0].input_shape)
        for number, (layer, weight) in enumerate(zip(self.layers, weights, strict=True)):
            columns.append(layer.columns(seen))
            current = layer.forward(columns[-1], weight)
            if layer is self.layers[-1]:
                return Forward(columns, potentials, spikes, current + steps * layer.bias)
            current = current + layer.bias.reshape(-1, *[1] * (len(layer.output_shape) - 1))
            current = current if number == 0 else current.reshape(self.steps, len(x), *layer.output_shape)
            potential, fired = self._fired(current, constant=number == 0)
            potentials.append(potential)
            spikes.append(fired.sum(axis=0))
            last = number == len(self.layers) - 2
            seen = spikes[-1] if last else fired.reshape(-1, *layer.output_shape)
        raise ValueError("a network has at least one layer")

    def _fired(self, current: FloatArray, constant: bool) -> tuple[FloatArray, FloatArray]:
        shape = (self.steps, *(current.shape if constant else current.shape[1:]))
        potential, fired = np.empty(shape, np.float32), np.empty(shape, np.float32)
        v = np.zeros(shape[1:], np.float32)
        for step in range(self.steps):
            v = np.float32(self.decay) * v + (current if constant else current[step])
            potential[step] = v
            fired[step] = v > 1.0
            v = v - fired[step]
        return potential, fired

    def gradients(
        self, x: FloatArray, labels: npt.NDArray[np.int64], weights: Sequence[FloatArray], penalty: Penalty
    ) -> tuple[Forward, list[FloatArray]]:
        """The pass of a batch, and the gradients of loss and penalty: weight and bias of each layer in turn."""
        passed = self.forward(x, weights)
        _, gradient = softmax_loss(passed.logits, labels)
        last = self.layers[-1]
        found = [gradient.sum(axis=0) * np.float32(self.steps), last.backward(gradient, passed.columns[-1])]
        extra = penalty(passed.spikes)
        # By a spike of the last firing layer: the same in each step.
        by_spike = np.broadcast_to(last.to_inputs(gradient, weights[-1]), passed.potentials[-1].shape)
        for number in reversed(range(len(self.layers) - 1)):
            layer = self.layers[number]
            by_current = self._through_time(by_spike + extra[number] / np.float32(len(x)), passed.potentials[number])
            if number == 0:
                by_current = by_current.sum(axis=0)
            by_current = by_current.reshape(-1, *layer.output_shape)
            axes = (0, *range(2, by_current.ndim))
            found += [by_current.sum(axis=axes), layer.backward(by_current, passed.columns[number])]
            if number > 0:
                below = layer.to_inputs(by_current, weights[number])
                by_spike = below.reshape(self.steps, len(x), *layer.input_shape)
        return passed, found[::-1]

    def _through_time(self, by_spike: FloatArray, potential: FloatArray) -> FloatArray:
        """Gradient by the input of each step; the reset is treated as constant."""
        surrogate = 1.0 / (1.0 + np.square(np.float32(np.pi) * (potential - np.float32(1.0))))
        direct: FloatArray = by_spike * surrogate
        for step in reversed(range(self.steps - 1)):
            direct[step] += np.float32(self.decay) * direct[step + 1]
        return direct


@dataclass(frozen=True)
class Cores:
    """Cores that hold slices of the layers, and the synaptic events that each spike causes on them.

    Parameters
    ----------
    fan_out
        Number of synapses from each neuron of a firing layer onto each core, shape (cores, *neurons). A core holds
        neurons of one layer, in their order.
    """

    fan_out: list[FloatArray]

    @classmethod
    def of(cls, network: SpikingNetwork, neurons_per_core: int) -> "Cores":
        """Cores that hold at most `neurons_per_core` neurons."""
        layers = network.layers[1:]
        return cls([layer.fan_out(np.arange(np.prod(layer.output_shape)) // neurons_per_core) for layer in layers])

    def events(self, spikes: Sequence[FloatArray]) -> FloatArray:
        """Mean synaptic events of a sample on each core that has any synapses from neurons."""
        means = [fired.mean(axis=0) for fired in spikes]
        found = [out.reshape(len(out), -1) @ mean.ravel() for out, mean in zip(self.fan_out, means, strict=True)]
        return np.concatenate(found)

    def by_core(self, weights: FloatArray) -> list[FloatArray]:
        """Derivative of the weighted sum of the cores' events by a spike of each neuron."""
        found, first = [], 0
        for out in self.fan_out:
            found.append(np.tensordot(weights[first : first + len(out)], out, axes=1))
            first += len(out)
        return found


def no_penalty(spikes: Sequence[FloatArray]) -> list[FloatArray]:
    """Gradients of zero: no penalty."""
    return [np.zeros(fired.shape[1:], np.float32) for fired in spikes]


def spikes_penalty(strength: float) -> Penalty:
    """Penalise all spikes of a sample equally."""
    return lambda spikes: [np.full(fired.shape[1:], strength, np.float32) for fired in spikes]


def largest_core_penalty(cores: Cores, strength: float, power: int = 8) -> Penalty:
    """Penalise the largest core's synaptic events by a smooth maximum, the norm of that power over the cores."""

    def gradient(spikes: Sequence[FloatArray]) -> list[FloatArray]:
        events = cores.events(spikes)
        share = events / max(float(events.max()), 1e-30)
        # Derivative of the norm by each core's events.
        weights = np.power(share / np.power(np.power(share, power).sum(), 1.0 / power), power - 1)
        return cores.by_core((strength * weights).astype(np.float32))

    return gradient
