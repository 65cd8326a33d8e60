"""Plastic synapses of one thread: state that the step loop changes, and access to it from outside."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.plastic_arrays import (
    LONG_AGO,
    NEVER_STEP,
    CountColumn,
    Mark,
    Plastic,
    RingedColumn,
    Rings,
    TableColumn,
)
from simcore.backends.cpu.plastic_build import PackedPlastic, PackedProjection
from simcore.backends.cpu.plastic_rings import push
from simcore.backends.cpu.plastic_settle import settle
from simcore.backends.cpu.plastic_tables import PlasticTables, empty_rings
from simcore.jit.intrinsics import COMPARED
from simcore.plasticity.tables import PairTables, ResourceTables
from simcore.synapses.plastic import NEVER, History, PlasticCounts, PlasticWeights, SourceTraces

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

RING_LENGTH = COMPARED
"""Initial number of spikes that are kept per neuron, at least 2."""
EPOCH_BITS = 30
"""The origin of steps is a multiple of 2 to this power."""


BLOCK = 1 << 18
"""Number of words that are read at a time."""


class ThreadPlasticity:
    """State of the plastic synapses of a thread.

    Parameters
    ----------
    plan
        Plan of the network.
    thread
        Index of the thread.
    packed
        Its synapses.
    accumulator, input_slots
        See `PlasticTables`.

    Attributes
    ----------
    plastic, rings
        Arrays in the form for the step loop.
    """

    def __init__(
        self,
        plan: Plan,
        thread: int,
        packed: PackedPlastic,
        accumulator: type[np.signedinteger[Any]],
        input_slots: int,
    ) -> None:
        self._plan, self._packed = plan, packed
        self._partitions = plan.placement.partitions(plan.rank, thread)
        self._tables = PlasticTables(plan, self._partitions, packed, accumulator, input_slots)
        self.plastic: Plastic = self._tables.build()
        self.rings: Rings = empty_rings(self._tables.n_rings, RING_LENGTH)
        for t, part in enumerate(packed.parts):
            rule, row = plan.tables.plasticity[part.projection], self.plastic.tables[t]
            if isinstance(rule, ResourceTables):
                first, n = row[TableColumn.VALUES], row[TableColumn.N_SOURCES]
                self.plastic.values[first : first + n], self.plastic.values[first + n : first + 2 * n] = rule.x, rule.u

    def memory_bytes(self) -> dict[str, int]:
        """Bytes by part."""
        plastic, packed = self.plastic, self._packed
        state = (plastic.last, plastic.values, plastic.pending, plastic.numbers, *self.rings)
        return {
            "synapses": packed.wide.nbytes + packed.narrow.nbytes,
            "index": plastic.row_starts.nbytes,
            "state": sum(array.nbytes for array in state),
        }

    def _of(self, projection: int) -> list[tuple[int, PackedProjection]]:
        """Tables of a projection, one for each partition."""
        return [(t, part) for t, part in enumerate(self._packed.parts) if part.projection == projection]

    def prepare(self, step: int) -> None:
        """Move the origin of steps so that the following ones fit 31 bits; weights are settled before it moves."""
        moved = (step >> EPOCH_BITS << EPOCH_BITS) - int(self.plastic.marks[Mark.ORIGIN])
        if moved:
            # The order of spikes that are stored as long past does not matter then.
            self.settle(step)
            for steps in (self.plastic.last, self.rings.steps):
                fired = steps != NEVER_STEP
                steps[fired] = np.maximum(steps[fired].astype(np.int64) - moved, LONG_AGO)
            self.plastic.marks[Mark.ORIGIN] += moved

    def settle(self, step: int) -> None:
        """Settle all weights as of a step whose spikes have been processed."""
        settle(np.int64(step), self.plastic, self.rings)

    def weights(self, projection: int) -> PlasticWeights:
        """Weights of a projection in the order of the words."""
        parts = self._of(projection)
        columns = [self._columns(part, slice(None)) for _, part in parts]
        return PlasticWeights(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def weight_blocks(self, projection: int) -> Iterator[PlasticWeights]:
        """Yield the same, some words at a time."""
        for _, part in self._of(projection):
            for first in range(0, len(part.words), BLOCK):
                sources, targets, delays, units = self._columns(part, slice(first, first + BLOCK))
                yield PlasticWeights(sources, targets, delays.astype(np.int32), units.astype(np.int32))

    def _columns(self, part: PackedProjection, chosen: slice) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Sources, targets, delays and units of chosen words."""
        network, layout, rule = self._plan.network, part.layout, self._plan.tables.plasticity[part.projection]
        projection = network.projections[part.projection]
        first_source = network.first_ids[network.population(projection.source).name]
        first_target = network.first_ids[network.population(projection.target).name]
        targets = self._tables.targets[part.place, network.index(projection.target)]
        words = part.words[chosen]
        places = words & ((1 << layout.target_bits) - 1)
        delays = (words >> layout.target_bits) & ((1 << layout.delay_bits) - 1)
        sign = rule.sign if isinstance(rule, PairTables) else 1
        return (
            first_source + part.rows(chosen),
            first_target + targets.first + targets.stride * places.astype(np.int64),
            layout.min_delay + delays,
            sign * (words >> layout.weight_shift),
        )

    def set_units(self, projection: int, units: IntArray) -> None:
        """Set the weights of a projection, given in the order of the words."""
        first = 0
        for _, part in self._of(projection):
            own = units[first : first + len(part.words)]
            low = (1 << part.layout.weight_shift) - 1
            part.words[:] = (part.words & low) | (np.abs(own.astype(np.int64)) << part.layout.weight_shift)
            first += len(part.words)

    def counts(self, projection: int) -> PlasticCounts:
        """Updates since the counters were cleared."""
        rule = self._plan.tables.plasticity[projection]
        own = sum((self.plastic.counts[t] for t, _ in self._of(projection)), np.zeros(len(CountColumn), dtype=np.int64))
        facilitations, depressions, at_ceiling, at_zero = (int(number) for number in own)
        bounded = isinstance(rule, PairTables) and rule.bounded
        clipped, saturated = (at_zero + at_ceiling, 0) if bounded else (at_zero, at_ceiling)
        return PlasticCounts(facilitations, depressions, clipped, saturated)

    def sources(self, projection: int, neurons: IntArray) -> SourceTraces:
        """State of some neurons of the source population."""
        t, _ = self._of(projection)[0]
        last, values = self._source_arrays(t)
        return SourceTraces(self._stamps(last[neurons]), values[:, neurons])

    def _source_arrays(self, t: int) -> tuple[npt.NDArray[np.int32], FloatArray]:
        row = self.plastic.tables[t]
        n, first = row[TableColumn.N_SOURCES], row[TableColumn.LAST]
        n_values = 1 if isinstance(self._plan.tables.plasticity[self._packed.parts[t].projection], PairTables) else 2
        values = self.plastic.values[row[TableColumn.VALUES] :][: n_values * n].reshape(n_values, n)
        return self.plastic.last[first : first + n], values

    def _stamps(self, steps: npt.NDArray[np.int32]) -> IntArray:
        return np.where(steps == NEVER_STEP, NEVER, steps.astype(np.int64) + self.plastic.marks[Mark.ORIGIN])

    def _steps(self, stamps: IntArray) -> npt.NDArray[np.int32]:
        steps = np.maximum(stamps - self.plastic.marks[Mark.ORIGIN], LONG_AGO)
        return np.where(stamps == NEVER, NEVER_STEP, steps).astype(np.int32)

    def set_sources(self, projection: int, traces: SourceTraces) -> None:
        """Set the state of all neurons of the source population."""
        for t, _ in self._of(projection):
            last, values = self._source_arrays(t)
            last[:], values[:] = self._steps(traces.last), traces.values

    def histories(self, population: int, step: int) -> tuple[IntArray, History]:
        """Population-local ids and older spikes of the thread's neurons."""
        ids, histories = [], []
        for row in self.plastic.ringed:
            place = int(row[RingedColumn.PARTITION])
            if row[RingedColumn.FIRST_ID] != list(self._plan.network.first_ids.values())[population]:
                continue
            targets = self._tables.targets[place, population]
            own = slice(row[RingedColumn.RING], row[RingedColumn.RING] + targets.count)
            steps, traces = self.rings.steps[own], self.rings.traces[own]
            older = steps.astype(np.int64) <= step - row[RingedColumn.DEPTH] - self.plastic.marks[Mark.ORIGIN]
            latest = older.argmax(axis=1)[:, None]
            last = self._stamps(np.take_along_axis(steps, latest, axis=1)[:, 0])
            trace = np.where(last == NEVER, 0.0, np.take_along_axis(traces, latest, axis=1)[:, 0])
            ids.append(targets.first + targets.stride * np.arange(targets.count))
            histories.append((last, trace))
        lasts, traces_of = zip(*histories, strict=True)
        return np.concatenate(ids), History(np.concatenate(lasts), np.concatenate(traces_of))

    def pending(self, population: int, step: int) -> tuple[IntArray, IntArray]:
        """Population-local ids of the thread's neurons, and their pending input."""
        slots = (step + np.arange(self._tables.slots)) % self._tables.slots
        ids, amounts = [], []
        for place in range(len(self._partitions)):
            targets = self._tables.targets[place, population]
            shape = (len(slots), self._plan.network.most_receptors, targets.count)
            found = np.zeros(shape, dtype=np.int64)
            for receptor, lane in self._lanes(place, population):
                found[:, receptor] = lane[slots]
            ids.append(targets.first + targets.stride * np.arange(targets.count))
            amounts.append(found)
        return np.concatenate(ids), np.concatenate(amounts, axis=2)

    def _lanes(self, place: int, population: int) -> list[tuple[int, npt.NDArray[Any]]]:
        """Receptor and pending input (slots, neurons)."""
        n, slots = self._tables.targets[place, population].count, self._tables.slots
        return [
            (receptor, self.plastic.pending[first : first + slots * n].reshape(slots, n))
            for (in_place, onto, receptor), first in self._tables.lanes.items()
            if (in_place, onto) == (place, population)
        ]

    def clear(self, step: int) -> None:
        """Clear all spikes and pending input; the simulation continues at a step as of which weights are settled."""
        self.plastic.marks[Mark.ORIGIN], self.plastic.marks[Mark.SETTLED] = step >> EPOCH_BITS << EPOCH_BITS, step
        self.plastic.last[:] = NEVER_STEP
        self.rings = empty_rings(self._tables.n_rings, RING_LENGTH)
        for array in (self.plastic.pending, self.plastic.pending_events, self.plastic.counts):
            array[:] = 0

    def set_pending(self, population: int, step: int, own: Any, amounts: IntArray) -> None:
        """Set the pending input; `own` maps population-local ids to places in `amounts`."""
        slots = (step + np.arange(self._tables.slots)) % self._tables.slots
        for place in range(len(self._partitions)):
            targets = self._tables.targets[place, population]
            places = own(targets.first + targets.stride * np.arange(targets.count))
            for receptor, lane in self._lanes(place, population):
                lane[slots] = amounts[:, receptor][:, places]

    def set_histories(self, population: int, own: Any, history: History, stamps: IntArray, ids: IntArray) -> None:
        """Fill the rings: older spikes, then those with the given stamps and population-local ids, in order of time."""
        first_id = list(self._plan.network.first_ids.values())[population]
        for row in self.plastic.ringed:
            if row[RingedColumn.FIRST_ID] != first_id:
                continue
            targets = self._tables.targets[int(row[RingedColumn.PARTITION]), population]
            neurons = targets.first + targets.stride * np.arange(targets.count)
            first = int(row[RingedColumn.RING])
            here = np.isin(ids, neurons)
            rings = first + (ids[here] - targets.first) // targets.stride
            self._lengthen(int(np.bincount(rings, minlength=1).max(initial=0)) + 2)
            places = own(neurons)
            self.rings.steps[first : first + targets.count, 0] = self._steps(history.last[places])
            self.rings.traces[first : first + targets.count, 0] = history.trace[places]
            minus = self.plastic.numbers[row[RingedColumn.MINUS] : row[RingedColumn.MINUS_END]]
            for ring, stamp in zip(rings.tolist(), self._steps(stamps[here]), strict=True):
                push(self.rings.steps[ring], self.rings.traces[ring], stamp, minus)

    def _lengthen(self, needed: int) -> None:
        """Allocate rings of the given number of spikes."""
        n, length = self.rings.steps.shape
        if needed > length:
            while length < needed:
                length *= 2
            longer = empty_rings(n, length)
            longer.steps[:, : self.rings.steps.shape[1]] = self.rings.steps
            longer.traces[:, : self.rings.steps.shape[1]] = self.rings.traces
            self.rings = longer
