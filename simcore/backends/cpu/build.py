"""Building a thread's part of a network: its synapses, the state of its neurons, and the tables of the step loop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.arrays import WHOLE
from simcore.backends.cpu.columns import PartitionColumn
from simcore.backends.cpu.plastic_build import PackedPlastic, PlasticBuilder, first_target, own_targets
from simcore.connectivity.cpu import Chunk, emitter_of
from simcore.connectivity.list_kernels import ListEmitter, add_arrivals
from simcore.connectivity.rule import Emitter, Targets
from simcore.random import word_sums
from simcore.synapses.layout import BY_SOURCE, CALENDAR, JUST_IN_TIME, Layout
from simcore.synapses.listed import CodedBlock, coded_blocks, is_listed
from simcore.synapses.multiplicity import largest_multiplicities
from simcore.synapses.packer import NO_BYTES, Packer, SourceValues
from simcore.synapses.plastic import largest_code
from simcore.synapses.row_index import NO_OFFSETS, Offsets, narrowed, present_rows, sort_blocks
from simcore.synapses.rows import Rows

CHUNK = 1 << 15
"""Edges drawn at a time: their arrays stay in the L2 cache."""
WINDOW_BYTES = 640 * 1024
"""Largest desired size of the input buffers of a thread's partition, which are to fit into its L2 cache."""
MAX_SLOTS = 8


@dataclass(frozen=True)
class ThreadSynapses:
    """Synapse tables of a thread's partitions, one after the other, with their starts; digests by receptor.

    `index` is that of `Packer`; if sorted by row, `index` and `offsets` are those of `row_index`. `late` are the
    bytes of delays of the layout `calendar`, one a word.
    """

    words: npt.NDArray[Any]
    late: npt.NDArray[np.uint8]
    index: npt.NDArray[np.uint32]
    offsets: Offsets
    word_starts: list[int]
    index_starts: list[int]
    offset_starts: list[int]
    digests: tuple[int, ...]
    plastic: PackedPlastic


@dataclass(frozen=True)
class SegmentState:
    """State of one segment: population, places of its neurons in it, and views of the arrays that its kernel updates.

    `state` has shape (variables, neurons), `counters` (counters, neurons). Neurons at rest are skipped where there is
    an `order`, which says which neuron is at each position of these; the loop changes it.
    """

    population: int
    neurons: range
    state: npt.NDArray[Any]
    counters: npt.NDArray[np.int32]
    order: npt.NDArray[np.uint16] | None = None

    def by_neuron(self) -> tuple[npt.NDArray[Any], npt.NDArray[np.int32]]:
        """State and counters in the order of the neurons."""
        if self.order is None:
            return self.state, self.counters
        places = np.argsort(self.order)
        return self.state[:, places], self.counters[:, places]

    def assign(self, state: npt.NDArray[Any], counters: npt.NDArray[np.int32]) -> None:
        """Replace state and counters, given in the order of the neurons."""
        order = slice(None) if self.order is None else self.order
        self.state[:], self.counters[:] = state[:, order], counters[:, order]


@dataclass
class ThreadPart:
    """Data of one thread: arrays for the step loop, and the arrays whose addresses the tables hold.

    See `columns` for those of `partitions`, `segments` and `drives`; `touched` is that of `arrays.Buffers`, `resting`
    that of `arrays.Neurons`.
    """

    partitions: npt.NDArray[np.int64]
    segments: npt.NDArray[np.int64]
    drives: npt.NDArray[np.int64]
    words: npt.NDArray[Any]
    late: npt.NDArray[np.uint8]
    index: npt.NDArray[np.uint32]
    offsets: Offsets
    inputs: npt.NDArray[Any]
    input_slots: int
    pending: npt.NDArray[np.int64]
    spikes: npt.NDArray[np.uint32]
    held: list[npt.NDArray[Any]]
    states: list[SegmentState]
    trace_columns: list[int]
    trace_addresses: npt.NDArray[np.int64]
    network_digest: int
    touched: Any = WHOLE
    resting: Any = WHOLE

    def sources(self, layout: Layout) -> npt.NDArray[np.int64]:
        """Rows with synapses on this thread, ascending."""
        if layout.name == JUST_IN_TIME:
            starts = self.index[:: layout.groups_per_row * len(self.partitions)]
            return np.flatnonzero(starts[1:] > starts[:-1])
        # Where each partition's part of the arrays starts, and ends.
        columns = self.partitions[:, [PartitionColumn.INDEX, PartitionColumn.OFFSETS]]
        bounds = np.vstack([columns, [[len(self.index), len(self.offsets)]]])
        found = []
        for (index, offset), (index_end, offset_end) in pairwise(bounds.tolist()):
            groups = present_rows(layout, self.index[index:index_end], self.offsets[offset:offset_end])
            found.append(groups // layout.groups_per_row)
        return distinct(found)

    def memory_bytes(self) -> dict[str, int]:
        """Bytes by part."""
        neurons = sum(array.nbytes for array in self.held) + self.spikes.nbytes
        if self.resting is not WHOLE:
            neurons += self.touched.nbytes + sum(array.nbytes for array in self.resting)
        return {
            "synapses": self.words.nbytes + self.late.nbytes,
            "index": self.index.nbytes + self.offsets.nbytes,
            "neurons": neurons,
            "inputs": self.inputs.nbytes + self.pending.nbytes,
        }


def accumulator_dtype(plan: Plan, most_arrivals: int) -> type[np.signedinteger[Any]]:
    """Type of inputs: int32 if the input of a step fits for every neuron, otherwise int64.

    The bound takes each spike that can arrive at the busiest neuron in a step over its in-edges (`most_arrivals`) with
    the largest weight, and each drive with its largest count.
    """
    tables = plan.tables
    largest = max((largest_code(tables, index) for index in range(len(tables.weights))), default=0)
    driven = sum(abs(int(d.header[0])) * d.largest_count for d in tables.drives if d is not None and d.largest_count)
    return np.int32 if largest * most_arrivals + driven < 2**31 else np.int64


def arrival_slots(plan: Plan, layout: Layout, slots: int) -> int:
    """Steps for which arrivals are counted: those of the input buffers or of a calendar."""
    return plan.tables.max_delay if layout.name == CALENDAR else slots


def input_slots(plan: Plan, layout: Layout, itemsize: int) -> int:
    """Steps for which there are input buffers: all delays, those of a delivery window, or one.

    The longer a window, the longer the pieces of memory that are read at once.
    """
    if layout.name == BY_SOURCE:
        return plan.tables.max_delay
    if layout.name == CALENDAR:
        return 1
    partition_size = plan.placement.largest_partition
    return max(1, min(MAX_SLOTS, WINDOW_BYTES // (plan.network.most_receptors * partition_size * itemsize)))


class SynapseBuilder:
    """Draws the synapses of one thread's partitions: counts the groups, then fills them.

    Synapses of lists follow the drawn ones in blocks, which all threads of a rank receive.
    """

    def __init__(self, plan: Plan, rows: Rows, layout: Layout, thread: int) -> None:
        self._plan, self._rows = plan, rows
        self._layout = layout
        self._partitions = plan.placement.partitions(plan.rank, thread)
        self._emitters: list[list[tuple[int, Emitter]]] = []
        self._lists: list[dict[int, ListEmitter]] = []
        largest_item = 0
        for p in range(len(self._partitions)):
            emitters, lists = [], {}
            for index, projection in enumerate(plan.network.projections):
                wiring, own = plan.network.wiring(index, plan.seed), self._targets(p, index)
                draws = "table" in (plan.tables.weights[index].kind, plan.tables.delays[index].kind)
                if is_listed(plan.network, index):
                    lists[index] = ListEmitter(wiring, own, draws)
                    continue
                if not own.count:
                    # A rank of one area has targets of only a few of thousands of projections.
                    continue
                emitter = emitter_of(projection.rule, wiring, own, draws)
                emitters.append((index, emitter))
                largest_item = max(largest_item, emitter.largest_item)
            self._emitters.append(emitters)
            self._lists.append(lists)
        self._chunk = Chunk.of_size(max(CHUNK, largest_item))
        capacity, n = max(CHUNK, largest_item), len(self._partitions)
        self._together = layout.name == JUST_IN_TIME
        """Whether the partitions share one table, so that the data that a spike needs of all of them are contiguous."""
        shared = (1, n) if self._together else (n, 1)
        receptors = plan.network.most_receptors
        self._packers = [Packer(rows, layout, capacity, shared[1], receptors) for _ in range(shared[0])]
        self._plastic = PlasticBuilder(plan, self._partitions, capacity)
        self._multiplicities = largest_multiplicities(plan.network)
        self._arrivals = [np.zeros(plan.placement.size(p), dtype=np.int64) for p in self._partitions]
        self._words, self._late, self._offsets = np.empty(0, dtype=layout.dtype), NO_BYTES, NO_OFFSETS
        self._word_starts = [0]

    def _targets(self, p: int, index: int) -> Targets:
        wiring = self._plan.network.wiring(index)
        targets = self._plan.placement.targets(self._partitions[p], wiring.target_first, wiring.n_target)
        return own_targets(self._plan, self._partitions[p], index, targets)

    def count(self) -> int:
        """Count all synapses without other threads; return the result of `counted`."""
        return counted(self._plan, [self], _alone)[0]

    def fill(self) -> ThreadSynapses:
        """Write all words without other threads."""
        filled(self._plan, [self], _alone)
        return self.finish()

    def count_drawn(self) -> None:
        """Count the drawn synapses of each group."""
        for p in range(len(self._partitions)):
            for index, n in self._chunks(p):
                self._count(p, index, n, self._projection(index))

    def count_listed(self, block: CodedBlock) -> None:
        """Count those of a list."""
        for p, n, values in self._own(block):
            self._count(p, block.projection, n, values)

    def _count(self, p: int, index: int, n: int, values: SourceValues) -> None:
        network = self._plan.network
        each = self._multiplicities[network.index(network.projections[index].source)]
        arrivals = self._arrivals[p]
        if index in self._plastic:
            self._plastic.count(p, index, self._chunk, n, values)
            arrivals = arrivals[first_target(self._plan, self._partitions[p], index) :]
        else:
            packer, number = self._packer(p)
            packer.count(self._chunk, n, values, number)
        add_arrivals(self._chunk.targets[:n], each, arrivals)

    def counted(self) -> int:
        """Find the starts of groups; return the largest number of spikes that can arrive at a neuron in a step."""
        for packer in self._packers:
            packer.start()
        self._plastic.start()
        return max((int(arrivals.max(initial=0)) for arrivals in self._arrivals), default=0)

    def fill_drawn(self) -> None:
        """Write the words of drawn synapses."""
        self._word_starts = _starts([packer.n_synapses for packer in self._packers])
        self._words = np.empty(self._word_starts[-1], dtype=self._layout.dtype)
        if self._layout.name == CALENDAR:
            self._late = np.empty(len(self._words), dtype=np.uint8)
        if self._layout.sparse:
            self._offsets = np.empty(len(self._words), dtype=np.uint16)
        self._plastic.allocate()
        for p in range(len(self._partitions)):
            for index, n in self._chunks(p):
                self._place(p, index, n, self._projection(index))

    def fill_listed(self, block: CodedBlock) -> None:
        """Write those of a list."""
        for p, n, values in self._own(block):
            self._place(p, block.projection, n, values)

    def _place(self, p: int, index: int, n: int, values: SourceValues) -> None:
        if index in self._plastic:
            self._plastic.place(p, index, self._chunk, n, values)
            return
        packer, number = self._packer(p)
        own = slice(None) if self._together else slice(self._word_starts[p], self._word_starts[p + 1])
        packer.place(self._chunk, n, values, self._words[own], number, self._late[own], self._offsets[own])

    def finish(self) -> ThreadSynapses:
        """Finish after everything is written."""
        packers, words, word_starts = self._packers, self._words, self._word_starts
        plastic, plastic_sums = self._plastic.finish()
        sums = zip(*(word_sums(packer.digest_words) for packer in packers), *plastic_sums, strict=True)
        digests = tuple(sum(own) % 2**128 for own in sums)
        if self._together:
            n = len(self._partitions)
            starts = ([0] * (n + 1), [number * self._layout.groups_per_row for number in range(n + 1)], [0] * (n + 1))
            return ThreadSynapses(words, self._late, packers[0].index, NO_OFFSETS, *starts, digests, plastic)
        indices: list[npt.NDArray[np.uint32]] = []
        offsets: list[Offsets] = []
        for first, end in pairwise(word_starts):
            # One by one, so that both forms are in memory for few partitions at a time.
            index, own = packers.pop(0).index, self._offsets[first:end]
            if self._layout.sparse:
                sort_blocks(index, own, 1 << self._layout.block_bits, words[first:end], self._late[first:end])
            else:
                index, own = narrowed(index)
            indices.append(index)
            offsets.append(own)
        starts = (word_starts, _starts(list(map(len, indices))), _starts(list(map(len, offsets))))
        return ThreadSynapses(words, self._late, _joined(indices), _joined(offsets), *starts, digests, plastic)

    def _packer(self, p: int) -> tuple[Packer, int]:
        """The packer of a partition, and the partition's number there."""
        return (self._packers[0], p) if self._together else (self._packers[p], 0)

    def _projection(self, index: int) -> SourceValues:
        tables, network = self._plan.tables, self._plan.network
        first_id, source = network.wiring(index).source_first, network.projections[index].source
        # Sources are counted from the first wired one, which a selection may have after the population's first.
        skipped = first_id - network.first_ids[source]
        positive, negative = self._rows.of_projections[index]
        rows = (positive + skipped, negative + skipped)
        receptors = network.receptors(network.projections[index])
        return SourceValues(tables.weights[index], tables.delays[index], rows, first_id, receptors)

    def _chunks(self, p: int) -> Iterator[tuple[int, int]]:
        """Fill the chunk piece by piece; yield the projection and the number of edges of each piece."""
        for index, emitter in self._emitters[p]:
            item = 0
            while item < emitter.n_items:
                n, item = emitter.emit(item, self._chunk)
                if n:
                    yield index, n

    def _own(self, block: CodedBlock) -> Iterator[tuple[int, int, SourceValues]]:
        """Fill the chunk with own edges of a block; yield the partition, their number and their values."""
        values = replace(self._projection(block.projection), weights=block.weights, delays=block.delays)
        for p, lists in enumerate(self._lists):
            emitter = lists[block.projection]
            if block.first:
                emitter.start()
            item = 0
            while item < len(block.targets):
                n, item = emitter.emit(item, block.sources, block.targets, self._chunk)
                if n:
                    yield p, n, values


Everyone = Callable[[Callable[[int], Any]], list[Any]]
"""Calls a function with the number of each thread, in parallel as `Team.run` does, or sequentially."""


def counted(plan: Plan, builders: list[SynapseBuilder], everyone: Everyone) -> list[int]:
    """Count all synapses; return the largest number of spikes per step at a neuron of each thread."""
    everyone(lambda thread: builders[thread].count_drawn())
    for block in coded_blocks(plan.network, plan.tables):
        everyone(partial(_at_block, builders, SynapseBuilder.count_listed, block))
    return everyone(lambda thread: builders[thread].counted())


def filled(plan: Plan, builders: list[SynapseBuilder], everyone: Everyone) -> None:
    """Write all synapses."""
    everyone(lambda thread: builders[thread].fill_drawn())
    for block in coded_blocks(plan.network, plan.tables):
        everyone(partial(_at_block, builders, SynapseBuilder.fill_listed, block))


def _alone(work: Callable[[int], Any]) -> list[Any]:
    return [work(0)]


def _at_block(
    builders: list[SynapseBuilder], work: Callable[[SynapseBuilder, CodedBlock], None], block: CodedBlock, thread: int
) -> None:
    work(builders[thread], block)


def distinct(parts: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Numbers >= 0 that occur in any of the parts, ascending; np.unique takes a microsecond per number."""
    present = np.zeros(1 + max((int(part.max(initial=0)) for part in parts), default=0), dtype=np.bool_)
    for part in parts:
        present[part] = True
    return np.flatnonzero(present)


def _joined(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """One array of all; not copied if there is only one."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _starts(sizes: list[int]) -> list[int]:
    """Starts of contiguous pieces of these sizes, and the end of the last one."""
    return [0, *accumulate(sizes)]
