"""Study of one crossbar with random levels and inputs: deviation of currents, products and decisions from the ideal.

The level of each cell is drawn uniformly from all levels that a cell can hold. In each read, a row is driven with the
read voltage with probability 1/2. All results are functions of the case and the seed.

Measures, over all reads and columns::

    current share       mean column current / mean ideal column current (no wires, noise, or faults)
    worst column        the smallest of these ratios of a single column
    error               product from the ADC's code - product of inputs and levels, in products of one level: LSB
    clipped share       share of codes that are the largest
    decision accuracy   share of reads in which the column of the largest product from codes, the first of them, is one
                        of the columns with the largest product of inputs and levels

A decision is the output of a last layer on a crossbar; decision accuracy is therefore the accuracy of the array without
a network. It is 1 for an ideal array with a sufficiently wide converter, and about 1 / columns for an array that has
lost its contents.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.accelerators.analogue.conversion import Converter, checked_voltage, products
from simcore.accelerators.analogue.device import (
    Device,
    checked_device,
    checked_levels,
    checked_time,
    read_noise,
    written_cells,
)
from simcore.accelerators.analogue.variates import MAX_SEED, Purpose, integers, uniforms
from simcore.accelerators.analogue.wires import checked_resistance, effective_conductances
from simcore.errors import integer, keywords_known, require

READS, MOST_READS = 256, 2**14
LEAST_SIZE, MOST_SIZE = 2, 256
"""Limits of the size. The work grows with the fourth power: size 256 with wires takes seconds, 512 half a minute."""


@keywords_known
@dataclass(frozen=True)
class ArrayCase:
    """A crossbar to study.

    Parameters
    ----------
    size
        Number of rows, and of columns.
    device, levels
        Cells, and their possible levels.
    converter, read_v
        Converters, and the voltage of a driven row, V.
    wire_ohm
        Resistance of a segment of wire, Ohm.
    time_s, cycles
        See `simcore.accelerators.analogue.device.written_cells`.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    size: int
    device: Device
    levels: tuple[int, ...]
    converter: Converter
    read_v: float
    wire_ohm: float = 0.0
    time_s: float | None = None
    cycles: float = 0.0

    def __post_init__(self) -> None:
        integer(self.size, "size", LEAST_SIZE, MOST_SIZE)
        device = checked_device(self.device)
        levels = checked_levels(self.levels, device.top_level)
        require(levels.ndim == 1 and levels.size > 0, "levels", self.levels, "use a list of the levels of cells")
        require(isinstance(self.converter, Converter), "converter", self.converter, "use a Converter")
        checked_voltage(self.read_v)
        checked_resistance(self.wire_ohm)
        checked_time(self.time_s, device)
        device.worn_out(self.cycles)


@dataclass(frozen=True)
class ArrayOutcome:
    """Measures of a crossbar, as defined in the module docstring. Errors are in LSB."""

    current_share: float
    worst_column_share: float
    error_rms: float
    error_mean: float
    error_worst: float
    clipped_share: float
    decision_accuracy: float


def studied(case: ArrayCase, seed: int, reads: int = READS) -> ArrayOutcome:
    """Measure one random crossbar.

    Parameters
    ----------
    case
        The crossbar.
    seed
        Seed of levels, inputs, cells and noise, from 0 to 2^32 - 1.
    reads
        Number of inputs, at most 16,384.

    Raises
    ------
    InputError
        If a value is out of range.
    """
    require(isinstance(case, ArrayCase), "case", case, "use an ArrayCase")
    integer(seed, "seed", 0, MAX_SEED)
    levels, inputs = _drawn(case, seed, integer(reads, "reads", 1, MOST_READS))
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
    # The share of a read without current is not defined.
    inputs[:, 0] |= inputs.sum(axis=1) == 0
    return levels, inputs
