"""Exponential function of neuron models that need one in every step, with the same bits on every backend.

exp(x) = 2^k exp(r), where k is the integer closest to x / ln 2, so that |r| <= ln 2 / 2, and exp(r) is its Taylor
polynomial, summed in pairs (Estrin's scheme), which allows more instruction-level parallelism than Horner's scheme. All
operations are + - * in the precision of the state, in this order, and an integer shift; they do not depend on a library
or a processor. Adding `rounder` leaves k in the lowest bits of the sum, and a shift makes it the exponent of 2^k.

`taylor` is also compiled for kernels; `simcore.jit.exponential` repeats the rest. The relative error is below
2 units in the last place, in float32 and in float64.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.propagators import LN2_HIGH, LN2_LOW

MAX_ARGUMENT = 80.0
"""Arguments are clipped to [-80, 80], a range that float32 supports: exp(80) is 5.5e34."""
LOG2_E = float.fromhex("0x1.71547652b82fep+0")
TAYLOR = tuple(1.0 / math.factorial(order) for order in range(16))


@dataclass(frozen=True)
class Reduction:
    """Constants of one precision.

    Parameters
    ----------
    rounder
        1.5 times 2 to the number of mantissa bits, so that sums with it have no fractional bits.
    ln2_high, ln2_low
        ln 2 in two parts; the product of the first with k is exact.
    terms
        Number of terms of the polynomial, 8 or 16.
    mantissa_bits, exponent_bias
        Parameters of the floating-point format.
    """

    rounder: float
    ln2_high: float
    ln2_low: float
    terms: int
    mantissa_bits: int
    exponent_bias: int


FLOAT32 = Reduction(1.5 * 2.0**23, float.fromhex("0x1.63p-1"), float.fromhex("-0x1.bd0106p-13"), 8, 23, 127)
FLOAT64 = Reduction(1.5 * 2.0**52, LN2_HIGH, LN2_LOW, 16, 52, 1023)


COEFFICIENTS: dict[Any, list[Any]] = {real: [real(value) for value in TAYLOR] for real in (np.float32, np.float64)}


def taylor(c: Sequence[Any], first: int, r: Any) -> Any:
    """Return eight terms of a polynomial in r, from coefficient number `first` on, divided by r**first."""
    r2 = r * r
    low = (c[first] + c[first + 1] * r) + (c[first + 2] + c[first + 3] * r) * r2
    high = (c[first + 4] + c[first + 5] * r) + (c[first + 6] + c[first + 7] * r) * r2
    return low + high * (r2 * r2)


def exp(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return exp(x) of float32 or float64 numbers in their precision; arguments are clipped to [-80, 80]."""
    real = x.dtype.type
    constants, integer = (FLOAT32, np.int32) if real is np.float32 else (FLOAT64, np.int64)
    low, high = real(-MAX_ARGUMENT), real(MAX_ARGUMENT)
    clipped = np.minimum(np.maximum(x, low), high)
    shifted = clipped * real(LOG2_E) + real(constants.rounder)
    k = shifted - real(constants.rounder)
    r = (clipped - k * real(constants.ln2_high)) - k * real(constants.ln2_low)
    coefficients = COEFFICIENTS[real]
    series = taylor(coefficients, 0, r)
    if constants.terms == 16:
        r4 = (r * r) * (r * r)
        series = series + taylor(coefficients, 8, r) * (r4 * r4)
    bits = shifted.view(integer) << integer(constants.mantissa_bits)
    scale = (bits + integer(constants.exponent_bias << constants.mantissa_bits)).view(real)
    return np.asarray(series * scale)
