"""Adaptive exponential integrate-and-fire neuron with exponentially decaying synaptic conductances.

    C_m dV/dt = -g_L (V - E_L) + g_L Delta_T exp((V - V_th) / Delta_T)
                - g_ex (V - E_ex) - g_in (V - E_in) - w + I_e
    tau_w dw/dt = a (V - E_L) - w
    dg/dt = -g / tau_syn,  g_ex jumps by w > 0, g_in by |w| for w < 0 at each arriving spike

When V reaches V_peak (V_th with Delta_T = 0), V is set to V_reset and w grows by b; V is then held for the rest of the
step and t_ref, while w evolves. With t_ref = 0 the integration continues from V_reset within the same step.

Update order within a step, as in NEST: integrate V and w, with V in the right-hand sides bounded by V_peak, and treat
the spikes at the times at which they occur; decay the conductances; add the arrivals of this step.

A neuron sends at most one spike in a step. With t_ref = 0 it can reach V_peak again in the same step; V and w then
change as at any spike, but no spike is sent, and the second counter counts these suppressed spikes. After
`MAX_CROSSINGS` spikes in a step, V is held at V_reset for the rest of the step.

The conductances decay exactly. V and w are integrated by the classical Runge-Kutta method of order 4 in equal substeps
of at most `SUBSTEP_MS`. A step of a neuron is integrated again by shorter substeps (see `upswing.py`) if the
exponential is so large that a substep exceeds `MAX_STEP` of the time to infinity, if V moves too far in a substep (see
`LEAP_MV`) or reaches V_peak, or if the conductances are so large that a substep exceeds `MAX_STEP` of the membrane's
time constant.

References
----------
NEST 3.10, models/aeif_cond_exp.cpp. Brette, Gerstner (2005), J. Neurophysiol. 94:3637.
Differences from NEST: NEST integrates by an embedded Runge-Kutta-Fehlberg method, whose steps adapt to an error of
``gsl_error_tol``, and resets V at the end of the step that reaches V_peak; its traces approach these for a small
``gsl_error_tol``. NEST sends every spike of a step. Here, the argument of the exponential is at most 80. With
Delta_T = 0, V_reset must be below V_th.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution
from simcore.errors import require
from simcore.neurons.aeif_cond_exp.upswing import (
    BLOW_UP_MS,
    LEAP_MV,
    MAX_STEP,
    NEVER,
    Coefficients,
    State,
    integrate_finely,
    of_neurons,
    substep,
)
from simcore.neurons.iaf_cond_exp.model import middle_of_substep, substeps_of
from simcore.neurons.integrate_and_fire import check_refractory_period, rounding_error
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked
from simcore.propagators import exp
from simcore.values import Value, duration_steps, value_range

SUBSTEP_MS = 0.1


class AeifCondExp(NeuronModel):
    """`aeif_cond_exp`: state (V_m - E_L, g_ex, g_in, w), counters (refractory steps left, suppressed spikes)."""

    name = "aeif_cond_exp"
    parameters = (
        Parameter("C_m", "pF", 281.0, "membrane capacitance", positive=True),
        Parameter("g_L", "nS", 30.0, "leak conductance", low=0.0),
        Parameter("tau_syn_ex", "ms", 0.2, "time constant of the excitatory conductance", positive=True),
        Parameter("tau_syn_in", "ms", 2.0, "time constant of the inhibitory conductance", positive=True),
        Parameter("tau_w", "ms", 144.0, "time constant of the adaptation current", positive=True),
        Parameter("t_ref", "ms", 0.0, "refractory period", low=0.0),
        Parameter("E_L", "mV", -70.6, "resting potential"),
        Parameter("E_ex", "mV", 0.0, "excitatory reversal potential"),
        Parameter("E_in", "mV", -85.0, "inhibitory reversal potential"),
        Parameter("V_reset", "mV", -60.0, "potential after a spike"),
        Parameter("V_th", "mV", -50.4, "threshold of the exponential"),
        Parameter("V_peak", "mV", 0.0, "potential at which a spike is sent"),
        Parameter("Delta_T", "mV", 2.0, "slope factor of the exponential", low=0.0),
        Parameter("a", "nS", 4.0, "subthreshold adaptation"),
        Parameter("b", "pA", 80.5, "adaptation by a spike"),
        Parameter("I_e", "pA", 0.0, "constant input current"),
    )
    variables = (
        Variable("V_m", "mV", "E_L", "membrane potential"),
        Variable("g_ex", "nS", 0.0, "excitatory conductance"),
        Variable("g_in", "nS", 0.0, "inhibitory conductance"),
        Variable("w", "pA", 0.0, "adaptation current"),
    )
    receptors = ("ex", "in")
    weight_unit = "nS"
    counters = ("refractory", "suppressed")
    Coefficients = Coefficients
    suppressed_spikes = 1
    current_row = Coefficients._fields.index("drift")
    cpu_kernels = "simcore.neurons.aeif_cond_exp.cpu"

    def check(self, params: Mapping[str, Value], field: str) -> None:
        names = ("V_reset", "V_th", "V_peak", "Delta_T")
        low, high = (dict(zip(names, (_bound(params[name], end) for name in names), strict=True)) for end in (0, 1))
        above = np.broadcast_arrays(high["V_th"], low["V_peak"])
        for wrong in np.flatnonzero(above[0] > above[1])[:1]:
            allowed = f"must not be below V_th = {above[0].flat[wrong]} mV"
            require(False, f"{field}V_peak", float(above[1].flat[wrong]), allowed)
        sharp = np.equal(low["Delta_T"], 0.0)
        peak = np.where(sharp, low["V_th"], low["V_peak"])
        resets, peaks, without = np.broadcast_arrays(high["V_reset"], peak, sharp)
        for wrong in np.flatnonzero(resets >= peaks)[:1]:
            name = "V_th (Delta_T is 0)" if without.flat[wrong] else "V_peak"
            allowed = f"must be below {name} = {peaks.flat[wrong]} mV"
            require(False, f"{field}V_reset", float(resets.flat[wrong]), allowed)

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
        check_refractory_period(range_of, resolution_ms, field)

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        h, c_m, e_l = resolution_ms, params["C_m"], params["E_L"]
        n = substeps_of(h, SUBSTEP_MS)
        tau_ex, tau_in, delta = params["tau_syn_ex"], params["tau_syn_in"], params["Delta_T"]
        leak = params["g_L"] / c_m
        exponential = leak * delta > 0.0
        positive = np.where(delta > 0.0, delta, 1.0)
        coefficients = Coefficients(
            leak=leak,
            per_capacitance=1.0 / c_m,
            drift=params["I_e"] / c_m,
            e_ex=params["E_ex"] - e_l,
            e_in=params["E_in"] - e_l,
            theta=params["V_th"] - e_l,
            bound=params["V_peak"] - e_l,
            peak=np.where(delta > 0.0, params["V_peak"], params["V_th"]) - e_l,
            reset=params["V_reset"] - e_l,
            delta=delta,
            per_delta=np.where(delta > 0.0, 1.0 / positive, 0.0),
            leak_delta=leak * delta,
            a=params["a"],
            b=params["b"],
            rate_w=1.0 / params["tau_w"],
            decay_ex=exp(-h / tau_ex),
            decay_in=exp(-h / tau_in),
            middle_ex=middle_of_substep(h / n, tau_ex),
            middle_in=middle_of_substep(h / n, tau_in),
            end_ex=exp(-h / n / tau_ex),
            end_in=exp(-h / n / tau_in),
            rate_ex=1.0 / tau_ex,
            rate_in=1.0 / tau_in,
            rate=leak + np.abs(params["a"]) / c_m + 1.0 / params["tau_w"],
            steep=np.where(exponential, MAX_STEP / np.where(exponential, leak * h / n, 1.0), NEVER),
            leap=np.where(exponential, LEAP_MV * delta**3 / np.where(exponential, leak * h / n, 1.0), NEVER),
            climb=np.where(exponential, MAX_STEP * delta, NEVER),
            blow_up=np.where(exponential, 1.0 / np.where(exponential, leak * BLOW_UP_MS, 1.0), NEVER),
            step=h,
            substep=h / n,
            substeps=float(n),
            refractory_steps=duration_steps(params["t_ref"], h),
        )
        return stacked(coefficients)

    def float32_error(self, coefficients: FloatArray) -> FloatArray:
        c = Coefficients(*coefficients)
        return rounding_error(c.theta, c.reset, c.leak * c.substep)

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        state = np.empty((4, n))
        state[0] = initial["V_m"] - params["E_L"]
        for row, name in ((1, "g_ex"), (2, "g_in"), (3, "w")):
            state[row] = initial[name]
        return state, np.zeros((2, n), dtype=np.int32)

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
        v, g_ex, g_in, w = state
        active = counters[0] == 0
        before = State(np.where(active, v, c.reset), w.copy(), g_ex * c.per_capacitance, g_in * c.per_capacitance)
        rough = (c.rate + before.x + before.y) * c.substep > v.dtype.type(MAX_STEP)
        after = before
        for _ in range(int(c.substeps[0])):
            decays = (c.middle_ex, c.middle_in, c.end_ex, c.end_in)
            start = after.v
            after, largest = substep(after, decays, c.substep, active, c)
            with np.errstate(over="ignore"):  # infinity is as rough as any large number
                moved = (after.v - start) * (after.v - start)
                rough |= (largest > c.steep) | (largest * (moved * moved) > c.leap) | (after.v >= c.peak)
        v[:], w[:] = after.v, after.w
        chosen = np.flatnonzero(rough & active)
        crossings = np.zeros(len(v), dtype=np.int32)
        if chosen.size:
            own = State(*(values[chosen] for values in before))
            v[chosen], w[chosen], crossings[chosen] = integrate_finely(own, of_neurons(c, chosen, len(v)))
        g_ex[:] = g_ex * c.decay_ex + inputs[0].astype(v.dtype) * lsb[0]
        g_in[:] = g_in * c.decay_in - inputs[1].astype(v.dtype) * lsb[1]
        spiking: npt.NDArray[np.bool_] = crossings > 0
        counters[0] = np.where(spiking, c.refractory_steps.astype(np.int32), counters[0] - ~active)
        counters[1] += np.where(spiking, crossings - 1, 0)
        return spiking


def _bound(value: Value, end: int) -> FloatArray:
    """Return a number, an array, or the smallest (0) or largest (1) value of a distribution."""
    return np.asarray(value_range(value, "")[end] if isinstance(value, Distribution) else value)


MODEL = AeifCondExp()
