"""The cpu backend: builds a network on a team of threads and advances it."""

import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Advance, Construction, Plan
from simcore.backends.cpu.advance import ROW_MASK, advance
from simcore.backends.cpu.build import SynapseBuilder, ThreadPart, accumulator_dtype
from simcore.backends.cpu.layout import Clock, PartitionColumn
from simcore.backends.cpu.philox import spike_digest_words
from simcore.backends.cpu.state import StateBuilder
from simcore.backends.cpu.team import Team
from simcore.errors import require
from simcore.network import Network, Population, Projection
from simcore.placement import Placement
from simcore.random import digest_sum
from simcore.synapses.packed import make_rows, word_dtype
from simcore.tables import make_tables

MAX_STEPS = 10_000
MIN_REGISTER = 1 << 16
PATIENT_SPINS = 100_000
"""About 0.1 ms: a thread with a CPU of its own loses more by giving it away than by waiting."""
HASTY_SPINS = 100
BYTES_PER_NEURON = 64
"""State, inputs, coefficients and counts of a neuron, roughly."""


class CpuBackend:
    """Numba kernels on threads."""

    name = "cpu"

    def prepare(self, plan: Plan) -> None:
        """Compile, or load from the cache, every kernel that the plan needs, by running a miniature of it."""
        populations = [Population(p.name, 4, p.model) for p in plan.network.populations]
        name = populations[0].name
        rules = {type(projection.rule): projection.rule.example() for projection in plan.network.projections}
        projections = [Projection(name, name, rule, 1.0) for rule in rules.values()]
        network = Network(populations, projections, plan.network.drives, (), plan.network.resolution_ms)
        tables = make_tables(network, plan.tables.grid.bits, accept_quantisation=True)
        placement = Placement(network.n_neurons)
        self.build(replace(plan, network=network, tables=tables, placement=placement, rank=0, traces=())).close()

    def memory_estimate(self, plan: Plan) -> dict[str, float]:
        """Bytes by part; refuses what cannot be built."""
        network, tables, placement = plan.network, plan.tables, plan.placement
        require(placement.ranks == 1, "ranks", placement.ranks, "the cpu backend runs on one rank")
        rows = make_rows(network, tables).total
        own = placement.threads * placement.partitions_per_thread
        copies = 2.0 if placement.partitions_per_thread > 1 else 1.0
        n_delays = tables.max_delay - tables.min_delay + 1
        synapses = network.expected_synapses() / placement.ranks * np.dtype(word_dtype(tables.grid.bits)).itemsize
        return {
            "synapses": synapses,
            "index": copies * 4.0 * own * n_delays * rows,
            "state": BYTES_PER_NEURON * network.n_neurons / placement.ranks + 16.0 * placement.threads * rows,
        }

    def build(self, plan: Plan) -> "CpuEngine":
        """Draw the synapses and initialise the state, each thread its own."""
        return CpuEngine(plan)


class CpuEngine:
    """One rank's part of a network, spread over a team of threads."""

    def __init__(self, plan: Plan) -> None:
        self._team = Team(plan.placement.threads)
        self._rows = make_rows(plan.network, plan.tables)
        self._max_delay = plan.tables.max_delay
        self._delays = np.array([plan.tables.min_delay, plan.tables.max_delay], dtype=np.int64)
        self._n_neurons = plan.network.n_neurons
        self._n_traces = len(plan.traces)
        self._real = plan.real
        try:
            self._parts = self._build(plan)
        except BaseException:
            self._team.close()
            raise
        # The threads would keep an engine that nobody closes.
        self._finalizer = weakref.finalize(self, self._team.close)
        self._step = 0
        self._first_step = 0
        n = plan.placement.threads
        self._registers = [np.empty(max(MIN_REGISTER, 4 * self._rows.total), dtype=np.uint32) for _ in range(n)]
        self._offsets = [np.zeros(MAX_STEPS + self._max_delay + 2, dtype=np.int64) for _ in range(n)]
        self._barrier = np.zeros(16, dtype=np.int64)
        self._place_fresh(plan)
        memory = [part.memory_bytes() for part in self._parts]
        memory[0]["state"] += self._fresh.nbytes + sum(register.nbytes for register in self._registers)
        self.construction = Construction(
            "just_in_time",
            sum(len(part.words) for part in self._parts),
            sum(part.network_digest for part in self._parts) % 2**128,
            {key: sum(part[key] for part in memory) for key in memory[0]},
        )
        # No steps, but the loop is compiled for this network's types before anything is timed.
        self.advance(0)

    def _build(self, plan: Plan) -> list[ThreadPart]:
        builders = self._team.run(lambda thread: SynapseBuilder(plan, self._rows, thread))
        in_degrees = self._team.run(lambda thread: builders[thread].count())
        accumulator = accumulator_dtype(plan, max(in_degrees))

        def finish(thread: int) -> ThreadPart:
            synapses = builders[thread].fill()
            builders[thread] = None
            return StateBuilder(plan, self._rows, thread, accumulator).build(synapses)

        parts: list[ThreadPart] = self._team.run(finish)
        return parts

    def _place_fresh(self, plan: Plan) -> None:
        """Room for the latest spikes of each partition of the rank, twice."""
        placement = plan.placement
        n = placement.threads * placement.partitions_per_thread
        room = 2 * placement.size(0) + 16
        self._fresh_starts = np.arange(n, dtype=np.int64) * room
        self._fresh = np.empty((2, n * room), dtype=np.uint32)
        self._fresh_counts = np.zeros((2, n), dtype=np.int64)
        for part in self._parts:
            part.partitions[:, PartitionColumn.FRESH] = part.partitions[:, PartitionColumn.RANK_PARTITION] * room

    def advance(self, n_steps: int) -> Advance:
        """Simulate up to `n_steps` steps; fewer if the register of spikes fills."""
        begin = self._step
        end = begin + min(n_steps, MAX_STEPS)
        self._barrier[0] = 0
        counters = np.zeros((len(self._parts), 16), dtype=np.int64)
        traces = [np.empty((end - begin, len(part.trace_columns)), dtype=self._real) for part in self._parts]

        def work(thread: int) -> int:
            part = self._parts[thread]
            reached: int = advance(
                begin,
                end,
                self._first_step,
                self._rows.total,
                self._delays,
                len(self._parts),
                PATIENT_SPINS if self._team.pinned else HASTY_SPINS,
                self._barrier,
                self._fresh,
                self._fresh_starts,
                self._fresh_counts,
                part.partitions,
                part.segments,
                part.drives,
                part.words,
                part.index,
                part.inputs,
                part.pending,
                self._registers[thread],
                self._offsets[thread],
                part.spikes,
                part.trace_addresses,
                traces[thread],
                counters[thread],
            )
            return reached

        self._step = self._team.run(work)[0]
        stamps, ids = self._new_spikes(begin)
        sums = np.zeros(4, dtype=np.uint64)
        spike_digest_words(stamps, ids, sums)
        self._forget()
        recorded = np.empty((self._step - begin, self._n_traces), dtype=self._real)
        for part, values in zip(self._parts, traces, strict=True):
            recorded[:, part.trace_columns] = values[: self._step - begin]
        phase_s = {clock.name.lower(): (counters[:, clock] * 1e-9).tolist() for clock in Clock}
        events = int(counters[:, len(Clock)].sum())
        return Advance(stamps, ids, recorded, events, digest_sum((sums[0], sums[1], sums[2], sums[3])), phase_s)

    def _new_spikes(self, begin: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Stamps and ids of the spikes since `begin`, in order of (stamp, id)."""
        offsets = self._offsets[0][begin - self._first_step : self._step - self._first_step + 1]
        rows = self._registers[0][offsets[0] : offsets[-1]] & ROW_MASK
        steps = np.repeat(np.arange(self._step - begin), np.diff(offsets))
        own = rows < self._n_neurons
        keys = np.sort((steps[own] << 32) | rows[own].astype(np.int64))
        return (keys >> 32) + (begin + 1), keys & 0xFFFFFFFF

    def _forget(self) -> None:
        """Drop the spikes that have arrived everywhere; make the registers larger if they leave too little room."""
        first = max(self._first_step, self._step - self._max_delay)
        kept = slice(first - self._first_step, self._step - self._first_step + 1)
        for thread, offsets in enumerate(self._offsets):
            register = self._registers[thread]
            recent = register[offsets[kept.start] : offsets[kept.stop - 1]].copy()
            starts = offsets[kept] - offsets[kept.start]
            offsets[: len(starts)] = starts
            if len(recent) + 3 * self._rows.total > len(register):
                self._registers[thread] = register = np.empty(2 * len(register), dtype=np.uint32)
            register[: len(recent)] = recent
        self._first_step = first

    def close(self) -> None:
        """End the threads."""
        self._finalizer()
        self._parts = []


BACKEND: Any = CpuBackend()
