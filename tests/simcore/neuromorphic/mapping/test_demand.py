"""What cores must hold, against the edges one by one."""

import numpy as np
import pytest
from usable_mappers import USABLE

from simcore.network import AllToAll, FixedIndegree, FixedOutdegree, FixedTotalNumber, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import DrawnNetwork, make_mapping
from simcore.neuromorphic.mapping.demand import core_demand
from simcore.neuromorphic.mapping.packing import axon_bits, axon_words
from simcore.simulator import Simulator

LOIHI = load_chip("loihi1")


def network():
    """Several rules, two projections between the same populations, and multapses."""
    return Network(
        [Population("E", 90), Population("I", 25)],
        [
            Projection("E", "E", FixedTotalNumber(700), 10.0, 1.5),
            Projection("E", "E", FixedIndegree(3), 20.0, 0.3),
            Projection("E", "I", FixedOutdegree(4), 20.0, 0.1),
            Projection("I", "E", FixedIndegree(7), -20.0, 2.0),
        ],
    )


def demand_of(described, seed, per_core, mapper="in_order", packing=LOIHI.packing):
    """The mapping and the demand of a network."""
    drawn = DrawnNetwork(described, seed)
    mapping = make_mapping(mapper, drawn, per_core)
    axons = count_axons(drawn.in_edges, mapping)
    return mapping, core_demand(described, drawn.in_edges, axons, mapping, packing, 8)


@pytest.mark.parametrize("mapper", USABLE)
def test_the_demand_is_that_of_the_edges_one_by_one(mapper):
    described = network()
    mapping, demand = demand_of(described, 5, 9, mapper)
    with Simulator(described, seed=5, backend="oracle") as simulator:
        edges = simulator.edges()
    cores = mapping.core_of[edges.targets]
    axons, counts = np.unique(np.stack([cores, edges.sources]), axis=1, return_counts=True)
    assert demand.neurons.tolist() == np.bincount(mapping.core_of).tolist()
    assert demand.synapses.tolist() == np.bincount(cores, minlength=mapping.cores).tolist()
    assert demand.axons_in.tolist() == np.bincount(axons[0], minlength=mapping.cores).tolist()
    assert demand.destinations.tolist() == np.bincount(axons[1], minlength=115).tolist()
    out = np.bincount(mapping.core_of[axons[1]], minlength=mapping.cores)
    assert demand.axons_out.tolist() == out.tolist()
    assert demand.fan_in.tolist() == np.bincount(edges.targets, minlength=115).tolist()
    assert demand.fan_out.tolist() == np.bincount(edges.sources, minlength=115).tolist()
    inside = cores == mapping.core_of[edges.sources]
    assert demand.own_core.tolist() == np.bincount(edges.sources[inside], minlength=115).tolist()
    triples = np.unique(np.stack([cores, edges.sources, edges.targets]), axis=1)
    _, distinct = np.unique(triples[:2], axis=1, return_counts=True)
    dense = (counts == distinct) & (distinct == demand.neurons[axons[0]])
    memory = np.zeros(mapping.cores, dtype=np.int64)
    for core, synapses, full in zip(axons[0], counts, dense, strict=True):
        memory[core] += axon_bits(LOIHI.packing, np.array([synapses]), int(demand.neurons[core]), full, 8, 20)[0]
    assert demand.memory_bits.tolist() == memory.tolist()
    assert demand.delay_steps == 20 and demand.synapses_per_axon == counts.max()


def test_multapses_make_no_axon_dense():
    network = Network([Population("A", 64)], [Projection("A", "A", FixedTotalNumber(64 * 64), 1.0, 0.1)])
    _, demand = demand_of(network, 1, 64)
    expected = axon_bits(LOIHI.packing, demand.fan_out, 64, False, 8, 1).sum()
    assert np.any(demand.fan_out == 64) and demand.memory_bits.tolist() == [expected]


def test_an_axon_that_reaches_each_neuron_once_is_dense():
    network = Network([Population("A", 64)], [Projection("A", "A", AllToAll(), 1.0, 0.1)])
    _, demand = demand_of(network, 1, 64)
    assert demand.memory_bits.tolist() == [64 * 576]


def test_every_row_of_a_crossbar_takes_all_its_crossings():
    _, demand = demand_of(network(), 5, 9, packing=load_chip("truenorth").packing)
    assert demand.memory_bits.tolist() == (demand.axons_in * demand.neurons).tolist()


@pytest.mark.parametrize("per_core", [9, 40, 115])
def test_words_of_axons_add_up_to_the_memory_of_cores(per_core):
    described = network()
    drawn = DrawnNetwork(described, 5)
    mapping, demand = demand_of(described, 5, per_core, "round_robin")
    axons = count_axons(drawn.in_edges, mapping)
    words = axon_words(
        LOIHI.packing, axons, demand.neurons, demand.synapses_per_axon, weight_bits=8, delay_steps=demand.delay_steps
    )
    assert words.min() >= 1
    assert (64 * np.bincount(axons.cores, words, minlength=mapping.cores)).tolist() == demand.memory_bits.tolist()
