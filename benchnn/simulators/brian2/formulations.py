"""The neuron models as statements of Brian2, which compute the same steps as NEST and `simcore`.

The statements use Brian2's language for the update of a step instead of differential equations: the propagators are the
numbers of `simcore`, and every sum has the same order. Arriving weights are collected in ``arrived_ex`` and
``arrived_in``, or in a variable of each receptor, after the update of one step, and used in the next update.

Statements cannot branch. A condition c selects by ``c*x + (1 - c)*y``, which is exact for finite x and y.

The conductance models are integrated as in `simcore` by the classical Runge-Kutta method in substeps of at most
`SUBSTEP_MS`, but substeps are not shortened; see `approximations`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from simcore.neurons.aeif_cond_exp.upswing import Coefficients as AeifCoefficients
from simcore.neurons.iaf_cond_exp.model import Coefficients as IafCoefficients
from simcore.neurons.iaf_psc_exp_reset.model import Coefficients as ResetCoefficients

LOST = "lost"
"""Variable of neurons that relay spikes: the number of spikes in a step beyond the one that Brian2 sends."""


@dataclass(frozen=True)
class Formulation:
    """One neuron model.

    Parameters
    ----------
    state, counters
        Names of the rows of its initial state.
    coefficients
        Names of the rows of its `coefficients`.
    update
        Statements of a step; the inputs are set to 0 after them.
    threshold
        Condition of a spike.
    reset
        Statements after a spike.
    others
        Further variables, initially 0.
    before, substep
        Statements before `update`; the second are repeated ``substeps`` times, which is a coefficient.
    approximation
        Difference from `simcore`, if any.
    inputs
        Variables in which arriving weights are summed: weights >= 0 and weights < 0, or the weights of each receptor.
    """

    state: tuple[str, ...]
    counters: tuple[str, ...]
    coefficients: tuple[str, ...]
    update: str
    threshold: str
    reset: str
    others: tuple[str, ...] = ()
    before: str = ""
    substep: str = ""
    approximation: str = ""
    inputs: tuple[str, ...] = ("arrived_ex", "arrived_in")


def approximations(models: Iterable[str]) -> tuple[str, ...]:
    """Return one sentence for each model that differs from `simcore`."""
    found = ((model, FORMULATIONS[model].approximation) for model in dict.fromkeys(models))
    return tuple(f"{model}: {difference}" for model, difference in found if difference)


_CONDUCTANCES = """
xm = x*middle_ex
ym = y*middle_in
x1 = x*end_ex
y1 = y*end_in
"""
"""Conductances over C_m in the middle and at the end of a substep."""


def _iaf_slope(k: str, v: str, x: str, y: str) -> str:
    return f"{k} = (drift + {x}*e_ex + {y}*e_in) - (leak + {x} + {y})*clip({v}, -inf, theta)\n"


_IAF_SUBSTEP = (
    _CONDUCTANCES
    + _iaf_slope("k1", "p", "x", "y")
    + _iaf_slope("k2", "p + half_dt*k1", "xm", "ym")
    + _iaf_slope("k3", "p + half_dt*k2", "xm", "ym")
    + _iaf_slope("k4", "p + substep*k3", "x1", "y1")
    + """
p = p + sixth*(k1 + 2.0*(k2 + k3) + k4)
x = x1
y = y1
"""
)


def _aeif_slope(k: str, v: str, q: str, x: str, y: str) -> str:
    return f"""
bounded = clip({v}, -inf, bound)
exponential = exp(clip((bounded - theta)*per_delta, -inf, 80))
synaptic = (drift + {x}*e_ex + {y}*e_in) - (leak + {x} + {y})*bounded
{k} = moving*(synaptic + (leak_delta*exponential - per_capacitance*({q})))
{k}q = (a*bounded - ({q}))*rate_w
"""


_AEIF_SUBSTEP = (
    "moving = active*(1 - int(fired > 0)*int(refractory_steps > 0))\n"
    + _CONDUCTANCES
    + _aeif_slope("k1", "p", "q", "x", "y")
    + _aeif_slope("k2", "p + half_dt*k1", "q + half_dt*k1q", "xm", "ym")
    + _aeif_slope("k3", "p + half_dt*k2", "q + half_dt*k2q", "xm", "ym")
    + _aeif_slope("k4", "p + substep*k3", "q + substep*k3q", "x1", "y1")
    + """
p = p + sixth*(k1 + 2.0*(k2 + k3) + k4)
q = q + sixth*(k1q + 2.0*(k2q + k3q) + k4q)
crossed = moving*int(p >= peak)
p = crossed*reset + (1 - crossed)*p
q = q + crossed*b
fired = fired + crossed
x = x1
y = y1
"""
)
_SUBSTEPS = "half_dt = 0.5*substep\nsixth = 0.16666666666666666*substep\n"
_CLAMPED = "v = v_reset; left = int(refractory)"

FORMULATIONS: dict[str, Formulation] = {
    "iaf_psc_exp": Formulation(
        ("v", "i_ex", "i_in"),
        ("left",),
        ("p22", "p11_ex", "p11_in", "p21_ex", "p21_in", "drift", "theta", "v_reset", "refractory"),
        """
        active = int(left == 0)
        v = active*(v*p22 + i_ex*p21_ex + i_in*p21_in + drift) + (1 - active)*v
        left = left - (1 - active)
        i_ex = i_ex*p11_ex + arrived_ex
        i_in = i_in*p11_in + arrived_in
        """,
        "v >= theta",
        _CLAMPED,
    ),
    "iaf_psc_alpha": Formulation(
        ("v", "i_ex", "i_in", "di_ex", "di_in"),
        ("left",),
        (
            *("drift", "p31_ex", "p32_ex", "p31_in", "p32_in", "leak", "v_min", "theta", "v_reset", "refractory"),
            *("p11_ex", "p21_ex", "jump_ex", "p11_in", "p21_in", "jump_in"),
        ),
        """
        active = int(left == 0)
        stepped = drift + p31_ex*di_ex + p32_ex*i_ex + p31_in*di_in + p32_in*i_in + leak*v + v
        v = active*clip(stepped, v_min, inf) + (1 - active)*v
        left = left - (1 - active)
        i_ex = p21_ex*di_ex + p11_ex*i_ex
        i_in = p21_in*di_in + p11_in*i_in
        di_ex = di_ex*p11_ex + jump_ex*arrived_ex
        di_in = di_in*p11_in + jump_in*arrived_in
        """,
        "v >= theta",
        _CLAMPED,
    ),
    "iaf_psc_delta": Formulation(
        ("v", "kept"),
        ("left",),
        ("drift", "p33", "kept_share", "v_min", "theta", "v_reset", "refractory"),
        """
        active = int(left == 0)
        arrived = arrived_ex + arrived_in
        v = active*clip(drift + p33*v + arrived + kept, v_min, inf) + (1 - active)*v
        kept = (1 - active)*((kept + arrived)*kept_share)
        left = left - (1 - active)
        """,
        "v >= theta",
        _CLAMPED,
    ),
    "iaf_psc_exp_reset": Formulation(
        ("v", "i_syn"),
        ("left",),
        ResetCoefficients._fields,
        """
        active = int(left == 0)
        stepped = active*(v*p22 + i_syn*p21 + drift) + (1 - active)*v
        i_syn = active*(i_syn*p11 + arrived_syn) + (1 - active)*i_syn
        v = stepped + active*(arrived_jump*resistance)
        left = left - (1 - active) - active*int(stepped > theta)
        """,
        "left < 0",
        "v = reset; i_syn = 0; left = int(held_steps)",
        inputs=("arrived_syn", "arrived_jump"),
    ),
    "izhikevich": Formulation(
        ("v", "u"),
        (),
        ("step", "i_e", "step_a", "b", "v_reset", "d", "theta", "v_min"),
        """
        slope = 0.04*v*v + 5.0*v + 140.0 - u + i_e
        stepped = v + (step*slope + (arrived_ex + arrived_in))
        u = u + step_a*(b*v - u)
        v = clip(stepped, v_min, inf)
        """,
        "v >= theta",
        "v = v_reset; u = u + d",
    ),
    "lif_fixed_point": Formulation(
        ("v", "u"),
        ("left",),
        ("keep_u", "keep_v", "bias", "theta", "hold", "scale"),
        """
        held = int(left > 0)
        arrived = clip(arrived_ex + arrived_in, -16777216.0, 16777216.0)
        u = clip(sign(u)*floor(abs(u)*keep_u/4096.0) + arrived*scale, -8388607.0, 8388607.0)
        v = (1 - held)*clip(sign(v)*floor(abs(v)*keep_v/4096.0) + u + bias, -8388607.0, 8388607.0)
        left = left - held
        """,
        "v > theta",
        "v = 0; left = int(hold)",
    ),
    "lif_discrete": Formulation(
        ("v", "u"),
        (),
        ("a", "b", "c", "bias", "theta", "kept", "after"),
        """
        u = u*a + (bias + (arrived_ex + arrived_in))
        v = v*b + u*c
        """,
        "v > theta",
        "v = v*kept + after",
    ),
    "iaf_cond_exp": Formulation(
        ("v", "g_ex", "g_in"),
        ("left",),
        IafCoefficients._fields,
        """
        active = int(left == 0)
        v = active*p + (1 - active)*reset
        left = left - (1 - active)
        g_ex = g_ex*decay_ex + arrived_ex
        g_in = g_in*decay_in - arrived_in
        """,
        "v >= theta",
        "v = reset; left = int(refractory_steps)",
        before=_SUBSTEPS + "p = v\nx = g_ex*per_capacitance\ny = g_in*per_capacitance\n",
        substep=_IAF_SUBSTEP,
        approximation="substeps are not shortened for large conductances",
    ),
    "aeif_cond_exp": Formulation(
        ("v", "g_ex", "g_in", "adaptation"),
        ("left",),
        AeifCoefficients._fields,
        """
        v = p
        adaptation = q
        left = left - (1 - active)
        g_ex = g_ex*decay_ex + arrived_ex
        g_in = g_in*decay_in - arrived_in
        """,
        "fired > 0",
        "left = int(refractory_steps)",
        ("fired",),
        before=_SUBSTEPS
        + """
active = int(left == 0)
p = active*v + (1 - active)*reset
q = adaptation
x = g_ex*per_capacitance
y = g_in*per_capacitance
fired = 0
""",
        substep=_AEIF_SUBSTEP,
        approximation="spikes are at the ends of substeps, which are not shortened for spikes or large conductances",
    ),
    "parrot_neuron": Formulation(
        (),
        (),
        (),
        f"""
        received = arrived_ex
        {LOST} = {LOST} + (received - 1)*int(received > 1)
        """,
        "received > 0",
        "",
        ("received", LOST),
    ),
}
