"""Counting of messages and synaptic events on the cores and links of a chip during a simulation."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator
from simcore.cpus import compiled_in_turn, node_share
from simcore.errors import require
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.routes import Routes
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.traffic.counts import CoreTimes, RunCounts, StepSummary
from simcore.neuromorphic.traffic.weight_updates import PlasticSynapses, updates_of_spikes

IntArray = npt.NDArray[np.int64]
EXCHANGE_BYTES = 1 << 26
"""Size of the counts that are summed over ranks at a time, but at least one step."""
BUSY = ["reads_max", "core_link_messages_max"]
"""Counts only on chips whose sheet has a time for them."""
UPDATES = ["weight_updates", "weight_updates_max", "resource_updates"]
"""Counts only for networks with plastic synapses."""
PLASTICITY = "plasticity_s"
"""Time of the updates of plastic synapses."""
SECONDS = [entry.name for entry in fields(StepSummary) if entry.name.endswith("_s") and entry.name != PLASTICITY]
WHOLE = [entry.name for entry in fields(StepSummary) if entry.name not in (*BUSY, *UPDATES, *SECONDS, PLASTICITY)]


@dataclass(frozen=True, eq=False)
class MappedSources:
    """The events that a spike of each source of this rank causes on a chip.

    Parameters
    ----------
    axons, routes
        Axons and routes of the same sources.
    core_of
        Core of each neuron of the network, int64.
    system
        Routers and links.
    words
        Words of synapse memory that each axon occupies in its core, int32 (axons,); None if they are not needed.
    plastic
        Updates by spikes of these sources; None without plastic synapses.
    """

    axons: Axons
    routes: Routes
    core_of: IntArray
    system: System
    words: npt.NDArray[np.int32] | None = None
    plastic: PlasticSynapses | None = None


@dataclass(frozen=True, eq=False)
class _Steps:
    """Summaries of consecutive steps, as the kernels write them."""

    first: int
    whole: npt.NDArray[np.int64]
    seconds: npt.NDArray[np.float64]
    loads: npt.NDArray[np.int32]
    busy: npt.NDArray[np.int64]
    updates: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, first: int, steps: int, links: int) -> "_Steps":
        return cls(
            first,
            np.zeros((steps, len(WHOLE)), np.int64),
            np.zeros((steps, len(SECONDS) + 1)),
            np.zeros((steps if links else 0, links), np.int32),
            np.zeros((steps, len(BUSY)), np.int64),
            np.zeros((steps, len(UPDATES)), np.int64),
        )

    def part(self, start: int, stop: int) -> tuple[Any, ...]:
        return self.loads[start:stop], self.whole[start:stop], self.seconds[start:stop]


class TrafficMeter:
    """Counts the events that spikes cause on a chip, block by block, on all ranks together.

    Each rank counts the events of its own neurons. With several ranks, the steps of a block are distributed, and a rank
    receives the counts of the other ranks for its steps. The result does not depend on the placement of neurons on
    ranks.

    Parameters
    ----------
    mapped
        Sources of this rank.
    comm
        Communicator.
    times
        Times of events, from which the largest times of the cores in a step follow.
    threads
        Number of threads of this rank, which process different steps.
    keeps_loads
        Whether the load of every link in every step is kept.
    most_spikes
        Largest number of spikes of each source in a step, int64; one by default.
    counts_core_links
        Whether messages between cores and their routers are counted; reads are counted if `mapped` has words.

    Raises
    ------
    InputError
        If a step in which all neurons spike would have more messages or synaptic events than can be counted.
    """

    def __init__(
        self,
        mapped: MappedSources,
        comm: Communicator,
        times: CoreTimes,
        threads: int = 1,
        keeps_loads: bool = False,
        most_spikes: IntArray | None = None,
        counts_core_links: bool = False,
    ) -> None:
        # This import loads the compiler, which not every run needs.
        from simcore.neuromorphic.traffic import kernels

        axons, routes = mapped.axons, mapped.routes
        self._kernels, self._comm = kernels, comm
        self._cores, self._links = len(mapped.system.router_of_core), len(mapped.system.link_origin)
        self._kept_links = self._links if keeps_loads else 0
        neurons = np.bincount(mapped.core_of, minlength=self._cores).astype(np.int64)
        seconds = (times.synop_s, times.message_in_s, times.update_s, times.spike_out_s, times.message_out_s)
        self._cost = (np.array([value or 0.0 for value in seconds]), neurons)
        self._sources = (
            mapped.core_of[axons.sources].astype(np.int32),
            (axons.starts, _narrow(axons.cores), _narrow(axons.synapses)),
            (routes.starts, _narrow(routes.positions), _narrow(routes.changes)),
            routes.injected,
        )
        self._within_tile = routes.within_tile
        counted = {"reads_max": mapped.words is not None, "core_link_messages_max": counts_core_links}
        self._counted_busy = [name for name in BUSY if counted[name]]
        self._plastic = mapped.plastic
        self._update_s = (times.plasticity_s or 0.0, times.short_term_s or 0.0)
        self._words = np.zeros(len(axons.cores), np.int32) if mapped.words is None else mapped.words
        self._spikes = np.zeros(len(axons.sources), np.int64)
        share = node_share(comm)
        self.compile_s = compiled_in_turn(comm, share, self._compile_runs)
        self._word = self._smallest_word(np.ones_like(self._spikes) if most_spikes is None else most_spikes)
        self._done: list[_Steps] = []
        # Ranks share the steps of a block; threads share them on a single rank.
        self._threads = threads if comm.size == 1 else 1
        self._link_max = np.zeros((self._threads, self._links), np.int32)
        self.steps = 0
        self.wall_s = 0.0
        self.compile_s += compiled_in_turn(comm, share, self._compile_steps)

    def observe(self, first_step: int, steps: int, stamps: IntArray, ids: IntArray) -> None:
        """Count the steps (`first_step`, `first_step` + `steps`].

        Parameters
        ----------
        first_step, steps
            First step and number of steps, the same on all ranks.
        stamps, ids
            End step and global id of each spike of this rank's neurons in these steps, in order of the steps.
        """
        start = time.perf_counter()
        rows = (ids - self._comm.rank) // self._comm.size
        self._spikes += np.bincount(rows, minlength=len(self._spikes))
        ends = np.searchsorted(stamps, np.arange(first_step, first_step + steps + 1), side="right")
        if self._comm.size == 1:
            self._count_alone(first_step, ends, rows)
        else:
            size = max(1, EXCHANGE_BYTES // (16 * self._cores + 4 * self._links + 4))
            for begin in range(0, steps, size):
                self._count_together(first_step + begin, ends[begin : min(begin + size, steps) + 1], rows)
        self.steps += steps
        self.wall_s += time.perf_counter() - start

    def _count_alone(self, first_step: int, ends: IntArray, rows: IntArray) -> None:
        steps = len(ends) - 1
        done = _Steps.empty(first_step, steps, self._kept_links)
        bounds = np.linspace(0, steps, (self._threads if steps > 2 * self._threads else 1) + 1).astype(int)

        def count(thread: int) -> None:
            start, stop = bounds[thread], bounds[thread + 1]
            outputs = (self._link_max[thread], *done.part(start, stop))
            arrivals = np.zeros(self._cores, self._word)
            self._kernels.count_steps(ends[start : stop + 1], rows, *self._sources, arrivals, *self._cost, *outputs)
            size = max(1, EXCHANGE_BYTES // (16 * self._cores))
            for begin in range(start, max(stop, start + 1), size) if self._counted_busy or self._plastic else ():
                end = min(begin + size, stop)
                self._summarise_further(done, slice(begin, end), self._further(ends[begin : end + 1], rows))

        if len(bounds) == 2:
            count(0)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(count, range(self._threads)))
        self._done.append(done)

    def _count_together(self, first_step: int, ends: IntArray, rows: IntArray) -> None:
        """Count all steps of the spikes of this rank, and summarise its share of the steps for all ranks."""
        steps, size = len(ends) - 1, self._comm.size
        counts = self._added(ends, rows)
        bounds = [steps * rank // size for rank in range(size + 1)]
        shares = list(pairwise(bounds))
        sent = [np.concatenate([_words(part[start:stop]) for part in counts]) for start, stop in shares]
        received = self._comm.all_to_all(sent)
        start, stop = shares[self._comm.rank]
        summed = [part[start:stop].copy() for part in counts]
        for part in summed:
            part[:] = 0
        for words in received:
            first = 0
            for part in summed:
                last = first + part.nbytes // 4
                part += words[first:last].view(part.dtype).reshape(part.shape)
                first = last
        self._done.append(self._summarised(first_step + start, summed))

    def _added(self, ends: IntArray, rows: IntArray) -> list[npt.NDArray[Any]]:
        """The events of the spikes of this rank in every step, on cores and links."""
        steps = len(ends) - 1
        counts: list[npt.NDArray[Any]] = [np.zeros((steps, self._cores), np.int64) for _ in range(2)]
        counts.append(np.zeros((steps, self._links + 1), np.int32))
        self._kernels.add_steps(ends, rows, *self._sources, *counts)
        return [*counts, *self._further(ends, rows)]

    def _further(self, ends: IntArray, rows: IntArray) -> list[npt.NDArray[Any]]:
        """Counts of each core in every step that only some runs need, from the spikes of this rank.

        Words that it reads and messages over its own link, if either is counted; then updates of plastic weights and of
        the state of short-term plasticity, if any.
        """
        core_of_source, (starts, cores, _), _, injected = self._sources
        updates, busy = ([np.zeros((len(ends) - 1, self._cores), np.int64) for _ in range(2)] for _ in range(2))
        if self._counted_busy:
            self._kernels.add_busy(ends, rows, core_of_source, starts, cores, self._words, injected, *busy)
        if self._plastic:
            one = self._plastic
            reached = (one.starts, one.cores, one.synapses, one.in_degrees, one.resources)
            self._kernels.add_updates(ends, rows, core_of_source, *reached, *updates)
        return (busy if self._counted_busy else []) + (updates if self._plastic else [])

    def _summarise_further(self, done: _Steps, steps: slice, counts: list[npt.NDArray[Any]]) -> None:
        """Sums and maxima of the counts of `_further`."""
        if self._counted_busy:
            done.busy[steps] = np.stack([part.max(axis=1) for part in counts[:2]], axis=1)
        if self._plastic:
            weights, states = counts[-2:]
            done.updates[steps] = np.stack([weights.sum(axis=1), weights.max(axis=1), states.sum(axis=1)], axis=1)
            weight_s, state_s = self._update_s
            done.seconds[steps, -1] = (weights * weight_s + states * state_s).max(axis=1)

    def _summarised(self, first_step: int, counts: list[npt.NDArray[Any]]) -> _Steps:
        done = _Steps.empty(first_step, len(counts[0]), self._kept_links)
        self._kernels.summarise_steps(*counts[:3], *self._cost, self._link_max[0], *done.part(0, len(counts[0])))
        self._summarise_further(done, slice(None), counts[3:])
        return done

    def summary(self) -> StepSummary:
        """Sums and maxima of every step so far, on every rank."""
        parts = [(one.first, one.whole, one.seconds, one.busy, one.updates) for one in self._done]
        blocks = sorted((block for rank in self._comm.gather(parts) for block in rank), key=lambda block: block[0])
        nothing = _Steps.empty(0, 0, 0)
        empty = (nothing.first, nothing.whole, nothing.seconds, nothing.busy, nothing.updates)
        columns: dict[str, npt.NDArray[Any]] = {}
        for place, names in enumerate((WHOLE, [*SECONDS, PLASTICITY], BUSY, UPDATES), start=1):
            values = np.concatenate([empty[place], *(block[place] for block in blocks)])
            columns |= dict(zip(names, values.T, strict=True))
        not_counted = {*BUSY} - {*self._counted_busy} | (set() if self._plastic else {*UPDATES, PLASTICITY})
        return StepSummary(**{name: column for name, column in columns.items() if name not in not_counted})

    def link_messages(self) -> npt.NDArray[np.int32] | None:
        """Load of every link in every step, int32 (steps, links), on rank 0; None elsewhere."""
        gathered = self._comm.collect([(done.first, done.loads) for done in self._done])
        if gathered is None:
            return None
        blocks = sorted((block for rank in gathered for block in rank), key=lambda block: block[0])
        loads: npt.NDArray[np.int32] = np.concatenate(
            [_Steps.empty(0, 0, self._kept_links).loads, *(block[1] for block in blocks)]
        )
        return loads

    def totals(self) -> RunCounts:
        """Counts of all steps so far, over all ranks, on every rank."""
        link_max = np.max(self._comm.gather(self._link_max.max(axis=0)), axis=0).astype(np.int64)
        return self._caused(self._spikes, self.steps, link_max)

    def _caused(self, spikes: IntArray, steps: int, link_max: IntArray) -> RunCounts:
        """The events that `spikes` spikes of each source cause, over all ranks."""
        core_of_source, axons, routes, injected = self._sources
        synops, fired, entered, left = (np.zeros(self._cores, np.int64) for _ in range(4))
        changes = np.zeros(self._links + 1, np.int64)
        self._kernels.add_runs(spikes, axons, routes, synops, entered, changes)
        np.add.at(fired, core_of_source, spikes)
        np.add.at(left, core_of_source, spikes * injected)
        within = np.array([(spikes * self._within_tile).sum()])
        own = (synops, fired, entered, left, within, np.cumsum(changes)[:-1], *self._updates(spikes))
        synops, fired, entered, left, within, passed, *updates = (
            np.sum(parts, axis=0) for parts in zip(*self._comm.gather(own), strict=True)
        )
        counts = (steps, self._cost[1], synops, fired, entered, left, int(within[0]), passed, link_max)
        return RunCounts(*counts, *updates)

    def _updates(self, spikes: IntArray) -> list[IntArray]:
        """Updates of plastic weights and of the state of short-term plasticity, if any, by core."""
        if self._plastic is None:
            return []
        return list(updates_of_spikes(self._plastic, self._sources[0], spikes, self._cores))

    def _compile_runs(self) -> None:
        """Load or compile the kernel that adds up runs; the width of its arrays depends on the mapped network."""
        _, axons, routes, _ = self._sources
        synops, entered = (np.zeros(self._cores, np.int64) for _ in range(2))
        self._kernels.add_runs(self._spikes[:0], axons, routes, synops, entered, np.zeros(self._links + 1, np.int64))

    def _compile_steps(self) -> None:
        """Load or compile the kernels that count steps, so that compilation is not included in the time of counting."""
        no_steps, nothing = np.zeros(1, np.int64), np.zeros(0, np.int64)
        if self._comm.size == 1:
            self._count_alone(0, no_steps, nothing)
            self._done.clear()
        else:
            self._summarised(0, self._added(no_steps, nothing))

    def _smallest_word(self, most_spikes: IntArray) -> type[np.signedinteger[Any]]:
        """Words that hold the events of a core in any step, even if all neurons send their largest number of spikes.

        Raises
        ------
        InputError
            If no word is large enough.
        """
        most = self._caused(most_spikes, 1, np.zeros(self._links, np.int64))
        lower, upper = self._kernels.largest_counts(np.int64)
        for what, counts, limit in (
            ("messages into a core", most.messages_in, upper),
            ("spikes of a core", most.spikes, upper),
            ("synaptic events of a core", most.synops, lower),
            ("messages out of a core", most.messages_out, lower),
            ("messages on a link", most.link_messages, np.iinfo(np.int32).max),
        ):
            largest = int(counts.max(initial=0))
            require(largest <= limit, f"{what} if all neurons spike in a step", largest, f"must be at most {limit:,}")
        lower, upper = self._kernels.largest_counts(np.int32)
        small = most.synops.max() <= lower and most.messages_in.max() <= upper
        return np.int32 if small else np.int64


def _narrow(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same integers in the fewest bytes, because they are read from memory at every spike."""
    kinds = (np.uint8, np.uint16, np.int16, np.int32)
    low, high = values.min(initial=0), values.max(initial=0)
    kind = next(kind for kind in kinds if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)
    return values.astype(kind, copy=False)


def _words(counts: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    return counts.reshape(-1).view(np.uint32)
