"""Which areas share ranks: consecutive groups of areas on consecutive ranks, by dynamic programming.

Each group has so many ranks that none of them has more than its share of the expected load, but for a tolerance. Of all
such partitions into groups, the one with the most groups is taken, and of these the most even one: the smallest
tolerance at which as many groups are possible.
"""

import heapq

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TOLERANCE = 0.1
"""By so much the expected load of a rank may exceed the mean of all ranks."""
HALVINGS = 8
"""Of the tolerance, to find the most even groups: to within TOLERANCE / 256."""
NEVER = np.iinfo(np.int64).max // 2
ROUNDING = 1e-9
"""So much more than a share is a rounding error."""


def grouped(loads: FloatArray, ranks: int) -> list[tuple[int, int, int]]:
    """Groups of consecutive areas, and ranks for each.

    Parameters
    ----------
    loads
        Expected load of each area, > 0, float64 (areas,).
    ranks
        Number of ranks.

    Returns
    -------
    list
        First area, the one after the last, and number of ranks of each group. One group of all areas is always
        possible, so that none has a rank whose load exceeds the mean by more than `TOLERANCE`.
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
    groups = list(zip(cuts[:-1], cuts[1:], strict=True))
    sums = np.array([loads[first:end].sum() for first, end in groups])
    return [(*group, n) for group, n in zip(groups, _shared_out(sums, ranks, high), strict=True)]


def _needed(loads: FloatArray, ranks: int, tolerance: float) -> IntArray:
    """Fewest ranks of a group of the areas [first, end), int64 (areas + 1, areas + 1)."""
    sums = np.concatenate([[0.0], np.cumsum(loads)])
    shares = (sums[None, :] - sums[:, None]) / (sums[-1] / ranks * (1.0 + tolerance))
    needed = np.maximum(1, np.ceil(shares - ROUNDING)).astype(np.int64)
    return np.where(np.triu(np.ones(needed.shape, dtype=bool), 1), needed, NEVER)


def _cuts(loads: FloatArray, ranks: int, tolerance: float) -> list[int]:
    """Bounds of the most groups that have enough ranks.

    ``fewest[end]`` is the fewest ranks on which the areas before `end` fit in so many groups.
    """
    n, needed = len(loads), _needed(loads, ranks, tolerance)
    fewest = needed[0]
    before: list[IntArray] = []
    best = 0
    for number in range(1, min(n, ranks)):
        sums = fewest[:, None] + needed
        before.append(sums.argmin(axis=0))
        fewest = np.minimum(sums.min(axis=0), NEVER)
        if fewest[n] <= ranks:
            best = number
    cuts = [n]
    for number in range(best - 1, -1, -1):
        cuts.append(int(before[number][cuts[-1]]))
    return [0, *reversed(cuts)]


def _shared_out(sums: FloatArray, ranks: int, tolerance: float) -> list[int]:
    """Ranks of each group: as few as it needs, and of those that are left each to the one with the most load a rank."""
    share = sums.sum() / ranks * (1.0 + tolerance)
    counts = np.maximum(1, np.ceil(sums / share - ROUNDING)).astype(np.int64).tolist()
    queue = [(-load / n, group) for group, (load, n) in enumerate(zip(sums, counts, strict=True))]
    heapq.heapify(queue)
    for _ in range(ranks - sum(counts)):
        _, group = queue[0]
        counts[group] += 1
        heapq.heapreplace(queue, (-sums[group] / counts[group], group))
    return counts
