"""Leaky integrate-and-fire neuron in discrete time, as in the training of spiking networks and on digital chips.

In each step of the grid, with u for I_syn and v for V_m - E_L:

    u <- a u + I_e + sum of the weights arriving in this step
    v <- b v + c u
    spike if V_m > V_th; then V_m = V_reset, or v <- v - (V_th - V_reset) with `subtract` 1

The step is part of the model: the coefficients a, b and c apply to one step at any resolution. The usual LIF has a = 0,
IF has a = 0 and b = 1, the current-based LIF (CubaLIF) has a > 0, and a leaky integrator (LI) has a V_th that the
potential never reaches. For time constants and a step dt, the coefficients are

    by forward Euler:  a = 1 - dt / tau_syn       b = 1 - dt / tau_mem       c = R dt / tau_mem
    exactly:           a = exp(-dt / tau_syn)     b = exp(-dt / tau_mem)     c = R (1 - exp(-dt / tau_mem))

where c applies to an input that is constant within a step (a = 0).

All arriving weights, of both signs, are summed as integers before they are rounded to the type of the state.

References
----------
Eshraghian et al. (2023), Proc. IEEE 111:1016 (snnTorch: Leaky, Synaptic). Pedersen et al. (2024), Nat. Commun. 15:8122
(NIR: equations in continuous time, discretisations of simulators and chips).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution
from simcore.errors import InputError, require
from simcore.neurons.integrate_and_fire import check_reset_below_threshold, rounding_error
from simcore.neurons.model import (
    MAX_VALUE,
    FloatArray,
    IntArray,
    NeuronModel,
    Parameter,
    RealArray,
    Variable,
    stacked,
)
from simcore.values import Value

NO_THRESHOLD = MAX_VALUE
"""V_th that the potential never reaches."""


class Coefficients(NamedTuple):
    """Coefficients of a step; potentials are relative to E_L."""

    a: Any
    b: Any
    c: Any
    bias: Any
    """I_e."""
    theta: Any
    kept: Any
    """Share of v that remains after a spike: 1 if the reset subtracts, else 0."""
    after: Any
    """Term that a spike adds to it."""


class LifDiscrete(NeuronModel):
    """`lif_discrete`: state (V_m - E_L, I_syn), no counters."""

    name = "lif_discrete"
    parameters = (
        Parameter("a", "1", 0.0, "share of I_syn that a step keeps", 0.0, 1.0),
        Parameter("b", "1", 0.9, "share of V_m - E_L that a step keeps", 0.0, 1.0),
        Parameter("c", "1", 1.0, "share of I_syn that a step adds to V_m"),
        Parameter("V_th", "1", 1.0, "spike threshold, which V_m must exceed; 1e30 for none"),
        Parameter("V_reset", "1", 0.0, "potential after a spike"),
        Parameter("E_L", "1", 0.0, "resting potential"),
        Parameter("I_e", "1", 0.0, "constant input in a step"),
        Parameter("subtract", "bool", 0.0, "1 to subtract V_th - V_reset at a spike instead of resetting", 0.0, 1.0),
    )
    variables = (
        Variable("V_m", "1", "E_L", "membrane potential"),
        Variable("I_syn", "1", 0.0, "synaptic current"),
    )
    receptors = ("in",)
    weight_unit = "1"
    Coefficients = Coefficients
    current_row = Coefficients._fields.index("bias")
    cpu_kernels = "simcore.neurons.lif_discrete.cpu"

    def check(self, params: Mapping[str, Value], field: str) -> None:
        check_reset_below_threshold(params, field, unit="")
        flag = params["subtract"]
        if isinstance(flag, Distribution):
            raise InputError(f"{field}subtract = {flag!r} is not allowed: use 0, 1 or an array of 0 and 1")
        for value in np.atleast_1d(flag).tolist():
            require(value in (0.0, 1.0), f"{field}subtract", value, "must be 0 or 1")

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        theta, reset = params["V_th"] - params["E_L"], params["V_reset"] - params["E_L"]
        coefficients = Coefficients(
            a=params["a"],
            b=params["b"],
            c=params["c"],
            bias=params["I_e"],
            theta=theta,
            kept=params["subtract"],
            after=np.where(params["subtract"] == 1.0, reset - theta, reset),
        )
        return stacked(coefficients)

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        """Without a leak, relative to a step of 1 % of the distance from reset to threshold; 0 without a threshold."""
        c = Coefficients(*coefficients)
        reset = np.where(c.kept == 1.0, c.after + c.theta, c.after)
        error = rounding_error(c.theta, reset, np.where(c.b < 1.0, 1.0 - c.b, 1.0))
        return np.where(c.theta < NO_THRESHOLD / 2.0, error, 0.0)

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        state = np.empty((2, n))
        state[0] = initial["V_m"] - params["E_L"]
        state[1] = initial["I_syn"]
        return state, np.zeros((0, n), dtype=np.int32)

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
        v, u = state
        u[:] = u * c.a + (c.bias + inputs[0].astype(v.dtype) * lsb[0])
        v[:] = v * c.b + u * c.c
        spiking: npt.NDArray[np.bool_] = v > c.theta
        v[:] = np.where(spiking, v * c.kept + c.after, v)
        return spiking


MODEL = LifDiscrete()
