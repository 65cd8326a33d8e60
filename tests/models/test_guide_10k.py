"""The plastic network of Izhikevich neurons: structure, plasticity, input, errors, activity."""

import numpy as np
import pytest

from benchnn.models import declarations, models
from benchnn.models.guide_10k import guide_10k
from simcore.network import InputError, PoissonTrains, SpikeRecorder, SpikeTrains
from simcore.quantisation import adaptations, weight_grid
from simcore.recording.sonata import write_spikes
from simcore.simulator import Simulator

NEURONS = ("RS", "IB", "FS")


def test_structure():
    network = guide_10k()
    assert models.get("guide_10k") is guide_10k
    assert {p.name: p.size for p in network.populations} == {"RS": 6400, "IB": 1600, "FS": 2000, "input": 1000}
    recurrent = [p for p in network.projections if p.source != "input"]
    assert {(p.source, p.target) for p in recurrent} == {(source, target) for source in NEURONS for target in NEURONS}
    in_degrees = {"RS": 64, "IB": 16, "FS": 20}
    assert all(p.rule.name == "fixed_indegree" and p.rule.indegree == in_degrees[p.source] for p in recurrent)
    expected = {p: p.rule.expected_synapses(network.wiring(k)) for k, p in enumerate(network.projections)}
    assert sum(expected[p] for p in recurrent) == 1_000_000
    assert sum(count for p, count in expected.items() if p.plasticity is not None) == 800_000
    assert network.expected_synapses() == 1_250_000
    assert not adaptations(network, weight_grid(network, 16))


def test_neurons_are_of_the_published_types():
    published = {"RS": (0.02, 0.2, -65.0, 8.0), "IB": (0.02, 0.2, -55.0, 4.0), "FS": (0.1, 0.2, -65.0, 2.0)}
    network = guide_10k()
    for name, values in published.items():
        population = network.population(name)
        assert population.model == "izhikevich" and population.tau_minus == 20.0
        assert tuple(population.value(parameter) for parameter in "abcd") == values


def test_excitatory_synapses_alone_are_plastic():
    for p in guide_10k().projections:
        if p.source in ("FS", "input"):
            assert p.plasticity is None and p.weight == {"FS": -5.0, "input": 2.5}[p.source] and p.delay_ms == 1.0
            continue
        rule = p.plasticity
        assert rule.name == "stdp_synapse" and (rule.tau_plus, rule.mu_plus, rule.mu_minus) == (20.0, 0.0, 0.0)
        assert (rule.lambda_, rule.alpha, rule.Wmax) == (0.005, 1.05, 2.5)
        assert p.weight == rule.Wmax / 2 and (p.delay_ms.low, p.delay_ms.high) == (1.0, 20.0)
    static = guide_10k(plastic=False)
    assert [p.plasticity for p in static.projections] == [None] * 12
    assert [p.weight for p in static.projections] == [p.weight for p in guide_10k().projections]


def test_each_neuron_hears_25_poisson_sources():
    network = guide_10k(scale=0.1)
    source = network.population("input").source
    assert isinstance(source, PoissonTrains) and (source.rate_hz, source.start_ms) == (40.0, 1.0)
    assert network.population("input").size == 100
    assert [p.rule.indegree for p in network.projections if p.source == "input"] == [25, 25, 25]
    assert network.drives == ()


def test_spikes_are_recorded_on_request():
    assert guide_10k().recorders == ()
    assert guide_10k(record_spikes=True).recorders == (SpikeRecorder(),)


@pytest.mark.thorough
def test_recorded_input_gives_the_same_spikes(tmp_path):
    parameters = {"scale": 0.005, "record_spikes": True}
    with Simulator(guide_10k(**parameters), seed=3, threads=1) as simulator:
        first = simulator.run(60.0)
        write_spikes(tmp_path / "spikes.h5", simulator.spikes())
    again = guide_10k(input_file=str(tmp_path / "spikes.h5"), **parameters)
    assert isinstance(again.population("input").source, SpikeTrains)
    with Simulator(again, seed=3, threads=1) as simulator:
        second = simulator.run(60.0)
    assert first.spikes["input"] > 5 and first.spikes["RS"] > 5 and second.spike_digest == first.spike_digest


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scale": 0.0}, r"scale = 0\.0 is not allowed: must be > 0 and finite"),
        ({"scale": "big"}, "scale = 'big' is not allowed"),
        ({"scale": float("nan")}, "scale = nan is not allowed"),
        ({"scale": 0.0001}, r"scale = 0\.0001 is not allowed: it leaves no Poisson sources; must be above 0\.0005"),
        ({"input_file": "nothing.h5"}, r"nothing\.h5"),
        ({"resolution_ms": 0.00015}, "resolution_ms"),
    ],
)
def test_errors_name_field_value_and_range(parameters, message):
    with pytest.raises(InputError, match=message):
        guide_10k(**parameters)


@pytest.mark.thorough
def test_activity_and_weights_of_a_small_network():
    network = guide_10k(scale=0.1)
    with Simulator(network, seed=1, threads=1) as simulator:
        simulator.run(200.0)
        result = simulator.run(400.0)
        weights = simulator.weights("RS->RS").weights
    rates = {name: result.spikes[name] / network.population(name).size / 0.4 for name in NEURONS}
    # Of the oracle over 1 s, seed 1.
    assert rates == pytest.approx({"RS": 7.3, "IB": 9.2, "FS": 15.5}, rel=0.2)
    assert np.all((weights > 0.0) & (weights < 2.5)) and abs(weights.mean() - 1.25) < 0.05 and weights.std() > 0.005


def test_rates_are_known_with_drawn_input():
    rates = declarations.get("guide_10k").expected_rates_hz
    default = {"scale": 1.0, "plastic": True, "input_file": None, "record_spikes": False, "resolution_ms": 0.1}
    assert rates(default) == rates(default | {"scale": 4.0}) and list(rates(default)) == [*NEURONS, "input"]
    for other in ({"scale": 0.5}, {"plastic": False}, {"input_file": "x.h5"}, {"resolution_ms": 0.5}):
        assert rates(default | other) is None
