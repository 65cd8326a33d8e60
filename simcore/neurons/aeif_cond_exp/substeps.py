"""Compiled right-hand sides and Runge-Kutta substep of `aeif_cond_exp`: those of `upswing.py`, for one neuron."""

from typing import Any, NamedTuple

from simcore.jit.blocks import at, row
from simcore.jit.compilation import inlined_late
from simcore.jit.exponential import exp

N_COEFFICIENTS = 32


class Rows(NamedTuple):
    """The coefficients of `simcore.neurons.aeif_cond_exp.upswing.Coefficients`: numbers, or one for each neuron."""

    leak: Any
    per_capacitance: Any
    drift: Any
    e_ex: Any
    e_in: Any
    theta: Any
    bound: Any
    peak: Any
    reset: Any
    delta: Any
    per_delta: Any
    leak_delta: Any
    a: Any
    b: Any
    rate_w: Any
    decay_ex: Any
    decay_in: Any
    middle_ex: Any
    middle_in: Any
    end_ex: Any
    end_in: Any
    rate_ex: Any
    rate_in: Any
    rate: Any
    steep: Any
    leap: Any
    climb: Any
    blow_up: Any
    step: Any
    substep: Any
    substeps: Any
    refractory: Any


@inlined_late
def rows_of(c: Any, low: Any, high: Any) -> Any:
    """Coefficients of the neurons of a block."""
    return Rows(
        row(c, 0, low, high), row(c, 1, low, high), row(c, 2, low, high), row(c, 3, low, high), row(c, 4, low, high),
        row(c, 5, low, high), row(c, 6, low, high), row(c, 7, low, high), row(c, 8, low, high), row(c, 9, low, high),
        row(c, 10, low, high), row(c, 11, low, high), row(c, 12, low, high), row(c, 13, low, high),
        row(c, 14, low, high), row(c, 15, low, high), row(c, 16, low, high), row(c, 17, low, high),
        row(c, 18, low, high), row(c, 19, low, high), row(c, 20, low, high), row(c, 21, low, high),
        row(c, 22, low, high), row(c, 23, low, high), row(c, 24, low, high), row(c, 25, low, high),
        row(c, 26, low, high), row(c, 27, low, high), row(c, 28, low, high), row(c, 29, low, high),
        row(c, 30, low, high), row(c, 31, low, high),
    )  # fmt: skip


@inlined_late
def rows_of_neuron(c: Rows, i: Any) -> Any:
    """Coefficients of neuron i of a block."""
    return Rows(
        at(c.leak, i), at(c.per_capacitance, i), at(c.drift, i), at(c.e_ex, i), at(c.e_in, i), at(c.theta, i),
        at(c.bound, i), at(c.peak, i), at(c.reset, i), at(c.delta, i), at(c.per_delta, i), at(c.leak_delta, i),
        at(c.a, i), at(c.b, i), at(c.rate_w, i), at(c.decay_ex, i), at(c.decay_in, i), at(c.middle_ex, i),
        at(c.middle_in, i), at(c.end_ex, i), at(c.end_in, i), at(c.rate_ex, i), at(c.rate_in, i),
        at(c.rate, i), at(c.steep, i), at(c.leap, i), at(c.climb, i), at(c.blow_up, i),
        at(c.step, i), at(c.substep, i), at(c.substeps, i), at(c.refractory, i),
    )  # fmt: skip


@inlined_late
def slope(v: Any, w: Any, x: Any, y: Any, active: Any, c: Any) -> Any:
    """dV/dt and dw/dt of one neuron, and the exponential."""
    bounded = v if v < c.bound else c.bound
    exponential = exp((bounded - c.theta) * c.per_delta)
    synaptic = (c.drift + x * c.e_ex + y * c.e_in) - (c.leak + x + y) * bounded
    rise = synaptic + (c.leak_delta * exponential - c.per_capacitance * w)
    return rise if active else type(v)(0.0), (c.a * bounded - w) * c.rate_w, exponential


@inlined_late
def substep(v: Any, w: Any, x: Any, y: Any, decays: Any, dt: Any, active: Any, c: Any) -> Any:
    """State of one neuron after a Runge-Kutta step of `dt`, and the largest exponential in it."""
    real = type(v)
    xm, ym = x * decays[0], y * decays[1]
    x1, y1 = x * decays[2], y * decays[3]
    half_dt = real(0.5) * dt
    k1, l1, e1 = slope(v, w, x, y, active, c)
    k2, l2, e2 = slope(v + half_dt * k1, w + half_dt * l1, xm, ym, active, c)
    k3, l3, e3 = slope(v + half_dt * k2, w + half_dt * l2, xm, ym, active, c)
    k4, l4, e4 = slope(v + dt * k3, w + dt * l3, x1, y1, active, c)
    sixth = real(1.0 / 6.0) * dt
    largest = e2 if e2 > e1 else e1
    largest = e3 if e3 > largest else largest
    largest = e4 if e4 > largest else largest
    return (
        v + sixth * (k1 + real(2.0) * (k2 + k3) + k4),
        w + sixth * (l1 + real(2.0) * (l2 + l3) + l4),
        x1,
        y1,
        largest,
    )
