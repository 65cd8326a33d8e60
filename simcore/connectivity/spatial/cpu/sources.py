"""Compiled draws of `spatial_fixed_indegree`: the same edges as the oracle's."""

from typing import Any

import numpy as np

from simcore.connectivity.cpu import ZERO
from simcore.connectivity.spatial.cpu.candidates import PIECE, draw_values, find_runs, locate
from simcore.jit.compilation import inlined, kernel
from simcore.jit.philox import philox_block
from simcore.random import Purpose

CONNECTIVITY = np.uint32(Purpose.CONNECTIVITY)
SPATIAL = np.uint32(Purpose.SPATIAL)
FEW = -1
"""Result if a target has too few sources."""


@kernel
def _gather(
    at_x: Any, at_y: Any, at_z: Any, own: Any, n_runs: Any, sources_at: Any, region: Any, how: Any, table: Any,
    scratch: Any, ranks: Any, ranked_bins: Any, ends: Any,
) -> Any:  # fmt: skip
    """Find the possible sources of a target, their bins and cumulative weights; return their number."""
    runs, moved, bins, places, inside, weights, _, _ = scratch
    n_found, total = np.uint64(0), np.int64(0)
    for r in range(n_runs):
        low, end = runs[r, 0], runs[r, 1]
        while low < end:
            n = min(end - low, PIECE)
            locate(sources_at, low, n, at_x, at_y, at_z, region, how, moved, bins, places, inside)
            if low <= own < low + n:
                places[own - low] = 0
            for k in range(n):
                weights[k] = table[np.uint32(places[k])]
            for k in range(n):
                total += np.int64(weights[k])
                ranks[n_found] = np.uint32(low + k)
                ranked_bins[n_found] = bins[k]
                ends[n_found] = total
                n_found += np.uint64(weights[k] > np.uint32(0))
            low += n
    return np.int64(n_found)


@inlined
def _threshold(word: Any, total: Any) -> Any:
    """A word of 32 bits as a place in the cumulated weights."""
    return np.float64(word) * (np.float64(total) * 2.0**-32)


@kernel
def _make_guide(ends: Any, n: Any, guide_bits: Any, guide: Any) -> None:
    """For the leading bits of a word, the first source that it can mean."""
    k = np.uint64(0)
    total = ends[n - 1]
    for g in range(1 << guide_bits):
        least = _threshold(g << (32 - guide_bits), total)
        while np.float64(ends[k]) <= least:
            k += np.uint64(1)
        guide[g] = np.int32(k)


@inlined
def _chosen(word: Any, ends: Any, total: Any, guide: Any, shift: Any) -> Any:
    """Number of the source that a word means."""
    at = _threshold(word, total)
    k = np.uint64(guide[np.uint64(word) >> np.uint64(shift)])
    while np.float64(ends[k]) <= at:
        k += np.uint64(1)
    return np.int64(k)


@kernel
def _draw_with_replacement(
    projection: Any, target_id: Any, seed: Any, ends: Any, n: Any, guide: Any, guide_bits: Any, chosen: Any, bits: Any
) -> None:
    total, shift, indegree = ends[n - 1], 32 - guide_bits, len(chosen)
    # All words first: LLVM vectorises this loop.
    for b in range(indegree // 2):
        w0, w1, w2, w3 = philox_block(projection, target_id, np.uint32(b), ZERO, seed, CONNECTIVITY)
        at = np.uint64(2) * np.uint64(b)
        chosen[at] = w0
        chosen[at + np.uint64(1)] = w2
        bits[at] = w1
        bits[at + np.uint64(1)] = w3
    if indegree % 2 == 1:
        w0, w1, w2, w3 = philox_block(projection, target_id, np.uint32(indegree // 2), ZERO, seed, CONNECTIVITY)
        chosen[indegree - 1] = w0
        bits[indegree - 1] = w1
    for k in range(indegree):
        chosen[k] = _chosen(chosen[k], ends, total, guide, shift)


@kernel
def _draw_distinct(
    projection: Any, target_id: Any, seed: Any, ends: Any, n: Any, guide: Any, guide_bits: Any, taken: Any,
    chosen: Any, bits: Any,
) -> None:  # fmt: skip
    """Sources one after the other, those that were drawn before left out; `taken` is clear before and after."""
    shift, attempt, drawn = 32 - guide_bits, np.int64(0), 0
    total = ends[n - 1]
    weight_taken = np.int64(0)
    while drawn < len(chosen):
        w0, w1, w2, w3 = philox_block(projection, target_id, np.uint32(attempt >> 2), ZERO, seed, SPATIAL)
        lane = attempt & 3
        word = w0 if lane == 0 else w1 if lane == 1 else w2 if lane == 2 else w3
        attempt += 1
        k = _chosen(word, ends, total, guide, shift)
        if taken[k]:
            continue
        taken[k] = 1
        chosen[drawn] = k
        drawn += 1
        weight_taken += ends[k] - (ends[k - 1] if k > 0 else np.int64(0))
        if 2 * weight_taken > total and drawn < len(chosen):
            # Half of the draws would be in vain: weights of those that were drawn become 0.
            total, before, weight_taken = np.int64(0), np.int64(0), np.int64(0)
            for j in range(n):
                weight = ends[j] - before
                before = ends[j]
                total += np.int64(0) if taken[j] else weight
                ends[j] = total
            _make_guide(ends, n, guide_bits, guide)
    for k in range(len(chosen)):
        taken[chosen[k]] = 0
    draw_values(projection, target_id, seed, len(chosen), bits, 0)


@kernel
def emit_fixed_indegree(
    item: Any, numbers: Any, items: Any, positions: Any, own_ranks: Any, cells: Any, region: Any, how: Any, table: Any,
    scratch: Any, found: Any, lists: Any,
) -> Any:  # fmt: skip
    """Whole targets from `item` on; if a target has too few sources, `FEW`, its item and its number of sources."""
    seed, projection = np.uint32(numbers[0]), np.uint32(numbers[1])
    first, stride, local_first, target_first = numbers[2], numbers[3], numbers[4], numbers[5]
    indegree, multapses = numbers[7], numbers[8]
    grid, counts, starts, order, sources_at = cells
    sources, targets, target_ids, bits, index = found
    ranks, ranked_bins, ends, guide, taken, chosen = lists
    filled = 0
    while item < numbers[9] and filled + indegree <= len(sources):
        own_item = items[item]
        target = first + stride * own_item
        at_x, at_y, at_z = positions[0, target], positions[1, target], positions[2, target]
        n_runs = find_runs(at_x, at_y, at_z, grid, counts, starts, scratch[0])
        target_id = np.uint32(target_first + target)
        own = own_ranks[target] if numbers[6] else np.int64(-1)
        n = _gather(at_x, at_y, at_z, own, n_runs, sources_at, region, how, table, scratch, ranks, ranked_bins, ends)
        if n < (min(1, indegree) if multapses else indegree):
            return FEW, own_item, n
        end = filled + indegree
        if indegree > 0:
            guide_bits = 1
            while (2 << guide_bits) < n:
                guide_bits += 1
            _make_guide(ends, n, guide_bits, guide)
            own_bits = bits[filled:end]
            if multapses:
                _draw_with_replacement(projection, target_id, seed, ends, n, guide, guide_bits, chosen, own_bits)
            else:
                _draw_distinct(projection, target_id, seed, ends, n, guide, guide_bits, taken, chosen, own_bits)
        local = np.uint32(local_first + own_item)
        for k in range(indegree):
            sources[filled + k] = order[ranks[chosen[k]]]
            index[filled + k] = ranked_bins[chosen[k]]
            targets[filled + k] = local
            target_ids[filled + k] = target_id
        filled = end
        item += 1
    return filled, item, 0
