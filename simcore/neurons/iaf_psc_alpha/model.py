"""Leaky integrate-and-fire neuron with alpha-shaped synaptic currents, integrated exactly.

    C_m dV/dt = -C_m (V - E_L) / tau_m + I_syn_ex + I_syn_in + I_e
    dI_syn/dt = dI_syn - I_syn / tau_syn
    d(dI_syn)/dt = -dI_syn / tau_syn,  dI_syn jumps by w e / tau_syn at each arriving spike

so that one spike of weight w gives the current w (t / tau_syn) exp(1 - t / tau_syn), which peaks at w after tau_syn.

Update order within a step, as in NEST: unless refractory, integrate V with the currents of the step's beginning and
raise it to V_min; propagate the currents; add the arrivals of this step to dI_syn; compare V with the threshold.

References
----------
NEST 3.10, models/iaf_psc_alpha.cpp. Rotter, Diesmann (1999), Biol. Cybern. 81:381.
Differences from NEST: V_min is -1e30 mV instead of minus infinity by default; dI_syn_ex and dI_syn_in can be recorded
and have initial values; P31 and P32 keep all digits even if tau_syn is close to tau_m.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.neurons.integrate_and_fire import (
    NO_LOWER_BOUND,
    check_refractory_period,
    check_reset_below_threshold,
    rounding_error,
)
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked
from simcore.propagators import alpha_current_to_voltage, exp, expm1, exponential_current_to_voltage
from simcore.values import Value, duration_steps


class Coefficients(NamedTuple):
    """Coefficients of a step; potentials are relative to E_L."""

    drift: Any
    """Change of V by I_e in a step, mV."""
    p31_ex: Any
    """Share of the rise of a current in V, mV ms/pA; `p32_ex` of the current, mV/pA."""
    p32_ex: Any
    p31_in: Any
    p32_in: Any
    leak: Any
    """exp(-h / tau_m) - 1."""
    floor: Any
    """V_min."""
    theta: Any
    reset: Any
    refractory_steps: Any
    p11_ex: Any
    """Decay of a current and of its rise."""
    p21_ex: Any
    """Share of the rise in the current, ms."""
    jump_ex: Any
    """Growth of the rise by arriving weights, 1/ms."""
    p11_in: Any
    p21_in: Any
    jump_in: Any


class IafPscAlpha(NeuronModel):
    """`iaf_psc_alpha`: state (V_m - E_L, two currents, their derivatives), one counter (refractory steps left)."""

    name = "iaf_psc_alpha"
    parameters = (
        Parameter("C_m", "pF", 250.0, "membrane capacitance", positive=True),
        Parameter("tau_m", "ms", 10.0, "membrane time constant", positive=True),
        Parameter("tau_syn_ex", "ms", 2.0, "rise time of excitatory currents", positive=True),
        Parameter("tau_syn_in", "ms", 2.0, "rise time of inhibitory currents", positive=True),
        Parameter("t_ref", "ms", 2.0, "refractory period", low=0.0),
        Parameter("E_L", "mV", -70.0, "resting potential"),
        Parameter("V_reset", "mV", -70.0, "potential after a spike"),
        Parameter("V_th", "mV", -55.0, "spike threshold"),
        Parameter("V_min", "mV", NO_LOWER_BOUND, "lower bound of the potential"),
        Parameter("I_e", "pA", 0.0, "constant input current"),
    )
    variables = (
        Variable("V_m", "mV", "E_L", "membrane potential"),
        Variable("I_syn_ex", "pA", 0.0, "excitatory synaptic current"),
        Variable("I_syn_in", "pA", 0.0, "inhibitory synaptic current"),
        Variable("dI_syn_ex", "pA/ms", 0.0, "rise of the excitatory synaptic current"),
        Variable("dI_syn_in", "pA/ms", 0.0, "rise of the inhibitory synaptic current"),
    )
    receptors = ("ex", "in")
    weight_unit = "pA"
    counters = ("refractory",)
    Coefficients = Coefficients
    current_row = Coefficients._fields.index("drift")
    cpu_kernels = "simcore.neurons.iaf_psc_alpha.cpu"

    def check(self, params: Mapping[str, Value], field: str) -> None:
        check_reset_below_threshold(params, field)

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
        check_refractory_period(range_of, resolution_ms, field)

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        h = resolution_ms
        tau_m, c_m, e_l = params["tau_m"], params["C_m"], params["E_L"]
        tau_ex, tau_in = params["tau_syn_ex"], params["tau_syn_in"]
        leak = expm1(-h / tau_m)
        p11_ex, p11_in = exp(-h / tau_ex), exp(-h / tau_in)
        coefficients = Coefficients(
            drift=-tau_m / c_m * leak * params["I_e"],
            p31_ex=alpha_current_to_voltage(tau_m, tau_ex, c_m, h),
            p32_ex=exponential_current_to_voltage(tau_m, tau_ex, c_m, h),
            p31_in=alpha_current_to_voltage(tau_m, tau_in, c_m, h),
            p32_in=exponential_current_to_voltage(tau_m, tau_in, c_m, h),
            leak=leak,
            floor=params["V_min"] - e_l,
            theta=params["V_th"] - e_l,
            reset=params["V_reset"] - e_l,
            refractory_steps=duration_steps(params["t_ref"], h),
            p11_ex=p11_ex,
            p21_ex=h * p11_ex,
            jump_ex=math.e / tau_ex,
            p11_in=p11_in,
            p21_in=h * p11_in,
            jump_in=math.e / tau_in,
        )
        return stacked(coefficients)

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        c = Coefficients(*coefficients)
        return rounding_error(c.theta, c.reset, -c.leak)

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        state = np.empty((5, n))
        for row, variable in enumerate(self.variables):
            state[row] = initial[variable.name]
        state[0] -= params["E_L"]
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
        v, i_ex, i_in, di_ex, di_in = state
        active = counters[0] == 0
        synaptic = c.drift + c.p31_ex * di_ex + c.p32_ex * i_ex + c.p31_in * di_in + c.p32_in * i_in
        integrated = synaptic + c.leak * v + v
        v[:] = np.where(active, np.where(integrated < c.floor, c.floor, integrated), v)
        counters[0] -= ~active
        i_ex[:] = c.p21_ex * di_ex + c.p11_ex * i_ex
        i_in[:] = c.p21_in * di_in + c.p11_in * i_in
        di_ex[:] = di_ex * c.p11_ex + c.jump_ex * (inputs[0].astype(v.dtype) * lsb[0])
        di_in[:] = di_in * c.p11_in + c.jump_in * (inputs[1].astype(v.dtype) * lsb[1])
        spiking: npt.NDArray[np.bool_] = v >= c.theta
        counters[0] = np.where(spiking, c.refractory_steps.astype(np.int32), counters[0])
        v[:] = np.where(spiking, c.reset, v)
        return spiking


MODEL = IafPscAlpha()
