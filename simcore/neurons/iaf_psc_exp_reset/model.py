"""Leaky integrate-and-fire neuron whose synaptic current is reset by a spike and held while refractory.

    C_m dV/dt = -C_m (V - E_L) / tau_m + I_syn + I_e
    dI_syn/dt = -I_syn / tau_syn,  I_syn jumps by w at each spike that arrives at receptor `syn`
    V jumps by w tau_m / C_m, the steady-state effect of a constant current w, at each spike that arrives at receptor
    `jump`

This is the neuron of the whole-brain model of the fly [1] as in Brian2 [2], integrated exactly. Order within a step:
integrate V and I_syn unless refractory; spike if V > V_th, but not if V = V_th; add the arrivals of this step; after a
spike, reset V and set I_syn = 0. Spikes that arrive in the step of a neuron's own spike or while it is refractory are
lost.

`t_ref` counts from the beginning of the spike's step, as in Brian2: after this step V and I_syn are held for
t_ref / h - 1 steps, one fewer than in NEST's models. With t_ref = 0 or h they are never held.

A current below 2^-100 pA and a potential within 2^-100 mV of E_L become zero. Otherwise they would decay to denormal
numbers, which processors multiply a hundred times more slowly, and a silent neuron would never be at rest.

With g = I_syn tau_m / C_m in mV, these are the equations of [1]. With the default C_m, 0.275 mV of g, the weight of one
contact in [1], corresponds to 1 pA.

References
----------
[1] Shiu et al. (2024), A Drosophila computational brain model reveals sensorimotor processing, Nature 634:210.
[2] Stimberg, Brette, Goodman (2019), Brian 2, an intuitive and efficient neural simulator, eLife 8:e47314; refractory
period and order of a step as in version 2.9.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.neurons.integrate_and_fire import check_refractory_period, check_reset_below_threshold, rounding_error
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked
from simcore.propagators import exp, expm1, exponential_current_to_voltage
from simcore.values import Value, duration_steps

NEGLIGIBLE = 2.0**-100
"""Currents (pA) and potentials relative to E_L (mV) below are zero."""
MV_PER_CONTACT = 0.275
"""Weight of a contact in [1], mV."""


class Coefficients(NamedTuple):
    """Coefficients of a step; potentials are relative to E_L."""

    p22: Any
    """Decay of V, and of the current."""
    p11: Any
    p21: Any
    """Share of the current in V, mV/pA."""
    resistance: Any
    """Change of V by a jump of 1 pA, mV."""
    drift: Any
    """Change of V by I_e in a step, mV."""
    theta: Any
    reset: Any
    held_steps: Any
    """Number of steps in which V and the current are held after the step of a spike."""


class IafPscExpReset(NeuronModel):
    """`iaf_psc_exp_reset`: state (V_m - E_L, I_syn), one counter (refractory steps left)."""

    name = "iaf_psc_exp_reset"
    parameters = (
        Parameter("C_m", "pF", 20.0 / MV_PER_CONTACT, "membrane capacitance", positive=True),
        Parameter("tau_m", "ms", 20.0, "membrane time constant", positive=True),
        Parameter("tau_syn", "ms", 5.0, "time constant of the synaptic current", positive=True),
        Parameter("t_ref", "ms", 2.2, "refractory period, from the beginning of the step of a spike", low=0.0),
        Parameter("E_L", "mV", -52.0, "resting potential"),
        Parameter("V_reset", "mV", -52.0, "potential after a spike"),
        Parameter("V_th", "mV", -45.0, "spike threshold, which V_m must exceed"),
        Parameter("I_e", "pA", 0.0, "constant input current"),
    )
    variables = (
        Variable("V_m", "mV", "E_L", "membrane potential"),
        Variable("I_syn", "pA", 0.0, "synaptic current"),
    )
    receptors = ("syn", "jump")
    sign_chooses_receptor = False
    weight_unit = "pA"
    counters = ("refractory",)
    Coefficients = Coefficients
    current_row = Coefficients._fields.index("drift")
    cpu_kernels = "simcore.neurons.iaf_psc_exp_reset.cpu"

    def check(self, params: Mapping[str, Value], field: str) -> None:
        check_reset_below_threshold(params, field)

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
        check_refractory_period(range_of, resolution_ms, field)

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        h = resolution_ms
        tau_m, tau_syn, c_m = params["tau_m"], params["tau_syn"], params["C_m"]
        coefficients = Coefficients(
            p22=exp(-h / tau_m),
            p11=exp(-h / tau_syn),
            p21=exponential_current_to_voltage(tau_m, tau_syn, c_m, h),
            resistance=tau_m / c_m,
            drift=-params["I_e"] * (tau_m / c_m) * expm1(-h / tau_m),
            theta=params["V_th"] - params["E_L"],
            reset=params["V_reset"] - params["E_L"],
            held_steps=np.maximum(duration_steps(params["t_ref"], h) - 1, 0),
        )
        return stacked(coefficients)

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        c = Coefficients(*coefficients)
        return rounding_error(c.theta, c.reset, 1.0 - c.p22)

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        state = np.empty((2, n))
        state[0] = initial["V_m"] - params["E_L"]
        state[1] = initial["I_syn"]
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
        v, current = state
        active = counters[0] == 0
        potential = np.where(active, v * c.p22 + current * c.p21 + c.drift, v)
        spiking: npt.NDArray[np.bool_] = active & (potential > c.theta)
        arrived, jumped = inputs[0].astype(v.dtype) * lsb[0], inputs[1].astype(v.dtype) * lsb[1]
        arrived += current * c.p11
        jumped = potential + jumped * c.resistance
        arrived[np.abs(arrived) < NEGLIGIBLE] = 0.0
        jumped[np.abs(jumped) < NEGLIGIBLE] = 0.0
        current[:] = np.where(spiking, 0.0, np.where(active, arrived, current))
        v[:] = np.where(spiking, c.reset, np.where(active, jumped, v))
        counters[0] -= ~active
        counters[0] = np.where(spiking, c.held_steps.astype(np.int32), counters[0])
        return spiking


MODEL = IafPscExpReset()
