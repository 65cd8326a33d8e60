"""A confidence interval of a median from sorted repeats, for any distribution of the noise.

By the binomial distribution of the sign test, the median is between two of the sorted values with a known probability
(Conover, Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2). Hoefler and Belli (Scientific Benchmarking of
Parallel Computing Systems, SC 2015) recommend it for run times, which are skewed and have outliers. Repeats are assumed
to be independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

CONFIDENCE = 0.95
FEWEST = 6
"""Minimum number of values: the smallest and the largest of 5 enclose the median with a probability of only 93.75 %."""


@dataclass(frozen=True)
class MedianInterval:
    """A confidence interval of a median.

    Parameters
    ----------
    low, high
        Ends of the interval, which are two of the values.
    confidence
        Probability that such an interval contains the true median, at least `CONFIDENCE`.
    """

    low: float
    high: float
    confidence: float


def interval_rank(n: int) -> tuple[int, float]:
    """Return a rank k, and the probability that the median is between the k-th smallest and k-th largest of n values.

    The interval is the narrowest of this kind that reaches `CONFIDENCE`; it requires at least `FEWEST` values.

    Raises
    ------
    ValueError
        If there are too few values.
    """
    # The median is outside if fewer than k of n values are on one side of it.
    outside, rank = 0, 0
    while 2 * (outside + comb(n, rank)) <= (1.0 - CONFIDENCE) * 2**n:
        outside += comb(n, rank)
        rank += 1
    if rank == 0:
        raise ValueError(f"a {100 * CONFIDENCE:g} % interval requires at least {FEWEST} values, not {n}")
    return rank, 1.0 - 2 * outside / 2**n


def median_interval(values: Sequence[float]) -> MedianInterval | None:
    """Return the interval of the median of some values; None for fewer than `FEWEST` values."""
    if len(values) < FEWEST:
        return None
    rank, confidence = interval_rank(len(values))
    ascending = sorted(values)
    return MedianInterval(ascending[rank - 1], ascending[-rank], confidence)
