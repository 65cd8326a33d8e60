"""The balanced random network: structure, input, errors, and the asynchronous irregular state."""

import math

import numpy as np
import pytest

from benchnn.models import models
from benchnn.models.brunel import brunel
from simcore.network import InputError, SpikeRecorder
from simcore.quantisation import adaptations, weight_grid
from simcore.simulator import Simulator


def test_structure():
    network = brunel()
    assert [(population.name, population.size) for population in network.populations] == [("E", 10_000), ("I", 2_500)]
    projections = {(p.source, p.target): p for p in network.projections}
    assert set(projections) == {("E", "E"), ("E", "I"), ("I", "E"), ("I", "I")}
    for (source, _), projection in projections.items():
        assert projection.rule.name == "fixed_indegree"
        assert projection.rule.indegree == (1000 if source == "E" else 250)
        assert projection.weight == pytest.approx(100.0 if source == "E" else -500.0, rel=1e-12)
        assert projection.delay_ms == 1.5
    assert network.expected_synapses() == 12_500 * 1_250
    assert not adaptations(network, weight_grid(network, 16))


def test_in_degree_takes_the_place_of_epsilon():
    network = brunel(order=2_000_000, in_degree=8000)
    assert network.n_neurons == 10_000_000
    assert {(p.source, p.rule.indegree) for p in network.projections} == {("E", 8000), ("I", 2000)}
    assert network.expected_synapses() == 1e11
    assert not adaptations(network, weight_grid(network, 16))


def test_neurons():
    for population in brunel(tau_syn_ms=0.8).populations:
        assert population.model == "iaf_psc_exp"
        names = ("tau_m", "t_ref", "E_L", "V_reset", "V_th", "tau_syn_ex", "tau_syn_in")
        assert [population.value(name) for name in names] == [20.0, 2.0, 0.0, 10.0, 20.0, 0.8, 0.8]
        start = population.initial["V_m"]
        assert (start.low, start.high) == (0.0, 20.0)


@pytest.mark.parametrize("tau_syn_ms", [0.3, 2.0])
def test_charge_of_a_synapse_is_that_of_the_jump(tau_syn_ms):
    """Weight x tau_syn / C_m is the jump of the potential in mV."""
    network = brunel(j_mv=0.1, tau_syn_ms=tau_syn_ms)
    c_m = network.populations[0].value("C_m")
    assert network.projections[0].weight * tau_syn_ms / c_m == pytest.approx(0.1, rel=1e-12)


def test_external_input_alone_reaches_eta_times_the_threshold():
    network = brunel(eta=0.9)
    for drive in network.drives:
        mean_current = drive.weight * drive.rate_hz * 1e-3 * 0.5
        assert mean_current * 20.0 / 250.0 == pytest.approx(0.9 * 20.0, rel=1e-12)
        assert drive.delay_ms == 1.5
    assert [drive.target for drive in network.drives] == ["E", "I"]


def test_spikes_are_recorded_on_request():
    assert brunel().recorders == ()
    assert brunel(record_spikes=True).recorders == (SpikeRecorder(),)
    assert models.get("brunel") is brunel


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"order": 0}, "order = 0 is not allowed: must be an integer >= 1"),
        ({"order": 2.5}, r"order = 2\.5 is not allowed"),
        ({"g": -1.0}, r"g = -1\.0 is not allowed: must be >= 0"),
        ({"eta": math.inf}, "eta = inf is not allowed"),
        ({"epsilon": 0.0}, r"epsilon = 0\.0 is not allowed: must be in \(0, 1\]"),
        ({"epsilon": 1.1}, r"epsilon = 1\.1 is not allowed"),
        ({"order": 4}, r"epsilon = 0\.1 is not allowed: it leaves an inhibitory in-degree of 0 with order = 4.* 0\.12"),
        ({"in_degree": 0}, r"in_degree = 0 is not allowed: must be a multiple of 4 in \[4, 10000\]"),
        ({"in_degree": 6}, "in_degree = 6 is not allowed: must be a multiple of 4"),
        ({"in_degree": 8.0}, r"in_degree = 8\.0 is not allowed"),
        ({"order": 100, "in_degree": 404}, r"in_degree = 404 is not allowed: must be a multiple of 4 in \[4, 400\]"),
        ({"j_mv": 0.0}, r"j_mv = 0\.0 is not allowed: must be > 0"),
        ({"tau_syn_ms": math.nan}, "tau_syn_ms = nan is not allowed"),
        ({"delay_ms": 0.0}, r"delay_ms = 0\.0 is not allowed"),
        ({"resolution_ms": 0.00015}, "resolution_ms"),
    ],
)
def test_errors_name_field_value_and_range(parameters, message):
    with pytest.raises(InputError, match=message):
        brunel(**parameters)


def activity(network, warm_up_ms, time_ms):
    """Mean rate (1/s), mean CV of intervals, mean pairwise correlation of counts in 3 ms, of population E."""
    with Simulator(network, seed=5, threads=1) as simulator:
        simulator.run(warm_up_ms + time_ms)
        spikes = simulator.spikes().since(round(warm_up_ms / network.resolution_ms))
    times, ids = spikes.of("E")
    n = network.population("E").size
    trains = [times[ids == neuron] for neuron in range(n)]
    intervals = [np.diff(train) for train in trains if len(train) >= 5]
    cv = np.mean([np.std(values) / np.mean(values) for values in intervals])
    bins = np.arange(warm_up_ms, warm_up_ms + time_ms + 1.0, 3.0)
    counts = np.array([np.histogram(train, bins)[0] for train in trains])
    variance = counts.var(axis=1).sum()
    correlation = (counts.sum(axis=0).var() - variance) / (variance * (n - 1))
    return len(times) / n / time_ms * 1e3, cv, correlation


def test_asynchronous_irregular_state():
    rate_hz, cv, correlation = activity(brunel(order=250, j_mv=0.63, record_spikes=True), 100.0, 300.0)
    assert 35.0 < rate_hz < 70.0
    assert 0.7 < cv < 1.2
    assert abs(correlation) < 0.05


def test_dominant_excitation_is_regular():
    """What the previous test would see in another state of the network."""
    rate_hz, cv, _ = activity(brunel(order=100, j_mv=1.0, g=2.0, record_spikes=True), 50.0, 100.0)
    assert rate_hz > 200.0
    assert cv < 0.3
