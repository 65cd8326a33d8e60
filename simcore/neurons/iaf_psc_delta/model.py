"""Leaky integrate-and-fire neuron whose potential jumps at each arriving spike, integrated exactly.

    C_m dV/dt = -C_m (V - E_L) / tau_m + I_e,  V jumps by w at each arriving spike

Update order within a step, as in NEST: unless refractory, integrate V, add the arrivals of this step and raise V to
V_min; compare V with the threshold. Spikes that arrive in the refractory period are lost or, with ``refractory_input``,
their effect decays like the potential and is added to V in the first step after the period.

References
----------
NEST 3.10, models/iaf_psc_delta.cpp. Rotter, Diesmann (1999), Biol. Cybern. 81:381.
Differences from NEST: ``refractory_input`` is 0 or 1; V_min is -1e30 mV instead of the most negative float64 by
default; the input kept in the refractory period (``refr_spikes_buffer``) can be recorded and decays step by step from
its arrival, whereas NEST multiplies once by the factor for the whole rest of the period.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution
from simcore.errors import InputError, require
from simcore.neurons.integrate_and_fire import (
    NO_LOWER_BOUND,
    check_refractory_period,
    check_reset_below_threshold,
    rounding_error,
)
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked
from simcore.propagators import exp, expm1
from simcore.values import Value, duration_steps


class Coefficients(NamedTuple):
    """Coefficients of a step; potentials are relative to E_L."""

    drift: Any
    """Change of V by I_e in a step, mV."""
    p33: Any
    """Decay of V."""
    kept_share: Any
    """Decay of the input kept in the refractory period; 0 if it is lost."""
    floor: Any
    """V_min."""
    theta: Any
    reset: Any
    refractory_steps: Any


class IafPscDelta(NeuronModel):
    """`iaf_psc_delta`: state (V_m - E_L, refr_spikes_buffer), one counter (refractory steps left)."""

    name = "iaf_psc_delta"
    parameters = (
        Parameter("C_m", "pF", 250.0, "membrane capacitance", positive=True),
        Parameter("tau_m", "ms", 10.0, "membrane time constant", positive=True),
        Parameter("t_ref", "ms", 2.0, "refractory period", low=0.0),
        Parameter("E_L", "mV", -70.0, "resting potential"),
        Parameter("V_reset", "mV", -70.0, "potential after a spike"),
        Parameter("V_th", "mV", -55.0, "spike threshold"),
        Parameter("V_min", "mV", NO_LOWER_BOUND, "lower bound of the potential"),
        Parameter("I_e", "pA", 0.0, "constant input current"),
        Parameter("refractory_input", "bool", 0.0, "1 to keep input of the refractory period", 0.0, 1.0),
    )
    variables = (
        Variable("V_m", "mV", "E_L", "membrane potential"),
        Variable("refr_spikes_buffer", "mV", 0.0, "input of the refractory period, decayed"),
    )
    receptors = ("ex", "in")
    weight_unit = "mV"
    counters = ("refractory",)
    Coefficients = Coefficients
    current_row = Coefficients._fields.index("drift")
    cpu_kernels = "simcore.neurons.iaf_psc_delta.cpu"

    def check(self, params: Mapping[str, Value], field: str) -> None:
        check_reset_below_threshold(params, field)
        flag = params["refractory_input"]
        if isinstance(flag, Distribution):
            raise InputError(f"{field}refractory_input = {flag!r} is not allowed: use 0, 1 or an array of 0 and 1")
        for value in np.atleast_1d(flag).tolist():
            require(value in (0.0, 1.0), f"{field}refractory_input", value, "must be 0 or 1")

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
        check_refractory_period(range_of, resolution_ms, field)

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        h = resolution_ms
        tau_m, c_m, e_l = params["tau_m"], params["C_m"], params["E_L"]
        p33 = exp(-h / tau_m)
        coefficients = Coefficients(
            drift=-tau_m / c_m * expm1(-h / tau_m) * params["I_e"],
            p33=p33,
            kept_share=p33 * params["refractory_input"],
            floor=params["V_min"] - e_l,
            theta=params["V_th"] - e_l,
            reset=params["V_reset"] - e_l,
            refractory_steps=duration_steps(params["t_ref"], h),
        )
        return stacked(coefficients)

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        c = Coefficients(*coefficients)
        return rounding_error(c.theta, c.reset, 1.0 - c.p33)

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        state = np.empty((2, n))
        state[0] = initial["V_m"] - params["E_L"]
        state[1] = initial["refr_spikes_buffer"]
        return state, np.zeros((1, n), dtype=np.int32)

    def offset(self, variable: str, params: Mapping[str, FloatArray]) -> FloatArray:
        return params["E_L"] if variable == "V_m" else np.zeros(())

    def update(
        self,
        state: RealArray,
        counters: npt.NDArray[np.int32],
        inputs: IntArray,
        coefficients: RealArray,
        lsb: RealArray,
    ) -> npt.NDArray[np.bool_]:
        c = Coefficients(*coefficients)
        v, kept = state
        active = counters[0] == 0
        arrived = inputs[0].astype(v.dtype) * lsb[0] + inputs[1].astype(v.dtype) * lsb[1]
        integrated = c.drift + c.p33 * v + arrived + kept
        v[:] = np.where(active, np.where(integrated < c.floor, c.floor, integrated), v)
        kept[:] = np.where(active, 0.0, (kept + arrived) * c.kept_share)
        counters[0] -= ~active
        spiking: npt.NDArray[np.bool_] = v >= c.theta
        counters[0] = np.where(spiking, c.refractory_steps.astype(np.int32), counters[0])
        v[:] = np.where(spiking, c.reset, v)
        return spiking


MODEL = IafPscDelta()
