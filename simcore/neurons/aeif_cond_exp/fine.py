"""Compiled integration of one `aeif_cond_exp` neuron by short substeps, as in `upswing.py` and in the same order."""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel
from simcore.jit.exponential import exp
from simcore.neurons.aeif_cond_exp.substeps import slope, substep
from simcore.neurons.aeif_cond_exp.upswing import MAX_CROSSINGS, MAX_STEP, SHORTEST, SMALL_SHARE


@kernel
def _advance(v: Any, w: Any, x: Any, y: Any, dt: Any, active: Any, c: Any) -> Any:
    half = type(v)(-0.5) * dt
    half_ex, half_in = exp(half * c.rate_ex), exp(half * c.rate_in)
    return substep(v, w, x, y, (half_ex, half_in, half_ex * half_ex, half_in * half_in), dt, active, c)[:4]


@inlined
def _length(rise: Any, x: Any, y: Any, left: Any, c: Any) -> Any:
    """Return the length of the next substep, at most the time `left` in the step."""
    real = type(left)
    speed, rate = np.abs(rise), c.rate + x + y
    dt = c.climb / speed if speed * c.substep > c.climb else c.substep
    dt = real(MAX_STEP) / rate if rate * dt > real(MAX_STEP) else dt
    shortest = c.substep * real(SHORTEST)
    dt = shortest if dt < shortest else dt
    return left if dt > left else dt


@inlined
def _blow_up(v: Any, w: Any, rise: Any, exponential: Any, active: Any, c: Any) -> Any:
    """Return the time at which the exponential carries V to the peak, and w; negative if it does not dominate."""
    real = type(v)
    growth = c.leak_delta * exponential
    others = rise - growth
    if not (active and exponential > c.blow_up and np.abs(others) < real(SMALL_SHARE) * growth):
        return real(-1.0), w
    to_infinity = c.delta / rise * (real(1.0) + real(0.5) * others / rise)
    fraction = exp((v - c.peak) * c.per_delta)
    if not fraction < real(1.0):
        return real(0.0), w
    reached = real(1.0) - fraction
    time = to_infinity * reached
    mean = v + (c.delta - fraction / reached * (c.peak - v))
    return time, w + time * ((c.a * mean - w) * c.rate_w)


@inlined
def _time_of_peak(v: Any, w: Any, x: Any, y: Any, end: Any, dt: Any, active: Any, c: Any) -> Any:
    """Return the time within a substep of `dt` with final V = `end`, at or above the peak, when V reaches the peak."""
    real = type(v)
    if not v < c.peak:
        return real(0.0)
    time = (c.peak - v) / (end - v) * dt
    there, w, x, y = _advance(v, w, x, y, time, active, c)
    rise = slope(there, w, x, y, active, c)[0]
    if rise > real(0.0):
        time = time + (c.peak - there) / rise
    time = time if time > real(0.0) else real(0.0)
    return time if time < dt else dt


@kernel
def integrate_finely(v: Any, w: Any, x: Any, y: Any, c: Any) -> Any:
    """Integrate a whole step of a neuron that is not refractory; return V, w and how often V reached the peak."""
    real = type(v)
    left, active, crossings = c.step, True, 0
    while left > real(0.0):
        rise, _, exponential = slope(v, w, x, y, active, c)
        dt, w_there = _blow_up(v, w, rise, exponential, active, c)
        soon = real(0.0) <= dt <= left
        crosses = soon
        if not soon:
            dt = _length(rise, x, y, left, c)
            after = _advance(v, w, x, y, dt, active, c)
            crosses = active and after[0] >= c.peak
            if crosses:
                dt = _time_of_peak(v, w, x, y, after[0], dt, active, c)
        if crosses:
            after = _advance(v, w, x, y, dt, active, c)
        v, w, x, y = after
        w = w_there if soon else w
        left = left - dt
        if crosses:
            v, w = c.reset, w + c.b
            crossings += 1
            active = c.refractory_steps == real(0.0) and crossings < MAX_CROSSINGS
    return v, w, crossings
