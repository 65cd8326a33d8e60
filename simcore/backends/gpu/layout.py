"""The two layouts of synapses on the device, and the choice between them.

``just_in_time``: words sorted by (row, delay), and a dense index of all groups, as on the cpu backend. At each step a
warp adds the group of each recent spike whose delay is over.

``calendar``: words sorted by row, within it by delay, a byte or two for each synapse's delay, and an index of the rows.
A recent spike has a cursor in each of its rows: the next synapse, and the step at which that arrives. Memory depends on
synapses and recent spikes, not on the range of delays.

Rows, words and partitions are the same in both (`simcore.synapses`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from simcore.backends.backend import Plan
from simcore.errors import require
from simcore.placement import Placement
from simcore.placement.owners import MAX_PARTITION_NEURONS
from simcore.synapses.layout import CALENDAR, DELIVERIES, JUST_IN_TIME, MIN_GROUP, mean_group
from simcore.synapses.rows import Rows, Sources

AUTO = DELIVERIES[0]


@dataclass(frozen=True)
class DeviceLayout:
    """Packing of the synapses of a partition on the device.

    Parameters
    ----------
    name
        ``"just_in_time"`` or ``"calendar"``.
    min_delay, n_delays
        Smallest delay and number of delays, steps.
    dtype
        A word, int32 or int64: the target within the partition in its lower half, the weight in the upper one.
    reason
        Reason for the choice, in words.
    """

    name: str
    min_delay: int
    n_delays: int
    dtype: type[np.signedinteger[Any]]
    reason: str = "asked for"

    @property
    def by_row(self) -> bool:
        """Whether the index has rows, not delays."""
        return self.name == CALENDAR

    @property
    def groups_per_row(self) -> int:
        """Entries of the index for a row."""
        return 1 if self.by_row else self.n_delays

    @property
    def delay_dtype(self) -> type[np.unsignedinteger[Any]] | None:
        """Type of a synapse's delay, counted from the smallest one; None if the index contains the delays."""
        if not self.by_row:
            return None
        return np.uint8 if self.n_delays <= 1 << 8 else np.uint16

    @property
    def synapse_bytes(self) -> int:
        """Bytes of a synapse without the index."""
        of_delay = 0 if self.delay_dtype is None else np.dtype(self.delay_dtype).itemsize
        return np.dtype(self.dtype).itemsize + of_delay


def partitions_of(n_neurons: int, ranks: int) -> int:
    """Partitions of a rank: as few as 16-bit targets allow, so that groups of synapses are as long as possible."""
    return -(-n_neurons // (ranks * MAX_PARTITION_NEURONS))


def device_layout(plan: Plan, rows: Rows) -> DeviceLayout:
    """The requested layout of static synapses, or with ``"auto"`` the chosen one; the same on every rank.

    ``"auto"`` takes `just_in_time` if groups are at least as long as on the cpu backend (`MIN_GROUP`). The index then
    takes at most 1.6 bytes per synapse, about as much as the delays of `calendar`. Neither was measured on a GPU.

    Raises
    ------
    InputError
        If the backend has no such layout.
    """
    allowed = f"the gpu backend supports {JUST_IN_TIME} and {CALENDAR} only"
    require(plan.delivery in (AUTO, JUST_IN_TIME, CALENDAR), "delivery", plan.delivery, allowed)
    network, tables, ranks = plan.network, plan.tables, plan.placement.ranks
    n_delays = tables.max_delay - tables.min_delay + 1
    dtype: type[np.signedinteger[Any]] = np.int64 if tables.grid.bits > 16 else np.int32
    if plan.delivery != AUTO:
        return DeviceLayout(plan.delivery, tables.min_delay, n_delays, dtype)
    partitioned = Placement(network.n_neurons, ranks, partitions_of(network.n_neurons, ranks))
    group = mean_group(network, tables, rows, partitioned)
    reason = f"{group:.2g} synapses for each source, delay and partition"
    name = JUST_IN_TIME if group >= MIN_GROUP else CALENDAR
    return DeviceLayout(name, tables.min_delay, n_delays, dtype, reason)


def cursors_of_spike(layout: DeviceLayout, sources: Sources, n_partitions: int) -> int:
    """Cursors of a held spike: one for each partition and each row that a neuron may have; 0 in `just_in_time`."""
    return n_partitions * sources.most_channels if layout.by_row else 0
