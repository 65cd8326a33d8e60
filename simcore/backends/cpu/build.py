"""Building a thread's part of a network: its synapses, the state of its neurons, and the tables of the step loop."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import from_dtype, types

from simcore.backends.backend import Plan
from simcore.backends.cpu.layout import DriveColumn, PartitionColumn, SegmentColumn
from simcore.connectivity.cpu import Chunk
from simcore.connectivity.rule import Emitter, Targets
from simcore.drives import EventDrive
from simcore.errors import ResourceError
from simcore.registry import Entry, Registry
from simcore.synapses.packed import NO_ROW, Packer, Rows, SourceValues, start_groups, word_dtype
from simcore.tables import population_values

CHUNK = 1 << 15
"""Edges drawn at a time: their arrays stay in the L2 cache."""
WINDOW_BYTES = 640 * 1024
"""The input buffers of a thread's partition should take no more of its L2 cache."""
MAX_SLOTS = 8
CACHE_LINE = 64
"""Arrays that different kernels write start on lines of their own."""


def kernel_of(module: str, attribute: str) -> Any:
    """A kernel of a neuron model or drive, imported on use."""
    return Registry[Any]("kernel", {"": Entry(f"{module}:{attribute}")}).get("")


@dataclass
class ThreadPart:
    """What one thread owns: arrays for the step loop, and the arrays whose addresses the tables hold.

    See `layout` for the columns of `partitions`, `segments` and `drives`.
    """

    partitions: npt.NDArray[np.int64]
    segments: npt.NDArray[np.int64]
    drives: npt.NDArray[np.int64]
    words: npt.NDArray[Any]
    index: npt.NDArray[np.uint32]
    inputs: npt.NDArray[Any]
    pending: npt.NDArray[np.int64]
    spikes: npt.NDArray[np.uint32]
    held: list[npt.NDArray[Any]]
    trace_columns: list[int]
    trace_addresses: npt.NDArray[np.int64]
    network_digest: int

    def memory_bytes(self) -> dict[str, int]:
        """Bytes by part."""
        state = sum(array.nbytes for array in self.held) + self.inputs.nbytes + self.spikes.nbytes
        return {"synapses": self.words.nbytes, "index": self.index.nbytes, "state": state}


def accumulator_dtype(plan: Plan, largest_in_degree: int) -> type[np.signedinteger[Any]]:
    """int32 if the input of a step fits it for every neuron, else int64.

    The bound takes each in-edge of the busiest neuron with the largest weight, and each drive with its largest count.
    """
    tables = plan.tables
    largest = max((int(np.abs(w.entries.astype(np.int64)).max(initial=0)) for w in tables.weights), default=0)
    driven = sum(abs(int(d.header[0])) * d.largest_count for d in tables.drives if d is not None)
    return np.int32 if largest * largest_in_degree + driven < 2**31 else np.int64


def window_slots(partition_size: int, itemsize: int) -> int:
    """Steps of a delivery window: the more, the longer the pieces of memory that are read at once."""
    return max(1, min(MAX_SLOTS, WINDOW_BYTES // (2 * partition_size * itemsize)))


class SynapseBuilder:
    """Draws the synapses of one thread's partitions: first counts the groups, then fills them."""

    def __init__(self, plan: Plan, rows: Rows, thread: int) -> None:
        self._plan = plan
        self._partitions = plan.placement.partitions(plan.rank, thread)
        self._emitters: list[list[Emitter]] = []
        largest_item = 0
        for partition in self._partitions:
            emitters = []
            for index, projection in enumerate(plan.network.projections):
                wiring = plan.network.wiring(index, plan.seed)
                emitter = projection.rule.emitter(wiring, self._targets(partition, index))
                emitters.append(emitter)
                largest_item = max(largest_item, emitter.largest_item)
            self._emitters.append(emitters)
        self._chunk = Chunk.of_size(max(CHUNK, largest_item))
        self._packers = [Packer(rows, plan.tables, max(CHUNK, largest_item)) for _ in self._partitions]

    def _targets(self, partition: int, index: int) -> Targets:
        wiring = self._plan.network.wiring(index)
        return self._plan.placement.targets(partition, wiring.target_first, wiring.n_target)

    def count(self) -> int:
        """Count the synapses of each group; returns the largest in-degree of a neuron."""
        largest = 0
        for p, partition in enumerate(self._partitions):
            in_degrees = np.zeros(self._plan.placement.size(partition), dtype=np.int64)
            for index, n in self._chunks(p):
                self._packers[p].count(self._chunk, n, self._projection(index))
                in_degrees += np.bincount(self._chunk.targets[:n], minlength=len(in_degrees))
            if self._packers[p].n_synapses >= 2**32:
                raise ResourceError(
                    f"a partition has {self._packers[p].n_synapses} synapses, at most {2**32 - 1} fit its index; "
                    "use more threads or ranks"
                )
            start_groups(self._packers[p].index)
            largest = max(largest, int(in_degrees.max(initial=0)))
        return largest

    def fill(self) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint32], list[int], list[int], int]:
        """Write the words; returns words, index, where each partition starts in both, and the digest."""
        dtype = word_dtype(self._plan.tables.grid.bits)
        sizes = [packer.n_synapses for packer in self._packers]
        words = np.empty(sum(sizes), dtype=dtype)
        word_starts = np.concatenate(([0], np.cumsum(sizes))).tolist()
        for p, packer in enumerate(self._packers):
            own = words[word_starts[p] : word_starts[p + 1]]
            for projection, n in self._chunks(p):
                packer.place(self._chunk, n, self._projection(projection), own)
        indices = [packer.index for packer in self._packers]
        index_starts = [p * len(indices[0]) for p in range(len(indices))]
        digest = sum(int(word) << (32 * k) for packer in self._packers for k, word in enumerate(packer.digest_words))
        index = indices[0] if len(indices) == 1 else np.concatenate(indices)
        return words, index, word_starts, index_starts, digest

    def _projection(self, index: int) -> SourceValues:
        tables, network = self._plan.tables, self._plan.network
        population = network.index(network.projections[index].source)
        return SourceValues(tables.weights[index], tables.delays[index], population, network.wiring(index).source_first)

    def _chunks(self, p: int) -> Iterator[tuple[int, int]]:
        """Fill the chunk piece by piece; yields the projection and the number of edges of each piece."""
        for index, emitter in enumerate(self._emitters[p]):
            item = 0
            while item < emitter.n_items:
                n, item = emitter.emit(item, self._chunk)
                if n:
                    yield index, n


class StateBuilder:
    """Allocates the state of one thread's neurons and drives, and fills the tables that point to it."""

    def __init__(self, plan: Plan, rows: Rows, thread: int, accumulator: type[np.signedinteger[Any]]) -> None:
        self._plan, self._rows, self._accumulator = plan, rows, accumulator
        self._held: list[npt.NDArray[Any]] = []
        self._traces: dict[int, int] = {}
        self._digest = 0
        self._thread = thread
        sizes = [plan.placement.size(p) for p in plan.placement.partitions(plan.rank, thread)]
        self._slots = window_slots(plan.placement.size(0), np.dtype(accumulator).itemsize)
        self._inputs = np.zeros(2 * self._slots * sum(sizes), dtype=accumulator)
        self._spikes = np.zeros(max(sizes), dtype=np.uint32)

    def build(
        self,
        words: npt.NDArray[Any],
        index: npt.NDArray[np.uint32],
        word_starts: list[int],
        index_starts: list[int],
        synapse_digest: int,
    ) -> ThreadPart:
        """All tables of the thread."""
        placement, rank = self._plan.placement, self._plan.rank
        partitions: list[list[int]] = []
        segments: list[list[int]] = []
        drives: list[list[int]] = []
        first_input = 0
        for p, partition in enumerate(placement.partitions(rank, self._thread)):
            own_segments = self._segments(partition, first_input)
            own_drives = self._drives(partition, first_input)
            row = [0] * len(PartitionColumn)
            row[PartitionColumn.WORDS] = word_starts[p]
            row[PartitionColumn.INDEX] = index_starts[p]
            row[PartitionColumn.INPUTS] = first_input
            row[PartitionColumn.N_NEURONS] = placement.size(partition)
            row[PartitionColumn.FIRST_SEGMENT] = len(segments)
            row[PartitionColumn.END_SEGMENT] = len(segments) + len(own_segments)
            row[PartitionColumn.FIRST_DRIVE] = len(drives)
            row[PartitionColumn.END_DRIVE] = len(drives) + len(own_drives)
            row[PartitionColumn.RANK_PARTITION] = partition // placement.ranks
            partitions.append(row)
            segments += own_segments
            drives += own_drives
            first_input += 2 * self._slots * placement.size(partition)
        columns = sorted(self._traces)
        return ThreadPart(
            np.array(partitions, dtype=np.int64).reshape(-1, len(PartitionColumn)),
            np.array(segments, dtype=np.int64).reshape(-1, len(SegmentColumn)),
            np.array(drives, dtype=np.int64).reshape(-1, len(DriveColumn)),
            words,
            index,
            self._inputs,
            np.zeros(self._slots, dtype=np.int64),
            self._spikes,
            self._held,
            columns,
            np.array([self._traces[column] for column in columns], dtype=np.int64),
            (self._digest + synapse_digest) % 2**128,
        )

    def _hold(self, array: npt.NDArray[Any]) -> int:
        """Keep a copy of `array` on cache lines of its own; returns its address."""
        padded = np.zeros(array.nbytes + 2 * CACHE_LINE, dtype=np.uint8)
        offset = -padded.ctypes.data % CACHE_LINE
        copy = padded[offset : offset + array.nbytes].view(array.dtype)
        copy[:] = array.ravel()
        self._held.append(padded)
        return padded.ctypes.data + offset

    def _input_address(self, first_input: int, n: int, receptor: int, local: int) -> int:
        return self._inputs.ctypes.data + (first_input + receptor * n + local) * self._inputs.itemsize

    def _segments(self, partition: int, first_input: int) -> list[list[int]]:
        """One segment for each population that has neurons in the partition."""
        plan = self._plan
        network, real = plan.network, plan.real
        size = plan.placement.size(partition)
        rows = []
        for number, population in enumerate(network.populations):
            first = network.first_ids[population.name]
            targets = plan.placement.targets(partition, first, population.size)
            ids = plan.placement.global_ids(partition, first, population.size)
            model = population.neuron_model
            values = population_values(network, number, plan.seed, ids)
            self._digest += values.digest(number, ids, with_constants=plan.rank == 0 and partition == 0)
            if not targets.count:
                continue
            state, counters = model.initial_state(values.params, values.initial, targets.count)
            coefficients = model.coefficients(values.params, network.resolution_ms).astype(real)
            update = kernel_of(model.cpu_kernels, "UPDATE")
            state_address = self._hold(state.astype(real))
            row = [0] * len(SegmentColumn)
            row[SegmentColumn.KERNEL] = update.address(from_dtype(np.dtype(real)), self._accumulator_type())
            row[SegmentColumn.N] = targets.count
            row[SegmentColumn.STATE] = state_address
            row[SegmentColumn.COUNTERS] = self._hold(counters)
            row[SegmentColumn.INPUTS] = self._input_address(first_input, size, 0, targets.local_first)
            row[SegmentColumn.INPUT_STRIDE] = size
            row[SegmentColumn.COEFFICIENTS] = self._hold(coefficients)
            row[SegmentColumn.N_COEFFICIENTS] = coefficients.shape[1]
            row[SegmentColumn.LSB] = self._hold(plan.tables.grid.lsb[number].astype(real))
            row[SegmentColumn.FIRST_ID] = first + targets.first
            row[SegmentColumn.ID_STRIDE] = targets.stride
            positive, negative = self._rows.positive[number], self._rows.negative[number]
            row[SegmentColumn.RECEPTOR] = int(positive == NO_ROW)
            both = positive != NO_ROW and negative != NO_ROW
            row[SegmentColumn.SECOND_ROW] = negative + targets.first if both else NO_ROW
            row[SegmentColumn.SECOND_STRIDE] = targets.stride
            rows.append(row)
            for column, (traced, neuron, variable) in enumerate(plan.traces):
                if traced == number and (neuron - targets.first) % targets.stride == 0 and neuron >= targets.first:
                    local = (neuron - targets.first) // targets.stride
                    position = model.row(variable) * targets.count + local
                    self._traces[column] = state_address + position * np.dtype(real).itemsize
        return rows

    def _drives(self, partition: int, first_input: int) -> list[list[int]]:
        """One entry for each drive whose target has neurons in the partition."""
        plan = self._plan
        network = plan.network
        size = plan.placement.size(partition)
        rows = []
        for number, (drive, prepared) in enumerate(zip(network.drives, plan.tables.drives, strict=True)):
            if not isinstance(drive, EventDrive) or prepared is None:
                continue
            first = network.first_ids[drive.target]
            targets = plan.placement.targets(partition, first, network.population(drive.target).size)
            if not targets.count:
                continue
            deliver = kernel_of(drive.cpu_kernels, "DELIVER")
            thresholds = kernel_of(drive.cpu_kernels, "kernel_thresholds")(prepared.thresholds)
            receptor = 0 if int(prepared.header[0]) >= 0 else 1
            scratch = np.zeros(8 + drive.scratch_bytes_per_neuron * targets.count, dtype=np.uint8)
            row = [0] * len(DriveColumn)
            row[DriveColumn.KERNEL] = deliver.address(from_dtype(np.dtype(plan.real)), self._accumulator_type())
            row[DriveColumn.N] = targets.count
            row[DriveColumn.FIRST_ID] = first + targets.first
            row[DriveColumn.ID_STRIDE] = targets.stride
            row[DriveColumn.STREAM] = plan.seed | number << 32
            row[DriveColumn.INPUTS] = self._input_address(first_input, size, receptor, targets.local_first)
            row[DriveColumn.HEADER] = self._hold(prepared.header)
            row[DriveColumn.THRESHOLDS] = self._hold(thresholds)
            row[DriveColumn.SCRATCH] = self._hold(scratch)
            rows.append(row)
        return rows

    def _accumulator_type(self) -> Any:
        return types.int32 if self._accumulator is np.int32 else types.int64
