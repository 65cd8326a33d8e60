"""Packing of the synapses of a partition: words sorted by group, and the start of each group; see `layout`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.cpu import Chunk
from simcore.errors import ResourceError
from simcore.jit.compilation import borrowing, kernel
from simcore.jit.intrinsics import prefetch
from simcore.jit.philox import philox_block
from simcore.random import Purpose
from simcore.synapses.layout import BY_SOURCE, Layout
from simcore.synapses.row_index import NO_OFFSETS, Offsets
from simcore.synapses.rows import Rows
from simcore.tables import LookUp

NETWORK_DIGEST = np.uint32(Purpose.NETWORK_DIGEST)
BATCH = 256
"""Number of synapses whose table positions are prefetched together."""

KINDS = {"constant": 0, "table": 1, "edge": 2}
NO_BYTES = np.zeros(0, dtype=np.uint8)


@borrowing
def _resolve(bits: Any, index: Any, kind: Any, entries: Any, shift: Any, values: Any) -> None:
    """Look up the weight or delay of each edge."""
    if kind == 0:
        for k in range(len(values)):
            values[k] = entries[0]
    elif kind == 1:
        for k in range(len(values)):
            values[k] = entries[(bits[k] >> shift) & np.uint32(0xFFFF)]
    else:
        for k in range(len(values)):
            values[k] = entries[index[k]]


@borrowing
def _keys(sources: Any, weights: Any, delays: Any, positive: Any, negative: Any, numbers: Any, keys: Any) -> None:
    """Compute the group of each edge; `positive` and `negative` are first rows.

    `numbers` contains the groups of a row in a partition and in all partitions, this partition, the smallest delay, and
    the bits of a delay that groups do not distinguish.
    """
    of_partition, of_row, partition, min_delay, shift = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    grouped = np.int64(of_partition > 1)
    for k in range(len(keys)):
        row = np.int64(sources[k]) + (negative if weights[k] < 0 else positive)
        group = np.int64(np.uint64(delays[k] - min_delay) >> np.uint64(shift))
        keys[k] = np.uint32(row * of_row + partition * of_partition + group * grouped)


@borrowing
def _digest(sources: Any, first: Any, target_ids: Any, weights: Any, delays: Any, sums: Any) -> None:
    s0, s1, s2, s3 = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
    for k in range(len(sources)):
        w0, w1, w2, w3 = philox_block(
            np.uint32(sources[k] + first),
            target_ids[k],
            np.uint32(weights[k]),
            np.uint32(delays[k]),
            np.uint32(0),
            NETWORK_DIGEST,
        )
        s0 += np.uint64(w0)
        s1 += np.uint64(w1)
        s2 += np.uint64(w2)
        s3 += np.uint64(w3)
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2
    sums[3] += s3


@borrowing
def _count(keys: Any, shift: Any, index: Any) -> None:
    """Count the edges of each group, or of each block of 2^shift groups, in the entry after it."""
    for k in range(len(keys)):
        index[(np.uint64(keys[k]) >> shift) + np.uint64(1)] += np.uint32(1)


@borrowing
def _start_groups(index: Any) -> None:
    """Convert counts to the position of the next word of each group."""
    running = np.uint32(0)
    for key in range(1, len(index)):
        count = index[key]
        index[key] = running
        running = np.uint32(running + count)


@kernel
def _place(
    keys: Any, weights: Any, delays: Any, targets: Any, min_delay: Any, bits: Any, index: Any, words: Any,
    late: Any, shift: Any, offsets: Any,
) -> None:  # fmt: skip
    """Write each word at its group's next position; afterwards ``index[key]`` is the start of group `key`.

    `bits` contains the positions of delay and weight within a word, and whether the word contains them. `late` contains
    the bytes of delays within their class, or is empty. For blocks of 2^shift groups, `offsets` are the words' groups.
    """
    positions = np.empty(BATCH, dtype=np.uint64)
    delay_shift, weight_shift, with_delay, with_weight = bits[0], bits[1], bits[2], bits[3]
    for low in range(0, len(keys), BATCH):
        high = min(low + BATCH, len(keys))
        for k in range(low, high):
            prefetch(index, (np.uint64(keys[k]) >> shift) + np.uint64(1))
        for k in range(low, high):
            slot = (np.uint64(keys[k]) >> shift) + np.uint64(1)
            position = np.uint64(index[slot])
            index[slot] = np.uint32(position + np.uint64(1))
            positions[k - low] = position
            prefetch(words, position)
        for k in range(low, high):
            delay = (np.int64(delays[k]) - min_delay) * with_delay
            weight = np.int64(weights[k]) * with_weight
            word = (weight << weight_shift) | (delay << delay_shift) | np.int64(targets[k])
            words[positions[k - low]] = words.dtype.type(word)
        if len(late) > 0:
            for k in range(low, high):
                late[positions[k - low]] = np.uint8(np.int64(delays[k]) - min_delay)
        if len(offsets) > 0:
            for k in range(low, high):
                offsets[positions[k - low]] = np.uint16(np.uint64(keys[k]) & ((np.uint64(1) << shift) - np.uint64(1)))


@dataclass(frozen=True)
class SourceValues:
    """Common values of a projection's edges: look-ups of weights and delays, first rows and id of sources, receptors.

    First rows and receptors are pairs, for weights >= 0 and < 0.
    """

    weights: LookUp
    delays: LookUp
    first_rows: tuple[int, int]
    first_id: int
    receptors: tuple[int, int]


class Packer:
    """Packer that first counts and then places edges, chunk by chunk.

    Parameters
    ----------
    rows, layout
        Rows and layout of the network.
    capacity
        Largest number of edges of a chunk.
    n_partitions
        Number of partitions whose edges are in one table, sorted by row, then partition, then delay.
    n_receptors
        Maximum number of receptors of a population.
    """

    def __init__(self, rows: Rows, layout: Layout, capacity: int, n_partitions: int = 1, n_receptors: int = 2) -> None:
        self._groups = layout.groups_per_row, layout.groups_per_row * n_partitions
        self._shift = np.uint64(layout.block_bits if layout.sparse else 0)
        self.index = np.zeros((rows.total * self._groups[1] - 1 >> int(self._shift)) + 2, dtype=np.uint32)
        self.digest_words = np.zeros((n_receptors, 4), dtype=np.uint64)
        self.n_synapses = 0
        self._rows = rows
        self._layout = layout
        held = (layout.name == BY_SOURCE, layout.weighted)
        self._bits = np.array([layout.target_bits, layout.weight_shift + layout.fraction_bits, *held], dtype=np.int64)
        self._weights = np.empty(capacity, dtype=np.int32)
        self._delays = np.empty(capacity, dtype=np.int32)
        self._keys = np.empty(capacity, dtype=np.uint32)

    def _resolve(self, chunk: Chunk, n: int, values: SourceValues, partition: int) -> None:
        """Return weights, delays and groups of the first `n` edges of `chunk`."""
        bits, index = chunk.bits[:n], chunk.index[:n]
        weights, delays = values.weights, values.delays
        _resolve(bits, index, KINDS[weights.kind], weights.entries, np.uint32(16), self._weights[:n])
        _resolve(bits, index, KINDS[delays.kind], delays.entries, np.uint32(0), self._delays[:n])
        numbers = (*self._groups, partition, self._layout.min_delay, self._layout.class_bits)
        _keys(chunk.sources[:n], self._weights[:n], self._delays[:n], *values.first_rows, numbers, self._keys[:n])

    def count(self, chunk: Chunk, n: int, values: SourceValues, partition: int = 0) -> None:
        """Count the first `n` edges of `chunk`, which end in a partition, and add them to the digest."""
        self._resolve(chunk, n, values, partition)
        self._add_to_digest(chunk, n, values)
        _count(self._keys[:n], self._shift, self.index)
        self.n_synapses += n

    def _add_to_digest(self, chunk: Chunk, n: int, values: SourceValues) -> None:
        """Add the first `n` edges of `chunk` to the sums of their receptors."""
        columns = (chunk.sources[:n], chunk.target_ids[:n], self._weights[:n], self._delays[:n])
        negative = columns[2] < 0
        # The edges of a chunk nearly always have the same receptor.
        equal = values.receptors[0] == values.receptors[1] or bool(negative.all() or not negative.any())
        parts = [slice(None)] if equal else [~negative, negative]
        for part in parts:
            sources, target_ids, weights, delays = (column[part] for column in columns)
            sums = self.digest_words[values.receptors[int(weights[0] < 0)]]
            _digest(sources, np.uint32(values.first_id), target_ids, weights, delays, sums)

    def start(self) -> None:
        """Compute the start of each group after all edges are counted.

        Raises
        ------
        ResourceError
            If there are more synapses than the index can represent.
        """
        if self.n_synapses >= 2**32:
            raise ResourceError(
                f"a thread has {self.n_synapses} synapses, but its index holds at most {2**32 - 1}; use more threads "
                "or ranks"
            )
        _start_groups(self.index)

    def place(
        self,
        chunk: Chunk,
        n: int,
        values: SourceValues,
        words: npt.NDArray[Any],
        partition: int = 0,
        late: npt.NDArray[np.uint8] = NO_BYTES,
        offsets: Offsets = NO_OFFSETS,
    ) -> None:
        """Write the words of the first `n` edges of `chunk`, and their `late` and `offsets` if the layout has them."""
        self._resolve(chunk, n, values, partition)
        edges = (self._keys[:n], self._weights[:n], self._delays[:n], chunk.targets[:n])
        _place(*edges, self._layout.min_delay, self._bits, self.index, words, late, self._shift, offsets)
