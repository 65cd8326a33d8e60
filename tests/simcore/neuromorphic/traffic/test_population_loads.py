"""Loads of cores and links in closed form: the mean of those that are counted in drawn networks."""

import numpy as np
import pytest
from drawn_axons import draw_axons

from simcore.network import FixedIndegree, FixedOutdegree, Network, PairwiseBernoulli, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.expectation import composition_of, expectation_of
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.traffic.expected_loads import expected_loads
from simcore.neuromorphic.traffic.population_loads import population_loads

NETWORK = Network(
    [Population("A", 40), Population("B", 16)],
    [
        Projection("A", "B", FixedIndegree(3), 1.0),
        Projection("B", "A", PairwiseBernoulli(0.3), 1.0),
        Projection("A", "A", FixedOutdegree(4, allow_autapses=False), 1.0),
    ],
)
RATES = np.repeat([3.0, 11.0], [40, 16])
NAMES = ("synops", "spikes", "messages_in", "messages_out", "within_tile", "link_messages")
DRAWS = 120


@pytest.mark.parametrize("chip", ["loihi1", "spinnaker1"])
def test_counts_have_the_expected_means(chip):
    sheet = load_chip(chip)
    mapping = CoreMapping("own", 24, np.random.default_rng(5).permutation(np.arange(56) % 24))
    system = make_system(sheet, mapping.cores)
    assert system.multicast == (chip == "spinnaker1") and len(system.link_origin) > 0
    composition = composition_of(NETWORK, mapping.core_of, mapping.cores)
    expected = population_loads(expectation_of(NETWORK, RATES), composition, system, 0.1)
    counted = []
    for seed in range(DRAWS):
        axons = draw_axons(NETWORK, seed, mapping)
        routes = make_routes(system, axons, mapping.core_of)
        counted.append(expected_loads(axons, routes, mapping.core_of, system, RATES, 0.1))
    assert expected.steps == counted[0].steps and expected.neurons.tolist() == counted[0].neurons.tolist()
    for name in NAMES:
        values = np.array([getattr(loads, name) for loads in counted])
        error = values.std(axis=0) / np.sqrt(DRAWS)
        assert np.all(np.abs(values.mean(axis=0) - getattr(expected, name)) <= 5.0 * error + 1e-4), name
    assert (expected.link_messages >= 0.0).all()
