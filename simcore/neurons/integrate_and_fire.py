"""Common parts of integrate-and-fire models: V_min, reset below threshold, refractory period in steps."""

from collections.abc import Callable, Mapping

import numpy as np

from simcore.distributions import Distribution
from simcore.errors import require
from simcore.neurons.model import MAX_VALUE, FloatArray
from simcore.values import Value, value_range

MAX_REFRACTORY_STEPS = 2**24
"""Largest refractory count; it is a float32 coefficient, which represents integers exactly up to this value."""
NO_LOWER_BOUND = -MAX_VALUE
"""V_min (mV) that the potential never reaches; NEST's default is minus infinity, or the most negative float64."""

NEAR_THRESHOLD = 0.01
"""Share of the distance from rest to threshold by which a drive near threshold exceeds the threshold."""


def rounding_error(threshold: FloatArray, reset: FloatArray, leak: FloatArray) -> FloatArray:
    """Return the rounding error of a float32 potential at threshold, half a unit in the last place, relative to a step.

    A drive whose steady state is slightly beyond threshold moves the potential by `leak` times this excess in the last
    step before the spike. A neuron that rests beyond threshold starts from its reset potential.

    Parameters
    ----------
    threshold, reset
        Threshold and reset potential relative to the resting potential, mV.
    leak
        Ratio of the time step to the membrane time constant.
    """
    distance = np.where(threshold > 0.0, threshold, threshold - reset)
    half_unit = 0.5 * np.spacing(np.abs(threshold).astype(np.float32)).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance > 0.0, half_unit / (leak * NEAR_THRESHOLD * distance), 0.0)


def check_reset_below_threshold(params: Mapping[str, Value], field: str, unit: str = " mV") -> None:
    """Require V_reset < V_th for each neuron, as in NEST; `field` is the prefix of the parameters' names.

    Raises
    ------
    InputError
        Naming the values of the first neuron for which this does not hold.
    """
    reset, threshold = params["V_reset"], params["V_th"]
    if isinstance(reset, Distribution) or isinstance(threshold, Distribution):
        # The values are drawn independently, so that any combination can occur.
        reset, threshold = value_range(reset, "V_reset")[1], value_range(threshold, "V_th")[0]
    resets, thresholds = np.broadcast_arrays(reset, threshold)
    for wrong in np.flatnonzero(resets >= thresholds)[:1]:
        allowed = f"must be below V_th = {thresholds.flat[wrong]}{unit}"
        require(False, f"{field}V_reset", float(resets.flat[wrong]), allowed)


def check_refractory_period(range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
    """Require that the largest t_ref fits the counter; `range_of` returns a parameter's smallest and largest value.

    Raises
    ------
    InputError
        Naming t_ref and the longest possible period.
    """
    longest = MAX_REFRACTORY_STEPS * resolution_ms
    t_ref = range_of("t_ref")[1]
    require(t_ref <= longest, f"{field}t_ref", t_ref, f"must be at most {longest:g} ms")
