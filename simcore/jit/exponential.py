"""Exponential function of `simcore.exponential` for kernels, with the same operations in the same order."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from simcore.exponential import FLOAT32, FLOAT64, LOG2_E, MAX_ARGUMENT, TAYLOR, Reduction, taylor
from simcore.jit.compilation import inlined, overloaded

_taylor = inlined(taylor)


def exp(x: Any) -> Any:
    """Return exp(x) of a float32 or float64 in its precision; arguments are clipped to [-80, 80]."""
    raise NotImplementedError("compiled only")


@overloaded(exp, forceinline=True)
def _overload_exp(x):  # type: ignore[no-untyped-def] # Numba compares annotations too
    return _exp_of(np.float32, FLOAT32) if x is types.float32 else _exp_of(np.float64, FLOAT64)


def _exp_of(real: Any, constants: Reduction) -> Any:
    low, high, log2_e = real(-MAX_ARGUMENT), real(MAX_ARGUMENT), real(LOG2_E)
    rounder, ln2_high, ln2_low = real(constants.rounder), real(constants.ln2_high), real(constants.ln2_low)
    coefficients = tuple(real(value) for value in TAYLOR)
    many = constants.terms == 16
    power_of_two = _power_of_two(constants)

    def implementation(x):  # type: ignore[no-untyped-def]
        clipped = low if x < low else x
        clipped = high if clipped > high else clipped
        shifted = clipped * log2_e + rounder
        k = shifted - rounder
        r = (clipped - k * ln2_high) - k * ln2_low
        series = _taylor(coefficients, 0, r)
        if many:
            r4 = (r * r) * (r * r)
            series = series + _taylor(coefficients, 8, r) * (r4 * r4)
        return series * power_of_two(shifted)

    return implementation


def _power_of_two(constants: Reduction) -> Any:
    @intrinsic
    def power_of_two(typing_context: Any, shifted: Any) -> Any:
        """Return 2^k from the sum of k and the rounder."""

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            integer = ir.IntType(shifted.bitwidth)
            bits = builder.bitcast(arguments[0], integer)
            exponent = builder.shl(bits, integer(constants.mantissa_bits))
            biased = builder.add(exponent, integer(constants.exponent_bias << constants.mantissa_bits))
            return builder.bitcast(biased, context.get_value_type(shifted))

        return shifted(shifted), generate

    return power_of_two
