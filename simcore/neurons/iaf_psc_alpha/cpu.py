"""Compiled update of `iaf_psc_alpha`: the arithmetic of the oracle in `model.py`, in the same order.

Three vectorised loops over a block that stays in the L1 cache: the membranes, then the currents of each receptor. One
loop over all arrays would have too many for the compiler to tell that they do not overlap.
"""

from typing import Any

import numpy as np
from numba import carray

from simcore.jit.blocks import BLOCK, at, collect, part
from simcore.jit.compilation import kernel, update_kernel


@kernel
def _integrate(
    v: Any, i_ex: Any, i_in: Any, di_ex: Any, di_in: Any, refractory: Any, fired: Any, drift: Any, p31_ex: Any,
    p32_ex: Any, p31_in: Any, p32_in: Any, leak: Any, floor: Any, theta: Any, reset: Any, refractory_steps: Any,
) -> Any:  # fmt: skip
    """Advance the membranes of a block; marks those that fire and returns their number."""
    total = np.int32(0)
    for i in range(len(v)):
        integrated = (
            at(drift, i) + at(p31_ex, i) * di_ex[i] + at(p32_ex, i) * i_ex[i] + at(p31_in, i) * di_in[i]
            + at(p32_in, i) * i_in[i] + at(leak, i) * v[i] + v[i]
        )  # fmt: skip
        bounded = at(floor, i) if integrated < at(floor, i) else integrated
        left = refractory[i]
        potential = bounded if left == 0 else v[i]
        left = np.int32(left - np.int32(left != 0))
        fires = potential >= at(theta, i)
        v[i] = at(reset, i) if fires else potential
        refractory[i] = np.int32(at(refractory_steps, i)) if fires else left
        fired[i] = np.int32(fires)
        total += np.int32(fires)
    return total


@kernel
def _propagate(current: Any, rise: Any, arrivals: Any, p11: Any, p21: Any, jump: Any, lsb: Any) -> None:
    """Advance the currents of one receptor and add what arrives."""
    real = current.dtype.type
    zero = arrivals.dtype.type(0)
    for i in range(len(current)):
        current[i] = at(p21, i) * rise[i] + at(p11, i) * current[i]
        rise[i] = rise[i] * at(p11, i) + at(jump, i) * (real(arrivals[i]) * lsb)
        arrivals[i] = zero


@kernel
def _advance(
    v: Any, i_ex: Any, i_in: Any, di_ex: Any, di_in: Any, refractory: Any, in_ex: Any, in_in: Any, drift: Any,
    p31_ex: Any, p32_ex: Any, p31_in: Any, p32_in: Any, leak: Any, floor: Any, theta: Any, reset: Any,
    refractory_steps: Any, p11_ex: Any, p21_ex: Any, jump_ex: Any, p11_in: Any, p21_in: Any, jump_in: Any, lsb: Any,
    spikes: Any,
) -> Any:  # fmt: skip
    # As wide as the float32 state, so that the loop needs no packing.
    fired = np.empty(BLOCK, dtype=np.int32)
    count = 0
    for low in range(0, len(v), BLOCK):
        high = min(low + BLOCK, len(v))
        found = _integrate(
            v[low:high], i_ex[low:high], i_in[low:high], di_ex[low:high], di_in[low:high], refractory[low:high],
            fired, part(drift, low, high), part(p31_ex, low, high), part(p32_ex, low, high),
            part(p31_in, low, high), part(p32_in, low, high), part(leak, low, high), part(floor, low, high),
            part(theta, low, high), part(reset, low, high), part(refractory_steps, low, high),
        )  # fmt: skip
        _propagate(
            i_ex[low:high], di_ex[low:high], in_ex[low:high], part(p11_ex, low, high), part(p21_ex, low, high),
            part(jump_ex, low, high), lsb[0],
        )  # fmt: skip
        _propagate(
            i_in[low:high], di_in[low:high], in_in[low:high], part(p11_in, low, high), part(p21_in, low, high),
            part(jump_in, low, high), lsb[1],
        )  # fmt: skip
        if found > 0:
            count = collect(fired, low, high - low, spikes, count)
    return count


def _update(
    state: Any,
    counters: Any,
    inputs: Any,
    input_stride: Any,
    coefficients: Any,
    n_coefficients: Any,
    lsb: Any,
    n: Any,
    spikes: Any,
) -> Any:
    rows = carray(state, (5, n))
    refractory = carray(counters, n)
    arrivals = carray(inputs, input_stride + n)
    in_ex, in_in = arrivals[:n], arrivals[input_stride:]
    units = carray(lsb, 2)
    found = carray(spikes, n)
    if n_coefficients == 1:
        c = carray(coefficients, 16)
        return _advance(
            rows[0], rows[1], rows[2], rows[3], rows[4], refractory, in_ex, in_in,
            c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], c[15],
            units, found,
        )  # fmt: skip
    a = carray(coefficients, (16, n))
    return _advance(
        rows[0], rows[1], rows[2], rows[3], rows[4], refractory, in_ex, in_in,
        a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15],
        units, found,
    )  # fmt: skip


UPDATE = update_kernel(_update)
