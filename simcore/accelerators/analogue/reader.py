"""The crossbars with a matrix of weights, and their readout.

Weights become levels of cells, see `simcore.accelerators.analogue.encoding`, and are divided into crossbars of X rows
and X columns; unused cells have level 0. The cells of each crossbar are written once and get the conductances of their
device; wires turn these into effective conductances, also once. In a read, driven rows have the read voltage, and the
column currents of each crossbar are converted to codes, from which the products of its columns follow as integers.
Products of crossbars in the same column of crossbars are added, and products of the columns of a filter are combined.
All sums are sums of integers and therefore do not depend on their order.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.accelerators.analogue.conversion import Converter, products
from simcore.accelerators.analogue.device import Device, read_noise, written_cells
from simcore.accelerators.analogue.encoding import EncodedWeights, encode_weights, on_crossbars
from simcore.accelerators.analogue.layers import FloatArray, IntArray, LayeredNetwork, WeightMatrix
from simcore.accelerators.analogue.wires import effective_conductances
from simcore.errors import integer, number, require

LEAST_SIZE, MOST_SIZE = 2, 512
READS_AT_ONCE = 2048
"""Number of reads whose currents fit into the cache."""


@dataclass(frozen=True)
class Crossbars:
    """Storage of weights on crossbars, and their readout.

    Parameters
    ----------
    size
        Rows and columns of a crossbar.
    device, converter
        Cells and converters.
    read_v
        Voltage of a driven row, V.
    wire_ohm
        Resistance of a segment of wire, Ohm.
    weight_bits, cell_bits, mapping, complements
        See `simcore.accelerators.analogue.encoding.encode_weights`.
    seed
        Seed of cells and reads.
    time_s, cycles
        See `simcore.accelerators.analogue.device.written_cells`.

    Raises
    ------
    InputError
        If the size or the voltage is out of range.
    """

    size: int
    device: Device
    converter: Converter
    read_v: float
    wire_ohm: float
    weight_bits: int
    cell_bits: int
    mapping: str
    complements: bool
    seed: int
    time_s: float | None = None
    cycles: float = 0.0

    def __post_init__(self) -> None:
        integer(self.size, "crossbar_size", LEAST_SIZE, MOST_SIZE)
        require(number(self.read_v, "read_v") > 0.0, "read_v", self.read_v, "must be above 0")


class CrossbarReader:
    """Crossbars with the weights of a matrix; see `simcore.accelerators.analogue.evaluator.Reader`.

    Parameters
    ----------
    matrix
        A matrix whose codes fit into the bits of a weight.
    crossbars
        Properties of the crossbars.
    first_array
        Number of its first crossbar in the network, on which cells and noise depend.
    """

    def __init__(self, matrix: WeightMatrix, crossbars: Crossbars, first_array: int) -> None:
        self._how, self._first = crossbars, first_array
        self._weights = _encoded(matrix, crossbars)
        blocks = on_crossbars(self._weights.levels, crossbars.size)
        levels = blocks.reshape(-1, *blocks.shape[2:])
        numbers = range(first_array, first_array + len(levels))
        cells = written_cells(levels, crossbars.device, crossbars.seed, numbers, crossbars.time_s, crossbars.cycles)
        self._effective = effective_conductances(cells, crossbars.wire_ohm).reshape(blocks.shape)
        self._row_blocks, self._column_blocks = blocks.shape[:2]

    @property
    def arrays(self) -> int:
        """Number of crossbars."""
        return int(self._row_blocks * self._column_blocks)

    def sums(self, rows: npt.NDArray[np.uint8], first_sample: int) -> IntArray:
        """See `simcore.accelerators.analogue.evaluator.Reader`."""
        samples, reads, given = rows.shape
        short = self._row_blocks * self._how.size - given
        flat = np.pad(rows.reshape(-1, given), ((0, 0), (0, short)))
        first = first_sample * reads
        parts = [
            self._sums(flat[start : start + READS_AT_ONCE], first + start)
            for start in range(0, len(flat), READS_AT_ONCE)
        ]
        return np.concatenate(parts).reshape(samples, reads, -1)

    def _sums(self, rows: npt.NDArray[np.uint8], first_read: int) -> IntArray:
        """Sums of some reads, int64 (reads, filters)."""
        size = self._how.size
        driven = rows.reshape(len(rows), self._row_blocks, size)
        found = np.zeros((len(rows), self._column_blocks, size), dtype=np.int64)
        for row in range(self._row_blocks):
            number_driven = driven[:, row].sum(axis=1, dtype=np.int64)
            volts = driven[:, row].astype(np.float64) * self._how.read_v
            for column in range(self._column_blocks):
                found[:, column] += self._products(row, column, volts, number_driven, first_read)
        columns = len(self._weights.complemented)
        by_column = found.reshape(len(rows), -1)[:, :columns]
        return self._weights.weighted_sums(by_column, rows.sum(axis=1, dtype=np.int64))

    def _products(self, row: int, column: int, volts: FloatArray, driven: IntArray, first_read: int) -> IntArray:
        """Products of the columns of one crossbar, int64 (reads, columns)."""
        how, effective = self._how, self._effective[row, column]
        array = self._first + row * self._column_blocks + column
        currents = volts @ effective + read_noise(volts, effective, how.device, how.seed, array, first_read)
        return products(how.converter.codes(currents), driven, how.converter, how.device, how.read_v)


def _encoded(matrix: WeightMatrix, crossbars: Crossbars) -> EncodedWeights:
    own = crossbars
    return encode_weights(matrix.codes, own.weight_bits, own.cell_bits, own.mapping, own.complements)


def number_of_crossbars(network: LayeredNetwork, crossbars: Crossbars) -> int:
    """Number of crossbars for the weights of a network."""
    shapes = [_encoded(matrix, crossbars).levels.shape for matrix in network.matrices]
    return sum(math.ceil(rows / crossbars.size) * math.ceil(columns / crossbars.size) for rows, columns in shapes)


def readers(network: LayeredNetwork, crossbars: Crossbars) -> list[CrossbarReader]:
    """Crossbars for all matrices of a network, with distinct numbers."""
    found: list[CrossbarReader] = []
    for matrix in network.matrices:
        found.append(CrossbarReader(matrix, crossbars, sum(one.arrays for one in found)))
    return found
