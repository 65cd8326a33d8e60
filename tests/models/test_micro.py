"""The micro networks: structure, what they pass on, how fast they spike, who wins, errors."""

import numpy as np
import pytest

from benchnn.models import declarations, models
from benchnn.models.micro import (
    micro_dense_layer,
    micro_fan_in,
    micro_fan_out,
    micro_one_to_one,
    micro_saturating,
    micro_winner_take_all,
)
from simcore.errors import InputError
from simcore.network import SpikeRecorder
from simcore.quantisation import adaptations, weight_grid
from simcore.simulator import Simulator

ALL = {
    "micro_one_to_one": micro_one_to_one,
    "micro_fan_in": micro_fan_in,
    "micro_fan_out": micro_fan_out,
    "micro_saturating": micro_saturating,
    "micro_winner_take_all": micro_winner_take_all,
    "micro_dense_layer": micro_dense_layer,
}


def spikes_of(network, time_ms, seed=1):
    """Spike counts, and the recorded spikes if there are any."""
    with Simulator(network, seed=seed, threads=1) as simulator:
        counts = simulator.run(time_ms).spikes
        return counts, simulator.spikes() if network.recorders else None


@pytest.mark.parametrize("name", ALL)
def test_they_are_registered_and_record_on_request(name):
    assert models.get(name) is ALL[name]
    assert ALL[name]().recorders == () and ALL[name](record_spikes=True).recorders == (SpikeRecorder(),)


@pytest.mark.parametrize("rate_hz", [500.0, 10_000.0])
def test_every_spike_of_a_source_is_one_of_its_neuron_a_delay_later(rate_hz):
    network = micro_one_to_one(neurons=50, rate_hz=rate_hz, delay_steps=3, record_spikes=True)
    _, spikes = spikes_of(network, 20.0)
    (sent, sources), (fired, neurons) = spikes.of("S"), spikes.of("T")
    arrived = sent < 19.75
    assert np.allclose(fired, sent[arrived] + 0.3) and np.array_equal(neurons, sources[arrived])
    assert len(fired) > 300 and (rate_hz < 10_000.0 or len(fired) == 50 * 197)


def pairs_of(network):
    """Source and target of each synapse, counted from 0 in their populations."""
    with Simulator(network, backend="oracle") as simulator:
        edges = simulator.edges("S", "T")
    targets = edges.targets - network.population("S").size
    return sorted(zip(edges.sources.tolist(), targets.tolist(), strict=True))


def test_every_source_reaches_the_neurons_of_its_group_alone():
    fan_in = pairs_of(micro_fan_in(fan_in=3, targets=2, groups=2))
    assert fan_in == [(source, 2 * (source // 3) + target) for source in range(6) for target in range(2)]
    assert pairs_of(micro_fan_out(fan_out=3, groups=2)) == [(0, 0), (0, 1), (0, 2), (1, 3), (1, 4), (1, 5)]


def test_a_neuron_spikes_once_for_as_many_arrivals_as_it_has_sources():
    network = micro_fan_in(fan_in=5, targets=1, groups=1, rate_hz=1000.0, record_spikes=True)
    _, spikes = spikes_of(network, 100.0)
    stamps = np.rint(spikes.of("S")[0] * 10.0).astype(int)
    count, expected = 0, []
    for step, arrivals in enumerate(np.bincount(stamps, minlength=1000)[:1000], start=1):
        count += arrivals
        if count >= 5:
            expected.append(step)
            count = 0
    fired = np.rint(spikes.of("T")[0] * 10.0).astype(int)
    assert fired.tolist() == expected and len(expected) > 50


def test_every_spike_reaches_all_neurons_of_its_source():
    counts, spikes = spikes_of(micro_fan_out(fan_out=7, groups=11, rate_hz=500.0, record_spikes=True), 50.0)
    assert counts["T"] == 7 * np.count_nonzero(spikes.of("S")[0] < 49.95) > 500


@pytest.mark.parametrize(("interval", "spikes"), [(1, 200), (2, 100), (7, 28)])
def test_saturating_neurons_spike_together_in_every_interval(interval, spikes):
    network = micro_saturating(neurons=20, interval_steps=interval, out_degree=4, record_spikes=True)
    counts, recorded = spikes_of(network, 20.0)
    assert counts == {"N": 20 * spikes} and network.expected_synapses() == 80
    times, _ = recorded.of("N")
    assert np.allclose(np.unique(times), 0.1 * interval * np.arange(1, spikes + 1))


@pytest.mark.thorough
def test_one_population_wins():
    winners = set()
    for seed in range(1, 5):
        counts, _ = spikes_of(micro_winner_take_all(), 300.0, seed)
        rates = {name: counts[name] / (10 * 0.3) for name in "AB"}
        winner, loser = sorted("AB", key=rates.get, reverse=True)
        assert rates[winner] > 300.0 and rates[loser] < 0.5 * rates[winner]
        winners.add(winner)
    assert winners == {"A", "B"}


def test_a_layer_is_dense_and_its_potential_is_as_wide_as_said():
    network = micro_dense_layer(neurons=400, probability=0.1)
    assert {p.name: p.size for p in network.populations} == {"SE": 200, "SI": 200, "L": 400}
    assert network.expected_synapses() == 160_000
    with Simulator(network, threads=1) as simulator:
        weights = np.concatenate([simulator.edges(name, "L").weights for name in ("SE", "SI")])
    assert weights.size == 160_000 and np.min(np.abs(weights)) > 0.0 and abs(weights.mean()) < 0.01
    variance = 400 * 0.1 * np.mean(weights**2) / (1.0 - 0.8**2)
    assert np.sqrt(variance) == pytest.approx(0.5, rel=0.03)
    counts, _ = spikes_of(network, 200.0)
    assert 5.0 < counts["L"] / (400 * 0.2) < 20.0
    assert network.population("L").value("tau_m") == pytest.approx(-1.0 / np.log(0.8))


@pytest.mark.parametrize("bits", [8, 16, 32])
@pytest.mark.parametrize("name", ALL)
def test_no_weight_is_moved_whatever_its_bits(name, bits):
    small = {"micro_dense_layer": {"neurons": 100}}
    network = ALL[name](**small.get(name, {}))
    assert not adaptations(network, weight_grid(network, bits))


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("micro_one_to_one", {"neurons": 0}, r"neurons = 0 is not allowed: must be a whole number in \[1, "),
        ("micro_one_to_one", {"neurons": 1.5}, "neurons = 1.5 is not allowed"),
        ("micro_one_to_one", {"rate_hz": 10_001.0}, "rate_hz"),
        ("micro_one_to_one", {"delay_steps": 0}, "delay_ms"),
        ("micro_fan_in", {"fan_in": 100_001}, "fan_in = 100001 is not allowed"),
        (
            "micro_fan_in",
            {"fan_in": 10_000, "targets": 10_000, "groups": 2},
            "fan_in x targets x groups = 200000000 is not allowed",
        ),
        ("micro_fan_out", {"fan_out": True}, "fan_out = True is not allowed"),
        ("micro_fan_out", {"fan_out": 20_000, "groups": 20_000}, "fan_out x groups = 400000000 is not allowed"),
        ("micro_saturating", {"interval_steps": 131_073}, "interval_steps = 131073 is not allowed"),
        ("micro_saturating", {"neurons": 5, "out_degree": 6}, "out_degree = 6 is not allowed"),
        ("micro_winner_take_all", {"size": 0}, "size = 0 is not allowed"),
        ("micro_dense_layer", {"neurons": 15}, "neurons = 15 is not allowed: must be even"),
        ("micro_dense_layer", {"probability": 0.0}, r"probability = 0\.0 is not allowed: must be in \(0, 1\]"),
    ],
)
def test_errors_name_field_value_and_range(name, parameters, message):
    with pytest.raises(InputError, match=message):
        ALL[name](**parameters)


def test_rates_are_those_of_the_parameters():
    def rates(name, **given):
        default = {
            "resolution_ms": 0.1,
            "interval_steps": 1,
            "fan_in": 256,
            "rate_hz": 10.0,
            "size": 10,
            "in_degree": 8,
        }
        return declarations.get(name).expected_rates_hz(default | given)

    assert rates("micro_one_to_one", rate_hz=7.0) == rates("micro_fan_out", rate_hz=7.0) == {"S": 7.0, "T": 7.0}
    assert rates("micro_saturating", interval_steps=4) == {"N": 2500.0}
    assert rates("micro_fan_in") == {"S": 10.0, "T": 10.0} and rates("micro_fan_in", fan_in=8) is None
    assert rates("micro_winner_take_all") is None
    assert rates("micro_winner_take_all", rate_hz=80.0) == {"A": 272.0, "B": 272.0, "SA": 80.0, "SB": 80.0}
