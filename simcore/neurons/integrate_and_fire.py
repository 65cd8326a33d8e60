"""What integrate-and-fire models share: V_min, reset below threshold, a refractory period that can be counted."""

from collections.abc import Callable, Mapping

import numpy as np

from simcore.distributions import Distribution
from simcore.errors import require
from simcore.neurons.model import MAX_VALUE, FloatArray
from simcore.values import Value, value_range

MAX_REFRACTORY_STEPS = 2**24
"""The count is kept among the float32 coefficients, which hold integers exactly up to here."""
NO_LOWER_BOUND = -MAX_VALUE
"""A V_min (mV) that no potential reaches; NEST's default is minus infinity, or the most negative float64."""

NEAR_THRESHOLD = 0.01
"""A drive is near threshold that leads this share of the distance from rest to threshold beyond it."""


def rounding_error(threshold: FloatArray, reset: FloatArray, leak: FloatArray) -> FloatArray:
    """Rounding of a float32 potential at threshold, half a unit in the last place, relative to a step there.

    A drive that holds the potential a little beyond threshold, if there were none, moves it by `leak` times that little
    in the last step before the spike. A neuron that rests beyond threshold comes from its reset potential.

    Parameters
    ----------
    threshold, reset
        Relative to the resting potential, mV.
    leak
        Step over membrane time constant.
    """
    distance = np.where(threshold > 0.0, threshold, threshold - reset)
    half_unit = 0.5 * np.spacing(np.abs(threshold).astype(np.float32)).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance > 0.0, half_unit / (leak * NEAR_THRESHOLD * distance), 0.0)


def check_reset_below_threshold(params: Mapping[str, Value], field: str, unit: str = " mV") -> None:
    """Require V_reset < V_th neuron by neuron, as NEST does; `field` is the prefix of the parameters' names.

    Raises
    ------
    InputError
        With the first neuron's values that are wrong.
    """
    reset, threshold = params["V_reset"], params["V_th"]
    if isinstance(reset, Distribution) or isinstance(threshold, Distribution):
        # Drawn independently: any value may meet any other.
        reset, threshold = value_range(reset, "V_reset")[1], value_range(threshold, "V_th")[0]
    resets, thresholds = np.broadcast_arrays(reset, threshold)
    for wrong in np.flatnonzero(resets >= thresholds)[:1]:
        allowed = f"must be below V_th = {thresholds.flat[wrong]}{unit}"
        require(False, f"{field}V_reset", float(resets.flat[wrong]), allowed)


def check_refractory_period(range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
    """Require that the largest t_ref fits the counter; `range_of` gives a parameter's smallest and largest.

    Raises
    ------
    InputError
        With t_ref and the longest period.
    """
    longest = MAX_REFRACTORY_STEPS * resolution_ms
    t_ref = range_of("t_ref")[1]
    require(t_ref <= longest, f"{field}t_ref", t_ref, f"must be at most {longest:g} ms")
