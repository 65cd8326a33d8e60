"""The difference of two shares of the same samples, with a confidence interval."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NORMAL_95 = 1.959963984540054
"""Quantile 0.975 of the normal distribution."""


@dataclass(frozen=True)
class PairedDifference:
    """A difference of two shares.

    Parameters
    ----------
    difference
        The second minus the first.
    low, high
        Ends of its 95 % interval.
    """

    difference: float
    low: float
    high: float


def paired_difference(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> PairedDifference:
    """Return the share of True in `second` minus the share in `first`; both contain the same samples in order.

    The interval is the adjusted Wald interval of Bonett and Price (2012), doi:10.3102/1076998611411915: the interval of
    the normal distribution after adding one sample in which only the first is True, and one in which only the second
    is. Its width is positive even if no sample differs.

    Parameters
    ----------
    first, second
        Shape (samples,), not empty.
    """
    n = len(first)
    lost, won = int(np.count_nonzero(first & ~second)), int(np.count_nonzero(second & ~first))
    only_first, only_second = (lost + 1) / (n + 2), (won + 1) / (n + 2)
    middle = only_second - only_first
    half = NORMAL_95 * ((only_first + only_second - middle**2) / (n + 2)) ** 0.5
    return PairedDifference((won - lost) / n, max(-1.0, middle - half), min(1.0, middle + half))
