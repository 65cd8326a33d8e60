"""Compiled update of `izhikevich`: the arithmetic of the oracle in `model.py`, in the same order."""

from typing import Any

import numpy as np
from numba import carray

from simcore.jit.blocks import BLOCK, at, collect, part
from simcore.jit.compilation import kernel, update_kernel
from simcore.neurons.izhikevich.model import CONSTANT, LINEAR, QUADRATIC


@kernel
def _step(
    v: Any, u: Any, in_ex: Any, in_in: Any, fired: Any, h: Any, i_e: Any, ha: Any, b: Any, c: Any, d: Any,
    threshold: Any, floor: Any, lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; marks those that fire and returns their number."""
    real = v.dtype.type
    quadratic, linear, constant = real(QUADRATIC), real(LINEAR), real(CONSTANT)
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(v)):
        old, recovery = v[i], u[i]
        arrived = real(in_ex[i]) * lsb_ex + real(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        slope = quadratic * old * old + linear * old + constant - recovery + at(i_e, i)
        stepped = old + (at(h, i) * slope + arrived)
        recovery = recovery + at(ha, i) * (at(b, i) * old - recovery)
        potential = at(floor, i) if stepped < at(floor, i) else stepped
        fires = potential >= at(threshold, i)
        v[i] = at(c, i) if fires else potential
        u[i] = recovery + at(d, i) if fires else recovery
        fired[i] = np.int32(fires)
        total += np.int32(fires)
    return total


@kernel
def _advance(
    v: Any, u: Any, in_ex: Any, in_in: Any, h: Any, i_e: Any, ha: Any, b: Any, c: Any, d: Any, threshold: Any,
    floor: Any, lsb_ex: Any, lsb_in: Any, spikes: Any,
) -> Any:  # fmt: skip
    # As wide as the float32 state, so that the loop needs no packing.
    fired = np.empty(BLOCK, dtype=np.int32)
    count = 0
    for low in range(0, len(v), BLOCK):
        high = min(low + BLOCK, len(v))
        found = _step(
            v[low:high], u[low:high], in_ex[low:high], in_in[low:high], fired, part(h, low, high),
            part(i_e, low, high), part(ha, low, high), part(b, low, high), part(c, low, high), part(d, low, high),
            part(threshold, low, high), part(floor, low, high), lsb_ex, lsb_in,
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
    rows = carray(state, (2, n))
    arrivals = carray(inputs, input_stride + n)
    in_ex, in_in = arrivals[:n], arrivals[input_stride:]
    units = carray(lsb, 2)
    found = carray(spikes, n)
    if n_coefficients == 1:
        c = carray(coefficients, 8)
        return _advance(
            rows[0], rows[1], in_ex, in_in, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], units[0], units[1], found
        )  # fmt: skip
    a = carray(coefficients, (8, n))
    return _advance(
        rows[0], rows[1], in_ex, in_in, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], units[0], units[1], found
    )  # fmt: skip


UPDATE = update_kernel(_update)
