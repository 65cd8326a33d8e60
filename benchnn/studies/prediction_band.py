"""The band of a prediction, from the errors of predictions of layouts that were also run.

The logarithm of measured over predicted values is assumed to be normally distributed around 0. Its variance is
estimated from the known errors, so that an error divided by its estimated standard deviation has Student's t
distribution with as many degrees of freedom as there are errors. The band is the factor by which a measured value
differs at most from the prediction, up or down, with a probability of `CONFIDENCE`.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from benchnn.statistics.student_t import quantile

CONFIDENCE = 0.9
"""Share of the measured values that the band should contain."""


@dataclass(frozen=True)
class Pair:
    """A predicted and a measured value of the same layout, both positive.

    Parameters
    ----------
    layout
        Name of the layout.
    predicted, measured
        Values in the same unit.
    """

    layout: Hashable
    predicted: float
    measured: float

    @property
    def log_ratio(self) -> float:
        """Logarithm of the measured over the predicted value."""
        return math.log(self.measured / self.predicted)


@dataclass(frozen=True)
class Contained:
    """Number of measured values in the band that follows from the other layouts."""

    values: int
    inside: int


def band_factor(pairs: Sequence[Pair]) -> float | None:
    """Return the factor of the band; None without pairs.

    Parameters
    ----------
    pairs
        Pairs of one measure, one for each layout.
    """
    if not pairs:
        return None
    deviation = math.sqrt(sum(pair.log_ratio**2 for pair in pairs) / len(pairs))
    return math.exp(_quantile(len(pairs)) * deviation)


@cache
def _quantile(degrees: int) -> float:
    return float(quantile(degrees, CONFIDENCE))


def contained(measures: Mapping[str, Sequence[Pair]]) -> Contained:
    """Check the band: compare each measured value with the band of its measure from all other layouts.

    Parameters
    ----------
    measures
        Pairs by measure. A measure with only one layout is not counted.
    """
    values = inside = 0
    for pairs in measures.values():
        for pair in pairs:
            factor = band_factor([other for other in pairs if other.layout != pair.layout])
            if factor is not None:
                values += 1
                # For equal numbers, such as counts, the logarithm is 0 and the factor 1.
                inside += abs(pair.log_ratio) <= math.log(factor) + 1e-12
    return Contained(values, inside)
