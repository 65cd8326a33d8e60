"""Contents and capacity of cores while a mapper fills them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simcore.memory import require_memory
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, CoreMapping, DrawnNetwork, IntArray
from simcore.neuromorphic.mapping.in_edges import InEdges
from simcore.neuromorphic.mapping.packing import PackingTable, packing_table
from simcore.neuromorphic.mapping.room import NO_LIMIT, UNLIMITED, Room
from simcore.neuromorphic.mapping.splitting import split_cores


@dataclass(frozen=True, eq=False)
class Held:
    """Contents and capacity of cores, as arrays for kernels.

    Parameters
    ----------
    state
        See `simcore.neuromorphic.mappers.held_kernels`.
    limits
        Neurons, synapses, bits of memory, axons in and axons out of a core, int64 (5,).
    table
        Bits of axons, in the order of `PackingTable`.
    limited
        Whether limits other than the number of neurons apply.
    """

    state: tuple[Any, ...]
    limits: IntArray
    table: tuple[Any, ...]
    limited: bool


def hold_nothing(drawn: DrawnNetwork, limits: CoreLimits, cores: int) -> Held:
    """Empty cores; only one core if only neurons are limited.

    Raises
    ------
    ResourceError
        If the counts do not fit into memory.
    """
    room = limits.room
    limited = limits.more_cores and replace(room, neurons=UNLIMITED) != NO_LIMIT
    n, columns = (drawn.network.n_neurons, cores) if limited else (1, 1)
    table, longest = _table(drawn.in_edges, limits) if limited else (packing_table(None, 0, 0, 8, 1), 0)
    packed = limited and room.memory_bits < UNLIMITED
    rows, wide = (n, longest + 1) if packed else (1, 1)
    require_memory(
        {"counts": 4.0 * columns * (n + rows), "axons by synapses": 8.0 * columns * wide},
        "the contents of cores during mapping",
    )
    state = (
        np.zeros((n, columns), dtype=np.int32),
        np.zeros((rows, columns), dtype=np.int32),
        np.zeros((4, columns), dtype=np.int64),
        np.zeros((2, columns, wide), dtype=np.int32),
        np.zeros(columns, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.full(n, -1, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )
    allowed = np.array(
        [limits.neurons_per_core, room.synapses, room.memory_bits, room.axons_in, room.axons_out], dtype=np.int64
    )
    return Held(state, allowed, (table.kind_of, table.sparse, table.dense, table.bits_per_neuron), limited)


def hold_all(drawn: DrawnNetwork, limits: CoreLimits, core_of: IntArray, cores: int) -> Held:
    """The contents of the cores of a mapping; empty cores if only neurons are limited."""
    from simcore.neuromorphic.mappers.held_kernels import hold_each

    held = hold_nothing(drawn, limits, cores)
    if held.limited:
        hold_each(core_of, drawn.in_edges.starts, drawn.in_edges.sources, held.state)
    return held


def split_to_fit(drawn: DrawnNetwork, limits: CoreLimits, core_of: IntArray) -> IntArray:
    """The mapping, with split cores unless every core has room; unchanged if the number of cores is exact."""
    room: Room = limits.room
    if not limits.more_cores or room == NO_LIMIT:
        return core_of
    table, _ = _table(drawn.in_edges, limits)
    mapping = CoreMapping("", int(core_of.max()) + 1, core_of)
    within = replace(room, neurons=min(room.neurons, limits.neurons_per_core))
    return split_cores(drawn.in_edges, mapping, within, table).core_of


def _table(edges: InEdges, limits: CoreLimits) -> tuple[PackingTable, int]:
    """Bits of axons, and the largest number of synapses of an axon."""
    from simcore.neuromorphic.mapping.axon_kernels import count_edges

    # No axon has more synapses than its neuron.
    fan_out = np.zeros(len(edges.starts) - 1, dtype=np.int64)
    count_edges(edges.sources, fan_out)
    longest = int(fan_out.max(initial=0))
    packing = None if limits.chip is None else limits.chip.packing
    table = packing_table(packing, limits.neurons_per_core, longest, limits.weight_bits, limits.delay_steps)
    return table, longest
