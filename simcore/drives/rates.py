"""Checks of event rates and of the time window in which they apply."""

import math

import numpy as np

from simcore.drives.drive import FloatArray, ValueOfEach
from simcore.drives.poisson.counts import MAX_MEAN_COUNT
from simcore.errors import InputError, number, require
from simcore.values import on_grid


def check_rates(rates_hz: ValueOfEach, resolution_ms: float, field: str, most_per_step: float = MAX_MEAN_COUNT) -> None:
    """Require a rate, or one for each neuron, with at most `most_per_step` events per step on average.

    Raises
    ------
    InputError
        Naming the field.
    """
    highest = most_per_step / (resolution_ms * 1e-3)
    events = "event" if most_per_step == 1.0 else "events"
    allowed = f"must be in [0, {highest:g}] 1/s ({most_per_step:g} {events} per step)"
    if not isinstance(rates_hz, np.ndarray) or rates_hz.ndim == 0:
        require(0.0 <= number(rates_hz, field) <= highest, field, rates_hz, allowed)
        return
    if not np.all(np.isfinite(rates_hz)):
        raise InputError(f"{field} is not allowed: every rate must be finite")
    for wrong in rates_hz[(rates_hz < 0.0) | (rates_hz > highest)][:1]:
        require(False, field, float(wrong), allowed)


def check_window(start_ms: float, stop_ms: float, resolution_ms: float, field: str) -> None:
    """Require times on the grid, a start >= 0, and a stop, possibly infinite, that is not before the start.

    Raises
    ------
    InputError
        Naming the field.
    """
    require(number(start_ms, f"{field}.start_ms") >= 0.0, f"{field}.start_ms", start_ms, "must be >= 0")
    number(stop_ms, f"{field}.stop_ms", infinite=True)
    for name, value in (("start_ms", start_ms), ("stop_ms", stop_ms)):
        allowed = f"must be a multiple of the resolution {resolution_ms} ms"
        require(math.isinf(value) or bool(on_grid(value, resolution_ms)), f"{field}.{name}", value, allowed)
    require(stop_ms >= start_ms, f"{field}.stop_ms", stop_ms, f"must be >= {start_ms}")


def window_of_rates(rates_hz: FloatArray, start_ms: float, stop_ms: float) -> tuple[FloatArray, FloatArray]:
    """Return the times at which the rates of neurons change, and the new rates, shape (times, neurons)."""
    if math.isinf(stop_ms):
        return np.array([start_ms]), rates_hz[np.newaxis]
    return np.array([start_ms, stop_ms]), np.stack([rates_hz, np.zeros_like(rates_hz)])
