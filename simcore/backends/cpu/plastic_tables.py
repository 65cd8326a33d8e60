"""Allocation of the state of a thread's plastic synapses, and the tables through which the step loop accesses it."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.plastic_arrays import (
    NEVER_STEP,
    PAIRS,
    RESOURCES,
    LaneColumn,
    Mark,
    Plastic,
    RealColumn,
    RingedColumn,
    Rings,
    TableColumn,
    new_block,
)
from simcore.backends.cpu.plastic_build import WIDE, PackedPlastic, PackedProjection, population_targets
from simcore.connectivity.rule import Targets
from simcore.plasticity.cpu import CONSTANT, POWER, PROPORTIONAL
from simcore.plasticity.tables import Change, PairTables, ResourceTables
from simcore.synapses.plastic import (
    paired_populations,
    plastic_receptors,
    plastic_slots,
    plastic_timing,
    trace_decays,
)

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

CACHE_LINE = 64
KINDS = {0.0: CONSTANT, 1.0: PROPORTIONAL}


def aligned(shape: tuple[int, int], dtype: npt.DTypeLike, value: float) -> npt.NDArray[Any]:
    """An array filled with a value, aligned to a cache line."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.empty(size + CACHE_LINE, dtype=np.uint8)
    first = -room.ctypes.data % CACHE_LINE
    array: npt.NDArray[Any] = room[first : first + size].view(dtype).reshape(shape)
    array[:] = value
    return array


def empty_rings(n: int, length: int) -> Rings:
    """Rings of neurons that have not fired."""
    return Rings(aligned((n, length), np.int32, NEVER_STEP), aligned((n, length), np.float64, 0.0))


class _Numbers:
    """Concatenated tables, in which equal ones are stored once."""

    def __init__(self) -> None:
        self._arrays: list[FloatArray] = []
        self._places: dict[bytes, tuple[int, int]] = {}
        self._length = 0

    def place(self, array: FloatArray) -> tuple[int, int]:
        """Start and end of an array."""
        key = array.tobytes()
        if key not in self._places:
            self._places[key] = self._length, self._length + len(array)
            self._arrays.append(array)
            self._length += len(array)
        return self._places[key]

    def whole(self) -> FloatArray:
        return np.concatenate([np.zeros(0), *self._arrays])


class PlasticTables:
    """The tables of one thread.

    Parameters
    ----------
    plan
        Plan of the network.
    partitions
        Of the thread.
    packed
        Its synapses.
    accumulator
        Type of inputs.
    input_slots
        Steps for which the thread has input buffers.
    """

    def __init__(
        self,
        plan: Plan,
        partitions: Sequence[int],
        packed: PackedPlastic,
        accumulator: type[np.signedinteger[Any]],
        input_slots: int,
    ) -> None:
        self._plan, self._partitions, self._packed = plan, partitions, packed
        self._accumulator, self._input_slots = accumulator, input_slots
        self._numbers = _Numbers()
        self.rings: dict[tuple[int, int], int] = {}
        """Place of a partition and population -> ring of its first neuron."""
        self.lanes: dict[tuple[int, int, int], int] = {}
        """Place, population and receptor -> start of the pending input."""
        self.targets: dict[tuple[int, int], Targets] = {}
        """Place and population -> its neurons there."""
        self.n_rings = self._n_pending = self._n_last = self._n_values = 0
        self.slots = plastic_slots(plan.tables)

    def build(self) -> Plastic:
        """All arrays, for neurons that have not fired."""
        ringed, lanes, tables, reals = self._ringed(), [], [], []
        index_start = 0
        for part in self._packed.parts:
            target = self._plan.network.index(self._plan.network.projections[part.projection].target)
            lanes += self._new_lanes(part, target)
            row, real = self._table(part, target)
            row[TableColumn.INDEX] = index_start
            index_start += len(part.index)
            tables.append(row)
            reals.append(real)
        return Plastic(
            _table_of(tables, TableColumn),
            np.array(reals).reshape(-1, len(RealColumn)),
            np.zeros((len(tables), 4), dtype=np.int64),
            _table_of(ringed, RingedColumn),
            _table_of(lanes, LaneColumn),
            self._numbers.whole(),
            self._packed.wide,
            self._packed.wide.view(np.int32),
            self._packed.narrow,
            self._packed.index,
            np.full(self._n_last, NEVER_STEP, dtype=np.int32),
            np.zeros(self._n_values),
            np.zeros(self._n_pending, dtype=self._accumulator),
            np.zeros(self.slots, dtype=np.int64),
            np.zeros(len(Mark), dtype=np.int64),
            new_block(),
        )

    def _ringed(self) -> list[list[int]]:
        """One row for each population and partition whose neurons have rings."""
        network, tables = self._plan.network, self._plan.tables
        rows, decays = [], trace_decays(network, tables)
        for population, depth in paired_populations(network, tables).items():
            minus = self._numbers.place(decays[population])
            described = network.populations[population]
            first = network.first_ids[described.name]
            for place in range(len(self._partitions)):
                targets = self._targets(place, population)
                row = [0] * len(RingedColumn)
                row[RingedColumn.PARTITION] = place
                row[RingedColumn.FIRST_ID], row[RingedColumn.END_ID] = first, first + described.size
                row[RingedColumn.STRIDE] = targets.stride
                row[RingedColumn.FIRST_OWN] = first + targets.first
                row[RingedColumn.RING] = self.n_rings
                row[RingedColumn.DEPTH] = depth
                row[RingedColumn.MINUS], row[RingedColumn.MINUS_END] = minus
                self.rings[place, population] = self.n_rings
                self.n_rings += targets.count
                rows.append(row)
        return rows

    def _targets(self, place: int, population: int) -> Targets:
        key = (place, population)
        if key not in self.targets:
            self.targets[key] = population_targets(self._plan, self._partitions[place], population)
        return self.targets[key]

    def _new_lanes(self, part: PackedProjection, target: int) -> list[list[int]]:
        """Rows for the receptors of a projection's targets that do not have one."""
        receptors = sorted(set(plastic_receptors(self._plan.network, self._plan.tables, part.projection)))
        return [self._lane(part, target, one) for one in receptors if (part.place, target, one) not in self.lanes]

    def _lane(self, part: PackedProjection, target: int, receptor: int) -> list[int]:
        placement, targets = self._plan.placement, self._targets(part.place, target)
        receptors = self._plan.network.most_receptors
        before = sum(placement.size(partition) for partition in self._partitions[: part.place])
        size = placement.size(self._partitions[part.place])
        row = [0] * len(LaneColumn)
        row[LaneColumn.INPUTS] = receptors * self._input_slots * before + receptor * size + targets.local_first
        row[LaneColumn.STRIDE], row[LaneColumn.N] = receptors * size, targets.count
        row[LaneColumn.PENDING] = self._n_pending
        self.lanes[part.place, target, receptor] = self._n_pending
        self._n_pending += self.slots * targets.count
        return row

    def _table(self, part: PackedProjection, target: int) -> tuple[list[int], list[float]]:
        """Row of a projection in a partition, and its floating-point numbers."""
        network, rule = self._plan.network, self._plan.tables.plasticity[part.projection]
        timing = plastic_timing(self._plan.tables, part.projection)
        source = network.population(network.projections[part.projection].source)
        row = [0] * len(TableColumn)
        row[TableColumn.WIDE], row[TableColumn.WORDS] = int(part.layout.dtype is WIDE), part.first_word
        row[TableColumn.FIRST_ID], row[TableColumn.N_SOURCES] = network.first_ids[source.name], source.size
        row[TableColumn.LAST], row[TableColumn.VALUES] = self._n_last, self._n_values
        self._n_last += source.size
        self._n_values += source.size * (1 if isinstance(rule, PairTables) else 2)
        plus, minus = plastic_receptors(network, self._plan.tables, part.projection)
        row[TableColumn.PENDING] = self.lanes[part.place, target, plus]
        row[TableColumn.PENDING_OF_NEGATIVE] = self.lanes[part.place, target, minus]
        row[TableColumn.N_TARGETS] = self._targets(part.place, target).count
        row[TableColumn.TARGET_BITS], row[TableColumn.WEIGHT_SHIFT] = part.layout.target_bits, part.layout.weight_shift
        row[TableColumn.MIN_DELAY], row[TableColumn.SHIFT] = timing.min_delay, 2 * timing.axonal - timing.min_delay
        row[TableColumn.LAG], row[TableColumn.MANY_DELAYS] = timing.lag, int(timing.max_delay > timing.min_delay)
        if isinstance(rule, PairTables):
            row[TableColumn.RING] = self.rings[part.place, target]
            return row, self._take_pairs(row, rule)
        assert isinstance(rule, ResourceTables)  # noqa: S101 - for the type checker
        row[TableColumn.RULE] = RESOURCES
        row[TableColumn.PLUS], row[TableColumn.PLUS_END] = self._numbers.place(rule.recovery)
        row[TableColumn.MINUS], row[TableColumn.MINUS_END] = self._numbers.place(rule.facilitation)
        return row, [rule.U, 0.0]

    def _take_pairs(self, row: list[int], rule: PairTables) -> list[float]:
        row[TableColumn.RULE] = PAIRS
        row[TableColumn.SIGN], row[TableColumn.CEILING] = rule.sign, rule.ceiling
        row[TableColumn.BOUNDED] = int(rule.bounded)
        plus, minus = rule.facilitation, rule.depression
        row[TableColumn.FACILITATION], row[TableColumn.FACILITATION_POWERS] = self._change(plus)
        row[TableColumn.FROM_CEILING] = int(plus.from_ceiling)
        row[TableColumn.DEPRESSION], row[TableColumn.DEPRESSION_POWERS] = self._change(minus)
        row[TableColumn.DEPRESSION_FROM_CEILING] = int(minus.from_ceiling)
        row[TableColumn.PLUS], row[TableColumn.PLUS_END] = self._numbers.place(rule.plus)
        row[TableColumn.MINUS], row[TableColumn.MINUS_END] = self._numbers.place(rule.minus)
        return [plus.coefficient, minus.coefficient]

    def _change(self, change: Change) -> tuple[int, int]:
        return KINDS.get(change.exponent, POWER), self._numbers.place(change.powers)[0]


def _table_of(rows: list[list[int]], columns: type[IntEnum]) -> IntArray:
    return np.array(rows, dtype=np.int64).reshape(-1, len(columns))
