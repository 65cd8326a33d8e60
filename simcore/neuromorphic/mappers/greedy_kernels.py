"""The compiled part of `greedy`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel
from simcore.neuromorphic.mappers.held_kernels import empty, fits, hold

LEAF, BRANCH = 4, 9
"""Binary logarithms of block sizes: blocks of 16 and of 512 neurons."""


@kernel
def add_traffic(starts: Any, sources: Any, rates: Any, traffic: Any) -> None:
    """Add up the expected events per second that reach each neuron."""
    for target in range(len(traffic)):
        for source in sources[starts[target] : starts[target + 1]]:
            traffic[target] += rates[source]


@kernel
def turn(starts: Any, sources: Any, followed: Any, places: Any, targets: Any) -> None:
    """Write the targets of each followed source, from the sources of each target."""
    for target in range(len(starts) - 1):
        for source in sources[starts[target] : starts[target + 1]]:
            if followed[source]:
                targets[places[source]] = target
                places[source] += 1


@inlined
def _mark(neuron: Any, changed: Any) -> None:
    changed[0, neuron >> LEAF] = 1
    changed[1, neuron >> BRANCH] = 1


@kernel
def _follow(source: Any, out_starts: Any, targets: Any, rates: Any, present: Any, saved: Any, changed: Any) -> None:
    """Mark that the core receives from this source, so that its targets, and the source itself, save messages there."""
    if present[source]:
        return
    present[source] = 1
    saved[source] += rates[source]
    _mark(source, changed)
    own = targets[out_starts[source] : out_starts[source + 1]]
    for target in own:
        saved[target] += rates[source]
    if 8 * len(own) > changed.shape[1]:
        changed[:] = 1
        return
    for target in own:
        _mark(target, changed)


@kernel
def _most_shared(saved: Any, weight: Any, changed: Any, best: Any, largest: Any) -> Any:
    """The neuron that saves the largest share, or the first of several; only changed blocks are searched."""
    leaves, branches = changed
    first, most = 0, -1.0
    for branch in range(((len(saved) - 1) >> BRANCH) + 1):
        if branches[branch]:
            branches[branch] = 0
            branch_first, branch_most = 0, -1.0
            low = branch << (BRANCH - LEAF)
            for leaf in range(low, min(len(leaves), low + (1 << (BRANCH - LEAF)))):
                if leaves[leaf]:
                    leaves[leaf] = 0
                    leaf_first, leaf_most = 0, -1.0
                    for neuron in range(leaf << LEAF, min(len(saved), (leaf + 1) << LEAF)):
                        share = saved[neuron] * weight[neuron]
                        leaf_first = neuron if share > leaf_most else leaf_first
                        leaf_most = max(share, leaf_most)
                    best[0, leaf], largest[0, leaf] = leaf_first, leaf_most
                if largest[0, leaf] > branch_most:
                    branch_first, branch_most = best[0, leaf], largest[0, leaf]
            best[1, branch], largest[1, branch] = branch_first, branch_most
        if largest[1, branch] > most:
            first, most = best[1, branch], largest[1, branch]
    return first


@kernel
def fill_cores(
    in_starts: Any,
    sources: Any,
    out_starts: Any,
    targets: Any,
    rates: Any,
    weight: Any,
    quota: Any,
    limited: Any,
    limits: Any,
    table: Any,
    held: Any,
    core_of: Any,
) -> None:
    """Write the core of each neuron.

    Parameters
    ----------
    in_starts, sources, out_starts, targets
        Sources of each neuron, and targets of each followed source.
    rates, weight
        Rate of each neuron, and the inverse of the messages per second that it may save.
    quota
        Largest number of neurons of each core; the last entry applies to all further cores.
    limited, limits, table, held
        Whether a core ends if the next neuron has no room, and the contents of the core, see `Held`.
    core_of
        Output: the core of each neuron.
    """
    n = len(core_of)
    # For blocks of neurons, and blocks of blocks: whether any neuron has changed, and which saves the largest share.
    blocks = ((n - 1) >> LEAF) + 1
    changed = np.ones((2, blocks), dtype=np.uint8)
    best, largest = np.zeros((2, blocks), dtype=np.int64), np.zeros((2, blocks))
    saved = np.zeros(n)
    present = np.zeros(n, dtype=np.uint8)
    core, inside, position = 0, 0, 0
    while position < n:
        neuron = np.int64(0)
        full = inside == quota[min(core, len(quota) - 1)]
        if not full:
            neuron = _most_shared(saved, weight, changed, best, largest)
            if limited:
                hold(neuron, 0, 1, in_starts, sources, held)
                full = inside > 0 and not fits(0, limits, table, held)
        if full:
            for other in range(n):
                # Neurons with a core no longer save messages.
                saved[other] = min(saved[other], 0.0)
            present[:] = 0
            changed[:] = 1
            core, inside = core + 1, 0
            if limited:
                empty(0, held)
            continue
        core_of[neuron] = core
        position, inside = position + 1, inside + 1
        saved[neuron] = -np.inf
        _mark(neuron, changed)
        _follow(neuron, out_starts, targets, rates, present, saved, changed)
        for source in sources[in_starts[neuron] : in_starts[neuron + 1]]:
            _follow(source, out_starts, targets, rates, present, saved, changed)
