"""Compiled draws of `spatial_pairwise_bernoulli`: the same edges as the oracle's."""

from typing import Any

import numpy as np

from simcore.connectivity.spatial.cpu.candidates import PIECE, draw_values, draw_words, find_runs, locate
from simcore.jit.compilation import inlined, kernel


@inlined
def _keep(
    words: Any, skipped: Any, n: Any, table: Any, bins: Any, places: Any, low: Any, connected: Any, chosen: Any,
    order: Any, filled: Any, sources: Any, index: Any,
) -> Any:  # fmt: skip
    """Append sources and bins of the candidates whose words are below their weights; return the new number."""
    offset = np.uint64(skipped)
    for k in range(n):
        connected[k] = np.uint32(words[offset + np.uint64(k)] < table[np.uint32(places[k])])
    found = np.uint64(0)
    for k in range(n):
        # Written in any case: whether there is an edge cannot be foreseen.
        chosen[found] = np.uint32(k)
        found += np.uint64(connected[k])
    at = np.uint64(filled)
    for j in range(np.int64(found)):
        k = chosen[j]
        sources[at + np.uint64(j)] = order[low + k]
        index[at + np.uint64(j)] = bins[k]
    return filled + np.int64(found)


@kernel
def emit_pairs(
    item: Any, numbers: Any, items: Any, positions: Any, own_ranks: Any, cells: Any, region: Any, how: Any, table: Any,
    scratch: Any, found: Any,
) -> Any:  # fmt: skip
    """Whole targets from `item` on, as many as surely fit."""
    seed, projection = np.uint32(numbers[0]), np.uint32(numbers[1])
    first, stride, local_first, target_first = numbers[2], numbers[3], numbers[4], numbers[5]
    grid, counts, starts, order, sources_at = cells
    runs, moved, bins, places, inside, words, connected, chosen = scratch
    sources, targets, target_ids, bits, index = found
    filled = 0
    while item < numbers[9]:
        own_item = items[item]
        target = first + stride * own_item
        at_x, at_y, at_z = positions[0, target], positions[1, target], positions[2, target]
        n_runs = find_runs(at_x, at_y, at_z, grid, counts, starts, runs)
        candidates = 0
        for r in range(n_runs):
            candidates += runs[r, 1] - runs[r, 0]
        if filled + candidates > len(sources):
            break
        target_id = np.uint32(target_first + target)
        own = own_ranks[target] if numbers[6] else np.int64(-1)
        begin = filled
        for r in range(n_runs):
            low, end = runs[r, 0], runs[r, 1]
            while low < end:
                block = low >> 2
                n = min(end, (block << 2) + PIECE) - low
                locate(sources_at, low, n, at_x, at_y, at_z, region, how, moved, bins, places, inside)
                if low <= own < low + n:
                    places[own - low] = 0
                skipped = low - (block << 2)
                draw_words(projection, target_id, seed, block, (skipped + n + 3) >> 2, words)
                filled = _keep(words, skipped, n, table, bins, places, np.uint32(low), connected, chosen, order,
                               filled, sources, index)  # fmt: skip
                low += n
        if numbers[10]:
            draw_values(projection, target_id, seed, filled - begin, bits, begin)
        local = np.uint32(local_first + own_item)
        for k in range(filled - begin):
            at = np.uint64(begin) + np.uint64(k)
            targets[at] = local
            target_ids[at] = target_id
        item += 1
    return filled, item
