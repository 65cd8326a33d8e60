"""One crossbar of random levels under random inputs: how far its currents, products and decisions are from the ideal.

Levels are drawn uniformly from those that a cell can hold, one for each cell. In each read a row is driven, with
probability 1/2, with the read voltage. Everything is a function of the case and the seed.

Measures, over all reads and columns::

    current share       mean column current / mean ideal column current (no wires, noise, or faults)
    worst column        the same of each column by itself, the smallest
    error               product from the ADC's code - product of inputs and levels, in products of one level: LSB
    clipped share       share of codes that are the largest
    decision accuracy   share of reads in which the column of the largest product from codes, the first of them, is one
                        of those with the largest product of inputs and levels

A decision is what a last layer takes from a crossbar: the accuracy of the array without any network. It is 1 for an
ideal array whose converter is wide enough, and about 1 / columns for an array that has lost its contents.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.accelerators.analogue.conversion import Converter, products
from simcore.accelerators.analogue.device import Device, read_noise, written_cells
from simcore.accelerators.analogue.variates import Purpose, integers, uniforms
from simcore.accelerators.analogue.wires import effective_conductances
from simcore.errors import integer, require

READS = 256
MOST_SIZE = 1024


@dataclass(frozen=True)
class ArrayCase:
    """A crossbar to study.

    Parameters
    ----------
    size
        Rows, and columns.
    device, levels
        Its cells, and the levels that they are given.
    converter, read_v
        Its converters, and the voltage of a driven row, V.
    wire_ohm
        Resistance of a segment of wire, Ohm.
    time_s, cycles
        As of `simcore.accelerators.analogue.device.written_cells`.
    """

    size: int
    device: Device
    levels: tuple[int, ...]
    converter: Converter
    read_v: float
    wire_ohm: float = 0.0
    time_s: float | None = None
    cycles: float = 0.0


@dataclass(frozen=True)
class ArrayOutcome:
    """What a crossbar does; the module's docstring defines the measures. Errors are in LSB."""

    current_share: float
    worst_column_share: float
    error_rms: float
    error_mean: float
    error_worst: float
    clipped_share: float
    decision_accuracy: float


def studied(case: ArrayCase, seed: int, reads: int = READS) -> ArrayOutcome:
    """What one random crossbar does.

    Parameters
    ----------
    case
        The crossbar.
    seed
        Of levels, inputs, cells and noise.
    reads
        Inputs.

    Raises
    ------
    InputError
        If a value is out of range.
    """
    integer(case.size, "size", 2, MOST_SIZE)
    require(len(case.levels) > 0, "levels", case.levels, "give the levels of cells")
    levels, inputs = _drawn(case, seed, integer(reads, "reads", 1))
    cells = written_cells(levels[np.newaxis], case.device, seed, [0], case.time_s, case.cycles)[0]
    effective = effective_conductances(cells, case.wire_ohm)
    volts = case.read_v * inputs
    currents = volts @ effective + read_noise(volts, effective, case.device, seed, 0)
    ideal = volts @ case.device.nominal(levels)
    codes = case.converter.codes(currents)
    found = products(codes, inputs.sum(axis=1), case.converter, case.device, case.read_v)
    expected = inputs @ levels
    errors = found - expected
    decided = np.take_along_axis(expected, found.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    columns = ideal.sum(axis=0)
    return ArrayOutcome(
        float(currents.sum() / ideal.sum()),
        float((currents.sum(axis=0) / columns).min()),
        math.sqrt(float((errors**2).mean())),
        float(errors.mean()),
        float(abs(errors).max()),
        float((codes == case.converter.top_code).mean()),
        float((decided == expected.max(axis=1)).mean()),
    )


def _drawn(case: ArrayCase, seed: int, reads: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Levels, shape (size, size), and inputs, 0 or 1, shape (reads, size)."""
    size = case.size
    places = (integers(seed, Purpose.STUDY_LEVELS, 0, 0, size**2) >> np.uint64(32)) * np.uint64(len(case.levels))
    levels = np.array(case.levels, dtype=np.int64)[(places >> np.uint64(32)).astype(np.intp)].reshape(size, size)
    inputs = (uniforms(seed, Purpose.STUDY_INPUTS, 0, reads * size) < 0.5).astype(np.int64).reshape(reads, size)
    # A read without any current would have no share of it.
    inputs[:, 0] |= inputs.sum(axis=1) == 0
    return levels, inputs
