"""Building a thread's part of a network: its synapses, the state of its neurons, and the tables of the step loop."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.columns import PartitionColumn
from simcore.connectivity.cpu import Chunk, emitter_of
from simcore.connectivity.rule import Emitter, Targets
from simcore.synapses.layout import BY_SOURCE, JUST_IN_TIME, Layout
from simcore.synapses.multiplicity import largest_multiplicities
from simcore.synapses.packer import BLOCK_ROWS, Packer, SourceValues, present_rows
from simcore.synapses.rows import Rows

CHUNK = 1 << 15
"""Edges drawn at a time: their arrays stay in the L2 cache."""
WINDOW_BYTES = 640 * 1024
"""The input buffers of a thread's partition should take no more of its L2 cache."""
MAX_SLOTS = 8


@dataclass(frozen=True)
class ThreadSynapses:
    """Synapse tables of a thread's partitions, one after the other, and where each starts.

    `index` and `blocks` are those of `Packer`.
    """

    words: npt.NDArray[Any]
    index: npt.NDArray[np.uint32]
    blocks: npt.NDArray[np.uint64]
    word_starts: list[int]
    index_starts: list[int]
    block_starts: list[int]
    digest: int


@dataclass(frozen=True)
class SegmentState:
    """State of one segment: population, its neurons' places in it, and views of what its kernel updates.

    `state` has shape (variables, neurons), `counters` (counters, neurons).
    """

    population: int
    neurons: range
    state: npt.NDArray[Any]
    counters: npt.NDArray[np.int32]


@dataclass
class ThreadPart:
    """What one thread owns: arrays for the step loop, and the arrays whose addresses the tables hold.

    See `columns` for those of `partitions`, `segments` and `drives`.
    """

    partitions: npt.NDArray[np.int64]
    segments: npt.NDArray[np.int64]
    drives: npt.NDArray[np.int64]
    words: npt.NDArray[Any]
    index: npt.NDArray[np.uint32]
    blocks: npt.NDArray[np.uint64]
    inputs: npt.NDArray[Any]
    pending: npt.NDArray[np.int64]
    spikes: npt.NDArray[np.uint32]
    held: list[npt.NDArray[Any]]
    states: list[SegmentState]
    trace_columns: list[int]
    trace_addresses: npt.NDArray[np.int64]
    network_digest: int

    def sources(self, layout: Layout, n_rows: int) -> npt.NDArray[np.int64]:
        """Rows with synapses on this thread, ascending."""
        if layout.name == JUST_IN_TIME:
            return present_rows(layout, self.index, self.blocks, len(self.partitions))
        found = []
        for partition in self.partitions:
            index = self.index[partition[PartitionColumn.INDEX] :]
            blocks = self.blocks[partition[PartitionColumn.BLOCKS] :][: -(-n_rows // BLOCK_ROWS)]
            found.append(present_rows(layout, index, blocks))
        return distinct(found)

    def memory_bytes(self) -> dict[str, int]:
        """Bytes by part."""
        state = sum(array.nbytes for array in self.held) + self.inputs.nbytes + self.spikes.nbytes
        return {"synapses": self.words.nbytes, "index": self.index.nbytes + self.blocks.nbytes, "state": state}


def accumulator_dtype(plan: Plan, most_arrivals: int) -> type[np.signedinteger[Any]]:
    """int32 if the input of a step fits it for every neuron, else int64.

    The bound takes each spike that can arrive at the busiest neuron in a step over its in-edges (`most_arrivals`) with
    the largest weight, and each drive with its largest count.
    """
    tables = plan.tables
    largest = max((int(np.abs(w.entries.astype(np.int64)).max(initial=0)) for w in tables.weights), default=0)
    driven = sum(abs(int(d.header[0])) * d.largest_count for d in tables.drives if d is not None and d.largest_count)
    return np.int32 if largest * most_arrivals + driven < 2**31 else np.int64


def input_slots(plan: Plan, layout: Layout, itemsize: int) -> int:
    """Steps for which there are input buffers: all delays, or those of a delivery window.

    The longer a window, the longer the pieces of memory that are read at once.
    """
    if layout.name == BY_SOURCE:
        return plan.tables.max_delay
    partition_size = plan.placement.size(0)
    return max(1, min(MAX_SLOTS, WINDOW_BYTES // (plan.network.most_receptors * partition_size * itemsize)))


class SynapseBuilder:
    """Draws the synapses of one thread's partitions: first counts the groups, then fills them."""

    def __init__(self, plan: Plan, rows: Rows, layout: Layout, thread: int) -> None:
        self._plan, self._rows = plan, rows
        self._dtype, self._groups_per_row = layout.dtype, layout.groups_per_row
        self._partitions = plan.placement.partitions(plan.rank, thread)
        self._emitters: list[list[Emitter]] = []
        largest_item = 0
        for partition in self._partitions:
            emitters = []
            for index, projection in enumerate(plan.network.projections):
                wiring = plan.network.wiring(index, plan.seed)
                emitter = emitter_of(projection.rule, wiring, self._targets(partition, index))
                emitters.append(emitter)
                largest_item = max(largest_item, emitter.largest_item)
            self._emitters.append(emitters)
        self._chunk = Chunk.of_size(max(CHUNK, largest_item))
        capacity, n = max(CHUNK, largest_item), len(self._partitions)
        self._together = layout.name == JUST_IN_TIME
        """Whether the partitions have one table, so that what a spike needs of all of them lies together."""
        packers = [
            Packer(rows, layout, capacity, n if self._together else 1) for _ in range(1 if self._together else n)
        ]
        self._packers = packers

    def _targets(self, partition: int, index: int) -> Targets:
        wiring = self._plan.network.wiring(index)
        return self._plan.placement.targets(partition, wiring.target_first, wiring.n_target)

    def count(self) -> int:
        """Count the synapses of each group; returns the most spikes that can arrive at a neuron in a step."""
        largest = 0
        network = self._plan.network
        multiplicities = largest_multiplicities(network)
        for p, partition in enumerate(self._partitions):
            arrivals = np.zeros(self._plan.placement.size(partition), dtype=np.int64)
            packer, number = self._packer(p)
            for index, n in self._chunks(p):
                packer.count(self._chunk, n, self._projection(index), number)
                each = multiplicities[network.index(network.projections[index].source)]
                in_degrees = np.bincount(self._chunk.targets[:n], minlength=len(arrivals))
                arrivals += in_degrees if each == 1 else each * in_degrees
            largest = max(largest, int(arrivals.max(initial=0)))
        for packer in self._packers:
            packer.start()
        return largest

    def fill(self) -> ThreadSynapses:
        """Write the words."""
        packers = self._packers
        word_starts = _starts([packer.n_synapses for packer in packers])
        words = np.empty(word_starts[-1], dtype=self._dtype)
        for p in range(len(self._partitions)):
            packer, number = self._packer(p)
            own = words if self._together else words[word_starts[p] : word_starts[p + 1]]
            for projection, n in self._chunks(p):
                packer.place(self._chunk, n, self._projection(projection), own, number)
        for packer in packers:
            packer.finish()
        digest = sum(int(word) << (32 * k) for packer in packers for k, word in enumerate(packer.digest_words))
        index, blocks = (parts[0] if len(parts) == 1 else np.concatenate(parts) for parts in self._indices())
        index_starts, block_starts = (_starts([len(part) for part in parts]) for parts in self._indices())
        if self._together:
            n = len(self._partitions)
            word_starts, block_starts = [0] * (n + 1), [0] * (n + 1)
            index_starts = [number * self._groups_per_row for number in range(n + 1)]
        return ThreadSynapses(words, index, blocks, word_starts, index_starts, block_starts, digest)

    def _packer(self, p: int) -> tuple[Packer, int]:
        """The packer of a partition, and the partition's number there."""
        return (self._packers[0], p) if self._together else (self._packers[p], 0)

    def _indices(self) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
        return [packer.index for packer in self._packers], [packer.blocks for packer in self._packers]

    def _projection(self, index: int) -> SourceValues:
        tables, network = self._plan.tables, self._plan.network
        first_id = network.wiring(index).source_first
        return SourceValues(tables.weights[index], tables.delays[index], self._rows.of_projections[index], first_id)

    def _chunks(self, p: int) -> Iterator[tuple[int, int]]:
        """Fill the chunk piece by piece; yields the projection and the number of edges of each piece."""
        for index, emitter in enumerate(self._emitters[p]):
            item = 0
            while item < emitter.n_items:
                n, item = emitter.emit(item, self._chunk)
                if n:
                    yield index, n


def distinct(parts: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Numbers >= 0 that occur in any of the parts, ascending; np.unique takes a microsecond for each."""
    present = np.zeros(1 + max((int(part.max(initial=0)) for part in parts), default=0), dtype=np.bool_)
    for part in parts:
        present[part] = True
    return np.flatnonzero(present)


def _starts(sizes: list[int]) -> list[int]:
    """Where pieces of these sizes start when they lie one after the other, and where the last one ends."""
    return [0, *accumulate(sizes)]
