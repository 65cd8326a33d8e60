"""The mapper `balanced`: the busiest core has as few synaptic events as it can, within the room of a core."""

import numpy as np
import pytest
from chip_of import chip_of
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.model_source import describe_network, find_model, parameter_values
from simcore.network import AllToAll, Explicit, FixedIndegree, Network, Population, Projection
from simcore.neuromorphic.mappers import balanced
from simcore.neuromorphic.mappers.cutting import Cutter
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, CoreMapping, DrawnNetwork, make_mapping
from simcore.neuromorphic.mapping.demand import core_demand
from simcore.neuromorphic.mapping.expectation import composition_of, expectation_of
from simcore.neuromorphic.mapping.room import Room

MEASURED_HZ = (0.899, 2.974, 4.392, 5.872, 7.623, 8.637, 1.110, 7.833)
"""Rates of a run of PD14."""


def cutter_of(costs, most):
    return Cutter(np.array([costs], float), np.ones((1, len(costs))), np.array([most], float))


def brute_force(costs, cores, most):
    """Least cost of the dearest of so many cores of consecutive neurons, by trying all; infinite if there is none."""
    best = [[np.inf] * (len(costs) + 1) for _ in range(cores + 1)]
    best[0][0] = 0.0
    for used in range(1, cores + 1):
        for stop in range(1, len(costs) + 1):
            for start in range(max(0, stop - most), stop):
                best[used][stop] = min(best[used][stop], max(best[used - 1][start], sum(costs[start:stop])))
    return min(best[used][len(costs)] for used in range(cores + 1))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 12), st.integers(1, 12))
def test_a_cut_is_the_best_of_all_cuts(costs, cores, most):
    cores = min(cores, len(costs))
    cutter, best = cutter_of(costs, most), brute_force(costs, cores, most)
    if np.isinf(best):
        assert np.isinf(cutter.least_cost(cores))
        return
    core_of = cutter.cut(cores)
    assert core_of.max() + 1 == cores and (np.diff(core_of) >= 0).all() and set(core_of) == set(range(cores))
    assert np.bincount(core_of).max() <= most
    assert np.bincount(core_of, costs).max() == pytest.approx(best)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 60), st.integers(1, 60), st.integers(0, 3))
def test_the_mapper_fills_the_given_cores(n, per_core, seed):
    network = Network([Population("A", n)], [Projection("A", "A", FixedIndegree(3), 1.0)])
    mapping = make_mapping("balanced", DrawnNetwork(network, seed), per_core)
    sizes = np.bincount(mapping.core_of, minlength=mapping.cores)
    assert 1 <= sizes.min() <= sizes.max() <= per_core and sizes.max() - sizes.min() <= per_core


def test_the_busiest_core_of_the_microcircuit_has_a_quarter_fewer_events_than_in_order():
    model = find_model("pd14")
    network = describe_network(model, parameter_values(model, {}, {}))
    rates = np.repeat(MEASURED_HZ, [population.size for population in network.populations])
    expectation = expectation_of(network, rates)
    mapped = balanced.map_neurons(DrawnNetwork(network, 1), CoreLimits(128, 1024), rates, 1)
    in_order = np.arange(network.n_neurons) // 603
    ours, theirs = (composition_of(network, core_of, 128) for core_of in (mapped, in_order))
    per_step = network.resolution_ms * 1e-3
    assert ours.sum(axis=1).max() <= 1024 and len(np.unique(mapped)) == 128
    assert expectation.synaptic_events_per_s(theirs).max() * per_step == pytest.approx(1015, abs=2)
    assert expectation.synaptic_events_per_s(ours).max() * per_step <= 760
    assert expectation.messages_per_s(ours) == pytest.approx(expectation.messages_per_s(theirs), rel=5e-3)


def test_drawn_synapses_count_where_neurons_differ():
    # Neurons 0 and 1 have all synapses, of a source that fires.
    rule = Explicit([0] * 40, [0] * 20 + [1] * 20)
    network = Network([Population("A", 10)], [Projection("A", "A", rule, 1.0)])
    core_of = balanced.map_neurons(DrawnNetwork(network, 1), CoreLimits(2, 9), np.ones(10), 1)
    assert core_of.tolist() == [0] + [1] * 9


def test_a_silent_network_is_divided_by_its_neurons():
    network = Network([Population("A", 10)])
    core_of = balanced.map_neurons(DrawnNetwork(network, 1), CoreLimits(3, 10), np.zeros(10), 1)
    assert np.bincount(core_of).max() == 4 and core_of.max() == 2


@pytest.mark.parametrize(
    "room",
    [Room(neurons=7), Room(synapses=130), Room(axons_in=25), Room(axons_out=30), Room(synapses=130, axons_in=25)],
)
def test_cores_are_added_until_all_have_room(room):
    populations = [Population("A", 40), Population("B", 20)]
    projections = [Projection("A", "B", FixedIndegree(12), 1.0), Projection("B", "A", FixedIndegree(2), 1.0)]
    network = Network(populations, projections)
    drawn, limits = DrawnNetwork(network, 4), CoreLimits(2, 40, more_cores=True, room=room, chip=chip_of())
    core_of = balanced.map_neurons(drawn, limits, np.ones(60), 4)
    mapping = CoreMapping("balanced", int(core_of.max()) + 1, core_of)
    demand = core_demand(network, drawn.in_edges, count_axons(drawn.in_edges, mapping), mapping, None, 8)
    assert mapping.cores > 2 and len(np.unique(core_of)) == mapping.cores
    assert demand.neurons.max() <= room.neurons and demand.synapses.max() <= room.synapses
    assert demand.axons_in.max() <= room.axons_in and demand.axons_out.max() <= room.axons_out


def test_room_that_suffices_changes_nothing():
    network = Network([Population("A", 8)], [Projection("A", "A", AllToAll(), 1.0)])
    drawn = DrawnNetwork(network, 1)
    free = balanced.map_neurons(drawn, CoreLimits(2, 4), np.ones(8), 1)
    roomy = CoreLimits(2, 4, more_cores=True, room=Room(synapses=32, axons_in=8), chip=chip_of())
    assert balanced.map_neurons(drawn, roomy, np.ones(8), 1).tolist() == free.tolist()
