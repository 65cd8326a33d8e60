"""Evaluation of samples with a network whose weighted sums are computed by crossbars, layer by layer.

In a step, the spikes of a layer drive the rows of the crossbars with the weights of the next layer. Counts of several
spikes, and values of a sample, are applied bit by bit: bit p of all rows at once, with a factor of 2^p for the sums.
The sums of all bits, and of all crossbars that share a dot product, are integers; the neurons of the next layer receive
them in the same step. All steps of a layer can therefore be evaluated before those of the next layer.

The values of a sample are rounded to integers with a given number of bits. Negative values are applied after positive
values, and their sums are subtracted. A sample that is a constant current is read once, and its sums act in each step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simcore.accelerators.analogue.layers import INPUT, BoolArray, FloatArray, IntArray, LayeredNetwork, WeightMatrix
from simcore.errors import integer

MOST_INPUT_BITS = 16
BITS_AT_ONCE = 2**23
"""Rows times reads whose bits are in memory at a time."""


class Reader(Protocol):
    """The crossbars of a matrix."""

    def sums(self, rows: npt.NDArray[np.uint8], first_sample: int) -> IntArray:
        """Sums of the weights of driven rows, as computed by crossbars.

        Parameters
        ----------
        rows
            Whether each row is driven, 0 or 1, uint8 (samples, reads, rows).
        first_sample
            Index of the first sample in the data set, on which the noise of its reads depends.

        Returns
        -------
        int64 (samples, reads, filters)
        """


class IdealReader:
    """Sums without errors."""

    def __init__(self, matrix: WeightMatrix) -> None:
        self._codes = matrix.codes.astype(np.float64)

    def sums(self, rows: npt.NDArray[np.uint8], first_sample: int) -> IntArray:
        """See `Reader`."""
        # Integers below 2^53 are exact in any order.
        return np.asarray(rows.astype(np.float64) @ self._codes).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Correction:
    """A linear function for the sums of each filter, which are then rounded to integers; float64 (filters,)."""

    gain: FloatArray
    shift: FloatArray

    def of(self, sums: IntArray) -> IntArray:
        """Corrected sums, int64 (..., filters)."""
        return np.rint(sums * self.gain + self.shift).astype(np.int64)


@dataclass(frozen=True, eq=False)
class ReadMatrix:
    """A matrix, its reader, and the correction of its sums."""

    matrix: WeightMatrix
    reader: Reader
    correction: Correction | None = None


@dataclass(frozen=True)
class Levels:
    """Values of samples as integers of `bits` bits times `scale`; `signed` if any value is negative."""

    bits: int
    scale: float
    signed: bool

    def of(self, values: npt.NDArray[np.float32]) -> IntArray:
        """The integers."""
        return np.rint(values.astype(np.float64) / self.scale).astype(np.int64)

    @property
    def factors(self) -> IntArray:
        """The factor of each plane of bits; planes of negative values come last."""
        positive = 1 << np.arange(self.bits)
        return np.concatenate([positive, -positive]) if self.signed else positive


def levels_for(values: npt.NDArray[np.float32], bits: int) -> Levels:
    """Levels for the values of a data set; the largest value becomes 2^bits - 1.

    Raises
    ------
    InputError
        If the bits are not in [1, 16].
    """
    integer(bits, "input_bits", 1, MOST_INPUT_BITS)
    largest = float(np.abs(values).max(initial=0.0))
    return Levels(bits, (largest or 1.0) / (2**bits - 1), bool(values.min(initial=0.0) < 0.0))


@dataclass(frozen=True, eq=False)
class Driven:
    """Samples as the input of the first layers.

    Parameters
    ----------
    first, steps
        Index of the first sample in the data set, and number of steps.
    values
        int64 (samples, steps, inputs): spikes, 0 or 1, or integers of `levels` in one step, which apply to all steps.
    levels
        Levels of the values; None if the values are spikes.
    """

    first: int
    steps: int
    values: IntArray
    levels: Levels | None


@dataclass(frozen=True, eq=False)
class Answered:
    """Answers and spikes of samples.

    Parameters
    ----------
    spikes
        Spikes of each layer, bool (samples, steps, neurons).
    potentials
        v of the output after each step, float64 (samples, steps, neurons).
    """

    spikes: Sequence[BoolArray]
    potentials: FloatArray


def evaluate(network: LayeredNetwork, read: Sequence[ReadMatrix], driven: Driven) -> Answered:
    """Run samples.

    Parameters
    ----------
    network
        Layers and matrices.
    read
        Readers of each matrix of the network.
    driven
        The samples.
    """
    spikes: list[BoolArray] = []
    potentials = []
    for number in range(len(network.layers)):
        chosen = [read[place] for place in network.into(number)]
        sums = [(one.matrix, corrected_sums(one, driven, spikes)) for one in chosen]
        fired, after = neurons(network, number, sums, driven)
        spikes.append(fired)
        potentials += [after] if number == network.output else []
    return Answered(spikes, *potentials)


def corrected_sums(read: ReadMatrix, driven: Driven, spikes: Sequence[BoolArray]) -> IntArray:
    """Corrected sums of a matrix; see `plain_sums`."""
    sums = plain_sums(read, driven, spikes)
    return sums if read.correction is None else read.correction.of(sums)


def plain_sums(read: ReadMatrix, driven: Driven, spikes: Sequence[BoolArray]) -> IntArray:
    """Sums of a matrix before they are corrected, int64 (samples, steps, places, filters).

    Parameters
    ----------
    read
        The matrix.
    driven
        The samples; the sums of constant samples have one step.
    spikes
        Spikes of the preceding layers.
    """
    matrix = read.matrix
    from_samples = matrix.source == INPUT
    values = driven.values if from_samples else spikes[matrix.source]
    levels = driven.levels if from_samples else None
    factors = 1 << np.arange(matrix.largest_count.bit_length()) if levels is None else levels.factors
    each = values.shape[1] * len(factors) * matrix.places * matrix.rows
    most = max(1, BITS_AT_ONCE // each)
    parts = [
        _by_bits(read, values[start : start + most].astype(np.int64), factors, driven.first + start)
        for start in range(0, len(values), most)
    ]
    return np.concatenate(parts)


def _by_bits(read: ReadMatrix, values: IntArray, factors: IntArray, first: int) -> IntArray:
    """Sums of integers, bit by bit."""
    driven = read.matrix.driven(values)
    samples, steps, places, rows = driven.shape
    planes = [(np.maximum(driven * np.sign(factor), 0) & abs(factor)) != 0 for factor in factors]
    bits = np.stack(planes, axis=2).astype(np.uint8).reshape(samples, -1, rows)
    sums = read.reader.sums(bits, first).reshape(samples, steps, len(factors), places, -1)
    return np.asarray(np.tensordot(factors, sums, axes=(0, 2)))


def neurons(
    network: LayeredNetwork, number: int, sums: Sequence[tuple[WeightMatrix, IntArray]], driven: Driven
) -> tuple[BoolArray, FloatArray]:
    """Spikes of a layer in each step, and v after the step, (samples, steps, neurons), from the arriving sums."""
    layer, samples, steps = network.layers[number], len(driven.values), driven.steps
    arriving = np.zeros((samples, steps, layer.size), dtype=np.int64)
    currents = np.repeat(layer.bias[None], samples, axis=0)
    for matrix, found in sums:
        ids = matrix.targets.ravel()
        by_neuron = found.reshape(samples, found.shape[1], -1)
        if matrix.source == INPUT and driven.levels is not None:
            currents[:, ids] += by_neuron[:, 0] * (layer.lsb * driven.levels.scale)
        else:
            arriving[:, :, ids] += by_neuron
    state = layer.started(samples)
    fired = np.empty((samples, steps, layer.size), dtype=np.bool_)
    potentials = np.empty((samples, steps, layer.size))
    for step in range(steps):
        fired[:, step] = layer.step(state, arriving[:, step], currents)
        potentials[:, step] = state[0]
    return fired, potentials
