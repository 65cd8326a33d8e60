"""The current-based network of Vogels and Abbott: structure, conversion of the weights, errors, activity."""

import numpy as np
import pytest

from benchnn.models import declarations, models
from benchnn.models.vogels_abbott import cuba
from simcore.network import Explicit, InputError, Network, Population, Projection, SpikeRecorder, SpikeTrain
from simcore.network import TraceRecorder as Traces
from simcore.quantisation import adaptations, weight_grid
from simcore.simulator import Simulator


def test_structure():
    network = cuba()
    assert models.get("cuba") is cuba
    assert [(population.name, population.size) for population in network.populations] == [("E", 3200), ("I", 800)]
    projections = {(p.source, p.target): p for p in network.projections}
    assert set(projections) == {("E", "E"), ("E", "I"), ("I", "E"), ("I", "I")}
    for (source, _), projection in projections.items():
        assert (projection.rule.name, projection.rule.p) == ("pairwise_bernoulli", 0.02)
        assert projection.weight == pytest.approx(16.2 if source == "E" else -90.0, rel=1e-12)
        assert projection.delay_ms == 0.1
    assert network.expected_synapses() == 4000 * 80
    assert network.drives == ()
    assert not adaptations(network, weight_grid(network, 16))


def test_neurons():
    for population in cuba().populations:
        assert population.model == "iaf_psc_exp"
        names = ("tau_m", "tau_syn_ex", "tau_syn_in", "t_ref", "E_L", "V_th", "V_reset", "I_e")
        assert [population.value(name) for name in names] == [20.0, 5.0, 10.0, 5.0, -49.0, -50.0, -60.0, 0.0]
        start = population.initial["V_m"]
        assert (start.low, start.high) == (-60.0, -50.0)


@pytest.mark.parametrize(("source", "tau_syn_ms", "jump_mv"), [("E", 5.0, 1.62), ("I", 10.0, -9.0)])
def test_weights_in_pa_have_the_effect_of_the_published_ones_in_mv(source, tau_syn_ms, jump_mv):
    """Against the solution of tau_m dV/dt = E_L - V + g, dg/dt = -g / tau_syn with g(0) = the published weight."""
    described = cuba()
    params = dict(described.population("E").params) | {"V_th": 0.0}
    weight = next(p.weight for p in described.projections if p.source == source)
    neuron = Population("N", 1, "iaf_psc_exp", params)
    relay = Population("R", 1, "parrot_neuron")
    network = Network(
        [neuron, relay],
        [Projection("R", "N", Explicit([0], [0]), weight, 0.1)],
        [SpikeTrain("R", [0.2], 1.0, 0.1)],
        [Traces("N", [0])],
    )
    with Simulator(network, backend="oracle", precision="float64") as simulator:
        simulator.run(30.0)
        v = simulator.traces()["N", 0, "V_m"]
    t = np.arange(len(v)) * 0.1
    factor = tau_syn_ms / (20.0 - tau_syn_ms)
    course = jump_mv * factor * (np.exp(-t / 20.0) - np.exp(-t / tau_syn_ms))
    onset = int(np.argmax(np.abs(v + 49.0) > 1e-9)) - 1
    assert v[onset:] + 49.0 == pytest.approx(course[: len(v) - onset], rel=1e-4)


def test_spikes_are_recorded_on_request():
    assert cuba().recorders == ()
    assert cuba(record_spikes=True).recorders == (SpikeRecorder(),)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": 0}, "size = 0 is not allowed: must be a multiple of 5, at least 5"),
        ({"size": 4001}, "size = 4001 is not allowed: must be a multiple of 5"),
        ({"size": 400.0}, r"size = 400\.0 is not allowed"),
        ({"p": 0.0}, r"p = 0\.0 is not allowed: must be in \(0, 1\]"),
        ({"p": 1.5}, r"p = 1\.5 is not allowed"),
        ({"delay_ms": 0.0}, r"delay_ms = 0\.0 is not allowed"),
        ({"resolution_ms": 0.00015}, "resolution_ms"),
    ],
)
def test_errors_name_field_value_and_range(parameters, message):
    with pytest.raises(InputError, match=message):
        cuba(**parameters)


def test_activity():
    """Rates as documented; the irregularity of Brian2's network (CV of the intervals 0.46 to 0.57)."""
    network = cuba(record_spikes=True)
    with Simulator(network, seed=1, threads=1) as simulator:
        simulator.run(200.0)
        result = simulator.run(800.0)
        spikes = simulator.spikes().since(2000)
    expected = declarations.get("cuba").expected_rates_hz(
        {"size": 4000, "p": 0.02, "delay_ms": 0.1, "resolution_ms": 0.1}
    )
    assert {name: n / network.population(name).size / 0.8 for name, n in result.spikes.items()} == pytest.approx(
        expected, rel=0.15
    )
    times, ids = spikes.of("E")
    intervals = [np.diff(times[ids == neuron]) for neuron in range(500)]
    cv = np.mean([np.std(values) / np.mean(values) for values in intervals if len(values) >= 4])
    assert 0.4 < cv < 0.65
