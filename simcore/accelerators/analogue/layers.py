"""A network for crossbars: matrices of integer weights, and layers of neurons between them.

A matrix belongs to a dense layer, or contains the filters of a convolution, which are read once for each place of the
output. Its rows are driven by elements: outputs of the preceding layer, or sums of several outputs after pooling.
Weights and sums are integers, in units of the lsb of the target layer of neurons.

The neurons of a layer are updated in each step, in float32 or float64, with the integer sum n of their input::

    u <- u a + (bias + n lsb)
    v <- v b + u c
    spike if v > theta; then v <- v kept + after

This is the model ``lif_discrete`` of the simulator, operation by operation, so that equal sums yield equal spikes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, require

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
INPUT = -1
"""Denotes the samples in place of the number of a layer."""
COEFFICIENTS = ("a", "b", "c", "theta", "kept", "after")


@dataclass(frozen=True, eq=False)
class WeightMatrix:
    """Weights that are stored once on crossbars.

    Parameters
    ----------
    name
        Name for messages.
    source, target
        Numbers of the layers that drive its rows and receive its sums; `INPUT` denotes the samples.
    codes
        Weights in units of the target's lsb, int64 (rows, filters).
    gather
        Element that drives each row at each place, int64 (places, rows); -1 for none.
    targets
        Neuron that receives the sum of each filter at each place, int64 (places, filters).
    members
        Neurons of the source whose spikes each element counts, int64 (elements, members), -1 for none; None if the
        elements are the neurons.
    """

    name: str
    source: int
    target: int
    codes: IntArray
    gather: IntArray
    targets: IntArray
    members: IntArray | None = None

    def __post_init__(self) -> None:
        shape = (len(self.gather), *self.codes.shape)
        given = (len(self.targets), *self.gather.shape[1:], *self.targets.shape[1:])
        require(shape == given, f"{self.name}: places, rows and filters", given, f"must be {shape}, as for the weights")
        require(self.codes.size > 0, f"{self.name}: shape", self.codes.shape, "use at least one weight")

    @property
    def rows(self) -> int:
        """Number of products of a sum."""
        return len(self.codes)

    @property
    def filters(self) -> int:
        """Number of sums at a place."""
        return int(self.codes.shape[1])

    @property
    def places(self) -> int:
        """Number of reads of the matrix in a step."""
        return len(self.gather)

    @property
    def largest_count(self) -> int:
        """The largest value of an element of spikes."""
        return 1 if self.members is None else int(np.count_nonzero(self.members >= 0, axis=1).max())

    def driven(self, values: IntArray) -> IntArray:
        """Values of the rows, int64 (..., places, rows), from values of the source neurons, int64 (..., neurons)."""
        elements = values if self.members is None else _taken(values, self.members).sum(axis=-1)
        return _taken(elements, self.gather)


def _taken(values: IntArray, places: IntArray) -> IntArray:
    """Values at given indices of the last axis; 0 for index -1."""
    with_none = np.concatenate([values, np.zeros((*values.shape[:-1], 1), np.int64)], axis=-1)
    return np.take(with_none, places, axis=-1, mode="wrap")


@dataclass(frozen=True, eq=False)
class NeuronLayer:
    """A layer of neurons.

    Parameters
    ----------
    coefficients
        The `COEFFICIENTS`, float32 or float64 (6, neurons).
    state
        v and u before the first step, of the same type, (2, neurons).
    bias
        Constant input, float64 (neurons,).
    lsb
        Unit of the input.
    """

    coefficients: npt.NDArray[Any]
    state: npt.NDArray[Any]
    bias: FloatArray
    lsb: float

    @property
    def size(self) -> int:
        """Number of neurons."""
        return int(self.state.shape[1])

    def started(self, samples: int) -> npt.NDArray[Any]:
        """State of samples before the first step, (2, samples, neurons)."""
        return np.repeat(self.state[:, None, :], samples, axis=1)

    def step(self, state: npt.NDArray[Any], sums: IntArray, currents: FloatArray) -> BoolArray:
        """Update the state of samples in place, and return whether each neuron fires, bool (samples, neurons).

        Parameters
        ----------
        state
            State; see `started`.
        sums
            Input, int64 (samples, neurons).
        currents
            Constant inputs, including the bias, float64 (samples, neurons).
        """
        a, b, c, theta, kept, after = self.coefficients
        v, u = state
        real = v.dtype
        u[:] = u * a + (currents.astype(real) + sums.astype(real) * real.type(self.lsb))
        v[:] = v * b + u * c
        fired: BoolArray = v > theta
        v[:] = np.where(fired, v * kept + after, v)
        return fired


@dataclass(frozen=True, eq=False)
class LayeredNetwork:
    """Layers in the order of evaluation, and the matrices between them.

    Parameters
    ----------
    inputs
        Number of values of a sample.
    layers, matrices
        Layers and matrices in order; the target layer of a matrix follows its source layer.
    output
        Number of the layer whose potentials are the answer.

    Raises
    ------
    InputError
        If a matrix leads to an earlier layer, or its shape does not match.
    """

    inputs: int
    layers: Sequence[NeuronLayer]
    matrices: Sequence[WeightMatrix]
    output: int

    def __post_init__(self) -> None:
        for matrix in self.matrices:
            if not INPUT <= matrix.source < matrix.target < len(self.layers):
                raise InputError(
                    f"{matrix.name} leads from layer {matrix.source} to layer {matrix.target} of {len(self.layers)}: "
                    "layers must follow one another without loops"
                )
            neurons = self.inputs if matrix.source == INPUT else self.layers[matrix.source].size
            ids = matrix.gather if matrix.members is None else matrix.members
            require(ids.max() < neurons, f"{matrix.name}: driving neuron", int(ids.max()), f"must be below {neurons}")
            last, most = int(matrix.targets.max()), self.layers[matrix.target].size
            require(last < most, f"{matrix.name}: target", last, f"must be below {most}")

    def into(self, layer: int) -> list[int]:
        """Numbers of the matrices that lead to a layer."""
        return [number for number, matrix in enumerate(self.matrices) if matrix.target == layer]
