"""Logarithm, sine and gamma function from + - * / only, so that masks and kernels are equal on every machine."""

import math

import numpy as np
import numpy.typing as npt

from simcore.propagators import exp

FloatArray = npt.NDArray[np.float64]

LN2 = 0.6931471805599453
HALF_LN_2PI = 0.9189385332046727
LOG_TERMS = 20
SINE_TERMS = 12
STIRLING_FROM = 16.0
"""Argument from which four terms of Stirling's series suffice."""


def log(x: npt.ArrayLike) -> FloatArray:
    """Natural logarithm of numbers > 0, with an error of about 1e-15: 2 artanh((m - 1) / (m + 1)) + e ln 2."""
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    # The terms must not cancel around 1.
    small = mantissa < 0.7071067811865476
    mantissa, exponent = np.where(small, 2.0 * mantissa, mantissa), exponent - small
    z = (mantissa - 1.0) / (mantissa + 1.0)
    square, series = z * z, np.zeros_like(z)
    for order in range(LOG_TERMS, -1, -1):
        series = series * square + 1.0 / (2 * order + 1)
    return np.asarray(2.0 * (z * series) + exponent * LN2)


def power(x: npt.ArrayLike, exponent: float) -> FloatArray:
    """Return x^exponent for x >= 0 and exponents >= 0; 0^0 is 1."""
    base = np.asarray(x, dtype=np.float64)
    if exponent == 0.0:
        return np.ones_like(base)
    raised = exp(exponent * log(np.where(base > 0.0, base, 1.0)))
    return np.where(base > 0.0, raised, 0.0)


def log_gamma(x: float) -> float:
    """Return the logarithm of the gamma function for x > 0, by Stirling's series."""
    product, shifted = 1.0, x
    while shifted < STIRLING_FROM:
        product *= shifted
        shifted += 1.0
    inverse = 1.0 / shifted
    square = inverse * inverse
    series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)))
    return float((shifted - 0.5) * log(shifted) - shifted + HALF_LN_2PI + series - log(product))


def sine_and_cosine(degrees: float) -> tuple[float, float]:
    """Return sine and cosine of an angle, exact for multiples of 90 degrees."""
    quarters = math.floor(degrees / 90.0 + 0.5)
    r = (degrees - 90.0 * quarters) * (math.pi / 180.0)
    sine, cosine, term = 0.0, 0.0, 1.0
    for order in range(2 * SINE_TERMS):
        sign = -1.0 if order & 2 else 1.0
        sine, cosine = (sine + sign * term, cosine) if order & 1 else (sine, cosine + sign * term)
        term = term * r / (order + 1)
    return ((sine, cosine), (cosine, -sine), (-sine, -cosine), (-cosine, sine))[quarters % 4]
