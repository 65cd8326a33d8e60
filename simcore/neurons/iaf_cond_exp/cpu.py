"""Compiled update of `iaf_cond_exp`: the arithmetic of the oracle in `model.py`, in the same order.

Each substep is a vectorised pass over a block that stays in the L1 cache.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import carray

from simcore.jit.blocks import BLOCK, at, collect, row
from simcore.jit.compilation import inlined_late, kernel, update_kernel
from simcore.jit.exponential import exp
from simcore.neurons.iaf_cond_exp.model import MAX_PIECES, MAX_STEP

N_COEFFICIENTS = 19


class Rows(NamedTuple):
    """The coefficients of `simcore.neurons.iaf_cond_exp.model.Coefficients`, numbers or one for each neuron."""

    leak: Any
    per_capacitance: Any
    drift: Any
    e_ex: Any
    e_in: Any
    theta: Any
    reset: Any
    decay_ex: Any
    decay_in: Any
    middle_ex: Any
    middle_in: Any
    end_ex: Any
    end_in: Any
    rate_ex: Any
    rate_in: Any
    step: Any
    substep: Any
    substeps: Any
    refractory: Any


@inlined_late
def _rows(c: Any, low: Any, high: Any) -> Any:
    return Rows(
        row(c, 0, low, high), row(c, 1, low, high), row(c, 2, low, high), row(c, 3, low, high), row(c, 4, low, high),
        row(c, 5, low, high), row(c, 6, low, high), row(c, 7, low, high), row(c, 8, low, high), row(c, 9, low, high),
        row(c, 10, low, high), row(c, 11, low, high), row(c, 12, low, high), row(c, 13, low, high),
        row(c, 14, low, high), row(c, 15, low, high), row(c, 16, low, high), row(c, 17, low, high),
        row(c, 18, low, high),
    )  # fmt: skip


@inlined_late
def _slope(v: Any, a: Any, b: Any, theta: Any) -> Any:
    bounded = v if v < theta else theta
    return b - a * bounded


@inlined_late
def _after(v: Any, x: Any, y: Any, decays: Any, dt: Any, i: Any, c: Any) -> Any:
    """Potential and conductances over C_m after a Runge-Kutta step of `dt`."""
    real = type(v)
    leak, drift, e_ex, e_in, theta = at(c.leak, i), at(c.drift, i), at(c.e_ex, i), at(c.e_in, i), at(c.theta, i)
    xm, ym = x * decays[0], y * decays[1]
    x1, y1 = x * decays[2], y * decays[3]
    half_dt = real(0.5) * dt
    am, bm = leak + xm + ym, drift + xm * e_ex + ym * e_in
    k1 = _slope(v, leak + x + y, drift + x * e_ex + y * e_in, theta)
    k2 = _slope(v + half_dt * k1, am, bm, theta)
    k3 = _slope(v + half_dt * k2, am, bm, theta)
    k4 = _slope(v + dt * k3, leak + x1 + y1, drift + x1 * e_ex + y1 * e_in, theta)
    return v + real(1.0 / 6.0) * dt * (k1 + real(2.0) * (k2 + k3) + k4), x1, y1


@kernel
def _begin(v: Any, g_ex: Any, g_in: Any, potential: Any, x: Any, y: Any, stiff: Any, c: Any) -> Any:
    """Copy the state, with conductances over C_m; marks the neurons for which substeps are too long."""
    real = v.dtype.type
    total = np.int32(0)
    for i in range(len(v)):
        potential[i] = v[i]
        x[i] = g_ex[i] * at(c.per_capacitance, i)
        y[i] = g_in[i] * at(c.per_capacitance, i)
        stiff[i] = np.int32((at(c.leak, i) + x[i] + y[i]) * at(c.substep, i) > real(MAX_STEP))
        total += stiff[i]
    return total


@kernel
def _substep(potential: Any, x: Any, y: Any, c: Any) -> None:
    for i in range(len(potential)):
        decays = at(c.middle_ex, i), at(c.middle_in, i), at(c.end_ex, i), at(c.end_in, i)
        potential[i], x[i], y[i] = _after(potential[i], x[i], y[i], decays, at(c.substep, i), i, c)


@kernel
def _in_pieces(v: Any, g_ex: Any, g_in: Any, i: Any, c: Any) -> Any:
    """The potential of neuron i after a step in shorter substeps."""
    real = type(v)
    x, y = g_ex * at(c.per_capacitance, i), g_in * at(c.per_capacitance, i)
    wanted = (at(c.leak, i) + x + y) * at(c.step, i) * real(1.0 / MAX_STEP)
    pieces = np.int64(wanted if wanted < real(MAX_PIECES) else real(MAX_PIECES)) + 1
    dt = at(c.step, i) / real(pieces)
    half_ex, half_in = exp(real(-0.5) * dt * at(c.rate_ex, i)), exp(real(-0.5) * dt * at(c.rate_in, i))
    decays = half_ex, half_in, half_ex * half_ex, half_in * half_in
    for _ in range(pieces):
        v, x, y = _after(v, x, y, decays, dt, i, c)
    return v


@kernel
def _end(
    v: Any, g_ex: Any, g_in: Any, refractory: Any, in_ex: Any, in_in: Any, potential: Any, fired: Any, c: Any,
    lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Take the potentials, add the arrivals; marks the neurons that fire and returns their number."""
    real = v.dtype.type
    zero = in_ex.dtype.type(0)
    total = np.int32(0)
    for i in range(len(v)):
        left = refractory[i]
        integrated = potential[i] if left == 0 else at(c.reset, i)
        g_ex[i] = g_ex[i] * at(c.decay_ex, i) + real(in_ex[i]) * lsb_ex
        g_in[i] = g_in[i] * at(c.decay_in, i) - real(in_in[i]) * lsb_in
        in_ex[i] = zero
        in_in[i] = zero
        fires = (left == 0) & (integrated >= at(c.theta, i))
        v[i] = at(c.reset, i) if fires else integrated
        refractory[i] = np.int32(at(c.refractory, i)) if fires else np.int32(left - np.int32(left != 0))
        fired[i] = np.int32(fires)
        total += np.int32(fires)
    return total


@kernel
def _advance(state: Any, refractory: Any, in_ex: Any, in_in: Any, coefficients: Any, units: Any, spikes: Any) -> Any:
    scratch = np.empty((3, BLOCK), dtype=state.dtype)
    # As wide as the float32 state, so that the loops need no packing.
    marks = np.empty(BLOCK, dtype=np.int32)
    count = 0
    for low in range(0, state.shape[1], BLOCK):
        high = min(low + BLOCK, state.shape[1])
        n = high - low
        c = _rows(coefficients, low, high)
        v, g_ex, g_in = state[0, low:high], state[1, low:high], state[2, low:high]
        potential, x, y = scratch[0, :n], scratch[1, :n], scratch[2, :n]
        stiff = _begin(v, g_ex, g_in, potential, x, y, marks, c)
        for _ in range(np.int64(at(c.substeps, 0))):
            _substep(potential, x, y, c)
        if stiff > 0:
            for i in range(n):
                if marks[i]:
                    potential[i] = _in_pieces(v[i], g_ex[i], g_in[i], i, c)
        found = _end(
            v, g_ex, g_in, refractory[low:high], in_ex[low:high], in_in[low:high], potential, marks, c,
            units[0], units[1],
        )  # fmt: skip
        if found > 0:
            count = collect(marks, low, n, spikes, count)
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
    units, found = carray(lsb, 2), carray(spikes, n)
    if n_coefficients == 1:
        return _advance(rows, refractory, in_ex, in_in, carray(coefficients, N_COEFFICIENTS), units, found)
    return _advance(rows, refractory, in_ex, in_in, carray(coefficients, (N_COEFFICIENTS, n)), units, found)


UPDATE = update_kernel(_update)
