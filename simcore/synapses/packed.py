"""The synapse table of a partition: words sorted by (source row, delay), and where each group starts.

A word holds the weight in its upper and the partition-local target in its lower half: 32 bits for weights of up to 16
bits, 64 bits for weights of 32. A *row* is a source neuron and a receptor: row g holds the synapses of neuron g; a
population whose weights have both signs gets a second range of rows for the negative ones. All synapses of a group
(row, delay) arrive at the same step at the same receptor, so that delivery is one stream of adds.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.cpu.compilation import kernel
from simcore.backends.cpu.intrinsics import prefetch
from simcore.backends.cpu.philox import philox_block
from simcore.connectivity.cpu import Chunk
from simcore.errors import ResourceError
from simcore.network import Network
from simcore.random import Purpose
from simcore.tables import LookUp, Tables

IntArray = npt.NDArray[np.int64]

NETWORK_DIGEST = np.uint32(Purpose.NETWORK_DIGEST)
NO_ROW = -1
BATCH = 256
"""Synapses whose table positions are fetched ahead together."""

KINDS = {"constant": 0, "table": 1, "edge": 2}


@dataclass(frozen=True)
class Rows:
    """Rows of the sources of each population.

    Parameters
    ----------
    positive, negative
        First row for positive and negative weights, by population; NO_ROW if it has none.
    total
        Number of rows.
    """

    positive: tuple[int, ...]
    negative: tuple[int, ...]
    total: int


def make_rows(network: Network, tables: Tables) -> Rows:
    """Rows of the network's sources, from the signs that the description can yield.

    Raises
    ------
    ResourceError
        If the dense index of rows and delays would have more entries than a group's 32-bit number can tell.
    """
    signs = [[False, False] for _ in network.populations]
    for projection, weights in zip(network.projections, tables.weights, strict=True):
        source = signs[network.index(projection.source)]
        source[0] |= bool(np.any(weights.entries >= 0))
        source[1] |= bool(np.any(weights.entries < 0))
    positive, negative, total = [], [], network.n_neurons
    for population, (plus, minus) in zip(network.populations, signs, strict=True):
        first = network.first_ids[population.name]
        positive.append(first if plus or not minus else NO_ROW)
        if plus and minus:
            negative.append(total)
            total += population.size
        else:
            negative.append(first if minus else NO_ROW)
    n_delays = tables.max_delay - tables.min_delay + 1
    groups = total * n_delays
    if groups >= 2**32 or total >= 2**31:
        raise ResourceError(
            f"{total} sources x {n_delays} delays = {groups} groups of synapses, at most {2**32 - 1} have numbers; "
            "use a narrower range of delays"
        )
    return Rows(tuple(positive), tuple(negative), total)


@kernel
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


@kernel
def _keys(
    sources: Any, weights: Any, delays: Any, positive: Any, negative: Any, n_delays: Any, min_delay: Any, keys: Any
) -> None:
    """Group of each edge; `positive` and `negative` are first rows."""
    for k in range(len(keys)):
        row = np.int64(sources[k]) + (negative if weights[k] < 0 else positive)
        keys[k] = np.uint32(row * n_delays + delays[k] - min_delay)


@kernel
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


@kernel
def _count(keys: Any, index: Any) -> None:
    """Count the edges of each group in the entry after it."""
    for k in range(len(keys)):
        index[np.uint64(keys[k]) + np.uint64(1)] += np.uint32(1)


@kernel
def start_groups(index: Any) -> None:
    """Turn counts into the position at which the next word of each group goes."""
    running = np.uint32(0)
    for key in range(1, len(index)):
        count = index[key]
        index[key] = running
        running = np.uint32(running + count)


@kernel
def _place(keys: Any, weights: Any, targets: Any, shift: Any, index: Any, words: Any) -> None:
    """Write each word at its group's next position; afterwards ``index[key]`` is where group `key` starts."""
    positions = np.empty(BATCH, dtype=np.uint64)
    for low in range(0, len(keys), BATCH):
        high = min(low + BATCH, len(keys))
        for k in range(low, high):
            prefetch(index, np.uint64(keys[k]) + np.uint64(1))
        for k in range(low, high):
            slot = np.uint64(keys[k]) + np.uint64(1)
            position = np.uint64(index[slot])
            index[slot] = np.uint32(position + np.uint64(1))
            positions[k - low] = position
            prefetch(words, position)
        for k in range(low, high):
            word = (np.int64(weights[k]) << shift) | np.int64(targets[k])
            words[positions[k - low]] = words.dtype.type(word)


@dataclass(frozen=True)
class SourceValues:
    """What the edges of a projection share: look-ups of weights and delays, source population and its first id."""

    weights: LookUp
    delays: LookUp
    population: int
    first_id: int


class Packer:
    """Counts, then places, the edges of one partition, chunk by chunk.

    Parameters
    ----------
    capacity
        Largest number of edges of a chunk.
    """

    def __init__(self, rows: Rows, tables: Tables, capacity: int) -> None:
        self.index = np.zeros(rows.total * (tables.max_delay - tables.min_delay + 1) + 1, dtype=np.uint32)
        self.digest_words = np.zeros(4, dtype=np.uint64)
        self.n_synapses = 0
        self._rows = rows
        self._min_delay = tables.min_delay
        self._n_delays = tables.max_delay - tables.min_delay + 1
        self._weights = np.empty(capacity, dtype=np.int32)
        self._delays = np.empty(capacity, dtype=np.int32)
        self._keys = np.empty(capacity, dtype=np.uint32)

    def _resolve(self, chunk: Chunk, n: int, values: SourceValues) -> None:
        """Weights, delays and groups of the first `n` edges of `chunk`."""
        bits, index = chunk.bits[:n], chunk.index[:n]
        weights, delays = values.weights, values.delays
        _resolve(bits, index, KINDS[weights.kind], weights.entries, np.uint32(16), self._weights[:n])
        _resolve(bits, index, KINDS[delays.kind], delays.entries, np.uint32(0), self._delays[:n])
        positive, negative = self._rows.positive[values.population], self._rows.negative[values.population]
        numbers = (positive, negative, self._n_delays, self._min_delay)
        _keys(chunk.sources[:n], self._weights[:n], self._delays[:n], *numbers, self._keys[:n])

    def count(self, chunk: Chunk, n: int, values: SourceValues) -> None:
        """Count the first `n` edges of `chunk` and add them to the digest."""
        self._resolve(chunk, n, values)
        edges = (chunk.sources[:n], np.uint32(values.first_id), chunk.target_ids[:n])
        _digest(*edges, self._weights[:n], self._delays[:n], self.digest_words)
        _count(self._keys[:n], self.index)
        self.n_synapses += n

    def place(self, chunk: Chunk, n: int, values: SourceValues, words: npt.NDArray[Any]) -> None:
        """Write the words of the first `n` edges of `chunk`."""
        self._resolve(chunk, n, values)
        _place(self._keys[:n], self._weights[:n], chunk.targets[:n], word_shift(words.dtype), self.index, words)


def word_dtype(weight_bits: int) -> type[np.signedinteger[Any]]:
    """Type of a synapse word."""
    return np.int64 if weight_bits > 16 else np.int32


def word_shift(dtype: npt.DTypeLike) -> int:
    """Position of the weight within a word."""
    return 4 * np.dtype(dtype).itemsize
