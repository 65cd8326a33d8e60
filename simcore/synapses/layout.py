"""The three layouts of a partition's synapse table, and the choice between them.

``just_in_time``: words sorted by (row, partition of the thread, delay), a dense index of all groups. At each step the
groups whose delay is over are added into the input buffers of the next few steps; all words of a group arrive at the
same step at the same receptor, so that delivery is one stream of adds. It wins while groups are long.

``by_source``: words sorted by row, each with its delay; an index of the rows that have synapses here. A spike delivers
its whole row at once into a ring buffer of all delays. With many small partitions the groups of the other layout shrink
to nothing and its index outweighs the synapses.

``calendar``: rows as in `by_source`, in classes of 256 delays, and a byte for each synapse's delay within its class. A
spike enters its synapses into a calendar, a list for each step that is to come; the list of a step is added into one
input buffer that stays in the cache. Memory follows synapses and what is under way, not the range of delays.

Where the synapses of a row share one weight (`rows`), words are unsigned and hold none: half the memory, mostly.
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
"""A ring of all delays up to which `by_source` is faster than `calendar`: it stays in the L2 cache (docs/ranks.md)."""
INPUT_BYTES = 4
"""Of a neuron, receptor and step in a ring, at least."""
MAX_GROUPS = 2**32 - 1
BLOCK_BITS, MOST_BLOCK_BITS = 6, 16
"""Of the number of rows of a block, where rows have offsets; at most, where words have them."""
WORDS_OF_BLOCK = 16
"""Words of a block where rows have fewer than one, on average."""
UNDER_WAY = 1.0
"""Share of the synapses for which a new calendar has room: memory that is not used is only reserved.

Reserved at once it lies in large pages, which a calendar that grows does not: 10 instead of 14 ns an event."""
TARGET_BITS = 16
"""Of a partition's neurons, at most 65,536 (`simcore.placement`)."""
CLASS_BITS = 8
"""Of the delays of a class: a byte holds one."""


@dataclass(frozen=True)
class Layout:
    """How the synapses of a partition are packed.

    Parameters
    ----------
    name
        One of `DELIVERIES` but ``"auto"``.
    min_delay, n_delays
        Smallest delay and number of delays, steps.
    target_bits, delay_bits
        Bits of a word for the partition-local target (lowest) and, above it, the delay minus the smallest; the weight
        takes the rest.
    dtype
        A word: int32 or int64, or uint16 or uint32 without a weight.
    fraction_bits
        Bits of a weight below its unit.
    reason
        Why it was chosen, in words.
    block_bits
        Of `by_source` and `calendar`: an entry of the index stands for 2^block_bits consecutive rows, or classes of
        delays of rows.
    sparse
        Whether rows have fewer than one word on average: then words, not rows, have offsets (`row_index`).
    """

    name: str
    min_delay: int
    n_delays: int
    target_bits: int
    delay_bits: int
    dtype: type[np.integer[Any]]
    fraction_bits: int = 0
    reason: str = "asked for"
    block_bits: int = BLOCK_BITS
    sparse: bool = False

    @property
    def weighted(self) -> bool:
        """Whether the words hold weights."""
        return np.issubdtype(self.dtype, np.signedinteger)

    @property
    def groups_per_row(self) -> int:
        """Entries of the index for a row."""
        return 1 if self.name == BY_SOURCE else -(-self.n_delays >> self.class_bits)

    @property
    def class_bits(self) -> int:
        """Bits of a delay that the index does not tell apart; not used by `by_source`, whose index has no delays."""
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
    """The fastest layout by what was measured, and the reason in words; the same on every rank."""
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
    """Classes of so many delays in the layout `calendar`."""
    return -(-n_delays >> CLASS_BITS)


def make_layout(network: Network, tables: Tables, rows: Rows, placement: Placement, delivery: str = "auto") -> Layout:
    """The wanted layout, or with ``"auto"`` the faster one; the same on every rank.

    Raises
    ------
    InputError
        If there is no such layout.
    ResourceError
        If `just_in_time` or `calendar` is wanted and has more groups than have numbers.
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
                f"{rows.total} sources x {n_delays} delays x {placement.partitions_per_thread} partitions of a thread "
                f"= {groups} groups of synapses, but at most {MAX_GROUPS} are possible; use the delivery by_source"
            )
        if rows.constant_weights:
            return Layout(delivery, tables.min_delay, n_delays, 16, 0, np.uint16)
        wide = tables.grid.bits > 16
        return Layout(delivery, tables.min_delay, n_delays, 32 if wide else 16, 0, np.int64 if wide else np.int32)
    if delivery == CALENDAR:
        classes = delay_classes(n_delays)
        if rows.total * classes > MAX_GROUPS:
            raise ResourceError(
                f"{rows.total} sources x {classes} classes of delays = {rows.total * classes} groups of synapses, but "
                f"at most {MAX_GROUPS} are possible; use the delivery by_source"
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
    """The layout with blocks for rows of `words_of_row` words on average."""
    if words_of_row >= 1:
        return layout
    rows = max(1, int(WORDS_OF_BLOCK / max(words_of_row, WORDS_OF_BLOCK / (1 << MOST_BLOCK_BITS))))
    return replace(layout, block_bits=rows.bit_length() - 1, sparse=True)


def word_type(bits: int, weight_bits: int) -> type[np.integer[Any]]:
    """The narrowest word for so many bits of target and delay, and of the weight, if it holds one."""
    if weight_bits == 0:
        return np.uint16 if bits <= 16 else np.uint32
    return np.int32 if bits + weight_bits <= 32 else np.int64
