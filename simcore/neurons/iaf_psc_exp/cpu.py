"""Compiled update of `iaf_psc_exp`: the arithmetic of the oracle in `model.py`, in the same order.

One vectorised loop over a block that stays in the L1 cache, then a search of the block for spikes if it has any.
"""

from typing import Any

import numpy as np
from numba import carray

from simcore.jit.blocks import BLOCK, at, collect, part
from simcore.jit.compilation import kernel, update_kernel


@kernel
def _step(
    v: Any,
    i_ex: Any,
    i_in: Any,
    refractory: Any,
    in_ex: Any,
    in_in: Any,
    fired: Any,
    p22: Any,
    p11_ex: Any,
    p11_in: Any,
    p21_ex: Any,
    p21_in: Any,
    drift: Any,
    theta: Any,
    reset: Any,
    refractory_steps: Any,
    lsb_ex: Any,
    lsb_in: Any,
) -> Any:
    """Advance the neurons of a block; marks those that fire and returns their number."""
    real = v.dtype.type
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(v)):
        integrated = v[i] * at(p22, i) + i_ex[i] * at(p21_ex, i) + i_in[i] * at(p21_in, i) + at(drift, i)
        left = refractory[i]
        potential = integrated if left == 0 else v[i]
        left = np.int32(left - np.int32(left != 0))
        i_ex[i] = i_ex[i] * at(p11_ex, i) + real(in_ex[i]) * lsb_ex
        i_in[i] = i_in[i] * at(p11_in, i) + real(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        fires = potential >= at(theta, i)
        v[i] = at(reset, i) if fires else potential
        refractory[i] = np.int32(at(refractory_steps, i)) if fires else left
        fired[i] = np.int32(fires)
        total += np.int32(fires)
    return total


@kernel
def _advance(
    v: Any,
    i_ex: Any,
    i_in: Any,
    refractory: Any,
    in_ex: Any,
    in_in: Any,
    p22: Any,
    p11_ex: Any,
    p11_in: Any,
    p21_ex: Any,
    p21_in: Any,
    drift: Any,
    theta: Any,
    reset: Any,
    refractory_steps: Any,
    lsb_ex: Any,
    lsb_in: Any,
    spikes: Any,
) -> Any:
    # As wide as the state, so that the loop needs no packing.
    fired = np.empty(BLOCK, dtype=np.int32)
    count = 0
    for low in range(0, len(v), BLOCK):
        high = min(low + BLOCK, len(v))
        found = _step(
            v[low:high],
            i_ex[low:high],
            i_in[low:high],
            refractory[low:high],
            in_ex[low:high],
            in_in[low:high],
            fired,
            part(p22, low, high),
            part(p11_ex, low, high),
            part(p11_in, low, high),
            part(p21_ex, low, high),
            part(p21_in, low, high),
            part(drift, low, high),
            part(theta, low, high),
            part(reset, low, high),
            part(refractory_steps, low, high),
            lsb_ex,
            lsb_in,
        )
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
    rows = carray(state, (3, n))
    refractory = carray(counters, n)
    arrivals = carray(inputs, input_stride + n)
    in_ex, in_in = arrivals[:n], arrivals[input_stride:]
    units = carray(lsb, 2)
    found = carray(spikes, n)
    v, i_ex, i_in = rows[0], rows[1], rows[2]
    if n_coefficients == 1:
        c = carray(coefficients, 9)
        return _advance(
            v, i_ex, i_in, refractory, in_ex, in_in,
            c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], units[0], units[1], found,
        )  # fmt: skip
    a = carray(coefficients, (9, n))
    return _advance(
        v, i_ex, i_in, refractory, in_ex, in_in,
        a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], units[0], units[1], found,
    )  # fmt: skip


UPDATE = update_kernel(_update)
