"""Axons and in-edges against the edges one by one, for every rule."""

import numpy as np
import pytest
from drawn_axons import draw_axons
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.network import (
    AllToAll,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    Network,
    OneToOne,
    PairwiseBernoulli,
    Population,
    Projection,
)
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import draw_in_edges
from simcore.simulator import Simulator

RULES = {
    "all_to_all": AllToAll(),
    "explicit": Explicit([3, 3, 3, 29, 0], [5, 5, 1, 0, 29]),
    "fixed_indegree": FixedIndegree(7),
    "fixed_indegree without multapses": FixedIndegree(7, allow_autapses=False, allow_multapses=False),
    "fixed_outdegree": FixedOutdegree(9),
    "fixed_total_number": FixedTotalNumber(800),
    "one_to_one": OneToOne(),
    "pairwise_bernoulli": PairwiseBernoulli(0.3),
}


def network(*rules):
    """Each rule from A to A and from B to A, so that projections share axons."""
    projections = [Projection(source, "A", rule, 1.0) for rule in rules for source in ("A", "B")]
    return Network([Population("B", 30), Population("A", 30)], [*projections, Projection("A", "B", OneToOne(), 1.0)])


def listed(described, seed, mapping):
    """Source, core, synapses and repetition of each axon, from the edges one by one."""
    with Simulator(described, seed=seed, backend="oracle") as simulator:
        edges = simulator.edges()
    reached = {}
    pairs = zip(edges.sources.tolist(), edges.targets.tolist(), strict=True)
    for source, target in pairs:
        reached.setdefault((source, int(mapping.core_of[target])), []).append(target)
    return [
        (source, core, len(targets), len(targets) > len(set(targets)))
        for (source, core), targets in sorted(reached.items())
    ]


def listed_axons(axons):
    rows = zip(axons.starts[:-1], axons.starts[1:], axons.sources.tolist(), strict=True)
    return [
        (source, int(axons.cores[k]), int(axons.synapses[k]), bool(axons.repeated[k]))
        for low, high, source in rows
        for k in range(low, high)
    ]


@pytest.mark.parametrize("rule", RULES)
def test_axons_are_those_of_the_edges_one_by_one(rule):
    described = network(RULES[rule])
    mapping = CoreMapping("own", 7, np.arange(60) * 5 % 7)
    axons = draw_axons(described, 3, mapping)
    assert listed_axons(axons) == listed(described, 3, mapping)
    assert axons.sources.tolist() == list(range(60))
    assert (axons.cores.dtype, axons.synapses.dtype, axons.repeated.dtype) == (np.int32, np.int32, np.bool_)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 9), min_size=60, max_size=60), st.integers(0, 99), st.data())
def test_any_mapping_of_several_rules_at_once(cores, seed, data):
    described = network(*data.draw(st.lists(st.sampled_from(list(RULES.values())), max_size=3)))
    _, core_of = np.unique(cores, return_inverse=True)
    mapping = CoreMapping("own", int(core_of.max()) + 1, core_of)
    assert listed_axons(draw_axons(described, seed, mapping)) == listed(described, seed, mapping)


def test_in_edges_are_the_sources_of_each_neuron():
    described = network(*RULES.values())
    drawn = draw_in_edges(described, 5)
    with Simulator(described, seed=5, backend="oracle") as simulator:
        edges = simulator.edges()
    for target, low, high in zip(drawn.targets, drawn.starts[:-1], drawn.starts[1:], strict=True):
        assert sorted(drawn.sources[low:high]) == sorted(edges.sources[edges.targets == target])
    assert drawn.fan_in.tolist() == np.bincount(edges.targets, minlength=60).tolist()


def test_a_network_without_synapses_has_no_axons():
    axons = draw_axons(Network([Population("A", 3)]), 1, CoreMapping("own", 1, np.zeros(3, dtype=np.int64)))
    assert axons.starts.tolist() == [0, 0, 0, 0] and len(axons.cores) == 0
