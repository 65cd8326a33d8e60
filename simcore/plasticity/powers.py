"""x^mu for integers 0 <= x < 2^31 and 0 < mu < 1 from a table, the same on every backend.

With x = 2^e (1 + (j + t) / KNOTS), 0 <= t < 1: x^mu = E[e] (a[j] + t (b[j] + t c[j])), in this order. The parabola of
an interval equals (1 + s)^mu at its ends and its centre; the relative error is below 3e-11. The power of 0 is 0.

A table is one array: EXPONENTS numbers 2^(e mu), followed by a, b, c of KNOTS intervals.
"""

import math

import numpy as np
import numpy.typing as npt

from simcore.propagators import exp

FloatArray = npt.NDArray[np.float64]

EXPONENTS = 31
KNOTS = 512
KNOT_BITS = 9
LOG_TERMS = 20
LN2 = 0.6931471805599453


def power_table(mu: float) -> FloatArray:
    """Return the table of an exponent; for 0 and 1, which do not need one, an empty array."""
    if mu in (0.0, 1.0):
        return np.zeros(0)
    exponents = exp(np.arange(EXPONENTS) * (mu * LN2))
    j = np.arange(KNOTS, dtype=np.float64)
    low, middle, high = (exp(mu * _log(1.0 + (j + t) / KNOTS)) for t in (0.0, 0.5, 1.0))
    first = -3.0 * low + 4.0 * middle - high
    second = 2.0 * low - 4.0 * middle + 2.0 * high
    return np.concatenate((exponents, np.stack((low, first, second), axis=1).ravel()))


def _log(x: FloatArray) -> FloatArray:
    """Return the natural logarithm for 1 <= x <= 2 from + - * / only: 2 artanh((x - 1) / (x + 1))."""
    z = (x - 1.0) / (x + 1.0)
    square, series = z * z, np.zeros_like(z)
    for order in range(LOG_TERMS, -1, -1):
        series = series * square + 1.0 / (2 * order + 1)
    return 2.0 * (z * series)


def raised(base: float, exponent: float) -> float:
    """Return base^exponent for base > 0 with a relative error of about 1e-15, the same on every machine."""
    if exponent in (0.0, 1.0):
        return base if exponent else 1.0
    mantissa, e = math.frexp(base)
    logarithm = float(_log(np.array(2.0 * mantissa))) + (e - 1) * LN2
    return float(exp(exponent * logarithm))


def power(table: FloatArray, x: npt.NDArray[np.int64]) -> FloatArray:
    """Return x^mu, computed as in the kernels."""
    _, exponent = np.frexp(np.maximum(x, 1).astype(np.float64))
    e = exponent.astype(np.int64) - 1
    # The bits of x below the leading one, as a 32-bit fraction.
    fraction = (np.maximum(x, 1) << (32 - e)) & 0xFFFFFFFF
    place = EXPONENTS + 3 * (fraction >> (32 - KNOT_BITS))
    t = (fraction & ((1 << (32 - KNOT_BITS)) - 1)) * 2.0 ** -(32 - KNOT_BITS)
    value = table[e] * (table[place] + t * (table[place + 1] + t * table[place + 2]))
    return np.where(x == 0, 0.0, value)
