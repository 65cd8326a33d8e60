"""What neurons send between cores: counted as for a run, and the same after moves as counted anew."""

from dataclasses import replace

import numpy as np
import pytest
from chip_of import chip_of
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import FixedIndegree, FixedTotalNumber, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mappers import flow as flows
from simcore.neuromorphic.mappers.flow import FINEST, make_flow
from simcore.neuromorphic.mappers.flow_kernels import shift
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping, DrawnNetwork
from simcore.neuromorphic.mapping.demand import core_demand
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.sheets.sheet import Word
from simcore.neuromorphic.traffic.expected import expected_traffic

N = 40
DRAWN = DrawnNetwork(
    Network(
        [Population("A", 30), Population("B", 10)],
        [
            Projection("A", "A", FixedTotalNumber(150), 1.0),
            Projection("A", "B", FixedIndegree(4), 1.0),
            Projection("B", "A", FixedIndegree(2), 1.0),
        ],
    ),
    3,
)
"""With autapses and multapses, and neurons without targets."""
RATES = np.random.default_rng(1).lognormal(0.0, 1.0, N)
TOPOLOGIES = ("mesh", "torus", "triangular_torus", "ring", "bus", "h_tree", "star")


def system_of(topology, multicast, cores):
    chip = chip_of(cores_per_chip=6, cores_per_router=2, mesh_width=3, mesh_height=1)
    words = (Word("topology", topology, ()), Word("multicast", multicast, ()))
    return make_system(replace(chip, words=words), cores)


KINDS = st.none() | st.tuples(st.sampled_from(TOPOLOGIES), st.booleans())
MOVES = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, 7)), max_size=30)


@settings(deadline=None, max_examples=60)
@given(KINDS, MOVES, st.integers(0, 99))
def test_after_moves_all_counts_are_those_of_the_mapping(kind, moves, seed):
    system = None if kind is None else system_of(*kind, 8)
    core_of = np.random.default_rng(seed).integers(0, 8, N)
    moved = make_flow(DRAWN.in_edges, RATES, core_of, 8, system)
    cost = moved.cost
    for neuron, core in moves:
        if moved.core_of[neuron] != core:
            cost += shift(neuron, core, *moved.state)
    anew = make_flow(DRAWN.in_edges, RATES, moved.core_of.copy(), 8, system)
    assert cost == anew.cost
    for name in ("counts", "use", "load"):
        assert np.array_equal(getattr(moved, name), getattr(anew, name)), name


@settings(deadline=None, max_examples=30)
@given(KINDS, st.integers(0, 99))
def test_the_cost_is_that_of_a_run(kind, seed):
    core_of = np.random.default_rng(seed).permutation(np.arange(N) % 8)
    system = None if kind is None else system_of(*kind, 8)
    cost = make_flow(DRAWN.in_edges, RATES, core_of, 8, system).cost * RATES.max() / FINEST
    mapping = CoreMapping("own", 8, core_of)
    axons = count_axons(DRAWN.in_edges, mapping)
    if system is None:
        demand = core_demand(DRAWN.network, DRAWN.in_edges, axons, mapping, None, 8)
        expected = expected_traffic(demand, RATES).messages_per_s
    else:
        expected = float(np.dot(RATES, make_routes(system, axons, core_of).hops))
    assert cost == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_too_many_routers_are_refused(monkeypatch):
    monkeypatch.setattr(flows, "MOST_ROUTERS", 3)
    with pytest.raises(InputError, match="routers = 4 is not allowed: must be at most 3"):
        make_flow(DRAWN.in_edges, RATES, np.arange(N) % 8, 8, system_of("mesh", True, 8))


def test_rates_of_zero_cost_nothing():
    system = make_system(load_chip("loihi1"), 8)
    assert make_flow(DRAWN.in_edges, np.zeros(N), np.arange(N) % 8, 8, system).cost == 0
