"""The standard normal distribution over arrays: density, cumulative distribution and its inverse.

Each function gives the same numbers as its counterpart of the standard library for each value. Logarithms and erfc are
taken from `math`, because NumPy's vectorised versions differ between processors in the last bit.

References
----------
Wichura (1988), Algorithm AS 241: The percentage points of the normal distribution, Appl. Stat. 37:477.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simcore.propagators import exp

FloatArray = npt.NDArray[np.float64]

CENTRE = 0.425
"""Distance from 1/2 up to which AS 241 uses its first rational function, PPND16's `split1`."""
NEAR_TAIL = 5.0
"""Value of sqrt(-log(tail)) up to which it uses the second, `split2`."""

# Numerator and denominator of each rational function, highest power first.
_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_NEAR_TAIL = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)  # fmt: skip
_FAR_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip


def normal_cdf(z: FloatArray) -> FloatArray:
    """P(Z <= z) of a standard normal Z."""
    return 0.5 * np.array(list(map(math.erfc, (-z / math.sqrt(2.0)).tolist())))


def normal_density(z: FloatArray) -> FloatArray:
    """Density of the standard normal distribution; 0 at infinity."""
    density: FloatArray = exp(np.maximum(-0.5 * z * z, -600.0)) / math.sqrt(2.0 * math.pi)
    return np.where(np.isfinite(z), density, 0.0)


def normal_quantile(p: FloatArray) -> FloatArray:
    """Inverse of `normal_cdf` at ascending probabilities; minus infinity at p <= 0, infinity at p >= 1."""
    q = p - 0.5
    inside = (p > 0.0) & (p < 1.0)
    quantile = np.where(p <= 0.0, -math.inf, math.inf)
    central = np.abs(q) <= CENTRE
    offset = q[central]
    square = 0.180625 - offset * offset
    quantile[central] = _polynomial(_CENTRE[0], square) * offset / _polynomial(_CENTRE[1], square)
    outer = inside & ~central
    tail = np.where(q[outer] <= 0.0, p[outer], 1.0 - p[outer])
    root = np.sqrt(-np.array(list(map(math.log, tail.tolist()))))
    near = root <= NEAR_TAIL
    size = np.where(near, _ratio(_NEAR_TAIL, root - 1.6), _ratio(_FAR_TAIL, root - 5.0))
    quantile[outer] = np.where(q[outer] < 0.0, -size, size)
    return quantile


def _ratio(functions: tuple[Sequence[float], Sequence[float]], x: FloatArray) -> FloatArray:
    return _polynomial(functions[0], x) / _polynomial(functions[1], x)


def _polynomial(coefficients: Sequence[float], x: FloatArray) -> FloatArray:
    """Horner's rule, in the order of the standard library."""
    value = coefficients[0] * x
    for coefficient in coefficients[1:-1]:
        value += coefficient
        value *= x
    value += coefficients[-1]
    return value
