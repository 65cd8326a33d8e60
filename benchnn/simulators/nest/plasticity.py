"""Plastic projections as synapse models of NEST.

`Stdp` is ``stdp_synapse_hom``, whose parameters belong to the model, with the equations of ``stdp_synapse``, which
stores six additional parameters in each synapse. `StdpPowerLaw` is ``stdp_pl_synapse_hom``, and `Tsodyks2` is
``tsodyks2_synapse``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simcore.distributions import Distribution
from simcore.errors import InputError
from simcore.network import Network, Population, Projection
from simcore.plasticity import Stdp, StdpPowerLaw, Tsodyks2
from simcore.plasticity.tables import PairTables
from simcore.simulator.weights import unit_of
from simcore.tables import Tables
from simcore.values import Value, as_value

KNOWN = (Stdp, StdpPowerLaw, Tsodyks2)


@dataclass(frozen=True)
class SynapseModel:
    """A synapse model of NEST and its parameters."""

    name: str
    params: Mapping[str, float]


def check_plasticity(projection: Projection) -> None:
    """Refuse a rule that NEST does not have.

    Raises
    ------
    InputError
        If it is not supported.
    """
    rule = projection.plasticity
    if rule is None:
        return
    where = f"projection {projection.source}->{projection.target}.plasticity"
    if not isinstance(rule, KNOWN):
        raise InputError(f"{where} = {rule.name!r} is not allowed: NEST has no corresponding synapse model")
    if rule.axonal_delay_ms != 0.0:
        value = f"{where}.axonal_delay_ms = {rule.axonal_delay_ms:g}"
        raise InputError(f"{value} is not allowed: the delays of NEST's plastic synapses are dendritic")


def name_of_copy(index: int) -> str:
    """Return the name of the copy of a synapse model that has only the connections of a plastic projection."""
    return f"plastic_projection_{index}"


def plastic_model(network: Network, index: int, tables: Tables | None) -> SynapseModel | None:
    """Return NEST's synapse model of a plastic projection; with `simcore`'s `tables`, Wmax is on their grid."""
    match network.projections[index].plasticity:
        case Stdp() as rule:
            largest = rule.Wmax if tables is None else wmax_on_grid(network, index, tables)
            pairs = {name: getattr(rule, name) for name in ("tau_plus", "alpha", "mu_plus", "mu_minus")}
            return SynapseModel("stdp_synapse_hom", {**pairs, "lambda": rule.lambda_, "Wmax": largest})
        case StdpPowerLaw() as rule:
            pairs = {name: getattr(rule, name) for name in ("tau_plus", "alpha", "mu")}
            return SynapseModel("stdp_pl_synapse_hom", {**pairs, "lambda": rule.lambda_})
        case Tsodyks2() as rule:
            names = ("U", "u", "x", "tau_rec", "tau_fac")
            return SynapseModel("tsodyks2_synapse", {name: getattr(rule, name) for name in names})
        case _:
            return None


def wmax_on_grid(network: Network, index: int, tables: Tables) -> float:
    """Return Wmax of `Stdp` as in `simcore`, in the unit of the target's model."""
    prepared = tables.plasticity[index]
    assert isinstance(prepared, PairTables)  # noqa: S101 - those of Stdp are
    return prepared.sign * prepared.ceiling * unit_of(network, tables, index)


def drawn_within(projection: Projection) -> Value:
    """Return the weights of a projection, with distributions restricted to values that its plasticity allows."""
    rule = projection.plasticity
    value = as_value(projection.weight, f"projection {projection.source}->{projection.target}.weight")
    if not isinstance(value, Distribution) or rule is None or not rule.changes_weights:
        return value
    low, high = rule.largest_weight(value.low, value.high)
    return replace(value, low=max(value.low, low), high=min(value.high, high))


def paired(network: Network, population: Population) -> bool:
    """Whether the spikes of a population change weights of synapses onto it."""
    onto = (p for p in network.projections if network.population(p.target) is population)
    return any(p.plasticity is not None and p.plasticity.changes_weights for p in onto)


def differences(network: Network, exact: bool) -> tuple[str, ...]:
    """Return differences between plastic synapses of NEST and the description."""
    rules = [projection.plasticity for projection in network.projections if projection.plasticity is not None]
    found = []
    if any(isinstance(rule, StdpPowerLaw) for rule in rules):
        found.append("weights of stdp_pl_synapse_hom do not have an upper limit in NEST")
    if rules and exact:
        found.append("NEST transmits exact plastic weights, but simcore rounds plastic weights to its weight grid")
    return tuple(found)
