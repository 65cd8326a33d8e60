"""The compiled part of `anneal`: proposals, which are accepted according to their change of the cost."""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel
from simcore.jit.exponential import exp
from simcore.jit.philox import philox_block
from simcore.neuromorphic.mappers.flow_kernels import MESSAGES, message_change, shift_all
from simcore.neuromorphic.mappers.held_kernels import moved_fits, rehold
from simcore.random import Purpose

PURPOSE = np.uint32(Purpose.ANNEAL_MAPPER)
STAGES = 256
COOLING = 0.98303
"""Cooling factor of each stage; about 1/80 over all stages."""


@inlined
def _below(word: Any, n: Any) -> Any:
    return np.int64((np.uint64(word) * np.uint64(n)) >> np.uint64(32))


@inlined
def _near(neuron: Any, word: Any, starts: Any, sources: Any, core_of: Any, counts: Any) -> Any:
    """A core that contains a random source of the neuron or receives from it; the core of the neuron if none does."""
    before, cores = core_of[neuron], counts.shape[1]
    fan_in = starts[neuron + 1] - starts[neuron]
    if fan_in == 0:
        return before
    low = np.uint32(word * np.uint32(fan_in))
    source = sources[starts[neuron] + _below(word, fan_in)]
    if low & np.uint32(1):
        return core_of[source]
    first = _below(low, cores)
    for step in range(cores):
        core = first + step if first + step < cores else first + step - cores
        if core != before and (counts[source, core] > 0 or core_of[source] == core):
            return core
    return before


@inlined
def _objective(cost: Any, busiest: Any, load: Any) -> Any:
    """The objective: the cost, or the load of the busiest link and, if equal, the mean load."""
    if not busiest:
        return np.float64(cost)
    largest = np.int64(0)
    for link in range(len(load)):
        largest = max(largest, load[link])
    return np.float64(largest) + np.float64(cost) / len(load)


@inlined
def _enter(neuron: Any, core: Any, slot: Any, members: Any, place: Any) -> None:
    members[core, slot] = neuron
    place[neuron] = slot


@kernel
def anneal(
    seed: Any,
    proposals: Any,
    warmest: Any,
    fewest: Any,
    most: Any,
    whole_cores: Any,
    busiest: Any,
    starts: Any,
    sources: Any,
    core_of: Any,
    counts: Any,
    weight: Any,
    way: Any,
    use: Any,
    load: Any,
    members: Any,
    place: Any,
    size: Any,
    cost: Any,
    in_starts: Any,
    in_sources: Any,
    limited: Any,
    limits: Any,
    table: Any,
    held: Any,
) -> Any:
    """Move and swap neurons, swap whole cores, and return the cost.

    Parameters
    ----------
    seed, proposals
        Key of the random numbers, and number of proposals.
    warmest
        Initial temperature, in units of the cost.
    fewest, most
        Limits of the number of neurons of a core.
    whole_cores
        Number of proposals out of 2**32 that swap two cores.
    busiest
        Whether the objective is the busiest link instead of all links.
    starts, sources, core_of, counts, weight, way, use, load
        See `shift`.
    members, place, size
        Neurons of each core, the position of each neuron among them, and their number.
    cost
        Cost of the initial mapping.
    in_starts, in_sources, limited, limits, table, held
        All sources of each neuron, whether limits other than neurons apply, and the contents of cores, see `Held`.
    """
    n, cores = len(core_of), len(size)
    state = (starts, sources, core_of, counts, weight, way, use, load)
    zero = np.uint32(0)
    # The neurons of a proposal, their cores, and their proposed cores.
    moved, home, goal = np.empty((3, 2 * members.shape[1] + 2), dtype=np.int64)
    # Changes of messages are known before a move, changes of links afterwards.
    applied, latest = way[0] != MESSAGES, np.full(n, -1, dtype=np.int64)
    temperature, value = warmest, _objective(cost, busiest, load)
    per_stage = max(1, proposals // STAGES)
    for proposal in range(proposals):
        if proposal % per_stage == per_stage - 1:
            temperature *= COOLING
        low, high = np.uint32(proposal), np.uint32(proposal >> 32)
        what, who, where, chance = philox_block(low, high, zero, zero, seed, PURPOSE)
        neuron = _below(who, n)
        before = core_of[neuron]
        core = _below(where, cores)
        if what & np.uint32(1):
            core = _near(neuron, where, starts, sources, core_of, counts)
        if core == before:
            continue
        whole = what < whole_cores
        may_move = size[before] > fewest and size[core] < most
        alone = not whole and may_move and (what & np.uint32(2)) > 0
        drawn = _below(np.uint32(where * np.uint32(cores) + what), size[core])
        if not applied and not alone and (what & np.uint32(4)) > 0:
            least = np.int64(2**62)
            for word in philox_block(low, high, np.uint32(1), zero, seed, PURPOSE):
                k = _below(word, size[core])
                cost_of_leaving = message_change(
                    np.int64(members[core, k]), -1, core, before, starts, sources, counts, weight, latest, -1
                )
                if cost_of_leaving < least:
                    least, drawn = cost_of_leaving, k
        moved[0], home[0], goal[0] = neuron, before, core
        moved[1], home[1], goal[1] = members[core, drawn], core, before
        m = 1 if alone else 2
        if whole:
            m = _whole_cores(before, core, members, size, moved, home, goal)
        if applied:
            change = shift_all(moved, goal, m, state)
        else:
            other = np.int64(-1) if alone else moved[1]
            change = message_change(neuron, other, before, core, starts, sources, counts, weight, latest, proposal)
        after = _objective(cost + change, busiest, load)
        accepted = after <= value or np.float64(chance) < 4294967296.0 * exp((value - after) / temperature)
        if accepted and limited:
            rehold(moved, home, goal, m, in_starts, in_sources, held)
            accepted = moved_fits(moved, goal, m, in_starts, in_sources, limits, table, held)
            if not accepted:
                rehold(moved, goal, home, m, in_starts, in_sources, held)
        if accepted:
            cost, value = cost + change, after
            if not applied:
                shift_all(moved, goal, m, state)
            if whole:
                _swap_rows(before, core, members, size)
            elif alone:
                size[before] -= 1
                _enter(members[before, size[before]], before, place[neuron], members, place)
                _enter(neuron, core, size[core], members, place)
                size[core] += 1
            else:
                slot = place[neuron]
                _enter(neuron, core, drawn, members, place)
                _enter(moved[1], before, slot, members, place)
        elif applied:
            shift_all(moved, home, m, state)
    return cost


@inlined
def _whole_cores(one: Any, two: Any, members: Any, size: Any, moved: Any, home: Any, goal: Any) -> Any:
    """Swap the members of two cores, and return their number."""
    m = 0
    for core, to in ((one, two), (two, one)):
        for neuron in members[core, : size[core]]:
            moved[m], home[m], goal[m] = neuron, core, to
            m += 1
    return m


@kernel
def _swap_rows(one: Any, two: Any, members: Any, size: Any) -> None:
    for k in range(max(size[one], size[two])):
        members[one, k], members[two, k] = members[two, k], members[one, k]
    size[one], size[two] = size[two], size[one]
