"""Propagators of exact integration from float64 ``+ - * /`` only, so that they are equal on every machine.

libm and NumPy's vectorised exp differ between processors in the last bit, and propagators that differ in the last bit
give different spikes. `expm1` therefore uses a fixed range reduction and a Taylor polynomial.

References
----------
Rotter, Diesmann (1999), Exact digital simulation of time-invariant linear systems, Biol. Cybern. 81:381.
"""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
"""ln 2 to 32 bits, so that its product with a small integer is exact."""
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
TAYLOR_TERMS = 18
ALPHA_TERMS = 18
MAX_EXPONENT = 700.0


def _reduce(x: FloatArray) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Split x = k ln2 + r with |r| <= ln2 / 2; return k and expm1(r)."""
    k = np.floor(x / (LN2_HIGH + LN2_LOW) + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    # In place, because each temporary array for the 65,537 arguments of a table of quantiles would cost page faults.
    series, factor = np.zeros_like(r), np.empty_like(r)
    for order in range(TAYLOR_TERMS, 1, -1):
        series += 1.0
        series *= np.divide(r, order, out=factor)
    return k.astype(np.int64), (series + 1.0) * r


def expm1(x: npt.ArrayLike) -> FloatArray:
    """Return exp(x) - 1 with a relative error of a few 1e-16, for |x| < 700."""
    argument = np.clip(np.asarray(x, dtype=np.float64), -MAX_EXPONENT, MAX_EXPONENT)
    k, reduced = _reduce(argument)
    scale = np.ldexp(1.0, k)
    return np.asarray(scale * reduced + (scale - 1.0), dtype=np.float64)


def exp(x: npt.ArrayLike) -> FloatArray:
    """Return exp(x) with a relative error of a few 1e-16; arguments are clipped to [-700, 700]."""
    argument = np.clip(np.asarray(x, dtype=np.float64), -MAX_EXPONENT, MAX_EXPONENT)
    k, reduced = _reduce(argument)
    return np.asarray(np.ldexp(1.0 + reduced, k), dtype=np.float64)


def exponential_current_to_voltage(
    tau_m: npt.ArrayLike, tau_syn: npt.ArrayLike, c_m: npt.ArrayLike, h: float
) -> FloatArray:
    """Return the propagator P21 (mV/pA) of an exponential current (ms, pF) onto the membrane over a step of h ms.

    It is (h / C) exp(-h/tau_m) * expm1(-x)/(-x) with x = h (1/tau_syn - 1/tau_m), the usual difference of exponentials
    in a form without a numerical singularity at tau_syn = tau_m.
    """
    tau_m = np.asarray(tau_m, dtype=np.float64)
    tau_syn = np.asarray(tau_syn, dtype=np.float64)
    x = h * (1.0 / tau_syn - 1.0 / tau_m)
    # The expression is symmetric: factor out the slower exponential if the other would exceed the range of float64.
    swapped = x < -600.0
    slow, x = np.where(swapped, tau_syn, tau_m), np.where(swapped, -x, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(x == 0.0, 1.0, expm1(-x) / np.where(x == 0.0, 1.0, -x))
    return np.asarray(h / np.asarray(c_m, dtype=np.float64) * exp(-h / slow) * ratio, dtype=np.float64)


def alpha_current_to_voltage(tau_m: npt.ArrayLike, tau_syn: npt.ArrayLike, c_m: npt.ArrayLike, h: float) -> FloatArray:
    """Return the propagator P31 (mV ms/pA) of an alpha current's derivative (ms, pF) onto the membrane over h ms.

    It is (h^2 / C) exp(-h/tau_m) psi(x) with x = h (1/tau_syn - 1/tau_m) and psi(x) = (1 - (1 + x) exp(-x)) / x^2,
    which is a power series for small x, so that there is no numerical singularity at tau_syn = tau_m.
    """
    tau_m = np.asarray(tau_m, dtype=np.float64)
    tau_syn = np.asarray(tau_syn, dtype=np.float64)
    x = h * (1.0 / tau_syn - 1.0 / tau_m)
    small = np.abs(x) < 1.0
    near, far = np.where(small, x, 0.0), np.where(small, 1.0, x)
    # psi(x) = sum over k of (-x)^k / (k! (k + 2)), by Horner's rule on (-x)^k / k!.
    series = np.zeros_like(near)
    for order in range(ALPHA_TERMS, 0, -1):
        series = (series + 1.0 / (order + 2)) * (-near / order)
    by_series = (series + 0.5) * exp(-h / tau_m)
    # Includes the factor exp(-h/tau_m), because exp(-x) could exceed the range of float64.
    directly = (exp(-h / tau_m) - (1.0 + far) * exp(-h / tau_syn)) / far / far
    scale = h * h / np.asarray(c_m, dtype=np.float64)
    return np.asarray(scale * np.where(small, by_series, directly), dtype=np.float64)
