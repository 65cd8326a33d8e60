"""Division of areas into consecutive groups on consecutive ranks, by dynamic programming.

Each group has enough ranks that none of them exceeds its share of the expected load by more than a tolerance. Of all
divisions into such groups, a division with the most groups is used; if several have this number of groups, the most
even one is used, which has the smallest tolerance at which this number of groups is possible.
"""

import heapq
from itertools import pairwise

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TOLERANCE = 0.1
"""Share by which the expected load of a rank may exceed the mean of all ranks."""
HALVINGS = 8
"""Number of halvings of the tolerance in the search for the most even groups: to within TOLERANCE / 256."""
NEVER = np.iinfo(np.int64).max // 2
"""Number of ranks of an impossible division; the sum of two such numbers does not overflow."""
BLOCK = 256
"""Number of first areas of groups that are processed together."""
ROUNDING = 1e-9
"""Largest difference at which numbers of ranks count as equal."""


def grouped(loads: FloatArray, ranks: int) -> list[tuple[int, int, int]]:
    """Divide areas into groups of consecutive areas with ranks for each group.

    Parameters
    ----------
    loads
        Expected load of each area, > 0, float64 (areas,).
    ranks
        Number of ranks.

    Returns
    -------
    list
        First area, the area after the last, and number of ranks of each group. A single group of all areas is always
        possible, so that no rank exceeds the mean load by more than `TOLERANCE`.
    """
    cuts = _cuts(loads, ranks, TOLERANCE)
    low, high = 0.0, TOLERANCE
    for _ in range(HALVINGS if len(cuts) > 2 else 0):
        middle = (low + high) / 2
        found = _cuts(loads, ranks, middle)
        if len(found) == len(cuts):
            cuts, high = found, middle
        else:
            low = middle
    groups = list(pairwise(cuts))
    sums = np.array([loads[first:end].sum() for first, end in groups])
    return [(*group, n) for group, n in zip(groups, _shared_out(sums, ranks, high), strict=True)]


def _candidates(loads: FloatArray, ranks: int, tolerance: float) -> tuple[IntArray, IntArray, IntArray]:
    """Return groups of areas that cannot be split in two without more ranks: bounds, and the fewest ranks of each.

    Groups are ordered by their ends. A division into the most groups consists of such candidates only.
    """
    sums = np.concatenate([[0.0], np.cumsum(loads)]) / (loads.sum() / ranks * (1.0 + tolerance))
    # Processed in blocks, because all pairs of thousands of populations would take gigabytes.
    blocks = [
        _candidates_from(sums, range(first, min(first + BLOCK, len(loads)))) for first in range(0, len(loads), BLOCK)
    ]
    firsts, ends, needed = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    order = np.lexsort((firsts, ends))
    return firsts[order], ends[order], needed[order]


def _candidates_from(sums: FloatArray, own: range) -> tuple[IntArray, IntArray, IntArray]:
    """Return the candidates that start with these areas; `sums` are in units of the largest load of a rank."""
    shares = sums[None, :] - sums[own.start : own.stop, None]
    fewest = np.maximum(1.0, np.ceil(shares - ROUNDING))
    # Fractions of the last rank of a group and of the first part of each split: the free fraction of the first part's
    # last rank must not suffice for the second part's load beyond whole ranks.
    filled = np.where(shares > 0.0, shares - (fewest - 1.0), 0.0)
    fullest = np.maximum.accumulate(filled, axis=1)
    kept = np.arange(len(sums))[None, :] > np.arange(own.start, own.stop)[:, None]
    kept[:, 1:] &= fullest[:, :-1] <= filled[:, 1:] + ROUNDING
    rows, ends = np.nonzero(kept)
    return rows + own.start, ends, fewest[rows, ends].astype(np.int64)


def _cuts(loads: FloatArray, ranks: int, tolerance: float) -> list[int]:
    """Return the bounds of the largest number of groups with enough ranks.

    ``fewest[number][end]`` is the fewest ranks on which the areas before `end` fit in `number` groups.
    """
    n = len(loads)
    firsts, ends, needed = _candidates(loads, ranks, tolerance)
    starts = np.searchsorted(ends, np.arange(1, n + 1))
    fewest = [np.array([0, *[NEVER] * n])]
    while len(fewest) <= min(n, ranks) and fewest[-1].min() <= ranks:
        sums = np.minimum.reduceat(fewest[-1][firsts] + needed, starts)
        fewest.append(np.array([NEVER, *np.minimum(sums, NEVER)]))
    number = max(number for number, some in enumerate(fewest) if some[n] <= ranks)
    cuts = [n]
    for some in reversed(fewest[:number]):
        own = slice(*np.searchsorted(ends, [cuts[-1], cuts[-1] + 1]))
        cuts.append(int(firsts[own][np.argmin(some[firsts[own]] + needed[own])]))
    return cuts[::-1]


def _shared_out(sums: FloatArray, ranks: int, tolerance: float) -> list[int]:
    """Return the ranks of each group: as few as needed, plus the remaining ranks where the load per rank is largest."""
    share = sums.sum() / ranks * (1.0 + tolerance)
    counts: list[int] = np.maximum(1, np.ceil(sums / share - ROUNDING)).astype(np.int64).tolist()
    queue = [(-load / n, group) for group, (load, n) in enumerate(zip(sums, counts, strict=True))]
    heapq.heapify(queue)
    for _ in range(ranks - sum(counts)):
        _, group = queue[0]
        counts[group] += 1
        heapq.heapreplace(queue, (-sums[group] / counts[group], group))
    return counts
