"""Projections as connections of NEST, by its own rules or edge by edge."""

import math
from typing import Any

import numpy as np

from benchnn.simulators.nest.kernel import nest_module
from benchnn.simulators.nest.plasticity import check_plasticity, drawn_within, name_of_copy, plastic_model
from benchnn.simulators.nest.receptors import receptor_type
from simcore.connectivity import (
    AllToAll,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    ListedRule,
    OneToOne,
    PairwiseBernoulli,
    Rule,
)
from simcore.connectivity.selected import Selected
from simcore.distributions import Distribution, Exponential, Lognormal, Normal, Uniform
from simcore.errors import InputError
from simcore.network import Network, Projection
from simcore.selection import selected
from simcore.synapses.edges import draw_projection
from simcore.tables import Tables
from simcore.values import Value, as_value

MAX_CONNECTIONS = 2**27 - 1
"""Maximum number of connections of one synapse model on one thread: NEST's local connection id has 27 bits."""
FILL = 0.95
"""Share of this number that is used, because connections are assigned to threads at random."""


LARGEST = 1e300
"""NEST's ``redraw`` requires finite bounds."""


class SynapseModels:
    """Copies of NEST's synapse models.

    A new copy of ``static_synapse`` is made if a projection would fill a thread's share of the previous copy; each
    plastic projection has its own copy.

    Parameters
    ----------
    threads
        Number of threads to which connections are assigned.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._filled = math.inf
        self._copies = 0

    def with_room(self, connections: float) -> str:
        """Return the name of a static model with room for more connections."""
        share = connections / self._threads
        if self._filled + share > FILL * MAX_CONNECTIONS:
            self._copies += 1
            self._filled = 0.0
            nest_module().CopyModel("static_synapse", self._name)
        self._filled += share
        return self._name

    def of_projection(self, network: Network, index: int, connections: float, tables: Tables | None) -> str:
        """Return the name of a model for the connections of a projection; plastic projections have their own model."""
        plastic = plastic_model(network, index, tables)
        if plastic is None:
            return self.with_room(connections)
        name = name_of_copy(index)
        nest_module().CopyModel(plastic.name, name, dict(plastic.params))
        return name

    @property
    def _name(self) -> str:
        return f"static_synapse_{self._copies}"


def check_projection(network: Network, index: int, threads: int) -> None:
    """Refuse projections that NEST cannot connect.

    Raises
    ------
    InputError
        If NEST does not have its plasticity, or supports fewer synapses per projection on these threads.
    """
    projection = network.projections[index]
    check_plasticity(projection)
    expected = projection.rule.expected_synapses(network.wiring(index))
    limit = FILL * MAX_CONNECTIONS * threads
    if expected > limit:
        raise InputError(
            f"projection {projection.source}->{projection.target} has {expected:,.0f} synapses, which is not allowed: "
            f"NEST supports at most {limit:,.0f} per projection on {threads} threads; use more threads"
        )


def check_drawn(projection: Projection) -> None:
    """Refuse a rule that NEST does not draw.

    Raises
    ------
    InputError
        If it is not supported.
    """
    if not isinstance(drawn_rule(projection), ListedRule):
        rule_specification(projection)


def connect_by_rule(network: Network, index: int, nodes: dict[str, Any], models: SynapseModels) -> None:
    """Make NEST draw the edges, weights and delays of a projection."""
    projection = network.projections[index]
    where = f"projection {projection.source}->{projection.target}"
    count = projection.rule.expected_synapses(network.wiring(index))
    if count == 0:
        return
    synapses = {
        "synapse_model": models.of_projection(network, index, count, None),
        "weight": expression(drawn_within(projection), f"{where}.weight"),
        "delay": expression(as_value(projection.delay_ms, where), f"{where}.delay_ms"),
        **receptor_type(network, projection),
    }
    source, target = selected_nodes(nodes, projection.source), selected_nodes(nodes, projection.target)
    rule = drawn_rule(projection)
    if isinstance(rule, Explicit):
        sources = np.asarray(source.tolist())[np.asarray(rule.sources)]
        targets = np.asarray(target.tolist())[np.asarray(rule.targets)]
        _connect_arrays(sources, targets, synapses, projection)
        return
    if isinstance(rule, AllToAll):
        for name in ("weight", "delay"):
            if isinstance(synapses[name], np.ndarray):
                synapses[name] = synapses[name].reshape(len(target), len(source))
    nest_module().Connect(source, target, rule_specification(projection), synapses)


def selected_nodes(nodes: dict[str, Any], name: str) -> Any:
    """Return NEST's nodes of a population or of selected neurons."""
    chosen = selected(name)
    return nodes[name] if chosen is None else nodes[name][chosen.array.tolist()]


def drawn_rule(projection: Projection) -> Rule:
    """Return the rule of a projection, including rules for selected neurons."""
    return projection.rule.rule if isinstance(projection.rule, Selected) else projection.rule


def _connect_arrays(sources: Any, targets: Any, synapses: dict[str, Any], projection: Projection) -> None:
    """Connect pairs one by one; in this case NEST accepts arrays and numbers as values, but not distributions."""
    described = {"weight": projection.weight, "delay": projection.delay_ms}
    for name, value in described.items():
        if isinstance(value, Distribution):
            where = f"projection {projection.source}->{projection.target}.{name}"
            raise InputError(f"{where} is not allowed: NEST cannot draw values of listed edges; use exact connectivity")
        synapses[name] = np.broadcast_to(np.asarray(synapses[name], dtype=np.float64), len(sources))
    nest_module().Connect(sources, targets, "one_to_one", synapses)


def connect_edges(network: Network, tables: Tables, seed: int, index: int, models: SynapseModels) -> int:
    """Pass the edges of `simcore` one by one; return their number."""
    edges = draw_projection(network, tables, seed, index)
    if len(edges.sources):
        synapses = {
            "synapse_model": models.of_projection(network, index, len(edges.sources), tables),
            "weight": edges.weights,
            "delay": edges.delays_ms,
            **receptor_type(network, network.projections[index]),
        }
        nest_module().Connect(edges.sources + 1, edges.targets + 1, "one_to_one", synapses)
    return len(edges.sources)


def rule_specification(projection: Projection) -> dict[str, Any]:
    """Return NEST's dictionary of a connection rule.

    Raises
    ------
    InputError
        If NEST does not have the rule.
    """
    rule = drawn_rule(projection)
    match rule:
        case FixedTotalNumber():
            given: dict[str, Any] = {"N": rule.n, "allow_multapses": True}
        case FixedIndegree():
            given = {"indegree": rule.indegree, "allow_multapses": rule.allow_multapses}
        case FixedOutdegree():
            given = {"outdegree": rule.outdegree, "allow_multapses": rule.allow_multapses}
        case PairwiseBernoulli():
            given = {"p": rule.p}
        case AllToAll():
            given = {}
        case OneToOne():
            return {"rule": rule.name}
        case _:
            where = f"projection {projection.source}->{projection.target}.rule"
            raise InputError(f"{where} = {rule.name!r} is not allowed: NEST does not have this rule")
    return {"rule": rule.name, "allow_autapses": rule.allow_autapses, **given}


def expression(value: Value, field: str) -> Any:
    """Return numbers and arrays unchanged, and distributions as parameter objects of NEST.

    Raises
    ------
    InputError
        If NEST does not have the distribution.
    """
    if not isinstance(value, Distribution):
        return value
    nest = nest_module()
    bounds = (max(value.low, -LARGEST), min(value.high, LARGEST))
    if isinstance(value, Uniform):
        return nest.random.uniform(*bounds)
    if isinstance(value, Normal):
        drawn = nest.random.normal(value.mean, value.std)
    elif isinstance(value, Lognormal):
        drawn = nest.random.lognormal(value.mean, value.std)
    elif isinstance(value, Exponential):
        drawn = nest.random.exponential(value.scale)
    else:
        raise InputError(f"{field} = {value!r} is not allowed: NEST does not have this distribution")
    if math.isinf(value.low) and math.isinf(value.high):
        return drawn
    if value.outside == "redraw":
        return nest.math.redraw(drawn, *bounds)
    # NEST's min and max return the smaller and the larger of an expression and a constant.
    return nest.math.max(nest.math.min(drawn, bounds[1]), bounds[0])
