"""An interval of a median from sorted repeats, for any distribution of the noise.

By the sign test's binomial distribution the median lies between two of the sorted values with a known probability
(Conover, Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2). Hoefler and Belli (Scientific Benchmarking of
Parallel Computing Systems, SC 2015) recommend it for run times, which are skewed and have outliers. The repeats are
taken as independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

CONFIDENCE = 0.95
FEWEST = 6
"""Values that an interval needs: of 5 the smallest and the largest enclose the median with 93.75 % only."""


@dataclass(frozen=True)
class MedianInterval:
    """Interval of a median.

    Parameters
    ----------
    low, high
        Two of the values.
    confidence
        Probability that such an interval holds the true median: at least `CONFIDENCE`.
    """

    low: float
    high: float
    confidence: float


def interval_rank(n: int) -> tuple[int, float]:
    """Rank k of n sorted values, and the probability that the median lies between the k-th smallest and k-th largest.

    The interval is the narrowest of this kind that reaches `CONFIDENCE`; `FEWEST` values are the fewest that do.

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
        raise ValueError(f"{n} values are too few for an interval of {100 * CONFIDENCE:g} %: at least {FEWEST}")
    return rank, 1.0 - 2 * outside / 2**n


def median_interval(values: Sequence[float]) -> MedianInterval | None:
    """The interval of the median of some values; None of fewer than `FEWEST`."""
    if len(values) < FEWEST:
        return None
    rank, confidence = interval_rank(len(values))
    ascending = sorted(values)
    return MedianInterval(ascending[rank - 1], ascending[-rank], confidence)
