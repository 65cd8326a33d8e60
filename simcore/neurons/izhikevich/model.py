"""Simple spiking neuron of Izhikevich, integrated by the forward Euler method with the step of the grid.

    dV/dt = 0.04 V^2 + 5 V + 140 - U + I_e
    dU/dt = a (b V - U)

V jumps by w at each arriving spike; when V reaches V_th, V is set to c and U grows by d. The model has no refractory
period: a neuron can send one spike in every step.

Update order within a step, as in NEST with ``consistent_integration``: V and U take one Euler step, both from the
values of the step's beginning; the arrivals of this step are added to V in the same sum; V is raised to V_min; V is
compared with the threshold.

References
----------
NEST 3.10, models/izhikevich.cpp. Izhikevich (2003), IEEE Trans. Neural Netw. 14:1569.
Differences from NEST: always ``consistent_integration`` (NEST's default), not the half steps of the 2003 paper; V_min
is -1e30 mV instead of the most negative float64 by default. As in NEST, U_m starts at -13 for any b and V_m.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.neurons.integrate_and_fire import NEAR_THRESHOLD, NO_LOWER_BOUND
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked

QUADRATIC, LINEAR, CONSTANT = 0.04, 5.0, 140.0
"""Coefficients of dV/dt, in 1/(mV ms), 1/ms and mV/ms."""

REST, THRESHOLD = -70.0, -50.0
"""Equilibrium potentials for the default b = 0.2 without input, mV; other values of b change them slightly."""


class Coefficients(NamedTuple):
    """Coefficients of a step."""

    h: Any
    """Resolution, ms; `ha` is its product with a."""
    i_e: Any
    ha: Any
    b: Any
    c: Any
    d: Any
    threshold: Any
    floor: Any
    """V_min."""


class Izhikevich(NeuronModel):
    """`izhikevich`: state (V_m, U_m), no counter."""

    name = "izhikevich"
    parameters = (
        Parameter("a", "1/ms", 0.02, "rate of the recovery variable"),
        Parameter("b", "1/ms", 0.2, "coupling of the recovery variable to the potential"),
        Parameter("c", "mV", -65.0, "potential after a spike"),
        Parameter("d", "mV/ms", 8.0, "growth of the recovery variable at a spike"),
        Parameter("V_th", "mV", 30.0, "spike threshold"),
        Parameter("V_min", "mV", NO_LOWER_BOUND, "lower bound of the potential"),
        Parameter("I_e", "pA", 0.0, "constant input; 1 pA adds 1 mV/ms to dV/dt"),
    )
    variables = (
        Variable("V_m", "mV", -65.0, "membrane potential"),
        Variable("U_m", "mV/ms", -13.0, "recovery variable"),
    )
    receptors = ("ex", "in")
    weight_unit = "mV"
    Coefficients = Coefficients
    current_row = Coefficients._fields.index("i_e")
    cpu_kernels = "simcore.neurons.izhikevich.cpu"

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        h = np.float64(resolution_ms)
        coefficients = Coefficients(
            h=h,
            i_e=params["I_e"],
            ha=h * params["a"],
            b=params["b"],
            c=params["c"],
            d=params["d"],
            threshold=params["V_th"],
            floor=params["V_min"],
        )
        return stacked(coefficients)

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        """V is not stored relative to rest; QUADRATIC times the distance is the inverse time constant at rest."""
        h = Coefficients(*coefficients).h
        distance = THRESHOLD - REST
        half_unit = 0.5 * float(np.spacing(np.float32(-THRESHOLD)))
        return np.asarray(half_unit / (h * QUADRATIC * distance * NEAR_THRESHOLD * distance))

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        state = np.empty((2, n))
        state[0] = initial["V_m"]
        state[1] = initial["U_m"]
        return state, np.zeros((0, n), dtype=np.int32)

    def update(
        self,
        state: RealArray,
        counters: npt.NDArray[np.int32],
        inputs: IntArray,
        coefficients: RealArray,
        lsb: RealArray,
    ) -> npt.NDArray[np.bool_]:
        k = Coefficients(*coefficients)
        v, u = state
        real = v.dtype.type
        arrived = inputs[0].astype(v.dtype) * lsb[0] + inputs[1].astype(v.dtype) * lsb[1]
        slope = real(QUADRATIC) * v * v + real(LINEAR) * v + real(CONSTANT) - u + k.i_e
        stepped = v + (k.h * slope + arrived)
        u += k.ha * (k.b * v - u)
        v[:] = np.where(stepped < k.floor, k.floor, stepped)
        spiking: npt.NDArray[np.bool_] = v >= k.threshold
        v[:] = np.where(spiking, k.c, v)
        u[:] = np.where(spiking, u + k.d, u)
        return spiking


MODEL = Izhikevich()
