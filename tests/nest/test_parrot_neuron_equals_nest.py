"""`parrot_neuron` equals NEST's: every spike is repeated as often as it arrives, over edges of any weight."""

import numpy as np
import pytest
from equality import assert_equals_nest, recorded

from simcore.network import AllToAll, Explicit, OneToOne, Population, Projection, SpikeTrain


def parrots(name, size):
    return Population(name, size, "parrot_neuron")


@pytest.mark.parametrize("weight", [1.0, -3.5, 0.0])
def test_spikes_that_arrive_together_are_repeated_each(backend, weight):
    projections = [
        Projection("A", "B", AllToAll(), weight, [0.1, 0.2, 0.2, 0.3, 0.2, 0.2]),
        Projection("B", "C", Explicit([0, 1, 1, 0], [0, 0, 0, 1]), weight, [0.2, 0.3, 0.3, 1.0]),
    ]
    drives = [SpikeTrain("A", [1.0, 1.0, 1.1, 5.0], weight, 0.3), SpikeTrain("B", [1.2, 1.2], weight, 0.1)]
    network = recorded([parrots("A", 3), parrots("B", 2), parrots("C", 2)], projections=projections, drives=drives)
    nests = assert_equals_nest(network, backend, 100)
    _, times = np.unique(np.stack([nests.stamps, nests.ids]), axis=1, return_counts=True)
    assert times.max() >= 4


def test_random_graphs_of_relays_drive_neurons_alike(backend):
    for seed in range(5):
        random = np.random.default_rng(seed)
        edges = [random.integers(0, n, 30) for n in (6, 4)], [random.integers(0, n, 20) for n in (4, 3)]
        weights = [random.choice([-50.0, 80.0, 200.0], 30), random.choice([-900.0, 700.0, 1500.0], 20)]
        delays = [random.integers(1, 30, n) / 10.0 for n in (30, 20)]
        projections = [
            Projection("A", "B", Explicit(*edges[0]), weights[0], delays[0]),
            Projection("B", "E", Explicit(*edges[1]), weights[1], delays[1]),
            Projection("E", "A", OneToOne(), -1.0, 2.0),
        ]
        times = np.sort(random.integers(1, 300, 60)) / 10.0
        populations = [parrots("A", 6), parrots("B", 4), Population("E", 6)]
        network = recorded(populations, projections=projections, drives=[SpikeTrain("A", times, 1.0, 0.1)])
        nests = assert_equals_nest(network, backend, 400)
        assert {10, 11, 12} & set(nests.ids.tolist())
