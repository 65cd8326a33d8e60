"""What cores must hold, against the edges one by one, and the limits of a chip to the last bit."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import AllToAll, FixedIndegree, FixedOutdegree, FixedTotalNumber, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.constraints import check_limits, chips_needed
from simcore.neuromorphic.demand import core_demand
from simcore.neuromorphic.mapping import MAPPERS, make_mapping
from simcore.neuromorphic.packing import axon_bits
from simcore.simulator import Simulator

LOIHI = load_chip("loihi1")
SHEET = Path(__file__).parents[3] / "simcore" / "neuromorphic" / "chips" / "loihi1.toml"


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


@pytest.mark.parametrize("mapper", MAPPERS)
def test_the_demand_is_that_of_the_edges_one_by_one(mapper):
    described = network()
    mapping = make_mapping(mapper, 115, 9, 5)
    demand = core_demand(described, 5, mapping, LOIHI.packing, 8)
    with Simulator(described, seed=5, backend="oracle") as simulator:
        edges = simulator.edges()
    cores = mapping.core_of[edges.targets]
    axons, counts = np.unique(np.stack([cores, edges.sources]), axis=1, return_counts=True)
    assert demand.neurons.tolist() == np.bincount(mapping.core_of).tolist()
    assert demand.synapses.tolist() == np.bincount(cores, minlength=mapping.cores).tolist()
    assert demand.axons_in.tolist() == np.bincount(axons[0], minlength=mapping.cores).tolist()
    assert demand.destinations.tolist() == np.bincount(axons[1], minlength=115).tolist()
    assert demand.axons_out.sum() == demand.axons_in.sum() == axons.shape[1]
    assert demand.fan_in.tolist() == np.bincount(edges.targets, minlength=115).tolist()
    assert demand.fan_out.tolist() == np.bincount(edges.sources, minlength=115).tolist()
    triples = np.unique(np.stack([cores, edges.sources, edges.targets]), axis=1)
    _, distinct = np.unique(triples[:2], axis=1, return_counts=True)
    dense = (counts == distinct) & (distinct == demand.neurons[axons[0]])
    bits = axon_bits(LOIHI.packing, counts, demand.neurons[axons[0]], dense, 8, 20)
    assert demand.memory_bits.tolist() == np.bincount(axons[0], bits, minlength=mapping.cores).tolist()
    assert demand.delay_steps == 20


@given(st.sampled_from(sorted(MAPPERS)), st.integers(1, 400), st.integers(1, 50), st.integers(0, 9))
def test_every_mapping_fills_as_few_cores_as_hold_the_neurons(mapper, n, per_core, seed):
    mapping = make_mapping(mapper, n, per_core, seed)
    sizes = np.bincount(mapping.core_of, minlength=mapping.cores)
    assert mapping.cores == -(-n // per_core) == len(sizes)
    assert 1 <= sizes.min() <= sizes.max() <= per_core and sizes.sum() == n


def test_random_mappings_depend_on_their_seed_alone():
    first, again, other = (make_mapping("random", 200, 10, seed).core_of for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_wrong_mappings_are_refused():
    with pytest.raises(InputError, match="mapper = 'best' is not allowed: use in_order, round_robin, random"):
        make_mapping("best", 10, 2, 1)
    with pytest.raises(InputError, match="neurons_per_core = 0"):
        make_mapping("in_order", 10, 0, 1)


def sparse(synapses, neurons, weight_bits, delay):
    n = len(synapses)
    return axon_bits(LOIHI.packing, np.array(synapses), np.full(n, neurons), np.zeros(n, bool), weight_bits, delay)


def test_multapses_make_no_axon_dense():
    network = Network([Population("A", 64)], [Projection("A", "A", FixedTotalNumber(64 * 64), 1.0, 0.1)])
    demand = core_demand(network, 1, make_mapping("in_order", 64, 64, 1), LOIHI.packing, 8)
    expected = sparse(np.sort(demand.fan_out), 64, 8, 1).sum()
    assert np.any(demand.fan_out == 64) and demand.memory_bits.tolist() == [expected]


def test_a_dense_axon_of_loihi_takes_144_words_and_113_fill_a_core():
    # 16 blocks of 64 synapses of 8 bits and a head of 10 bits, each padded to 576 bits.
    bits = axon_bits(LOIHI.packing, np.array([1024]), np.array([1024]), np.array([True]), 8, 1)
    assert bits.tolist() == [9216] and bits[0] / 64 == 144
    assert LOIHI.count("synapse_memory_bits_per_core") // 9216 == 113


def test_a_sparse_synapse_has_delay_and_index():
    # 8 + 6 + 10 bits and a head of 10, padded to a word.
    assert sparse([1], 1024, 8, 2).tolist() == [64]
    assert sparse([64, 65], 1024, 8, 2).tolist() == [1600, 1664]


@given(st.integers(1, 5000), st.sampled_from([1, 2, 7, 8]), st.integers(1, 62))
def test_more_synapses_never_take_less(n, weight_bits, delay):
    fewer, more = sparse([n, n + 1], 4096, weight_bits, delay)
    assert 0 < fewer <= more and fewer % 64 == 0


def dense(n):
    """N sources that each reach all 1,024 neurons of the first core."""
    populations = [Population("T", 1024), Population("S", n)]
    return Network(populations, [Projection("S", "T", AllToAll(), 1.0, 0.1)])


def exceeded(described, chip):
    mapping = make_mapping("in_order", described.n_neurons, 1024, 1)
    demand = core_demand(described, 1, mapping, chip.packing, 8)
    return [check.quantity for check in check_limits(chip, demand, 8) if check.violated]


def test_what_fits_exactly_is_accepted_and_one_axon_more_is_not(tmp_path):
    text = SHEET.read_text().replace("value = 1048576, unit", f"value = {113 * 9216}, unit", 1)
    assert "1041408" in text
    (tmp_path / "exact.toml").write_text(text)
    chip = load_chip(str(tmp_path / "exact.toml"))
    assert exceeded(dense(113), chip) == []
    assert exceeded(dense(114), chip) == ["synapse_memory_bits_per_core"]


def test_an_unpublished_limit_has_no_verdict():
    demand = core_demand(network(), 1, make_mapping("in_order", 115, 9, 1), LOIHI.packing, 8)
    checks = {check.quantity: check for check in check_limits(LOIHI, demand, 8)}
    fan_in = checks["fan_in_per_neuron"]
    assert fan_in.allowed is None and not fan_in.violated and "unpublished" in fan_in.reason
    assert checks["axons_in_per_core"].reason is None and checks["axons_in_per_core"].largest == demand.axons_in.max()
    assert chips_needed(LOIHI, demand) == 1
