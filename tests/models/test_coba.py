"""The conductance-based network of Vogels and Abbott: structure, errors, activity."""

import pytest

from benchnn.models import declarations, models
from benchnn.models.vogels_abbott import coba
from simcore.network import InputError, SpikeRecorder
from simcore.quantisation import adaptations, weight_grid
from simcore.simulator import Simulator

DEFAULT = {"size": 4000, "p": 0.02, "delay_ms": 0.1, "record_spikes": False, "resolution_ms": 0.1}


def test_structure():
    network = coba()
    assert models.get("coba") is coba
    assert [(population.name, population.size) for population in network.populations] == [("E", 3200), ("I", 800)]
    projections = {(p.source, p.target): p for p in network.projections}
    assert set(projections) == {("E", "E"), ("E", "I"), ("I", "E"), ("I", "I")}
    for (source, _), projection in projections.items():
        assert (projection.rule.name, projection.rule.p) == ("pairwise_bernoulli", 0.02)
        assert projection.weight == (6.0 if source == "E" else -67.0)
        assert projection.delay_ms == 0.1
    assert network.expected_synapses() == 4000 * 80
    stimuli = [(drive.target, drive.rate_hz, drive.weight, drive.start_ms, drive.stop_ms) for drive in network.drives]
    assert stimuli == [("E", 300.0, 6.0, 0.0, 50.0), ("I", 300.0, 6.0, 0.0, 50.0)]
    assert not adaptations(network, weight_grid(network, 16))


def test_neurons():
    names = ("C_m", "g_L", "tau_syn_ex", "tau_syn_in", "t_ref", "E_L", "E_ex", "E_in", "V_reset", "V_th", "I_e")
    for population in coba().populations:
        assert population.model == "iaf_cond_exp"
        values = [population.value(name) for name in names]
        assert values == [200.0, 10.0, 5.0, 10.0, 5.0, -60.0, 0.0, -80.0, -60.0, -50.0, 0.0]
        start = population.initial["V_m"]
        assert (start.low, start.high) == (-60.0, -50.0)


def test_spikes_are_recorded_on_request():
    assert coba().recorders == ()
    assert coba(record_spikes=True).recorders == (SpikeRecorder(),)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": 4001}, "size = 4001 is not allowed: must be a multiple of 5, at least 5"),
        ({"p": 0.0}, r"p = 0\.0 is not allowed: must be in \(0, 1\]"),
        ({"delay_ms": 0.0}, r"delay_ms = 0\.0 is not allowed"),
        ({"resolution_ms": 0.00015}, "resolution_ms"),
    ],
)
def test_errors_name_field_value_and_range(parameters, message):
    with pytest.raises(InputError, match=message):
        coba(**parameters)


def test_activity_sustains_itself():
    network = coba()
    with Simulator(network, seed=1, threads=1) as simulator:
        simulator.run(200.0)
        result = simulator.run(400.0)
    rates = {name: n / network.population(name).size / 0.4 for name, n in result.spikes.items()}
    assert rates == pytest.approx(declarations.get("coba").expected_rates_hz(DEFAULT), rel=0.25)


@pytest.mark.parametrize("name", ["coba", "cuba"])
def test_rates_are_known_for_the_published_inputs(name):
    rates = declarations.get(name).expected_rates_hz
    assert rates(DEFAULT) == rates(DEFAULT | {"size": 16_000, "p": 0.005}) is not None
    for other in ({"p": 0.03}, {"size": 2000, "p": 0.04}, {"delay_ms": 1.0}, {"resolution_ms": 0.05}):
        assert rates(DEFAULT | other) is None
