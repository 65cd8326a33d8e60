"""Whether repeats of a measurement have become larger: medians, spreads, and an exact test of ranks.

A larger median is called a regression only if it is more than chance, more than the usual spread, and more than a
change that matters. The probability of the first under chance is exact for any distribution of the noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import comb
from statistics import median, quantiles

FEWEST = 3
"""Repeats that each side needs at least; together they must be able to reach the level."""
MOST = 50
"""The latest repeats of a side that are looked at."""


@dataclass(frozen=True)
class Criterion:
    """What is called a change.

    Parameters
    ----------
    min_change
        Relative change of the median that matters.
    level
        Largest probability that independent repeats without a change rank as they do.
    """

    min_change: float = 0.05
    level: float = 0.01


class Verdict(Enum):
    """What can be said of newer repeats beside earlier ones."""

    WORSE = "REGRESSION"
    BETTER = "improved"
    SAME = "no clear change"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True)
class Sample:
    """Repeats of one measurement; `spread` is the distance between the quartiles."""

    repeats: int
    median: float
    min: float
    max: float
    spread: float


def sample_of(values: Sequence[float]) -> Sample | None:
    """Statistics of repeats; None if there are none."""
    if not values:
        return None
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return Sample(len(values), median(values), min(values), max(values), high - low)


def enough(earlier: int, newest: int, level: float) -> bool:
    """Whether so many repeats can show anything: at a level of 0.01 5 against 5, 4 against 5 or 3 against 7 can."""
    before, now = min(earlier, MOST), min(newest, MOST)
    return min(before, now) >= FEWEST and 1.0 / comb(before + now, now) <= level


def judge(earlier: Sequence[float], newest: Sequence[float], criterion: Criterion) -> Verdict:
    """Compare newer repeats of what should be small with earlier ones.

    Parameters
    ----------
    earlier, newest
        Repeats of the same measurement, the latest last.
    criterion
        What is called a change.
    """
    earlier, newest = earlier[-MOST:], newest[-MOST:]
    before, now = sample_of(earlier), sample_of(newest)
    if before is None or now is None or not enough(before.repeats, now.repeats, criterion.level):
        return Verdict.UNKNOWN
    if abs(now.median - before.median) <= max(before.spread, now.spread, criterion.min_change * abs(before.median)):
        return Verdict.SAME
    larger = now.median > before.median
    if chance(*((earlier, newest) if larger else (newest, earlier))) > criterion.level:
        return Verdict.SAME
    return Verdict.WORSE if larger else Verdict.BETTER


def chance(small: Sequence[float], large: Sequence[float]) -> float:
    """Probability that values of one distribution are ordered at least as much as these (Mann and Whitney 1947).

    Of all ways to choose which of the values belong to `large`, the share with at least as many pairs in which the
    one of `large` is larger. Equal values count as if they were not, which makes the probability larger.
    """
    pairs = sum(one < other for one in small for other in large)
    ways = _ways(len(small), len(large))
    return sum(ways[pairs:]) / sum(ways)


def _ways(m: int, n: int) -> list[int]:
    """For each number of ordered pairs the ways to get it: coefficients of the Gaussian binomial (m + n over n)."""
    ways = [1] + [0] * (m * n)
    for i in range(1, n + 1):
        for power in range(m * n, m + i - 1, -1):  # times 1 - q^(m + i)
            ways[power] -= ways[power - m - i]
        for power in range(i, m * n + 1):  # over 1 - q^i
            ways[power] += ways[power - i]
    return ways
