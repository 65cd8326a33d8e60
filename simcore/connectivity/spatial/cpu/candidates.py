"""Compiled: the sources that a target can have, where they are, and random bits for each of them and for each edge."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from simcore.connectivity.cpu import ZERO
from simcore.jit.compilation import inlined, kernel
from simcore.jit.intrinsics import float_bits
from simcore.jit.philox import philox_block
from simcore.random import Purpose
from simcore.space import cells
from simcore.space.bins import N_BINS, SHIFT
from simcore.space.neighbourhood import ANCHOR, ELLIPTIC, FORM, HALF, INNER, LOWER, OUTER, PERIOD, UPPER

CONNECTIVITY = np.uint32(Purpose.CONNECTIVITY)
SPATIAL = np.uint32(Purpose.SPATIAL)
PIECE = 1024
"""Number of candidates that are processed together, so that their values stay in the L1 cache."""
LAST_BIN = np.int64(N_BINS - 1)


def _calling(function: Callable[..., Any], **called: Any) -> Callable[..., Any]:
    """The same function with other functions under the names that it calls."""
    assert isinstance(function, FunctionType)  # noqa: S101 - for the type checker
    return FunctionType(function.__code__, {**function.__globals__, **called}, function.__name__)


find_runs = inlined(
    _calling(cells.find_runs, touched=inlined(cells.touched), distance_of_row=inlined(cells.distance_of_row))
)


@kernel
def count_candidates(targets: Any, grid: Any, counts: Any, starts: Any, runs: Any, numbers: Any) -> Any:
    """Maximum number of ranks in the runs of a target."""
    most = 0
    first, stride = numbers[2], numbers[3]
    for item in range(numbers[9]):
        target = first + stride * item
        n = find_runs(targets[0, target], targets[1, target], targets[2, target], grid, counts, starts, runs)
        total = 0
        for r in range(n):
            total += runs[r, 1] - runs[r, 0]
        most = max(most, total)
    return most


@inlined
def locate(
    sources: Any, low: Any, n: Any, at_x: Any, at_y: Any, at_z: Any, region: Any, how: Any, moved: Any, bins: Any,
    places: Any, inside: Any,
) -> None:  # fmt: skip
    """Bins of distance, and places in the table of weights, of `n` sources from rank `low` on; 0 is outside.

    `how` holds the integers of `SpatialEmitter`. Offsets are unsigned, because LLVM vectorises loops whose indices
    cannot be negative, and there are no slices, of which each would cost as much as dozens of sources.
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
def draw_words(projection: Any, target_id: Any, seed: Any, block: Any, n: Any, words: Any) -> None:
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
def draw_values(projection: Any, target_id: Any, seed: Any, n: Any, bits: Any, start: Any) -> None:
    """Bits for weights and delays of `n` edges of a target, in `bits` from `start` on."""
    at = np.uint64(start)
    for b in range(n // 2):
        _, w1, _, w3 = philox_block(projection, target_id, np.uint32(b), ZERO, seed, CONNECTIVITY)
        bits[at + np.uint64(2) * np.uint64(b)] = w1
        bits[at + np.uint64(2) * np.uint64(b) + np.uint64(1)] = w3
    if n % 2 == 1:
        _, w1, _, _ = philox_block(projection, target_id, np.uint32(n // 2), ZERO, seed, CONNECTIVITY)
        bits[at + np.uint64(n - 1)] = w1
