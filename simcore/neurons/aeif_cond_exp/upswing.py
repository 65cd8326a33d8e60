"""Integration of `aeif_cond_exp` in NumPy: a Runge-Kutta substep, and steps with an exponential upswing of V.

With the exponential current only, V would reach infinity after C_m / (g_L exp((V - V_th) / Delta_T)). Substeps are kept
below `MAX_STEP` of this time, so that V increases by about a third of Delta_T in each. When less than `BLOW_UP_MS`
remains, the time to V_peak follows from the solution with the exponential current only, corrected to first order for
the other currents. Otherwise V_peak is located within a substep by the secant and a subsequent Newton step.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.exponential import exp
from simcore.neurons.model import RealArray

MAX_STEP = 0.125
"""Largest ratio of a substep to the shortest time constant: of the membrane, or to infinity."""
LEAP_MV = 0.01
"""Limit, in mV, of the exponential current's contribution to V in a substep times the fourth power of V's change over
Delta_T: the error is a 2880th of it, as for Simpson's rule and an exponential."""
BLOW_UP_MS = 1e-3
SMALL_SHARE = 1.0 / 16.0
"""Largest ratio of the other currents to the exponential current for the solution with the exponential only."""
SHORTEST = 1.0 / 1024.0
"""Shortest substep, ms."""
MAX_CROSSINGS = 20
NEVER = 1e30


class Coefficients(NamedTuple):
    """Coefficients of a step; potentials are relative to E_L."""

    leak: Any
    """g_L / C_m, 1/ms."""
    per_capacitance: Any
    """1 / C_m, 1/pF."""
    drift: Any
    """I_e / C_m, mV/ms."""
    e_ex: Any
    e_in: Any
    theta: Any
    """V_th."""
    bound: Any
    """V_peak."""
    peak: Any
    """Potential at which V is reset: V_peak, or V_th with Delta_T = 0."""
    reset: Any
    delta: Any
    """Delta_T, mV; `per_delta` is 1 / Delta_T, or 0 with Delta_T = 0."""
    per_delta: Any
    leak_delta: Any
    """g_L Delta_T / C_m, mV/ms."""
    a: Any
    b: Any
    rate_w: Any
    """1 / tau_w, 1/ms."""
    decay_ex: Any
    """Decay in a whole step; `end_ex` is the decay in a substep."""
    decay_in: Any
    middle_ex: Any
    """See `simcore.neurons.iaf_cond_exp.model.middle_of_substep`."""
    middle_in: Any
    end_ex: Any
    end_in: Any
    rate_ex: Any
    """1 / tau_syn_ex, 1/ms."""
    rate_in: Any
    rate: Any
    """Sum of the rates of V and w without conductances, 1/ms."""
    steep: Any
    """Exponential above which substeps are too long."""
    leap: Any
    """Exponential times the fourth power of V's movement in a substep, mV^4, above which substeps are too long."""
    climb: Any
    """Largest change of V in a shortened substep, mV."""
    blow_up: Any
    """Exponential above which less than `BLOW_UP_MS` remains."""
    step: Any
    """Resolution, ms."""
    substep: Any
    substeps: Any
    refractory_steps: Any


class State(NamedTuple):
    """Potential (mV, relative to E_L), adaptation current (pA) and conductances over C_m (1/ms) of some neurons."""

    v: RealArray
    w: RealArray
    x: RealArray
    y: RealArray


class Slope(NamedTuple):
    """Return dV/dt (mV/ms) and dw/dt (pA/ms), and the exponential in dV/dt."""

    v: RealArray
    w: RealArray
    exponential: RealArray


def slope(v: RealArray, w: RealArray, x: RealArray, y: RealArray, active: RealArray, c: Coefficients) -> Slope:
    """Return the right-hand sides; V is constant where not `active`."""
    bounded = np.where(v < c.bound, v, c.bound)
    exponential = exp((bounded - c.theta) * c.per_delta)
    synaptic = (c.drift + x * c.e_ex + y * c.e_in) - (c.leak + x + y) * bounded
    rise = synaptic + (c.leak_delta * exponential - c.per_capacitance * w)
    return Slope(np.where(active, rise, v.dtype.type(0.0)), (c.a * bounded - w) * c.rate_w, exponential)


def substep(
    s: State, decays: Sequence[RealArray], dt: RealArray, active: RealArray, c: Coefficients
) -> tuple[State, RealArray]:
    """Take one Runge-Kutta step of `dt`; return the new state and the largest exponential in the step.

    `decays` are the factors of the two conductances for the middle and for the end of the step.
    """
    real = s.v.dtype.type
    xm, ym = s.x * decays[0], s.y * decays[1]
    x1, y1 = s.x * decays[2], s.y * decays[3]
    half_dt = real(0.5) * dt
    k1 = slope(s.v, s.w, s.x, s.y, active, c)
    k2 = slope(s.v + half_dt * k1.v, s.w + half_dt * k1.w, xm, ym, active, c)
    k3 = slope(s.v + half_dt * k2.v, s.w + half_dt * k2.w, xm, ym, active, c)
    k4 = slope(s.v + dt * k3.v, s.w + dt * k3.w, x1, y1, active, c)
    sixth = real(1.0 / 6.0) * dt
    v = s.v + sixth * (k1.v + real(2.0) * (k2.v + k3.v) + k4.v)
    w = s.w + sixth * (k1.w + real(2.0) * (k2.w + k3.w) + k4.w)
    largest = k1.exponential
    for k in (k2, k3, k4):
        largest = np.where(k.exponential > largest, k.exponential, largest)
    return State(v, w, x1, y1), largest


def integrate_finely(s: State, c: Coefficients) -> tuple[RealArray, RealArray, npt.NDArray[np.int32]]:
    """Integrate a whole step of neurons that are not refractory; return V, w and how often V reached the peak."""
    left = np.array(c.step)
    active = np.ones(len(left), dtype=bool)
    crossings = np.zeros(len(left), dtype=np.int32)
    while np.any(left > 0.0):
        going = left > 0.0
        after, dt, crosses = _next(s, left, active, c)
        crosses &= going
        w = np.where(crosses, after.w + c.b, after.w)
        v = np.where(crosses, c.reset, after.v)
        s = State(*(np.where(going, new, old) for new, old in zip((v, w, after.x, after.y), s, strict=True)))
        left = np.where(going, left - dt, left)
        crossings += crosses
        active = active & ~(crosses & ((c.refractory_steps > 0.0) | (crossings >= MAX_CROSSINGS)))
    return s.v, s.w, crossings


def _next(
    s: State, left: RealArray, active: RealArray, c: Coefficients
) -> tuple[State, RealArray, npt.NDArray[np.bool_]]:
    """Return the state after a substep, or when V reaches the peak in it; its length; and where V reaches the peak."""
    begin = slope(s.v, s.w, s.x, s.y, active, c)
    soon, dt_soon, w_soon = _blows_up(s, begin, left, active, c)
    dt = _length(s, begin, left, c)
    after = _advance(s, dt, active, c)
    crosses = active & (after.v >= c.peak)
    if not np.any(soon | crosses):
        return after, dt, crosses
    dt_peak = _time_of_peak(s, after.v, dt, active, c)
    taken = np.where(soon, dt_soon, np.where(crosses, dt_peak, dt))
    there = _advance(s, taken, active, c)
    return there._replace(w=np.where(soon, w_soon, there.w)), taken, soon | crosses


def _advance(s: State, dt: RealArray, active: RealArray, c: Coefficients) -> State:
    half_ex, half_in = (exp(s.v.dtype.type(-0.5) * dt * rate) for rate in (c.rate_ex, c.rate_in))
    return substep(s, (half_ex, half_in, half_ex * half_ex, half_in * half_in), dt, active, c)[0]


def _blows_up(
    s: State, begin: Slope, left: RealArray, active: RealArray, c: Coefficients
) -> tuple[npt.NDArray[np.bool_], RealArray, RealArray]:
    """Return where the exponential carries V to the peak within the rest of the step, the time to it, and w then.

    With f the ratio of the exponentials at the beginning and at the peak, the time is 1 - f of the time to infinity,
    and the mean of V is Delta_T - f / (1 - f) (V_peak - V) above its initial value.
    """
    real = s.v.dtype.type
    exponential = c.leak_delta * begin.exponential
    others = begin.v - exponential
    dominates = active & (begin.exponential > c.blow_up) & (np.abs(others) < real(SMALL_SHARE) * exponential)
    rise = np.where(dominates, begin.v, real(1.0))
    to_infinity = c.delta / rise * (real(1.0) + real(0.5) * others / rise)
    fraction = exp((s.v - c.peak) * c.per_delta)
    reached = np.where(fraction < 1.0, real(1.0) - fraction, real(1.0))
    time = np.where(fraction < 1.0, to_infinity * reached, real(0.0))
    mean = s.v + (c.delta - fraction / reached * (c.peak - s.v))
    w = np.where(fraction < 1.0, s.w + time * ((c.a * mean - s.w) * c.rate_w), s.w)
    return dominates & (time <= left), time, w


def _length(s: State, begin: Slope, left: RealArray, c: Coefficients) -> RealArray:
    """Return the length of the next substep, at most the time `left` in the step."""
    real = s.v.dtype.type
    speed, rate = np.abs(begin.v), c.rate + s.x + s.y
    with np.errstate(divide="ignore", invalid="ignore"):
        dt = np.where(speed * c.substep > c.climb, c.climb / speed, c.substep)
        dt = np.where(rate * dt > real(MAX_STEP), real(MAX_STEP) / rate, dt)
    shortest = c.substep * real(SHORTEST)
    dt = np.where(dt < shortest, shortest, dt)
    return np.where(dt > left, left, dt)


def _time_of_peak(s: State, end: RealArray, dt: RealArray, active: RealArray, c: Coefficients) -> RealArray:
    """Return the time within a substep of `dt` with final V = `end` when V reaches the peak."""
    real = s.v.dtype.type
    below = (s.v < c.peak) & (end >= c.peak)
    way = np.where(below, end - s.v, real(1.0))
    secant = np.where(below, (c.peak - s.v) / way * dt, real(0.0))
    there = _advance(s, secant, active, c)
    rise = slope(*there, active, c).v
    rising = rise > 0.0
    time = secant + np.where(rising, (c.peak - there.v) / np.where(rising, rise, real(1.0)), real(0.0))
    time = np.where(time > 0.0, time, real(0.0))
    time = np.where(time < dt, time, dt)
    return np.where(below, time, real(0.0))


def of_neurons(c: Coefficients, chosen: npt.NDArray[np.int64], n: int) -> Coefficients:
    """Return the coefficients of some of `n` neurons."""
    return Coefficients(*(np.broadcast_to(row, n)[chosen] for row in c))
