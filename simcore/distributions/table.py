"""Quantile tables of distributions, and their limits."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from simcore.distributions.distribution import MIN_PROBABILITY, TABLE_SIZE, Distribution
from simcore.errors import InputError

FloatArray = npt.NDArray[np.float64]

MAX_STD_LOSS = 0.005
"""Share of the standard deviation that a table may lose; heavier tails are refused."""


@lru_cache(maxsize=64)
def _checked_table(distribution: Distribution) -> tuple[FloatArray, float]:
    """Return the table and the share of the standard deviation that it loses.

    The share is NaN if the bounds leave no probability, and infinite if values or their squares exceed float64.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            table, variance = distribution.bins()
    except OverflowError:
        table, variance = np.full(1, math.inf), math.inf
    if not table.size:
        return table, math.nan
    if not (np.all(np.isfinite(table)) and math.isfinite(variance)):
        return table, math.inf
    table.flags.writeable = False
    return table, 1.0 - float(np.std(table)) / math.sqrt(variance) if variance > 0.0 else 0.0


def quantile_table(distribution: Distribution, field: str) -> FloatArray:
    """Return the means of 65,536 equally likely bins, ascending, read-only float64.

    Parameters
    ----------
    distribution
        The distribution, with its bounds.
    field
        Name of the described quantity, for the error message.

    Returns
    -------
    ndarray of float64
        The means, shape (65536,).

    Raises
    ------
    InputError
        If the bounds leave no probability, or the table would lose more than 0.5 % of the standard deviation.
    """
    table, lost = _checked_table(distribution)
    if math.isnan(lost):
        raise _nothing_left(distribution, field)
    if math.isinf(lost):
        raise _too_large(distribution, field)
    if lost > MAX_STD_LOSS:
        raise InputError(
            f"{field} = {distribution!r} is not allowed: a table of {TABLE_SIZE} quantiles would lose "
            f"{100 * lost:.1f} % of the standard deviation of the distribution; the limit is {100 * MAX_STD_LOSS} %, "
            "so bound the tail of the distribution with 'high', or pass an explicit array"
        )
    return table


@lru_cache(maxsize=4096)
def _ends(distribution: Distribution) -> tuple[float, float]:
    """The ends of the table: thousands of projections may share a distribution."""
    with np.errstate(over="ignore", invalid="ignore"):
        return distribution.ends()


def table_ends(distribution: Distribution, field: str) -> tuple[float, float]:
    """Smallest and largest entry of the quantile table, at the cost of two bins.

    Parameters
    ----------
    distribution
        The distribution, with its bounds.
    field
        Name of the described quantity, for the error message.

    Returns
    -------
    tuple of float
        Smallest and largest entry.

    Raises
    ------
    InputError
        If the bounds leave no probability, or the values exceed float64. The loss of the table is not checked, because
        it is unknown without the table.
    """
    try:
        low, high = _ends(distribution)
    except OverflowError:
        raise _too_large(distribution, field) from None
    if math.isinf(low) or math.isinf(high):
        raise _too_large(distribution, field)
    if math.isnan(low):
        raise _nothing_left(distribution, field)
    return low, high


def _nothing_left(distribution: Distribution, field: str) -> InputError:
    return InputError(
        f"{field} = {distribution!r} is not allowed: its bounds leave a probability below {MIN_PROBABILITY:g}"
    )


def _too_large(distribution: Distribution, field: str) -> InputError:
    return InputError(f"{field} = {distribution!r} is not allowed: its values or their squares exceed float64's range")
