"""Leaky integrate-and-fire neuron with exponentially decaying synaptic conductances.

    C_m dV/dt = -g_L (V - E_L) - g_ex (V - E_ex) - g_in (V - E_in) + I_e
    dg/dt = -g / tau_syn,  g_ex jumps by w > 0, g_in by |w| for w < 0 at each arriving spike

Update order within a step, as in NEST: integrate V, with V in the right-hand side bounded by V_th; decay the
conductances; add the arrivals of this step; in the refractory period set V to V_reset, else compare V with V_th. A
neuron sends at most one spike in a step, even with t_ref = 0.

The conductances decay exactly. V is integrated by the classical Runge-Kutta method of order 4 in equal substeps of at
most `SUBSTEP_MS`, with the exact conductances at the beginning, middle and end of each. If the initial conductance of a
step is so large that a substep exceeds `MAX_STEP` times C_m / (g_L + g_ex + g_in), the substeps of this neuron are
correspondingly shorter.

References
----------
NEST 3.10, models/iaf_cond_exp.cpp. Meffin, Burkitt, Grayden (2004), J. Comput. Neurosci. 16:159.
Differences from NEST: NEST integrates V and the conductances by an embedded Runge-Kutta-Fehlberg method, whose steps
adapt to an absolute error of 0.001 (mV, nS) in each; traces differ by such errors.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.exponential import exp as exp_of_state
from simcore.neurons.integrate_and_fire import check_refractory_period, check_reset_below_threshold, rounding_error
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked
from simcore.propagators import exp, expm1
from simcore.values import Value, duration_steps

SUBSTEP_MS = 0.1
MAX_STEP = 0.25
"""Largest ratio of a substep to the current membrane time constant; a substep's error is then 1e-5 of V's change."""
MAX_PIECES = 65536.0
"""Maximum number of substeps in a step with large conductances."""


class Coefficients(NamedTuple):
    """Coefficients of a step; potentials are relative to E_L."""

    leak: Any
    """g_L / C_m, 1/ms."""
    per_capacitance: Any
    """1 / C_m, 1/pF."""
    drift: Any
    """I_e / C_m, mV/ms."""
    e_ex: Any
    e_in: Any
    theta: Any
    reset: Any
    decay_ex: Any
    """Decay in a whole step; `end_ex` is the decay in a substep."""
    decay_in: Any
    middle_ex: Any
    """See `middle_of_substep`."""
    middle_in: Any
    end_ex: Any
    end_in: Any
    rate_ex: Any
    """1 / tau_syn_ex, 1/ms."""
    rate_in: Any
    step: Any
    """Resolution, ms."""
    substep: Any
    substeps: Any
    refractory_steps: Any


def substeps_of(resolution_ms: float, longest_ms: float) -> int:
    """Number of equal substeps of a step."""
    # The quotient of two decimal numbers can be slightly above an integer by rounding.
    return max(1, int(np.ceil(resolution_ms / longest_ms - 1e-9)))


def middle_of_substep(dt: float, tau: FloatArray) -> FloatArray:
    """Return the share of a conductance that a substep of `dt` ms uses for its middle.

    It is chosen so that (1 + 4 m + exp(-dt/tau)) / 6, the mean conductance in a Runge-Kutta step, equals the exact
    mean: exp(-dt/(2 tau)) to fourth order in dt/tau, and accurate also for tau close to dt or smaller.
    """
    decayed = -expm1(-dt / tau)
    return np.asarray((6.0 * decayed * tau / dt - 2.0 + decayed) / 4.0)


class IafCondExp(NeuronModel):
    """`iaf_cond_exp`: state (V_m - E_L, g_ex, g_in), one counter (refractory steps left)."""

    name = "iaf_cond_exp"
    parameters = (
        Parameter("C_m", "pF", 250.0, "membrane capacitance", positive=True),
        Parameter("g_L", "nS", 16.6667, "leak conductance", low=0.0),
        Parameter("tau_syn_ex", "ms", 0.2, "time constant of the excitatory conductance", positive=True),
        Parameter("tau_syn_in", "ms", 2.0, "time constant of the inhibitory conductance", positive=True),
        Parameter("t_ref", "ms", 2.0, "refractory period", low=0.0),
        Parameter("E_L", "mV", -70.0, "resting potential"),
        Parameter("E_ex", "mV", 0.0, "excitatory reversal potential"),
        Parameter("E_in", "mV", -85.0, "inhibitory reversal potential"),
        Parameter("V_reset", "mV", -60.0, "potential after a spike"),
        Parameter("V_th", "mV", -55.0, "spike threshold"),
        Parameter("I_e", "pA", 0.0, "constant input current"),
    )
    variables = (
        Variable("V_m", "mV", "E_L", "membrane potential"),
        Variable("g_ex", "nS", 0.0, "excitatory conductance"),
        Variable("g_in", "nS", 0.0, "inhibitory conductance"),
    )
    receptors = ("ex", "in")
    weight_unit = "nS"
    counters = ("refractory",)
    Coefficients = Coefficients
    current_row = Coefficients._fields.index("drift")
    cpu_kernels = "simcore.neurons.iaf_cond_exp.cpu"

    def check(self, params: Mapping[str, Value], field: str) -> None:
        check_reset_below_threshold(params, field)

    def check_grid(self, range_of: Callable[[str], tuple[float, float]], resolution_ms: float, field: str) -> None:
        check_refractory_period(range_of, resolution_ms, field)

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        h, c_m, e_l = resolution_ms, params["C_m"], params["E_L"]
        n = substeps_of(h, SUBSTEP_MS)
        tau_ex, tau_in = params["tau_syn_ex"], params["tau_syn_in"]
        coefficients = Coefficients(
            leak=params["g_L"] / c_m,
            per_capacitance=1.0 / c_m,
            drift=params["I_e"] / c_m,
            e_ex=params["E_ex"] - e_l,
            e_in=params["E_in"] - e_l,
            theta=params["V_th"] - e_l,
            reset=params["V_reset"] - e_l,
            decay_ex=exp(-h / tau_ex),
            decay_in=exp(-h / tau_in),
            middle_ex=middle_of_substep(h / n, tau_ex),
            middle_in=middle_of_substep(h / n, tau_in),
            end_ex=exp(-h / n / tau_ex),
            end_in=exp(-h / n / tau_in),
            rate_ex=1.0 / tau_ex,
            rate_in=1.0 / tau_in,
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
        state = np.empty((3, n))
        state[0] = initial["V_m"] - params["E_L"]
        state[1] = initial["g_ex"]
        state[2] = initial["g_in"]
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
        v, g_ex, g_in = state
        refractory = counters[0] > 0
        potential, scaled = v, (g_ex * c.per_capacitance, g_in * c.per_capacitance)
        for _ in range(int(c.substeps[0])):
            potential, scaled = substep(potential, scaled, (c.middle_ex, c.middle_in, c.end_ex, c.end_in), c.substep, c)
        _shorten(potential, state, c)
        v[:] = np.where(refractory, c.reset, potential)
        g_ex[:] = g_ex * c.decay_ex + inputs[0].astype(v.dtype) * lsb[0]
        g_in[:] = g_in * c.decay_in - inputs[1].astype(v.dtype) * lsb[1]
        spiking: npt.NDArray[np.bool_] = ~refractory & (v >= c.theta)
        counters[0] = np.where(spiking, c.refractory_steps.astype(np.int32), counters[0] - refractory)
        v[:] = np.where(spiking, c.reset, v)
        return spiking


def substep(
    v: RealArray, scaled: tuple[RealArray, RealArray], decays: Sequence[RealArray], dt: RealArray, c: Coefficients
) -> tuple[RealArray, tuple[RealArray, RealArray]]:
    """Take one Runge-Kutta step of `dt`; return the new potential and conductances over C_m.

    `decays` are the factors of the two conductances for the middle and for the end of the step.
    """
    real = v.dtype.type

    def slope(potential: RealArray, x: RealArray, y: RealArray) -> RealArray:
        bounded = np.where(potential < c.theta, potential, c.theta)
        return np.asarray((c.drift + x * c.e_ex + y * c.e_in) - (c.leak + x + y) * bounded)

    x0, y0 = scaled
    xm, ym = x0 * decays[0], y0 * decays[1]
    x1, y1 = x0 * decays[2], y0 * decays[3]
    half_dt = real(0.5) * dt
    k1 = slope(v, x0, y0)
    k2 = slope(v + half_dt * k1, xm, ym)
    k3 = slope(v + half_dt * k2, xm, ym)
    k4 = slope(v + dt * k3, x1, y1)
    return v + real(1.0 / 6.0) * dt * (k1 + real(2.0) * (k2 + k3) + k4), (x1, y1)


def _shorten(potential: RealArray, state: RealArray, c: Coefficients) -> None:
    """Integrate neurons with large conductances again, in shorter substeps."""
    real = potential.dtype.type
    rate = c.leak + state[1] * c.per_capacitance + state[2] * c.per_capacitance
    stiff = np.flatnonzero(rate * c.substep > real(MAX_STEP))
    if not stiff.size:
        return
    own = Coefficients(*(np.broadcast_to(row, potential.shape)[stiff] for row in c))
    wanted = rate[stiff] * own.step * real(1.0 / MAX_STEP)
    pieces = np.where(wanted < real(MAX_PIECES), wanted, real(MAX_PIECES)).astype(np.int64) + 1
    dt = own.step / pieces.astype(potential.dtype)
    half_ex, half_in = (exp_of_state(real(-0.5) * dt * decay) for decay in (own.rate_ex, own.rate_in))
    decays = (half_ex, half_in, half_ex * half_ex, half_in * half_in)
    v, x, y = state[0][stiff], state[1][stiff] * own.per_capacitance, state[2][stiff] * own.per_capacitance
    for number in range(int(pieces.max())):
        after, decayed = substep(v, (x, y), decays, dt, own)
        going = number < pieces
        v, x, y = np.where(going, after, v), np.where(going, decayed[0], x), np.where(going, decayed[1], y)
    potential[stiff] = v


MODEL = IafCondExp()
