"""Statistics of paired runs of two programs: their order, and the analysis of their ratios.

The interval of the median needs no assumption about the distribution of the ratios, see
`benchnn.statistics.median_interval`. The pairs are assumed to be independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchnn.statistics.median_interval import interval_rank

TOLERANCE = 0.03
"""Largest distance of a median from 1 for which two programs count as equal."""


@dataclass(frozen=True)
class Ratio:
    """Median of paired ratios of candidate to base.

    Parameters
    ----------
    median
        Median of the ratios, one per pair.
    low, high
        The interval of the median.
    confidence
        Probability that such an interval contains the true median: at least
        `benchnn.statistics.median_interval.CONFIDENCE`.
    values
        The ratios, in the order of the pairs.
    """

    median: float
    low: float
    high: float
    confidence: float
    values: tuple[float, ...]


def alternating(first: str, second: str, pairs: int) -> list[tuple[str, str]]:
    """Order of the runs of each pair, A B B A A B ..., so that a steady drift favours neither program."""
    return [(second, first) if pair % 2 else (first, second) for pair in range(pairs)]


def paired_ratio(base: Sequence[float], candidate: Sequence[float]) -> Ratio:
    """Analyse ratios of positive values that were measured in pairs.

    Raises
    ------
    ValueError
        If there are fewer than six pairs, or different numbers of values.
    """
    values = tuple(new / old for old, new in zip(base, candidate, strict=True))
    rank, confidence = interval_rank(len(values))
    ascending = sorted(values)
    return Ratio(median(values), ascending[rank - 1], ascending[-rank], confidence, values)


def verdict(ratio: Ratio, lower: str = "faster", higher: str = "slower") -> str:
    """``same`` if the interval contains 1 or the median is within `TOLERANCE` of 1; otherwise the word for its side."""
    if ratio.low <= 1.0 <= ratio.high or abs(ratio.median - 1.0) <= TOLERANCE:
        return "same"
    return lower if ratio.median < 1.0 else higher
