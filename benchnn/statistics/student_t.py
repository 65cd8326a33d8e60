"""Student's t distribution for arrays: two-sided probabilities, and quantiles for confidence intervals.

Both follow from the regularised incomplete beta function, by its continued fraction: DLMF, https://dlmf.nist.gov/8.17,
equations 8.17.4 and 8.17.22.
"""

from math import lgamma

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
CONFIDENCE = 0.95
TERMS = 400
"""Maximum number of terms of the continued fraction, which needs about sqrt(max(a, b)) terms."""
TINY = 1e-300
HALVINGS = 56


def two_sided_p(t: npt.ArrayLike, degrees: npt.ArrayLike) -> FloatArray:
    """Return the probability of a value at least as far from 0 as `t`.

    Parameters
    ----------
    t
        Any finite numbers or infinities.
    degrees
        Degrees of freedom, > 0, whole or not; broadcast against `t`.
    """
    value, nu = np.broadcast_arrays(np.asarray(t, dtype=np.float64), np.asarray(degrees, dtype=np.float64))
    x = nu / (nu + value * value)
    # Near t = 0 the difference would cancel.
    rest = np.where(x < 0.5, 1.0 - x, np.minimum(value * value, nu) / (nu + value * value))
    return incomplete_beta(x, nu / 2.0, np.full_like(nu, 0.5), rest)


def quantile(degrees: npt.ArrayLike, confidence: float = CONFIDENCE) -> FloatArray:
    """Return the two-sided quantile of probability `confidence`; infinite without degrees of freedom.

    Parameters
    ----------
    degrees
        Degrees of freedom, >= 0.
    confidence
        Probability in (0, 1).
    """
    nu = np.asarray(degrees, dtype=np.float64)
    known = np.where(nu > 0.0, nu, 1.0)
    # Bisection of the logarithm: with few degrees t is large.
    low, high = np.full(nu.shape, -1.0), np.full(nu.shape, 700.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        beyond = two_sided_p(np.exp(np.minimum(middle, 300.0)), known) > 1.0 - confidence
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    return np.where(nu > 0.0, np.exp(high), np.inf)


def incomplete_beta(x: FloatArray, a: FloatArray, b: FloatArray, rest: FloatArray | None = None) -> FloatArray:
    """Return the regularised incomplete beta function of x in [0, 1], with a, b > 0 of equal shape; `rest` is 1 - x."""
    rest = 1.0 - x if rest is None else rest
    # On this side of the mean the fraction converges quickly.
    swapped = x > (a + 1.0) / (a + b + 2.0)
    x, a, b = np.where(swapped, rest, x), np.where(swapped, b, a), np.where(swapped, a, b)
    logarithm = np.vectorize(lambda p, q: lgamma(p + q) - lgamma(p) - lgamma(q), otypes=[np.float64])(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        front = np.exp(logarithm + a * np.log(x) + b * np.log1p(-x)) / a
    part = np.where(x > 0.0, front * _fraction(x, a, b), 0.0)
    return np.asarray(np.clip(np.where(swapped, 1.0 - part, part), 0.0, 1.0))


def _fraction(x: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """The continued fraction 1/(1 + d1/(1 + d2/(1 + ...))), evaluated from the front (modified Lentz)."""
    value = numerator = np.ones_like(x)
    denominator = np.zeros_like(x)
    for term in range(TERMS):
        m = term // 2
        if term == 0:
            d = np.ones_like(x)
        elif term % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        denominator = 1.0 + d * denominator
        denominator = 1.0 / np.where(np.abs(denominator) < TINY, TINY, denominator)
        if term == 0:
            value = denominator
            numerator = np.full_like(x, 1.0 / TINY)
            continue
        numerator = 1.0 + d / numerator
        numerator = np.where(np.abs(numerator) < TINY, TINY, numerator)
        step = numerator * denominator
        value = value * step
        if np.all(np.abs(step - 1.0) < 1e-15):
            break
    return value
