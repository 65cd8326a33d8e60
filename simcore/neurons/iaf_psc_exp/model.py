"""Leaky integrate-and-fire neuron with exponentially decaying synaptic currents, integrated exactly.

    C_m dV/dt = -C_m (V - E_L) / tau_m + I_syn_ex + I_syn_in + I_e
    dI_syn/dt = -I_syn / tau_syn,  I_syn jumps by w at each arriving spike

Update order within a step, as in NEST: integrate V with the currents of the step's beginning unless refractory;
decay the currents; add the arrivals of this step; compare V with the threshold.

References
----------
NEST 3.10, models/iaf_psc_exp.h. Rotter, Diesmann (1999), Biol. Cybern. 81:381.
Differences from NEST: no escape noise (``delta``, ``rho``), no current through receptor 1.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.neurons.integrate_and_fire import check_refractory_period, check_reset_below_threshold, rounding_error
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked
from simcore.propagators import exp, expm1, exponential_current_to_voltage
from simcore.values import Value, duration_steps


class Coefficients(NamedTuple):
    """Coefficients of a step; potentials are relative to E_L."""

    p22: Any
    """Decay of V, and of the currents."""
    p11_ex: Any
    p11_in: Any
    p21_ex: Any
    """Share of a current in V, mV/pA."""
    p21_in: Any
    drift: Any
    """Change of V by I_e in a step, mV."""
    theta: Any
    reset: Any
    refractory_steps: Any


class IafPscExp(NeuronModel):
    """`iaf_psc_exp`: state (V_m - E_L, I_syn_ex, I_syn_in), one counter (refractory steps left)."""

    name = "iaf_psc_exp"
    parameters = (
        Parameter("C_m", "pF", 250.0, "membrane capacitance", positive=True),
        Parameter("tau_m", "ms", 10.0, "membrane time constant", positive=True),
        Parameter("tau_syn_ex", "ms", 2.0, "time constant of excitatory currents", positive=True),
        Parameter("tau_syn_in", "ms", 2.0, "time constant of inhibitory currents", positive=True),
        Parameter("t_ref", "ms", 2.0, "refractory period", low=0.0),
        Parameter("E_L", "mV", -70.0, "resting potential"),
        Parameter("V_reset", "mV", -70.0, "potential after a spike"),
        Parameter("V_th", "mV", -55.0, "spike threshold"),
        Parameter("I_e", "pA", 0.0, "constant input current"),
    )
    variables = (
        Variable("V_m", "mV", "E_L", "membrane potential"),
        Variable("I_syn_ex", "pA", 0.0, "excitatory synaptic current"),
        Variable("I_syn_in", "pA", 0.0, "inhibitory synaptic current"),
    )
    receptors = ("ex", "in")
    weight_unit = "pA"
    counters = ("refractory",)
    Coefficients = Coefficients
    current_row = Coefficients._fields.index("drift")
    cpu_kernels = "simcore.neurons.iaf_psc_exp.cpu"

    def check(self, params: Mapping[str, Value], field: str) -> None:
        check_reset_below_threshold(params, field)

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
        check_refractory_period(range_of, resolution_ms, field)

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        h = resolution_ms
        tau_m, c_m = params["tau_m"], params["C_m"]
        p20 = -tau_m / c_m * expm1(-h / tau_m)
        coefficients = Coefficients(
            p22=exp(-h / tau_m),
            p11_ex=exp(-h / params["tau_syn_ex"]),
            p11_in=exp(-h / params["tau_syn_in"]),
            p21_ex=exponential_current_to_voltage(tau_m, params["tau_syn_ex"], c_m, h),
            p21_in=exponential_current_to_voltage(tau_m, params["tau_syn_in"], c_m, h),
            drift=params["I_e"] * p20,
            theta=params["V_th"] - params["E_L"],
            reset=params["V_reset"] - params["E_L"],
            refractory_steps=duration_steps(params["t_ref"], h),
        )
        return stacked(coefficients)

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        c = Coefficients(*coefficients)
        return rounding_error(c.theta, c.reset, 1.0 - c.p22)

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        state = np.empty((3, n))
        state[0] = initial["V_m"] - params["E_L"]
        state[1] = initial["I_syn_ex"]
        state[2] = initial["I_syn_in"]
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
        v, i_ex, i_in = state
        active = counters[0] == 0
        v[:] = np.where(active, v * c.p22 + i_ex * c.p21_ex + i_in * c.p21_in + c.drift, v)
        counters[0] -= ~active
        i_ex[:] = i_ex * c.p11_ex + inputs[0].astype(v.dtype) * lsb[0]
        i_in[:] = i_in * c.p11_in + inputs[1].astype(v.dtype) * lsb[1]
        spiking: npt.NDArray[np.bool_] = v >= c.theta
        counters[0] = np.where(spiking, c.refractory_steps.astype(np.int32), counters[0])
        v[:] = np.where(spiking, c.reset, v)
        return spiking


MODEL = IafPscExp()
