"""Statistics of runs of two programs in pairs: in which order, and what their ratios say.

The interval of the median needs no assumption about the distribution of the ratios: by the sign test's binomial
distribution the median lies between two of the sorted values with a known probability (Conover, Practical
Nonparametric Statistics, 3rd ed. 1999, section 3.2). Hoefler and Belli (Scientific Benchmarking of Parallel Computing
Systems, SC 2015) recommend it for run times, which are skewed and have outliers. The pairs are taken as independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

CONFIDENCE = 0.95
TOLERANCE = 0.03
"""Medians as near to 1 as this count as the same."""


@dataclass(frozen=True)
class Ratio:
    """Median of paired ratios, candidate over base.

    Parameters
    ----------
    median
        Of the ratios, one a pair.
    low, high
        The interval of the median.
    confidence
        Probability that such an interval holds the true median: at least `CONFIDENCE`.
    values
        The ratios, in the order of the pairs.
    """

    median: float
    low: float
    high: float
    confidence: float
    values: tuple[float, ...]


def alternating(first: str, second: str, pairs: int) -> list[tuple[str, str]]:
    """Order of the runs of each pair, A B B A A B ...: a steady drift of the machine favours neither."""
    return [(second, first) if pair % 2 else (first, second) for pair in range(pairs)]


def interval_rank(n: int) -> tuple[int, float]:
    """Rank k of n sorted values, and the probability that the median lies between the k-th smallest and k-th largest.

    The interval is the narrowest of this kind that reaches `CONFIDENCE`; six values are the fewest that do.

    Raises
    ------
    ValueError
        Too few values.
    """
    # Outside is where fewer than k of n values fall on one side of the median.
    outside, rank = 0, 0
    while 2 * (outside + comb(n, rank)) <= (1.0 - CONFIDENCE) * 2**n:
        outside += comb(n, rank)
        rank += 1
    if rank == 0:
        raise ValueError(f"{n} values are too few for an interval of {100 * CONFIDENCE:g} %: at least 6")
    return rank, 1.0 - 2 * outside / 2**n


def paired_ratio(base: Sequence[float], candidate: Sequence[float]) -> Ratio:
    """Ratios of positive values that were measured in pairs.

    Raises
    ------
    ValueError
        Fewer than six pairs, or not as many values of both.
    """
    values = tuple(new / old for old, new in zip(base, candidate, strict=True))
    rank, confidence = interval_rank(len(values))
    ascending = sorted(values)
    return Ratio(median(values), ascending[rank - 1], ascending[-rank], confidence, values)


def verdict(ratio: Ratio, lower: str = "faster", higher: str = "slower") -> str:
    """``same`` if the interval contains 1 or the median is within `TOLERANCE` of it; else the word for its side."""
    if ratio.low <= 1.0 <= ratio.high or abs(ratio.median - 1.0) <= TOLERANCE:
        return "same"
    return lower if ratio.median < 1.0 else higher
