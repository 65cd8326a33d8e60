"""Compiled draws of the spatial rules: the same edges as `Neighbourhood` and the rules' NumPy code yield."""

import math
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.cpu import CONNECTIVITY, ZERO, Chunk
from simcore.connectivity.rule import IntArray, Targets, Wiring
from simcore.jit.compilation import inlined, kernel
from simcore.jit.intrinsics import float_bits
from simcore.jit.philox import philox_block
from simcore.random import Purpose
from simcore.space.bins import N_BINS, SHIFT
from simcore.space.cells import distance_of_row, find_runs, touched
from simcore.space.neighbourhood import ANCHOR, ELLIPTIC, FORM, HALF, INNER, LOWER, OUTER, PERIOD, UPPER, Neighbourhood, too_few

SPATIAL = np.uint32(Purpose.SPATIAL)
PIECE = 1024
"""Candidates that are looked at together: what is computed of them stays in the L1 cache."""
LAST_BIN = np.int64(N_BINS - 1)
FEW = -1
"""What is emitted if a target has too few sources."""


def _calling(function: Callable[..., Any], **called: Any) -> Callable[..., Any]:
    """The same function with other functions under the names that it calls."""
    assert isinstance(function, FunctionType)  # noqa: S101 - for the type checker
    return FunctionType(function.__code__, {**function.__globals__, **called}, function.__name__)


_find_runs = inlined(_calling(find_runs, touched=inlined(touched), distance_of_row=inlined(distance_of_row)))


@kernel
def _count_candidates(targets: Any, grid: Any, counts: Any, starts: Any, runs: Any, numbers: Any) -> Any:
    """Most ranks in the runs of a target."""
    most = 0
    first, stride = numbers[2], numbers[3]
    for item in range(numbers[9]):
        target = first + stride * item
        n = _find_runs(targets[0, target], targets[1, target], targets[2, target], grid, counts, starts, runs)
        total = 0
        for r in range(n):
            total += runs[r, 1] - runs[r, 0]
        most = max(most, total)
    return most


@inlined
def _locate(
    sources: Any, low: Any, n: Any, at_x: Any, at_y: Any, at_z: Any, region: Any, how: Any, moved: Any, bins: Any,
    places: Any, inside: Any,
) -> None:  # fmt: skip
    """Bins of distance, and places in the table of weights, of `n` sources from rank `low` on; 0 is outside.

    `how` holds the integers of `SpatialEmitter`. Offsets are unsigned, because LLVM vectorises loops whose indices cannot
    be negative, and there are no slices, of which each would cost as much as dozens of sources.
    """
    first, plain, elliptic, flat = how[0], how[2], how[3], how[4]
    offset = np.uint64(low)
    half_x, period_x, half_y, period_y = region[HALF], region[PERIOD], region[HALF + 1], region[PERIOD + 1]
    if plain and flat and not elliptic:
        inner, outer = region[INNER], region[OUTER]
        for k in range(n):
            x = _shorter(sources[0, offset + np.uint64(k)] - at_x, half_x, period_x)
            y = _shorter(sources[1, offset + np.uint64(k)] - at_y, half_y, period_y)
            square = x * x + y * y
            found = _bin(square, first)
            bins[k] = found
            places[k] = (found + np.int32(1)) * (np.int32(square <= outer) & np.int32(square > inner))
        return
    half_z, period_z = region[HALF + 2], region[PERIOD + 2]
    for k in range(n):
        moved[0, k] = _shorter(sources[0, offset + np.uint64(k)] - at_x, half_x, period_x)
        moved[1, k] = _shorter(sources[1, offset + np.uint64(k)] - at_y, half_y, period_y)
        moved[2, k] = _shorter(sources[2, offset + np.uint64(k)] - at_z, half_z, period_z)
    _mark_inside(moved, n, region, inside)
    for k in range(n):
        x, y, z = moved[0, k], moved[1, k], moved[2, k]
        bins[k] = _bin(x * x + y * y + z * z, first)
    if elliptic:
        mean_x, mean_y = region[ELLIPTIC], region[ELLIPTIC + 1]
        of_x, of_y, of_xy = region[ELLIPTIC + 2], region[ELLIPTIC + 3], region[ELLIPTIC + 4]
        for k in range(n):
            u, v = abs(moved[0, k]) - mean_x, abs(moved[1, k]) - mean_y
            square = max(of_x * (u * u) + of_y * (v * v) + of_xy * (u * v), 0.0)
            places[k] = (_bin(square, how[1]) + np.int32(1)) * inside[k]
    else:
        for k in range(n):
            places[k] = (bins[k] + np.int32(1)) * inside[k]


@inlined
def _bin(square: Any, first: Any) -> Any:
    """Bin of a square."""
    place = np.int64(float_bits(square) >> np.uint64(SHIFT)) - first
    return np.int32(min(max(place, np.int64(0)), LAST_BIN))


@inlined
def _shorter(along: Any, half: Any, period: Any) -> Any:
    """A displacement along an axis, the shorter way around a periodic one."""
    along = along - period if along > half else along
    return along + period if along < -half else along


@inlined
def _mark_inside(moved: Any, n: Any, region: Any, inside: Any) -> None:
    """1 for displacements in a region, 0 for others."""
    low_x, low_y, low_z = region[LOWER], region[LOWER + 1], region[LOWER + 2]
    high_x, high_y, high_z = region[UPPER], region[UPPER + 1], region[UPPER + 2]
    a, b, c = region[ANCHOR], region[ANCHOR + 1], region[ANCHOR + 2]
    xx, yy, zz = region[FORM], region[FORM + 1], region[FORM + 2]
    xy, xz, yz = region[FORM + 3], region[FORM + 4], region[FORM + 5]
    inner, outer = region[INNER], region[OUTER]
    for k in range(n):
        x, y, z = moved[0, k], moved[1, k], moved[2, k]
        within = np.int32(x >= low_x) & np.int32(x <= high_x)
        within &= np.int32(y >= low_y) & np.int32(y <= high_y)
        within &= np.int32(z >= low_z) & np.int32(z <= high_z)
        x, y, z = x - a, y - b, z - c
        form = xx * (x * x) + yy * (y * y) + zz * (z * z) + (xy * (x * y) + xz * (x * z) + yz * (y * z))
        inside[k] = within & np.int32(form > inner) & np.int32(form <= outer)


@inlined
def _draw_words(projection: Any, target_id: Any, seed: Any, block: Any, n: Any, words: Any) -> None:
    """31 random bits for each of the ranks of `n` blocks of four from number `block` on."""
    one = np.uint32(1)
    for b in range(n):
        w0, w1, w2, w3 = philox_block(projection, target_id, np.uint32(block + b), ZERO, seed, SPATIAL)
        at = np.uint64(4) * np.uint64(b)
        words[at] = w0 >> one
        words[at + np.uint64(1)] = w1 >> one
        words[at + np.uint64(2)] = w2 >> one
        words[at + np.uint64(3)] = w3 >> one


@inlined
def _draw_values(projection: Any, target_id: Any, seed: Any, n: Any, bits: Any, start: Any) -> None:
    """Bits for weights and delays of `n` edges of a target, in `bits` from `start` on."""
    at = np.uint64(start)
    for b in range(n // 2):
        w0, w1, w2, w3 = philox_block(projection, target_id, np.uint32(b), ZERO, seed, CONNECTIVITY)
        bits[at + np.uint64(2) * np.uint64(b)] = w1
        bits[at + np.uint64(2) * np.uint64(b) + np.uint64(1)] = w3
    if n % 2 == 1:
        w0, w1, w2, w3 = philox_block(projection, target_id, np.uint32(n // 2), ZERO, seed, CONNECTIVITY)
        bits[at + np.uint64(n - 1)] = w1


@inlined
def _keep(
    words: Any, skipped: Any, n: Any, table: Any, bins: Any, places: Any, low: Any, connected: Any, chosen: Any,
    filled: Any, sources: Any, index: Any,
) -> Any:  # fmt: skip
    """Append ranks and bins of the candidates whose words are below their weights; returns how many there are now."""
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
        sources[at + np.uint64(j)] = low + k
        index[at + np.uint64(j)] = bins[k]
    return filled + np.int64(found)


@kernel
def _emit_bernoulli(
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
        n_runs = _find_runs(at_x, at_y, at_z, grid, counts, starts, runs)
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
                _locate(sources_at, low, n, at_x, at_y, at_z, region, how, moved, bins, places, inside)
                if low <= own < low + n:
                    places[own - low] = 0
                skipped = low - (block << 2)
                _draw_words(projection, target_id, seed, block, (skipped + n + 3) >> 2, words)
                filled = _keep(words, skipped, n, table, bins, places, np.uint32(low), connected, chosen, filled,
                               sources, index)  # fmt: skip
                low += n
        _draw_values(projection, target_id, seed, filled - begin, bits, begin)
        local = np.uint32(local_first + own_item)
        for k in range(filled - begin):
            at = np.uint64(begin) + np.uint64(k)
            sources[at] = order[sources[at]]
            targets[at] = local
            target_ids[at] = target_id
        item += 1
    return filled, item


@kernel
def _gather(
    at_x: Any, at_y: Any, at_z: Any, own: Any, n_runs: Any, sources_at: Any, region: Any, how: Any, table: Any,
    scratch: Any, ranks: Any, ranked_bins: Any, ends: Any,
) -> Any:  # fmt: skip
    """Sources that a target can have, their bins and cumulated weights; returns their number."""
    runs, moved, bins, places, inside, weights, _, _ = scratch
    n_found, total = np.uint64(0), np.int64(0)
    for r in range(n_runs):
        low, end = runs[r, 0], runs[r, 1]
        while low < end:
            n = min(end - low, PIECE)
            _locate(sources_at, low, n, at_x, at_y, at_z, region, how, moved, bins, places, inside)
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
    _draw_values(projection, target_id, seed, len(chosen), bits, 0)


@kernel
def _emit_fixed_indegree(
    item: Any, numbers: Any, items: Any, positions: Any, own_ranks: Any, cells: Any, region: Any, how: Any, table: Any,
    scratch: Any, found: Any, lists: Any,
) -> Any:  # fmt: skip
    """Whole targets from `item` on; if a target has too few sources, `FEW`, its item and how many it has."""
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
        n_runs = _find_runs(at_x, at_y, at_z, grid, counts, starts, scratch[0])
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


class SpatialEmitter:
    """Edges that are drawn from the neighbourhoods of targets.

    Parameters
    ----------
    wiring, targets, neighbourhood
        The projection, the targets of a partition, and what sources they can have.
    excludes_self
        Whether autapses are left out.
    indegree, multapses
        Of a fixed in-degree; None draws each pair.
    """

    def __init__(
        self,
        wiring: Wiring,
        targets: Targets,
        neighbourhood: Neighbourhood,
        excludes_self: bool,
        indegree: int | None = None,
        multapses: bool = True,
    ) -> None:
        self.n_items, self.first_target = targets.count, targets.local_first
        self._targets, self._wiring, self._indegree = targets, wiring, indegree
        hood, cells = neighbourhood, neighbourhood.cells
        ids = (wiring.seed, wiring.projection, targets.first, targets.stride, targets.local_first, wiring.target_first)
        numbers = (*ids, excludes_self, indegree or 0, multapses, targets.count)
        self._numbers = np.array(numbers, dtype=np.int64)
        self._positions = hood.targets
        own = hood.targets[:, targets.first :: targets.stride][:, : targets.count]
        # Neighbours have nearly the same sources, which are still in the cache.
        self._items = cells.near_each_other(own)
        self._own_ranks = cells.ranks() if excludes_self else np.zeros(0, dtype=np.int64)
        self._cells = (cells.numbers, cells.counts, cells.starts, cells.order, cells.coordinates)
        flat = not np.any(cells.coordinates[2]) and not np.any(hood.targets[2])
        how = (hood.bins.first, hood.arguments.first, hood.plain, hood.elliptic, flat)
        # The first entry is of sources outside of the region.
        table = np.concatenate([np.zeros(1, dtype=np.uint32), hood.weights])
        self._hood = (hood.numbers, np.array(how, dtype=np.int64), table)
        runs = np.empty((cells.most_runs, 2), dtype=np.int64)
        self._scratch = (
            runs,
            np.zeros((3, PIECE)),
            *(np.zeros(PIECE, dtype=np.int32) for _ in range(3)),
            *(np.zeros(PIECE, dtype=np.uint32) for _ in range(3)),
        )
        places = (cells.numbers, cells.counts, cells.starts, runs)
        most = int(_count_candidates(hood.targets, *places, self._numbers))
        self.largest_item = most if indegree is None else indegree
        self._lists = _lists(most, indegree)

    def emit(self, item: int, chunk: Chunk) -> tuple[int, int]:
        """Fill `chunk` with whole targets; returns (edges, next item).

        Raises
        ------
        InputError
            If a target has too few sources.
        """
        found = (chunk.sources, chunk.targets, chunk.target_ids, chunk.bits, chunk.index)
        place = (item, self._numbers, self._items, self._positions, self._own_ranks, self._cells, *self._hood, self._scratch, found)
        if self._indegree is None:
            filled, item = _emit_bernoulli(*place)
            return filled, item
        filled, item, n = _emit_fixed_indegree(*place, self._lists)
        if filled == FEW:
            raise too_few(self._indegree, n, self._targets.first + self._targets.stride * item, self._numbers[8])
        return filled, item


def _lists(most: int, indegree: int | None) -> tuple[npt.NDArray[Any], ...]:
    """Room for the sources that a target can have, and for those that were chosen."""
    n = 0 if indegree is None else most
    # One more: a source is written before it is known whether it counts.
    return (
        np.empty(n + 1, dtype=np.uint32),
        np.empty(n + 1, dtype=np.int32),
        np.empty(n + 1, dtype=np.int64),
        np.empty(1 << max(1, math.ceil(math.log2(max(n, 2)))), dtype=np.int32),
        np.zeros(n + 1, dtype=np.uint8),
        np.zeros(indegree or 0, dtype=np.int64),
    )


def drawn_edges(emitter: SpatialEmitter, capacity: int) -> tuple[IntArray, IntArray, IntArray]:
    """Number of edges of each target, sources and indices of all of them: 16 bytes an edge."""
    chunk, item = Chunk.of_size(max(capacity, emitter.largest_item)), 0
    columns = [np.zeros((3, 0), dtype=np.int64)]
    while item < emitter.n_items:
        n, item = emitter.emit(item, chunk)
        columns.append(np.stack([part[:n].astype(np.int64) for part in (chunk.targets, chunk.sources, chunk.index)]))
    targets, sources, index = np.concatenate(columns, axis=1)
    order = np.argsort(targets, kind="stable")
    lengths = np.bincount(targets - emitter.first_target, minlength=emitter.n_items)
    return lengths, sources[order], index[order]
