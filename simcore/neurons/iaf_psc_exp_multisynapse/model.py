"""Leaky integrate-and-fire neuron with n receptors, each with an exponentially decaying current.

References
----------
NEST 3.10, models/iaf_psc_exp_multisynapse.cpp: the order of the update. The receptors are numbered from 1, as in NEST;
`tau_syn` is the list of their time constants and determines their number.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.neurons.integrate_and_fire import check_refractory_period, check_reset_below_threshold, rounding_error
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked
from simcore.propagators import exp, expm1, exponential_current_to_voltage
from simcore.values import Value, duration_steps

TIME_CONSTANTS = "tau_syn"
MOST_RECEPTORS = 64
FIRST_RECEPTOR = 6
"""Number of coefficients before those of the receptors, which have two each: p21 and p11."""


class IafPscExpMultisynapse(NeuronModel):
    """`iaf_psc_exp_multisynapse`: state (V_m - E_L, I_syn_1, ..., I_syn_n), one counter (refractory steps left).

    Each number of receptors has a subclass; see `model_with`.
    """

    name = "iaf_psc_exp_multisynapse"
    weight_unit = "pA"
    sign_chooses_receptor = False
    counters = ("refractory",)
    cpu_kernels = "simcore.neurons.iaf_psc_exp_multisynapse.cpu"

    def spread(self, params: Mapping[str, Any], field: str) -> dict[str, Any]:
        """Spread the list `tau_syn` over tau_syn_1, tau_syn_2, ...; its length is the number of receptors."""
        given = dict(params)
        if TIME_CONSTANTS in given:
            listed = given.pop(TIME_CONSTANTS)
            label = f"{field}.{TIME_CONSTANTS}"
            usable = isinstance(listed, list | tuple | np.ndarray) and 1 <= len(listed) <= MOST_RECEPTORS
            require(usable, label, listed, f"use a list of 1 to {MOST_RECEPTORS} time constants, one for each receptor")
            twice = [name for name in given if isinstance(name, str) and name.startswith(f"{TIME_CONSTANTS}_")]
            require(not twice, label, listed, f"params also contains {', '.join(twice)}")
            given |= {f"{TIME_CONSTANTS}_{k}": value for k, value in enumerate(listed, 1)}
        return given

    def of(self, params: Mapping[str, Any]) -> NeuronModel:
        """Return the model with one receptor for each time constant, one by default."""
        n = sum(isinstance(name, str) and name.startswith(f"{TIME_CONSTANTS}_") for name in params)
        return model_with(max(1, n))

    def example_params(self) -> dict[str, Any]:
        return {TIME_CONSTANTS: [self.parameter(f"{TIME_CONSTANTS}_1").default] * len(self.receptors)}

    def check(self, params: Mapping[str, Value], field: str) -> None:
        check_reset_below_threshold(params, field)

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
        check_refractory_period(range_of, resolution_ms, field)

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        h = resolution_ms
        tau_m, c_m = params["tau_m"], params["C_m"]
        shares = []
        for receptor in self.receptors:
            tau_syn = params[f"tau_syn_{receptor}"]
            shares += [exponential_current_to_voltage(tau_m, tau_syn, c_m, h), exp(-h / tau_syn)]
        coefficients = self.Coefficients(
            np.array(float(len(self.receptors))),
            exp(-h / tau_m),
            params["I_e"] * (-tau_m / c_m * expm1(-h / tau_m)),
            params["V_th"] - params["E_L"],
            params["V_reset"] - params["E_L"],
            duration_steps(params["t_ref"], h),
            *shares,
        )
        return stacked(coefficients)

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        c = self.Coefficients(*coefficients)
        return rounding_error(c.theta, c.reset, 1.0 - c.p22)

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        state = np.empty((1 + len(self.receptors), n))
        state[0] = initial["V_m"] - params["E_L"]
        for row, receptor in enumerate(self.receptors, 1):
            state[row] = initial[f"I_syn_{receptor}"]
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
        c = self.Coefficients(*coefficients)
        v, currents = state[0], state[1:]
        integrated = v * c.p22 + c.drift
        for k, current in enumerate(currents):
            p21, p11 = coefficients[FIRST_RECEPTOR + 2 * k], coefficients[FIRST_RECEPTOR + 2 * k + 1]
            integrated = integrated + p21 * current
            current[:] = current * p11 + inputs[k].astype(v.dtype) * lsb[k]
        active = counters[0] == 0
        v[:] = np.where(active, integrated, v)
        counters[0] -= ~active
        spiking: npt.NDArray[np.bool_] = v >= c.theta
        counters[0] = np.where(spiking, c.refractory_steps.astype(np.int32), counters[0])
        v[:] = np.where(spiking, c.reset, v)
        return spiking


@cache
def model_with(n: int) -> IafPscExpMultisynapse:
    """Return the model with n receptors."""
    numbers = range(1, n + 1)
    shares = [name for k in numbers for name in (f"p21_{k}", f"p11_{k}")]
    fields = ["n_receptors", "p22", "drift", "theta", "reset", "refractory_steps", *shares]
    declared = {
        "__module__": __name__,
        "receptors": tuple(str(k) for k in numbers),
        "parameters": (
            Parameter("C_m", "pF", 250.0, "membrane capacitance", positive=True),
            Parameter("tau_m", "ms", 10.0, "membrane time constant", positive=True),
            *(Parameter(f"tau_syn_{k}", "ms", 2.0, f"time constant of current {k}", positive=True) for k in numbers),
            Parameter("t_ref", "ms", 2.0, "refractory period", low=0.0),
            Parameter("E_L", "mV", -70.0, "resting potential"),
            Parameter("V_reset", "mV", -70.0, "potential after a spike"),
            Parameter("V_th", "mV", -55.0, "spike threshold"),
            Parameter("I_e", "pA", 0.0, "constant input current"),
        ),
        "variables": (
            Variable("V_m", "mV", "E_L", "membrane potential"),
            *(Variable(f"I_syn_{k}", "pA", 0.0, f"synaptic current of receptor {k}") for k in numbers),
        ),
        "Coefficients": namedtuple("Coefficients", fields),
        "current_row": fields.index("drift"),
    }
    made: IafPscExpMultisynapse = type(f"{IafPscExpMultisynapse.__name__}{n}", (IafPscExpMultisynapse,), declared)()
    return made


MODEL = model_with(1)
