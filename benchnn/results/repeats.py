"""Judge whether repeats of a measurement have become larger: medians, spreads, and an exact rank test.

A larger median is a regression only if it exceeds chance, the usual spread, and the smallest relevant change. The
probability under chance is exact for any distribution of the noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import comb
from statistics import median, quantiles

FEWEST = 3
"""Minimum number of repeats of each side; together they must be able to reach the level."""
MOST = 50
"""Number of the latest repeats of a side that are used."""


@dataclass(frozen=True)
class Criterion:
    """The criterion of a change.

    Parameters
    ----------
    min_change
        Smallest relevant relative change of the median.
    level
        Largest probability of the observed order for independent repeats without a change.
    """

    min_change: float = 0.05
    level: float = 0.01


class Verdict(Enum):
    """The verdict on newer repeats compared with earlier ones."""

    WORSE = "REGRESSION"
    BETTER = "improved"
    SAME = "no clear change"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True)
class Sample:
    """Repeats of one measurement; `spread` is the interquartile range."""

    repeats: int
    median: float
    min: float
    max: float
    spread: float


def sample_of(values: Sequence[float]) -> Sample | None:
    """Return the statistics of repeats; None without repeats."""
    if not values:
        return None
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return Sample(len(values), median(values), min(values), max(values), high - low)


def enough(earlier: int, newest: int, level: float) -> bool:
    """Whether these numbers of repeats can reach the level: for 0.01, 5 and 5, 4 and 5, or 3 and 7 can."""
    before, now = min(earlier, MOST), min(newest, MOST)
    return min(before, now) >= FEWEST and 1.0 / comb(before + now, now) <= level


def judge(earlier: Sequence[float], newest: Sequence[float], criterion: Criterion) -> Verdict:
    """Compare newer repeats of a measure, for which smaller is better, with earlier repeats.

    Parameters
    ----------
    earlier, newest
        Repeats of the same measurement, in order of time.
    criterion
        The criterion of a change.
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
    """Return the probability that values of one distribution are ordered at least as much (Mann and Whitney 1947).

    It is the share, in all ways to assign the values to `small` and `large`, with at least as many pairs whose value in
    `large` is larger. Equal values count as not larger, which increases the probability.
    """
    pairs = sum(one < other for one in small for other in large)
    ways = _ways(len(small), len(large))
    return sum(ways[pairs:]) / sum(ways)


def _ways(m: int, n: int) -> list[int]:
    """Number of ways for each number of ordered pairs: coefficients of the Gaussian binomial (m + n over n)."""
    ways = [1] + [0] * (m * n)
    for i in range(1, n + 1):
        for power in range(m * n, m + i - 1, -1):  # times 1 - q^(m + i)
            ways[power] -= ways[power - m - i]
        for power in range(i, m * n + 1):  # over 1 - q^i
            ways[power] += ways[power - i]
    return ways
