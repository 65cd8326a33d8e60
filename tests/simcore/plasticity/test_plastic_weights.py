"""Weights of plastic synapses: read, set, counted, and what they are without any change."""

from dataclasses import replace

import numpy as np
import pytest
from plastic_networks import mixed, uniform_delay

from simcore.errors import InputError
from simcore.network import Stdp, StdpPowerLaw
from simcore.simulator import Simulator

BACKENDS = ["oracle", "cpu", "gpu"]


def with_rule(network, rule):
    changed = [replace(p, plasticity=rule if p.plasticity else None) for p in network.projections]
    return replace(network, projections=changed)


@pytest.mark.parametrize("backend", BACKENDS)
def test_initial_weights_are_those_of_the_edges(backend):
    with Simulator(mixed(), seed=5, backend=backend, threads=2) as simulator:
        edges, weights = simulator.edges("E", "E"), simulator.weights(0)
        own = slice(0, len(weights.units))
        order = np.lexsort((edges.codes[own], edges.delay_steps[own], edges.sources[own], edges.targets[own]))
        assert np.array_equal(weights.sources, edges.sources[own][order])
        assert np.array_equal(weights.targets, edges.targets[own][order])
        assert np.array_equal(weights.delays_ms, edges.delays_ms[own][order])
        assert np.array_equal(weights.weights, edges.weights[own][order])
        assert np.array_equal(weights.units, edges.codes[own][order] << 15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_learning_plastic_synapses_are_static_ones(backend):
    network = uniform_delay()
    plastic = with_rule(network, Stdp(lambda_=0.0, Wmax=40.0))
    with Simulator(plastic, seed=3, backend=backend, threads=2) as simulator:
        result, counts = simulator.run(60.0), simulator.plastic_counts(0)
    with Simulator(with_rule(network, None), seed=3, backend="oracle") as simulator:
        expected = simulator.run(60.0)
    assert (result.spike_digest, result.synaptic_events) == (expected.spike_digest, expected.synaptic_events)
    assert counts.facilitations > 1000 and counts.depressions > 1000


@pytest.mark.parametrize("backend", BACKENDS)
def test_updates_are_counted_as_from_spikes_and_edges(backend):
    network = uniform_delay()
    with Simulator(network, seed=3, backend=backend, threads=2) as simulator:
        simulator.run(70.0)
        spikes, weights, counts = simulator.spikes(), simulator.weights(0), simulator.plastic_counts(0)
    stamps = [np.sort(spikes.stamps[spikes.ids == neuron]) for neuron in range(network.n_neurons)]
    facilitations = depressions = 0
    for source, target in zip(weights.sources.tolist(), weights.targets.tolist(), strict=True):
        depressions += len(stamps[source])
        if len(stamps[source]):
            arrivals = stamps[target] + 15
            facilitations += int(((arrivals > stamps[source][0]) & (arrivals <= 700)).sum())
    assert (counts.facilitations, counts.depressions) == (facilitations, depressions)


@pytest.mark.parametrize("backend", BACKENDS)
def test_weights_that_are_set_are_simulated(backend):
    with Simulator(uniform_delay(), seed=3, backend=backend, threads=2) as simulator:
        simulator.run(20.0)
        weights = simulator.weights("E->E")
        chosen = np.where(weights.targets % 2 == 0, 0.5 * weights.weights, 300.0)
        simulator.set_weights("E->E", chosen)
        read = simulator.weights(0)
        assert np.allclose(read.weights, chosen, atol=1e-4, rtol=0.0)
        assert np.array_equal(read.sources, weights.sources)
        found = simulator.run(30.0).spike_digest, simulator.weight_digest
        simulator.set_weights(0, 0.0)
        assert not simulator.weights(0).units.any()
    with Simulator(uniform_delay(), seed=3, backend="oracle") as simulator:
        simulator.run(20.0)
        simulator.set_weights("E->E", chosen)
        assert found == (simulator.run(30.0).spike_digest, simulator.weight_digest)


@pytest.mark.parametrize(
    ("projection", "weights", "message"),
    [
        (0, -1.0, r"weights of projection E->E = .* must be in \[0, 320\]"),
        (0, 321.0, "must be in"),
        (0, [1.0, 2.0], "one value for each of the 1660 synapses"),
        (0, "heavy", "weights of projection E->E"),
        (0, [np.nan] * 1660, "weights of projection E->E"),
        (1, 1.0, r"projection = 1 is not allowed: use a plastic projection: 0 \(E->E\)"),
        ("E->I", 1.0, "use a plastic projection: 0"),
        (True, 1.0, "use a plastic projection: 0"),
    ],
)
def test_weights_that_cannot_be_set_are_refused(projection, weights, message):
    with Simulator(uniform_delay(), backend="oracle") as simulator:
        before = simulator.weight_digest
        with pytest.raises(InputError, match=message):
            simulator.set_weights(projection, weights)
        assert simulator.weight_digest == before


def test_weights_that_do_not_change_have_no_order_to_be_read_in():
    with Simulator(mixed(), backend="oracle") as simulator, pytest.raises(InputError, match="does not change weights"):
        simulator.weights(2)


def test_saturated_updates_are_counted():
    network = with_rule(uniform_delay(), StdpPowerLaw(lambda_=2.0, alpha=0.0, ceiling=45.0))
    with Simulator(network, seed=3, backend="oracle") as simulator:
        simulator.run(60.0)
        counts, weights = simulator.plastic_counts(0), simulator.weights(0).weights
    assert counts.saturated > 100 and counts.clipped == 0
    assert weights.max() == 45.0
