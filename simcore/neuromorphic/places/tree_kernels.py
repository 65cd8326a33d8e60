"""The compiled part of `trees`.

For arguments see the fields of the same names of `simcore.neuromorphic.places.trees.Trees`.
"""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel
from simcore.jit.exponential import exp
from simcore.jit.philox import philox_block
from simcore.neuromorphic.places.anneal_kernels import WORD, exchange, proposal_of
from simcore.random import Purpose

PURPOSE = np.uint32(Purpose.PLACE_TREES)


@inlined
def proposal(number: Any, cores: Any, slots: Any, seed: Any) -> Any:
    """The proposal with a given number, see `proposal_of`."""
    low, high = np.uint32(number), np.uint32(np.uint64(number) >> WORD)
    return proposal_of(philox_block(low, high, np.uint32(0), np.uint32(0), seed, PURPOSE), cores, slots)


@kernel
def _reach(behind: Any, first: Any, end: Any) -> Any:
    """Add a destination to a tree over some runs, and return the number of new links."""
    links = 0
    for run in range(len(first)):
        for link in range(first[run], end[run]):
            if behind[link] == 0:
                links += 1
            behind[link] += np.uint16(1)
    return links


@kernel
def _leave(behind: Any, first: Any, end: Any) -> Any:
    """Remove a destination from a tree, and return the number of removed links."""
    links = 0
    for run in range(len(first)):
        for link in range(first[run], end[run]):
            behind[link] -= np.uint16(1)
            if behind[link] == 0:
                links += 1
    return links


@kernel
def grow(
    core: Any,
    rate: Any,
    starts: Any,
    cores: Any,
    member_starts: Any,
    members: Any,
    sent_starts: Any,
    sent: Any,
    first: Any,
    end: Any,
    behind: Any,
    tile_of_core: Any,
) -> Any:
    """Build all trees from empty trees, and return the sum of their links, each times the rate of its tree."""
    hops = np.int64(0)
    for tree in range(len(core)):
        home = tile_of_core[core[tree]]
        for k in range(starts[tree], starts[tree + 1]):
            tile = tile_of_core[cores[k]]
            hops += rate[tree] * _reach(behind[tree], first[home, tile], end[home, tile])
    return hops


@kernel
def move(
    moved: Any,
    there: Any,
    core: Any,
    rate: Any,
    starts: Any,
    cores: Any,
    member_starts: Any,
    members: Any,
    sent_starts: Any,
    sent: Any,
    first: Any,
    end: Any,
    behind: Any,
    tile_of_core: Any,
) -> Any:
    """Move a core and all its trees to a tile, and return the change of the sum of `grow`."""
    here = tile_of_core[moved]
    change = np.int64(0)
    for k in range(member_starts[moved], member_starts[moved + 1]):
        tree = members[k]
        home = tile_of_core[core[tree]]
        more = _reach(behind[tree], first[home, there], end[home, there])
        more -= _leave(behind[tree], first[home, here], end[home, here])
        change += rate[tree] * more
    for k in range(sent_starts[moved], sent_starts[moved + 1]):
        tree = sent[k]
        more = 0
        for target in range(starts[tree], starts[tree + 1]):
            tile = tile_of_core[cores[target]]
            more -= _leave(behind[tree], first[here, tile], end[here, tile])
        for target in range(starts[tree], starts[tree + 1]):
            tile = tile_of_core[cores[target]]
            more += _reach(behind[tree], first[there, tile], end[there, tile])
        change += rate[tree] * more
    tile_of_core[moved] = there
    return change


@kernel
def _swap(
    one: Any,
    other: Any,
    there: Any,
    core: Any,
    rate: Any,
    starts: Any,
    cores: Any,
    member_starts: Any,
    members: Any,
    sent_starts: Any,
    sent: Any,
    first: Any,
    end: Any,
    behind: Any,
    tile_of_core: Any,
) -> Any:
    """Move a core to a tile, and `other`, unless it is -1, back; return the change of the sum of `grow`."""
    here = tile_of_core[one]
    change = move(
        one, there, core, rate, starts, cores, member_starts, members, sent_starts, sent, first, end, behind,
        tile_of_core,
    )  # fmt: skip
    if other >= 0:
        change += move(
            other, here, core, rate, starts, cores, member_starts, members, sent_starts, sent, first, end, behind,
            tile_of_core,
        )  # fmt: skip
    return change


@kernel
def sampled_change(
    number: Any,
    core: Any,
    rate: Any,
    starts: Any,
    cores: Any,
    member_starts: Any,
    members: Any,
    sent_starts: Any,
    sent: Any,
    first: Any,
    end: Any,
    behind: Any,
    slot_of_core: Any,
    core_at: Any,
    tile_of_core: Any,
    tile_of_slot: Any,
    seed: Any,
) -> Any:
    """Mean absolute change by the first proposals, all of which are reverted."""
    total = 0.0
    for k in range(number):
        one, slot, _ = proposal(k, len(slot_of_core), len(core_at), seed)
        here, there, other = tile_of_core[one], tile_of_slot[slot], core_at[slot]
        if here != there:
            more = _swap(
                one, other, there, core, rate, starts, cores, member_starts, members, sent_starts, sent, first, end,
                behind, tile_of_core,
            )  # fmt: skip
            total += abs(np.float64(more))
            _swap(
                one, other, here, core, rate, starts, cores, member_starts, members, sent_starts, sent, first, end,
                behind, tile_of_core,
            )  # fmt: skip
    return total / max(number, 1)


@kernel
def propose(
    begin: Any,
    stop: Any,
    temperature: Any,
    core: Any,
    rate: Any,
    starts: Any,
    cores: Any,
    member_starts: Any,
    members: Any,
    sent_starts: Any,
    sent: Any,
    first: Any,
    end: Any,
    behind: Any,
    slot_of_core: Any,
    core_at: Any,
    tile_of_core: Any,
    tile_of_slot: Any,
    seed: Any,
) -> Any:
    """Run the proposals with these numbers at one temperature, and return the change of the sum of `grow`."""
    total = np.int64(0)
    for number in range(begin, stop):
        one, slot, chance = proposal(number, len(slot_of_core), len(core_at), seed)
        here, there, other = tile_of_core[one], tile_of_slot[slot], core_at[slot]
        if here == there:
            continue
        more = _swap(
            one, other, there, core, rate, starts, cores, member_starts, members, sent_starts, sent, first, end, behind,
            tile_of_core,
        )  # fmt: skip
        accepted = more <= 0
        if not accepted and temperature > 0.0:
            accepted = chance < exp(-np.float64(more) / temperature)
        if accepted:
            total += more
            exchange(one, slot, slot_of_core, core_at, tile_of_core, tile_of_slot)
        else:
            _swap(
                one, other, here, core, rate, starts, cores, member_starts, members, sent_starts, sent, first, end,
                behind, tile_of_core,
            )  # fmt: skip
    return total
