"""Compiled update of `iaf_psc_delta`: the arithmetic of the oracle in `model.py`, in the same order."""

from typing import Any

import numpy as np
from numba import carray

from simcore.jit.blocks import BLOCK, at, collect, part
from simcore.jit.compilation import kernel, update_kernel


@kernel
def _step(
    v: Any, kept: Any, refractory: Any, in_ex: Any, in_in: Any, fired: Any, drift: Any, p33: Any, kept_share: Any,
    floor: Any, theta: Any, reset: Any, refractory_steps: Any, lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; marks those that fire and returns their number."""
    real = v.dtype.type
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(v)):
        arrived = real(in_ex[i]) * lsb_ex + real(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        integrated = at(drift, i) + at(p33, i) * v[i] + arrived + kept[i]
        bounded = at(floor, i) if integrated < at(floor, i) else integrated
        left = refractory[i]
        potential = bounded if left == 0 else v[i]
        kept[i] = real(0.0) if left == 0 else (kept[i] + arrived) * at(kept_share, i)
        left = np.int32(left - np.int32(left != 0))
        fires = potential >= at(theta, i)
        v[i] = at(reset, i) if fires else potential
        refractory[i] = np.int32(at(refractory_steps, i)) if fires else left
        fired[i] = np.int32(fires)
        total += np.int32(fires)
    return total


@kernel
def _advance(
    v: Any, kept: Any, refractory: Any, in_ex: Any, in_in: Any, drift: Any, p33: Any, kept_share: Any, floor: Any,
    theta: Any, reset: Any, refractory_steps: Any, lsb_ex: Any, lsb_in: Any, spikes: Any,
) -> Any:  # fmt: skip
    # As wide as the float32 state, so that the loop needs no packing.
    fired = np.empty(BLOCK, dtype=np.int32)
    count = 0
    for low in range(0, len(v), BLOCK):
        high = min(low + BLOCK, len(v))
        found = _step(
            v[low:high], kept[low:high], refractory[low:high], in_ex[low:high], in_in[low:high], fired,
            part(drift, low, high), part(p33, low, high), part(kept_share, low, high), part(floor, low, high),
            part(theta, low, high), part(reset, low, high), part(refractory_steps, low, high), lsb_ex, lsb_in,
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
    refractory = carray(counters, n)
    arrivals = carray(inputs, input_stride + n)
    in_ex, in_in = arrivals[:n], arrivals[input_stride:]
    units = carray(lsb, 2)
    found = carray(spikes, n)
    if n_coefficients == 1:
        c = carray(coefficients, 7)
        return _advance(
            rows[0], rows[1], refractory, in_ex, in_in,
            c[0], c[1], c[2], c[3], c[4], c[5], c[6], units[0], units[1], found,
        )  # fmt: skip
    a = carray(coefficients, (7, n))
    return _advance(
        rows[0], rows[1], refractory, in_ex, in_in,
        a[0], a[1], a[2], a[3], a[4], a[5], a[6], units[0], units[1], found,
    )  # fmt: skip


UPDATE = update_kernel(_update)
