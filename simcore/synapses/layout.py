"""Three layouts of a partition's synapse table, one for each delivery algorithm, and the choice between them.

``just_in_time``: words are sorted by (row, partition of the thread, delay), with a dense index of all groups. In each
step, the groups that are due are added to the input buffers of the next few steps; all words of a group arrive in the
same step at the same receptor, so that delivery is one stream of additions. It is fastest for long groups.

``by_source``: words are sorted by row, each with its delay, with an index of the rows that have synapses here. A spike
delivers its whole row immediately into a ring buffer of all delays. With many small partitions, the groups of
`just_in_time` become very short, and its index exceeds the synapses.

``calendar``: rows are as in `by_source`, in classes of 256 delays, with a byte for each synapse's delay within its
class. A spike enters its synapses into a calendar, a list for each future step; the list of a step is added to an input
buffer that stays in the cache. Memory depends on synapses and pending input, not on the range of delays.

If the synapses of a row share one weight (`rows`), words are unsigned and do not contain it, which often halves the
memory.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simcore.errors import ResourceError, require
from simcore.network import Network
from simcore.placement import Placement
from simcore.synapses.plastic import plastic_projections
from simcore.synapses.rows import Rows
from simcore.tables import Tables

JUST_IN_TIME, BY_SOURCE, CALENDAR = "just_in_time", "by_source", "calendar"
DELIVERIES = ("auto", JUST_IN_TIME, BY_SOURCE, CALENDAR)
MIN_GROUP = 2.5
"""Mean number of synapses of a group below which `just_in_time` is slower (docs/ranks.md)."""
MAX_RING_BYTES = 1 << 20
"""Size of a ring of all delays up to which `by_source` is faster than `calendar`, the L2 cache (docs/ranks.md)."""
INPUT_BYTES = 4
"""Smallest number of bytes of a neuron, receptor and step in a ring."""
MAX_GROUPS = 2**32 - 1
BLOCK_BITS, MOST_BLOCK_BITS = 6, 16
"""Bits of the number of rows of a block, if rows have offsets; maximum bits if words have offsets."""
WORDS_OF_BLOCK = 16
"""Number of words in a block if rows have fewer than one on average."""
UNDER_WAY = 1.0
"""Share of the synapses for which a new calendar has room; unused memory is only reserved.

A calendar that grows loses the large pages of the first one: 14 instead of 11 ns per event
(`benchmarks/long_delays.py`).
"""
TARGET_BITS = 16
"""Bits of a partition's neurons, at most 65,536 (`simcore.placement`)."""
CLASS_BITS = 8
"""Bits of the delays of a class, which fit a byte."""


@dataclass(frozen=True)
class Layout:
    """Layout of the packed synapses of a partition.

    Parameters
    ----------
    name
        One of `DELIVERIES` except ``"auto"``.
    min_delay, n_delays
        Smallest delay and number of delays, steps.
    target_bits, delay_bits
        Bits of a word for the partition-local target (lowest) and, above it, the delay minus the smallest; the weight
        takes the rest.
    dtype
        Type of a word: int32 or int64, or uint16 or uint32 without a weight.
    fraction_bits
        Bits of a weight below its unit.
    reason
        Reason for the choice.
    block_bits
        For `by_source` and `calendar`: an entry of the index represents 2^block_bits consecutive rows, or classes of
        delays of rows.
    sparse
        Whether rows have fewer than one word on average, so that words instead of rows have offsets (`row_index`).
    """

    name: str
    min_delay: int
    n_delays: int
    target_bits: int
    delay_bits: int
    dtype: type[np.integer[Any]]
    fraction_bits: int = 0
    reason: str = "requested"
    block_bits: int = BLOCK_BITS
    sparse: bool = False

    @property
    def weighted(self) -> bool:
        """Whether the words contain weights."""
        return np.issubdtype(self.dtype, np.signedinteger)

    @property
    def groups_per_row(self) -> int:
        """Number of index entries for a row."""
        return 1 if self.name == BY_SOURCE else -(-self.n_delays >> self.class_bits)

    @property
    def class_bits(self) -> int:
        """Bits of a delay that the index does not distinguish; unused by `by_source`, whose index has no delays."""
        return CLASS_BITS if self.name == CALENDAR else 0

    @property
    def weight_shift(self) -> int:
        """Position of the weight within a word."""
        return self.target_bits + self.delay_bits

    @property
    def word_bytes(self) -> int:
        """Bytes of a synapse."""
        return np.dtype(self.dtype).itemsize + int(self.name == CALENDAR)


def mean_group(network: Network, tables: Tables, rows: Rows, placement: Placement) -> float:
    """Mean number of synapses of a (row, delay) group of a partition."""
    n_delays = tables.max_delay - tables.min_delay + 1
    plastic = set(plastic_projections(tables))
    static = [index for index in range(len(network.projections)) if index not in plastic]
    synapses = sum(network.projections[index].rule.expected_synapses(network.wiring(index)) for index in static)
    return synapses / (placement.n_partitions * rows.total * n_delays)


def chosen_delivery(network: Network, tables: Tables, rows: Rows, placement: Placement) -> tuple[str, str]:
    """Return the fastest layout according to measurements, and the reason; the same on every rank."""
    n_delays = tables.max_delay - tables.min_delay + 1
    group = mean_group(network, tables, rows, placement)
    groups = rows.total * n_delays * placement.partitions_per_thread
    lengths = f"{group:.2g} synapses for each source, delay and partition"
    if group >= MIN_GROUP and groups <= MAX_GROUPS:
        return JUST_IN_TIME, lengths
    neurons = placement.largest_partition * placement.partitions_per_thread
    ring = tables.max_delay * network.most_receptors * neurons * INPUT_BYTES
    of_ring = f"a ring of all delays takes {ring / 1e6:.2g} MB in each thread"
    if rows.total * delay_classes(n_delays) > MAX_GROUPS:
        return BY_SOURCE, f"{lengths}; more classes of delays than the index can hold"
    return (BY_SOURCE if ring <= MAX_RING_BYTES else CALENDAR), f"{lengths}; {of_ring}"


def delay_classes(n_delays: int) -> int:
    """Return the number of classes of delays in the layout `calendar`."""
    return -(-n_delays >> CLASS_BITS)


def make_layout(network: Network, tables: Tables, rows: Rows, placement: Placement, delivery: str = "auto") -> Layout:
    """Return the requested layout, or with ``"auto"`` the fastest one; the same on every rank.

    Raises
    ------
    InputError
        If the layout does not exist.
    ResourceError
        If `just_in_time` or `calendar` is requested and has too many groups.
    """
    require(delivery in DELIVERIES, "delivery", delivery, f"use {', '.join(DELIVERIES)}")
    n_delays = tables.max_delay - tables.min_delay + 1
    groups = rows.total * n_delays * placement.partitions_per_thread
    if delivery == "auto":
        name, reason = chosen_delivery(network, tables, rows, placement)
        return replace(make_layout(network, tables, rows, placement, name), reason=reason)
    if delivery == JUST_IN_TIME:
        if groups > MAX_GROUPS:
            raise ResourceError(
                f"the network needs {groups} groups of synapses ({rows.total} sources x {n_delays} delays x "
                f"{placement.partitions_per_thread} partitions of a thread), but at most {MAX_GROUPS} are possible; "
                "use the delivery algorithm by_source"
            )
        if rows.constant_weights:
            return Layout(delivery, tables.min_delay, n_delays, 16, 0, np.uint16)
        wide = tables.grid.bits > 16
        return Layout(delivery, tables.min_delay, n_delays, 32 if wide else 16, 0, np.int64 if wide else np.int32)
    if delivery == CALENDAR:
        classes = delay_classes(n_delays)
        if rows.total * classes > MAX_GROUPS:
            raise ResourceError(
                f"the network needs {rows.total * classes} groups of synapses ({rows.total} sources x {classes} "
                f"classes of delays), but at most {MAX_GROUPS} are possible; use the delivery algorithm by_source"
            )
        weighted = np.int64 if tables.grid.bits > 16 else np.int32
        dtype: type[np.integer[Any]] = np.uint16 if rows.constant_weights else weighted
        layout = Layout(delivery, tables.min_delay, n_delays, TARGET_BITS, 0, dtype)
        return _with_blocks(layout, mean_group(network, tables, rows, placement) * n_delays / classes)
    target_bits = (placement.largest_partition - 1).bit_length()
    delay_bits = (n_delays - 1).bit_length()
    dtype = word_type(target_bits + delay_bits, 0 if rows.constant_weights else tables.grid.bits)
    layout = Layout(delivery, tables.min_delay, n_delays, target_bits, delay_bits, dtype)
    return _with_blocks(layout, mean_group(network, tables, rows, placement) * n_delays)


def _with_blocks(layout: Layout, words_of_row: float) -> Layout:
    """Return the layout with blocks for rows of `words_of_row` words on average."""
    if words_of_row >= 1:
        return layout
    rows = max(1, int(WORDS_OF_BLOCK / max(words_of_row, WORDS_OF_BLOCK / (1 << MOST_BLOCK_BITS))))
    return replace(layout, block_bits=rows.bit_length() - 1, sparse=True)


def word_type(bits: int, weight_bits: int) -> type[np.integer[Any]]:
    """Return the narrowest type of words for the bits of target and delay, and of an optional weight."""
    if weight_bits == 0:
        return np.uint16 if bits <= 16 else np.uint32
    return np.int32 if bits + weight_bits <= 32 else np.int64
