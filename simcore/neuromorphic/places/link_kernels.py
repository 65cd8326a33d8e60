"""The compiled part of `anneal` for even loads of links: the cost is the sum of their squares."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel
from simcore.jit.exponential import exp
from simcore.neuromorphic.places.anneal_kernels import exchange, proposal


@kernel
def _pass(flow: Any, first: Any, end: Any, loads: Any) -> Any:
    """Add messages to the links of some runs, and return the change of the sum of squares."""
    change = np.int64(0)
    for run in range(len(first)):
        for link in range(first[run], end[run]):
            change += flow * (2 * loads[link] + flow)
            loads[link] += flow
    return change


@kernel
def load_links(flows: Any, first: Any, end: Any, tile_of_core: Any, loads: Any) -> Any:
    """Add the messages of all cores, and return the sum of the squares of the loads.

    Parameters
    ----------
    flows
        Messages from core to core, int64 (cores, cores).
    first, end
        Runs between tiles, int32 (tiles, tiles, runs).
    tile_of_core
        Tile of each core, int32 (cores).
    loads
        Loads of the links, int64 (links), initially zeros.
    """
    total = np.int64(0)
    for core in range(len(flows)):
        for other in range(len(flows)):
            here, there = tile_of_core[core], tile_of_core[other]
            if flows[core, other] != 0 and here != there:
                total += _pass(flows[core, other], first[here, there], end[here, there], loads)
    return total


@kernel
def _all_of(core: Any, sign: Any, flows: Any, first: Any, end: Any, tile_of_core: Any, loads: Any) -> Any:
    """Add or remove all messages to and from a core."""
    change = np.int64(0)
    here = tile_of_core[core]
    for other in range(len(flows)):
        there = tile_of_core[other]
        if here != there:
            if flows[core, other] != 0:
                change += _pass(sign * flows[core, other], first[here, there], end[here, there], loads)
            if flows[other, core] != 0:
                change += _pass(sign * flows[other, core], first[there, here], end[there, here], loads)
    return change


@kernel
def swap(core: Any, other: Any, there: Any, flows: Any, first: Any, end: Any, tile_of_core: Any, loads: Any) -> Any:
    """Move a core to a tile, and `other`, unless it is -1, back; return the change of the sum of squares."""
    here = tile_of_core[core]
    change = _all_of(core, -1, flows, first, end, tile_of_core, loads)
    tile_of_core[core] = there
    change += _all_of(core, 1, flows, first, end, tile_of_core, loads)
    if other >= 0:
        change += _all_of(other, -1, flows, first, end, tile_of_core, loads)
        tile_of_core[other] = here
        change += _all_of(other, 1, flows, first, end, tile_of_core, loads)
    return change


@kernel
def propose(
    begin: Any,
    stop: Any,
    temperature: Any,
    flows: Any,
    first: Any,
    end: Any,
    loads: Any,
    tile_of_slot: Any,
    slot_of_core: Any,
    core_at: Any,
    tile_of_core: Any,
    seed: Any,
) -> Any:
    """Run the proposals with these numbers at one temperature; none is accepted if it is negative.

    Returns the sum of accepted changes, and the sum of the absolute values of all changes.
    """
    total, size = np.int64(0), 0.0
    for number in range(begin, stop):
        core, slot, chance = proposal(number, len(slot_of_core), len(core_at), seed)
        here, there, other = tile_of_core[core], tile_of_slot[slot], core_at[slot]
        if here == there:
            continue
        more = swap(core, other, there, flows, first, end, tile_of_core, loads)
        size += abs(np.float64(more))
        accepted = more <= 0 and temperature >= 0.0
        if not accepted and temperature > 0.0:
            accepted = chance < exp(-np.float64(more) / temperature)
        if accepted:
            total += more
            exchange(core, slot, slot_of_core, core_at, tile_of_core, tile_of_slot)
        else:
            swap(core, other, here, flows, first, end, tile_of_core, loads)
    return total, size
