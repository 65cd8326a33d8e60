"""Compiled update of `iaf_cond_exp`: the arithmetic of the oracle in `model.py`, in the same order.

Each substep is a vectorised pass over a block that stays in the L1 cache.
"""

from typing import Any

import numpy as np

from simcore.jit.blocks import at
from simcore.jit.compilation import inlined, kernel
from simcore.jit.exponential import exp
from simcore.neurons.cpu import population_update
from simcore.neurons.iaf_cond_exp.model import MAX_PIECES, MAX_STEP, MODEL


@inlined
def _slope(v: Any, a: Any, b: Any, theta: Any) -> Any:
    bounded = v if v < theta else theta
    return b - a * bounded


@inlined
def _after(v: Any, x: Any, y: Any, decays: Any, dt: Any, i: Any, c: Any) -> Any:
    """Return potential and conductances over C_m after a Runge-Kutta step of `dt`."""
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
    """Copy the state, with conductances over C_m; mark the neurons for which substeps are too long."""
    real = v.dtype.type
    total = np.int32(0)
    for i in range(len(v)):
        potential[i] = v[i]
        x[i] = g_ex[i] * at(c.per_capacitance, i)
        y[i] = g_in[i] * at(c.per_capacitance, i)
        stiff[i] = np.int32((at(c.leak, i) + x[i] + y[i]) * at(c.substep, i) > real(MAX_STEP))
        total = np.int32(total + stiff[i])
    return total


@kernel
def _substep(potential: Any, x: Any, y: Any, c: Any) -> None:
    for i in range(len(potential)):
        decays = at(c.middle_ex, i), at(c.middle_in, i), at(c.end_ex, i), at(c.end_in, i)
        potential[i], x[i], y[i] = _after(potential[i], x[i], y[i], decays, at(c.substep, i), i, c)


@kernel
def _in_pieces(v: Any, g_ex: Any, g_in: Any, i: Any, c: Any) -> Any:
    """Return the potential of neuron i after a step in shorter substeps."""
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
    """Store the potentials and add the arrivals; mark the neurons that fire and return their number."""
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
        refractory[i] = np.int32(at(c.refractory_steps, i)) if fires else np.int32(left - np.int32(left != 0))
        fired[i] = np.int32(fires)
        total = np.int32(total + np.int32(fires))
    return total


@kernel
def _step(
    V_m: Any, g_ex: Any, g_in: Any, refractory: Any, in_ex: Any, in_in: Any, fired: Any, potential: Any, x: Any, y: Any,
    coefficients: Any, lsb_ex: Any, lsb_in: Any,
) -> Any:  # fmt: skip
    """Advance the neurons of a block; mark those that fire and return their number."""
    c = coefficients
    stiff = _begin(V_m, g_ex, g_in, potential, x, y, fired, c)
    for _ in range(np.int64(at(c.substeps, 0))):
        _substep(potential, x, y, c)
    if stiff > 0:
        for i in range(len(V_m)):
            if fired[i]:
                potential[i] = _in_pieces(V_m[i], g_ex[i], g_in[i], i, c)
    return _end(V_m, g_ex, g_in, refractory, in_ex, in_in, potential, fired, c, lsb_ex, lsb_in)


UPDATE = population_update(MODEL, _step, scratch=("potential", "x", "y"))
