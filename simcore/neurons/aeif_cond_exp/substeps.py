"""Compiled right-hand sides and Runge-Kutta substep of `aeif_cond_exp` for one neuron, as in `upswing.py`."""

from typing import Any

from simcore.jit.compilation import inlined
from simcore.jit.exponential import exp


@inlined
def slope(v: Any, w: Any, x: Any, y: Any, active: Any, c: Any) -> Any:
    """Return dV/dt and dw/dt of one neuron, and the exponential."""
    bounded = v if v < c.bound else c.bound
    exponential = exp((bounded - c.theta) * c.per_delta)
    synaptic = (c.drift + x * c.e_ex + y * c.e_in) - (c.leak + x + y) * bounded
    rise = synaptic + (c.leak_delta * exponential - c.per_capacitance * w)
    return rise if active else type(v)(0.0), (c.a * bounded - w) * c.rate_w, exponential


@inlined
def substep(v: Any, w: Any, x: Any, y: Any, decays: Any, dt: Any, active: Any, c: Any) -> Any:
    """Return the state of one neuron after a Runge-Kutta step of `dt`, and the largest exponential in it."""
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
