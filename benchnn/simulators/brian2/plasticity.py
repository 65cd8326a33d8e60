"""Plastic synapses in Brian2's language.

A presynaptic spike with the stamp s meets postsynaptic ones at s + 2 a - d, with the delay d and its axonal part a.
In Brian2 it meets them when it arrives, d later for all of them; a postsynaptic spike therefore arrives 2 (d - a) after
its stamp. The order in one step is facilitation, then depression and transmission, then the growth of the trace of the
target.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchnn.simulators.brian2.module import brian2_module
from simcore.errors import InputError
from simcore.network import Network, Projection
from simcore.plasticity import Plasticity, Stdp, StdpPowerLaw, Tsodyks2
from simcore.plasticity.tables import PairTables
from simcore.simulator.weights import unit_of
from simcore.tables import Tables
from simcore.values import delay_steps

KNOWN = (Stdp, StdpPowerLaw, Tsodyks2)
FACILITATE, GROW = "facilitate", "grow"
"""Pathways of postsynaptic spikes, before and after presynaptic ones."""
ORDER = {FACILITATE: -1, "pre": 0, GROW: 1}
VARIABLES = ("w", "steps", "kplus", "kminus", "lastupdate", "x", "u", "last", "fired")
"""All variables of a synapse."""

_PAIRED = """
dkplus/dt = -kplus/tau_plus : 1 (event-driven)
dkminus/dt = -kminus/tau_minus : 1 (event-driven)
"""
_RESOURCES = """
x : 1
u : 1
last : second
fired : 1
"""
_RECOVERED = """
x = fired*(1 + (x - x*u - 1)*exp(-(t - last)/tau_rec)) + (1 - fired)*x
u = fired*(U + u*(1 - U)*{share}) + (1 - fired)*u
last = t
fired = 1
"""


@dataclass(frozen=True)
class PlasticCode:
    """The plasticity rule of a projection.

    Parameters
    ----------
    equations
        Variables of a synapse beyond its weight.
    on_pre
        Statements of a presynaptic spike before its transmission.
    transmitted
        The transmitted value.
    after
        Statements after the transmission.
    on_post
        Statements of a postsynaptic spike, by pathway.
    constants
        Constants in the statements.
    initial
        Initial values of variables.
    axonal_steps
        Part of the delay before the synapse.
    """

    equations: str
    on_pre: str
    transmitted: str
    after: str
    on_post: Mapping[str, str]
    constants: Mapping[str, Any]
    initial: Mapping[str, float] = field(default_factory=dict)
    axonal_steps: int = 0

    def synapses(self, source: Any, target: Any, on_arrival: str, functions: Mapping[str, Any], name: str) -> Any:
        """Make an object without synapses, with weights and delays per synapse; `on_arrival` transmits."""
        synapses = brian2_module().Synapses(
            source,
            target,
            model=f"w : 1\nsteps : 1 (constant)\n{self.equations}",
            on_pre="\n".join(line for line in (self.on_pre, on_arrival, self.after) if line),
            on_post=dict(self.on_post) or None,
            namespace={**functions, **self.constants},
            name=name,
        )
        for pathway in ("pre", *self.on_post):
            getattr(synapses, pathway).order = ORDER[pathway]
        return synapses

    def start(self, synapses: Any, step_s: float) -> None:
        """Set delays and initial values of connected synapses whose `steps` are set."""
        for pathway in ("pre", *self.on_post):
            # The next update uses the input of a step.
            steps = "steps" if pathway == "pre" else f"2*(steps - {self.axonal_steps})"
            delay = f"({steps} - 1)*{step_s!r}*second"
            getattr(synapses, pathway).delay.set_item(slice(None), delay, namespace={})
        for name, value in self.initial.items():
            setattr(synapses, name, value)


def check_plasticity(projection: Projection) -> None:
    """Refuse a rule that is not available on Brian2.

    Raises
    ------
    InputError
        If it is not supported.
    """
    rule = projection.plasticity
    if rule is not None and not isinstance(rule, KNOWN):
        where = f"projection {projection.source}->{projection.target}.plasticity"
        names = ", ".join(known.name for known in KNOWN)
        raise InputError(f"{where} = {rule.name!r} is not allowed: brian2 supports {names}")


def all_negative(rule: Plasticity | None) -> bool:
    """Whether all weights of a rule are negative, including -0."""
    return isinstance(rule, Stdp) and rule.Wmax < 0.0


def plastic_code(network: Network, index: int, tables: Tables | None) -> PlasticCode | None:
    """Return the rule of a projection, if any; with `simcore`'s `tables`, its largest weight is on their grid."""
    projection = network.projections[index]
    rule = projection.plasticity
    if rule is None:
        return None
    if isinstance(rule, Tsodyks2):
        return _resources(rule)
    low, high = rule.largest_weight(*projection.ends("weight"))
    largest = low if all_negative(rule) else high
    prepared = None if tables is None else tables.plasticity[index]
    if tables is not None and isinstance(prepared, PairTables):
        largest = prepared.sign * prepared.ceiling * unit_of(network, tables, index)
    if isinstance(rule, Stdp):
        facilitated = "w = largest*clip(w/largest + size*(1 - w/largest)**mu_plus*kplus, -inf, 1)"
        depressed = "w = largest*clip(w/largest - alpha*size*(w/largest)**mu_minus*kminus, 0, inf)"
        exponents = {"mu_plus": rule.mu_plus, "mu_minus": rule.mu_minus}
    else:
        assert isinstance(rule, StdpPowerLaw)  # noqa: S101 - others are refused
        facilitated = "w = clip(w + size*w**mu*kplus, -inf, largest)"
        depressed = "w = clip(w - size*alpha*w*kminus, 0, inf)"
        exponents = {"mu": rule.mu}
    taus = {"tau_plus": rule.tau_plus, "tau_minus": network.population(projection.target).tau_minus}
    constants = {"largest": largest, "size": rule.lambda_, "alpha": rule.alpha, **exponents, **_milliseconds(taus)}
    axonal = int(delay_steps(rule.axonal_delay_ms, network.resolution_ms))
    on_post = {FACILITATE: facilitated, GROW: "kminus += 1"}
    return PlasticCode(_PAIRED, depressed, "w", "kplus += 1", on_post, constants, axonal_steps=axonal)


def _resources(rule: Tsodyks2) -> PlasticCode:
    share = "exp(-(t - last)/tau_fac)" if rule.tau_fac else "0"
    constants = {"U": rule.U, **_milliseconds({"tau_rec": rule.tau_rec, "tau_fac": rule.tau_fac})}
    on_pre = _RECOVERED.format(share=share).strip()
    return PlasticCode(_RESOURCES, on_pre, "x*u*w", "", {}, constants, {"x": rule.x, "u": rule.u})


def _milliseconds(taus: Mapping[str, float]) -> dict[str, Any]:
    return {name: tau * brian2_module().ms for name, tau in taus.items()}


def differences(network: Network, exact: bool) -> tuple[str, ...]:
    """Return differences between plastic synapses of Brian2 and `simcore`."""
    if not exact or all(projection.plasticity is None for projection in network.projections):
        return ()
    return ("brian2 transmits exact plastic weights, but simcore rounds plastic weights to its weight grid",)
