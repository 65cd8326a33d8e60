"""Compiled update of `lif_fixed_point`.

In float64, in which all numbers of the model are exact (products have at most 37 bits, and a sum of weights beyond 53
bits saturates whatever its last bits are): its conversions from and to float32 and its truncation are vector
instructions on every processor, those of 64-bit integers are not.
"""

from typing import Any

import numpy as np
from numba import carray

from simcore.jit.blocks import BLOCK, at, collect, part
from simcore.jit.compilation import inlined, kernel, update_kernel
from simcore.neurons.lif_fixed_point import model

LARGEST = float(model.LARGEST)
SHARE = 1.0 / model.UNITY


@inlined
def _bounded(x: Any) -> Any:
    above = LARGEST if x > LARGEST else x
    return -LARGEST if above < -LARGEST else above


@kernel
def _step(
    v: Any, u: Any, held: Any, in_ex: Any, in_in: Any, fired: Any, keep_u: Any, keep_v: Any, bias: Any,
    threshold: Any, hold: Any, scale: Any, lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; marks those that fire and returns their number."""
    real = v.dtype.type
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(v)):
        weights = np.float64(in_ex[i]) * lsb_ex + np.float64(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        arrived = weights * np.float64(at(scale, i))
        current = _bounded(np.trunc(np.float64(u[i]) * np.float64(at(keep_u, i)) * SHARE) + arrived)
        decayed = np.trunc(np.float64(v[i]) * np.float64(at(keep_v, i)) * SHARE)
        integrated = _bounded(decayed + current + np.float64(at(bias, i)))
        left = held[i]
        potential = integrated if left == 0 else 0.0
        left = np.int32(left - np.int32(left != 0))
        fires = potential > np.float64(at(threshold, i))
        v[i] = real(0.0) if fires else real(potential)
        u[i] = real(current)
        held[i] = np.int32(at(hold, i)) if fires else left
        fired[i] = np.int32(fires)
        total += np.int32(fires)
    return total


@kernel
def _advance(
    v: Any, u: Any, held: Any, in_ex: Any, in_in: Any, keep_u: Any, keep_v: Any, bias: Any, threshold: Any, hold: Any,
    scale: Any, lsb_ex: Any, lsb_in: Any, spikes: Any,
) -> Any:  # fmt: skip
    # As wide as the float32 state, so that the loop needs no packing.
    fired = np.empty(BLOCK, dtype=np.int32)
    count = 0
    for low in range(0, len(v), BLOCK):
        high = min(low + BLOCK, len(v))
        found = _step(
            v[low:high], u[low:high], held[low:high], in_ex[low:high], in_in[low:high], fired, part(keep_u, low, high),
            part(keep_v, low, high), part(bias, low, high), part(threshold, low, high), part(hold, low, high),
            part(scale, low, high), lsb_ex, lsb_in,
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
    held = carray(counters, n)
    arrivals = carray(inputs, input_stride + n)
    in_ex, in_in = arrivals[:n], arrivals[input_stride:]
    units = carray(lsb, 2)
    lsb_ex, lsb_in = np.float64(units[0]), np.float64(units[1])
    found = carray(spikes, n)
    if n_coefficients == 1:
        c = carray(coefficients, 6)
        return _advance(
            rows[0], rows[1], held, in_ex, in_in, c[0], c[1], c[2], c[3], c[4], c[5], lsb_ex, lsb_in, found
        )  # fmt: skip
    a = carray(coefficients, (6, n))
    return _advance(
        rows[0], rows[1], held, in_ex, in_in, a[0], a[1], a[2], a[3], a[4], a[5], lsb_ex, lsb_in, found
    )  # fmt: skip


UPDATE = update_kernel(_update)
