"""One rank's part of a network on a team of threads: how it is built and advanced."""

import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import (
    Advance,
    Construction,
    Plan,
    Snapshot,
    in_three,
    joined,
)
from simcore.backends.cpu.advance import COUNTERS, EVENTS, EXCHANGE, FIRST_WAIT, NOT_HALFWAY, advance
from simcore.backends.cpu.arrays import (
    Buffers,
    Crew,
    Fresh,
    Neurons,
    Own,
    Stretch,
    Synapses,
    Timer,
    format_of,
)
from simcore.backends.cpu.build import (
    SynapseBuilder,
    ThreadPart,
    ThreadSynapses,
    accumulator_dtype,
    counted,
    distinct,
    filled,
)
from simcore.backends.cpu.calendar import NO_CALENDAR, Calendar, entry_type, new_calendar
from simcore.backends.cpu.calendar_deliver import redeliver
from simcore.backends.cpu.carrying import carry_over, forget_arrivals, held_state, take_state
from simcore.backends.cpu.columns import Clock, PartitionColumn, PieceColumn
from simcore.backends.cpu.deliver import PIECES
from simcore.backends.cpu.intervals import Intervals, exchange_intervals
from simcore.backends.cpu.memory_in_use import parts_in_use
from simcore.backends.cpu.plastic_arrays import STATIC
from simcore.backends.cpu.plastic_rank import RankPlasticity
from simcore.backends.cpu.plastic_state import ThreadPlasticity
from simcore.backends.cpu.rank_exchanges import RankExchanges
from simcore.backends.cpu.register import MAX_STEPS, SPARE_WORDS, Register
from simcore.backends.cpu.resting import skipped_updates
from simcore.backends.cpu.resting_choice import skips_resting
from simcore.backends.cpu.routing import learn_routing
from simcore.backends.cpu.state import StateBuilder
from simcore.backends.cpu.team import Team
from simcore.backends.cpu.waiting import SHARED, patience
from simcore.backends.cpu.work import PhaseWork, phase_work
from simcore.comm.communicator import DIRECTED, ExchangeCounts, Routing
from simcore.jit.philox import spike_digest_words
from simcore.network import Network
from simcore.random import digest_sum
from simcore.synapses.layout import CALENDAR, Layout, make_layout
from simcore.synapses.plastic import PlasticCounts, PlasticWeights, plastic_projections
from simcore.synapses.rows import make_rows
from simcore.synapses.spike_words import spike_words
from simcore.tables import Tables


class CpuEngine:
    """One rank's part of a network, spread over a team of threads.

    Parameters
    ----------
    plan
        Plan of the network.
    layout
        Layout of the synapses; by default that of the plan.
    skips
        Whether neurons at rest are skipped; by default `resting_choice.skips_resting` says.
    intervals
        Steps between exchanges; by default `intervals.exchange_intervals` says.
    """

    def __init__(
        self,
        plan: Plan,
        layout: Layout | None = None,
        skips: bool | None = None,
        intervals: Intervals | None = None,
        accumulator: type[np.signedinteger[Any]] | None = None,
    ) -> None:
        placement = plan.placement
        self._plan = plan
        self._team = Team(placement.threads, plan.cpus)
        # Otherwise the threads would remain if the engine is not closed or cannot be built.
        self._finalizer = weakref.finalize(self, self._team.dismiss)
        self._rows = make_rows(plan.network, plan.tables)
        self._layout = layout or make_layout(plan.network, plan.tables, self._rows, placement, plan.delivery)
        self._skips = skips_resting(plan) if skips is None else skips
        self._intervals = intervals or exchange_intervals(plan)
        self._interval = self._intervals.within
        self._sources = self._rows.sources()
        self._ranges, range_bits = self._sources.ranges(plan.network.n_neurons)
        self._format = format_of(self._layout, plan, range_bits)
        self._drawn: dict[int, ThreadSynapses] = {}
        self._plasticity: RankPlasticity | None = None
        try:
            self._parts = self._build(plan, accumulator)
        except BaseException:
            self._team.close()
            raise
        self._calendars: list[Any] = [self._new_calendar(part) for part in self._parts]
        self._step = 0
        self._room = self._interval * max(1, placement.size_of_rank(plan.rank))
        recent = MAX_STEPS + plan.tables.max_delay + 2
        columns = 3 if self._intervals.differ else 2
        self._registers = [Register(self._room, recent, plan.spike_word, columns) for _ in range(placement.threads)]
        self._shared = np.zeros(SHARED, dtype=np.int64)
        self._place_fresh()
        routing, routing_s = self._learn_routing()
        self._exchanges = RankExchanges(plan, self._intervals, routing)
        self.construction = Construction(
            self._layout.name,
            None if plan.comm.size == 1 else plan.exchange,
            sum(len(drawn.words) + drawn.plastic.n_synapses for drawn in self._drawn.values()),
            sum(part.network_digest for part in self._parts) % 2**128,
            tuple(map(sum, zip(*(drawn.digests for drawn in self._drawn.values()), strict=True))),
            in_three(self.memory_parts()),
            self._interval,
            self._exchanges.destinations,
            routing_s,
            self._layout.reason,
            self._intervals.between if self._intervals.differ else None,
            self._intervals.reason,
            self._exchanges.destinations_within_group,
        )
        # No steps: this compiles the loop for this network's types before any measurement.
        self.advance(0)

    def _build(self, plan: Plan, accumulator: type[np.signedinteger[Any]] | None) -> list[ThreadPart]:
        builders = self._team.run(lambda thread: SynapseBuilder(plan, self._rows, self._layout, thread))
        arrivals = max(counted(plan, builders, self._team.run))
        accumulator = accumulator or accumulator_dtype(plan, arrivals)
        filled(plan, builders, self._team.run)

        def finish(thread: int) -> ThreadPart:
            self._drawn[thread] = builders[thread].finish()
            builders[thread] = None
            return StateBuilder(plan, self._layout, thread, accumulator, self._skips).build(self._drawn[thread])

        parts: list[ThreadPart] = self._team.run(finish)
        if plastic_projections(plan.tables):

            def plastic(thread: int) -> ThreadPlasticity:
                return ThreadPlasticity(plan, thread, self._drawn[thread].plastic, accumulator, parts[0].input_slots)

            self._plasticity = RankPlasticity(plan, self._team, self._team.run(plastic))
        return parts

    def _new_calendar(self, part: ThreadPart) -> Calendar | int:
        """An empty calendar; NO_CALENDAR with the other layouts."""
        if self._layout.name != CALENDAR:
            return NO_CALENDAR
        n_lists = len(part.partitions) * len(part.pending) * self._format.n_receptors
        return new_calendar(n_lists, len(part.words), entry_type(self._plan))

    def change_parameters(self, network: Network, tables: Tables) -> None:
        before, self._plan = self._plan.network, replace(self._plan, network=network, tables=tables)

        def rebuild(thread: int) -> ThreadPart:
            old, new = self._parts[thread], self._new_state(thread)
            carry_over(old, new, before, self._plan)
            return new

        self._replace_parts(self._team.run(rebuild))

    def restart(self, seed: int) -> None:
        self._plan = replace(self._plan, seed=seed)
        self._replace_parts(self._team.run(self._new_state))
        self.construction = replace(self.construction, routing_s=0.0)
        nothing = np.zeros(0, dtype=np.int64)
        self._go_on_from(0, nothing, nothing)

    def _new_state(self, thread: int) -> ThreadPart:
        """Part of a thread with the state of step 0, on the existing synapses."""
        old = self._parts[thread]
        builder = StateBuilder(self._plan, self._layout, thread, old.inputs.dtype.type, self._skips)
        new = builder.build(self._drawn[thread])
        new.partitions[:, PartitionColumn.FRESH] = old.partitions[:, PartitionColumn.FRESH]
        return new

    def _replace_parts(self, parts: list[ThreadPart]) -> None:
        self._parts = parts
        digest = sum(part.network_digest for part in parts) % 2**128
        self.construction = replace(self.construction, network_digest=digest)

    def _place_fresh(self) -> None:
        """Double buffer for the latest spikes of each partition of the rank."""
        placement = self._plan.placement
        n = sum(len(part.partitions) for part in self._parts)
        room = self._interval * placement.largest_partition + SPARE_WORDS
        self._fresh_starts = np.arange(n, dtype=np.int64) * room
        self._fresh = np.empty((2, n * room), dtype=self._plan.spike_word)
        self._fresh_ends = np.zeros((2, n, self._interval), dtype=np.int64)
        for part in self._parts:
            part.partitions[:, PartitionColumn.FRESH] = part.partitions[:, PartitionColumn.RANK_PARTITION] * room

    def _learn_routing(self) -> tuple[Routing | None, float]:
        """Routing of a directed exchange, and the seconds that it took."""
        comm = self._plan.comm
        if comm.size == 1 or self._plan.exchange != DIRECTED:
            return None, 0.0
        comm.gather(None)  # So that the time to wait for ranks that are still building is not counted.
        start = time.perf_counter()
        present = distinct([part.sources(self._layout) for part in self._parts])
        plastic = distinct([drawn.plastic.sources(self._plan.network) for drawn in self._drawn.values()])
        routing = learn_routing(comm, self._plan.placement, self._rows, present, plastic)
        return routing, time.perf_counter() - start

    def advance(self, n_steps: int) -> Advance:
        blocks = [self._advance_block(0)] if n_steps == 0 else []
        end = self._step + n_steps
        while self._step < end:
            blocks.append(self._advance_block(end - self._step))
        self._exchanges.adapt()
        return blocks[0] if len(blocks) == 1 else joined(blocks)

    def _advance_block(self, n_steps: int) -> Advance:
        """Simulate at most MAX_STEPS steps."""
        begin = self._step
        end = begin + min(n_steps, MAX_STEPS)
        counters = np.zeros((len(self._parts), COUNTERS), dtype=np.int64)
        traces = [np.empty((end - begin, len(part.trace_columns)), dtype=self._plan.real) for part in self._parts]
        if self._plasticity is not None:
            for one in self._plasticity.threads:
                one.prepare(begin)
        skipped, halfway = self._skipped(), NOT_HALFWAY
        while True:
            done = self._step - begin
            words = [values[done:].view(np.uint32) for values in traces]
            self._step, halfway = self._call(begin, end, halfway, words, counters)
            if self._step == end and halfway == NOT_HALFWAY:
                break
            self._make_room(halfway)
        stamps, ids, excess = self._registers[0].own(begin, self._step)
        sums = np.zeros(4, dtype=np.uint64)
        spike_digest_words(stamps, ids, sums)
        for register in self._registers:
            register.forget(self._step - self._plan.tables.max_delay, self._step, self._room)
        # Columns of other ranks stay 0, as uninitialised memory may hold NaN.
        recorded = np.zeros((self._step - begin, len(self._plan.traces)), dtype=self._plan.real)
        for part, values in zip(self._parts, traces, strict=True):
            recorded[:, part.trace_columns] = values
        phase_s = {clock.name.lower(): (counters[:, clock] * 1e-9).tolist() for clock in Clock}
        events, exchange_s = int(counters[:, EVENTS].sum()), float(counters[0, EXCHANGE]) * 1e-9
        waits = tuple(counters[:, FIRST_WAIT:].sum(axis=0).tolist()) if len(self._parts) > 1 else ()
        digest = digest_sum((sums[0], sums[1], sums[2], sums[3]))
        after = self._skipped()
        skipped_here = None if skipped is None or after is None else after - skipped
        return Advance(stamps, ids, recorded, events, digest, phase_s, exchange_s, excess, waits, skipped_here)

    def _skipped(self) -> int | None:
        """Updates of neurons at rest that were skipped so far; None if none can be."""
        return sum(skipped_updates(part.resting) for part in self._parts) if self._skips else None

    def _call(
        self, begin: int, end: int, halfway: int, traces: list[npt.NDArray[np.uint32]], counters: npt.NDArray[np.int64]
    ) -> tuple[int, int]:
        """Advance all threads towards `end`; return the step that they reached, and whether halfway through it.

        All spikes before the step `begin` were exchanged.
        """
        self._shared[:] = 0
        others, groups = self._exchanges.others(), self._exchanges.groups(begin)
        n = len(self._parts)
        stretch = Stretch(self._step, end, halfway, self._interval, self._room)
        patience_ns, spins = patience(self._team.pinned)
        fresh = Fresh(self._fresh, self._fresh_starts, self._fresh_ends)

        plastic: list[Any] = [None] * n if self._plasticity is None else self._plasticity.threads

        def work(thread: int) -> tuple[int, int]:
            part, plasticity = self._parts[thread], plastic[thread]
            own = Own(
                self._synapses(part),
                _buffers(part, self._calendars[thread]),
                self._registers[thread].recent,
                fresh,
                Neurons(part.segments, part.drives, part.spikes, part.trace_addresses, traces[thread], part.resting),
                Crew(thread, n, patience_ns, spins, self._shared),
                others,
                Timer(np.zeros(3, dtype=np.int64), counters[thread]),
                STATIC if plasticity is None else plasticity.plastic,
                groups,
            )
            step, waiting, rings, self._calendars[thread] = advance(
                stretch, own, STATIC if plasticity is None else plasticity.rings
            )
            if plasticity is not None:
                plasticity.rings = rings
            return step, waiting

        step, waiting = self._team.run(work)[0]
        return int(step), int(waiting)

    def _make_room(self, halfway: int) -> None:
        """Enlarge the buffers for lack of which the threads stopped."""
        needed = self._room
        if halfway != NOT_HALFWAY:
            needed += self._exchanges.grow()
        for register in self._registers:
            register.enlarge(self._step, needed)

    def snapshot(self) -> Snapshot:
        if not self._parts:
            raise RuntimeError("the simulator is closed; create a new one")
        first = max(0, self._step - self._plan.tables.max_delay)
        stamps, ids, _ = self._registers[0].own(first, self._step)
        neurons, state, counters = held_state(self._plan, self._parts)
        plastic = None if self._plasticity is None else self._plasticity.snapshot(self._step, neurons)
        return Snapshot(self._step, neurons, state, counters, stamps, ids, plastic=plastic)

    def restore(self, snapshot: Snapshot) -> None:
        for part in self._parts:
            take_state(part, snapshot)
        self._go_on_from(snapshot.step, snapshot.stamps, snapshot.ids)
        if self._plasticity is not None:
            self._plasticity.restore(snapshot)

    def _go_on_from(self, step: int, stamps: npt.NDArray[np.int64], ids: npt.NDArray[np.int64]) -> None:
        """Set the next step, and the spikes whose input may still be pending."""
        self._step = step
        first = max(0, step - self._plan.tables.max_delay)
        words, stamps, ids = spike_words(stamps, ids, self._plan.spike_word)
        own = self._plan.placement.owners(ids) == self._plan.rank
        for register in self._registers:
            register.refill(first, step, stamps - 1, words, own, self._room)
        self._team.run(self._redeliver)

    def weights(self, projection: int) -> PlasticWeights:
        return self._plastic.weights(projection, self._step)

    def weight_blocks(self, projection: int) -> Iterator[PlasticWeights]:
        return self._plastic.weight_blocks(projection, self._step)

    def set_weights(self, projection: int, weights: PlasticWeights) -> None:
        self._plastic.set_weights(projection, weights, self._step)

    def plastic_counts(self, projection: int) -> PlasticCounts:
        return self._plastic.counts(projection, self._step)

    @property
    def _plastic(self) -> RankPlasticity:
        if self._plasticity is None:
            raise RuntimeError("the network has no plastic projection")
        return self._plasticity

    def _redeliver(self, thread: int) -> None:
        """Deliver the future arrivals of the register's spikes again."""
        part, recent = self._parts[thread], self._registers[thread].recent
        forget_arrivals(part)
        first, step = recent.first_step, self._step
        buffers = _buffers(part, self._new_calendar(part))
        delivered = redeliver(first, step, self._synapses(part), buffers, recent)
        self._calendars[thread] = delivered.calendar

    def _synapses(self, part: ThreadPart) -> Synapses:
        sources = self._sources
        tables = (part.words, part.late, part.index, part.offsets)
        channels = (self._ranges, sources.range_ends(), sources.starts, sources.channels)
        return Synapses(part.partitions, *tables, *channels, self._format)

    def counted(self, population: int, counter: int) -> int:
        own = (segment for part in self._parts for segment in part.states if segment.population == population)
        return sum(int(segment.counters[counter].sum()) for segment in own)

    def work(
        self, stamps: npt.NDArray[np.int64], ids: npt.NDArray[np.int64], begin: int, end: int
    ) -> tuple[PhaseWork, PhaseWork]:
        """Bytes and operations of `deliver` and `update` in the steps [begin, end), see `work.phase_work`."""
        tables = [self._synapses(part) for part in self._parts]
        return phase_work(self._plan, self._parts, tables, stamps, ids, begin, end)

    def memory_parts(self) -> dict[str, int]:
        if not self._parts:
            raise RuntimeError("the simulator is closed; create a new one")
        reserved = (self._registers, self._calendars, self._fresh, self._exchanges)
        return parts_in_use(self._parts, *reserved, self._plasticity)

    def exchange_counts(self) -> dict[str, ExchangeCounts]:
        return self._exchanges.counts()

    def close(self, together: bool = True) -> None:
        self._finalizer.detach()
        self._team.close()
        if together:
            self._exchanges.close()
        self._parts = []


def _buffers(part: ThreadPart, calendar: Any) -> Buffers:
    """Buffers for the delivery of a thread's spikes, with new scratch."""
    pieces = np.empty((PIECES, len(PieceColumn)), dtype=np.uint64)
    return Buffers(part.inputs, part.pending, pieces, part.input_slots, calendar, part.touched)
