"""The compiled part of `anneal`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel
from simcore.jit.exponential import exp
from simcore.jit.philox import philox_block
from simcore.random import Purpose

WORD = np.uint64(32)
PART_OF_WORD = 1.0 / 2.0**32
PURPOSE = np.uint32(Purpose.PLACE_ANNEAL)


@inlined
def proposal_of(words: Any, cores: Any, slots: Any) -> Any:
    """A core, its proposed slot, and a number in [0, 1), from random words."""
    core = np.int64((np.uint64(words[0]) * np.uint64(cores)) >> WORD)
    slot = np.int64((np.uint64(words[1]) * np.uint64(slots)) >> WORD)
    return core, slot, np.float64(words[2]) * PART_OF_WORD


@inlined
def proposal(number: Any, cores: Any, slots: Any, seed: Any) -> Any:
    """The proposal with a given number, see `proposal_of`."""
    low, high = np.uint32(number), np.uint32(np.uint64(number) >> WORD)
    return proposal_of(philox_block(low, high, np.uint32(0), np.uint32(0), seed, PURPOSE), cores, slots)


@kernel
def change(core: Any, other: Any, here: Any, there: Any, between: Any, distance: Any, tile_of_core: Any) -> Any:
    """Change of the cost if a core moves from a tile to another one, and `other`, unless it is -1, moves back.

    Parameters
    ----------
    between
        Messages between cores, int64 (cores, cores), symmetric with a diagonal of 0.
    distance
        Links between tiles, int64 (tiles, tiles), symmetric.
    """
    own, near, far = between[core], distance[here], distance[there]
    total = np.int64(0)
    if other < 0:
        for k in range(len(tile_of_core)):
            tile = tile_of_core[k]
            total += own[k] * (far[tile] - near[tile])
        return total
    its = between[other]
    for k in range(len(tile_of_core)):
        tile = tile_of_core[k]
        total += (own[k] - its[k]) * (far[tile] - near[tile])
    # The distance between the two cores does not change.
    return total + 2 * own[other] * distance[here, there]


@kernel
def exchange(core: Any, slot: Any, slot_of_core: Any, core_at: Any, tile_of_core: Any, tile_of_slot: Any) -> None:
    """Move a core to a slot; a core in this slot moves to the old slot."""
    before, other = slot_of_core[core], core_at[slot]
    slot_of_core[core], core_at[slot], tile_of_core[core] = slot, core, tile_of_slot[slot]
    core_at[before] = other
    if other >= 0:
        slot_of_core[other], tile_of_core[other] = before, tile_of_slot[before]


@kernel
def sampled_change(
    number: Any,
    between: Any,
    distance: Any,
    tile_of_slot: Any,
    slot_of_core: Any,
    core_at: Any,
    tile_of_core: Any,
    seed: Any,
) -> Any:
    """Mean absolute change of the cost by the first proposals, none of which is accepted."""
    total = 0.0
    for k in range(number):
        core, slot, _ = proposal(k, len(slot_of_core), len(core_at), seed)
        here, there = tile_of_core[core], tile_of_slot[slot]
        if here != there:
            total += abs(np.float64(change(core, core_at[slot], here, there, between, distance, tile_of_core)))
    return total / max(number, 1)


@kernel
def propose(
    begin: Any,
    end: Any,
    temperature: Any,
    between: Any,
    distance: Any,
    tile_of_slot: Any,
    slot_of_core: Any,
    core_at: Any,
    tile_of_core: Any,
    seed: Any,
) -> None:
    """Run the proposals with these numbers at one temperature: a core moves to a random slot, or swaps with a core."""
    for number in range(begin, end):
        core, slot, chance = proposal(number, len(slot_of_core), len(core_at), seed)
        here, there = tile_of_core[core], tile_of_slot[slot]
        if here == there:
            continue
        more = change(core, core_at[slot], here, there, between, distance, tile_of_core)
        accepted = more <= 0
        if not accepted and temperature > 0.0:
            accepted = chance < exp(-np.float64(more) / temperature)
        if accepted:
            exchange(core, slot, slot_of_core, core_at, tile_of_core, tile_of_slot)
