"""The network of Izhikevich neurons: structure, noise, errors, activity."""

import pytest

from benchnn.models import declarations, models
from benchnn.models.izhikevich_net import izhikevich_net
from simcore.network import InputError, SpikeRecorder
from simcore.quantisation import adaptations, weight_grid
from simcore.simulator import Simulator


def test_structure():
    network = izhikevich_net()
    assert models.get("izhikevich_net") is izhikevich_net
    assert {p.name: p.size for p in network.populations} == {"RS": 6400, "IB": 1600, "FS": 2000}
    projections = {(p.source, p.target): p for p in network.projections}
    assert set(projections) == {(source, target) for source in ("RS", "IB", "FS") for target in ("RS", "IB", "FS")}
    for (source, _), projection in projections.items():
        assert projection.rule.name == "fixed_indegree"
        assert projection.rule.indegree == {"RS": 640, "IB": 160, "FS": 200}[source]
        assert projection.weight == (-0.5 if source == "FS" else 0.25)
        if source == "FS":
            assert projection.delay_ms == 1.0
        else:
            assert (projection.delay_ms.low, projection.delay_ms.high) == (1.0, 20.0)
    assert network.expected_synapses() == 10_000_000
    assert not adaptations(network, weight_grid(network, 16))


def test_neurons_are_of_the_published_types():
    published = {"RS": (0.02, 0.2, -65.0, 8.0), "IB": (0.02, 0.2, -55.0, 4.0), "FS": (0.1, 0.2, -65.0, 2.0)}
    for population in izhikevich_net().populations:
        assert population.model == "izhikevich"
        assert tuple(population.value(name) for name in "abcd") == published[population.name]
        assert (population.value("V_th"), population.value("I_e")) == (30.0, 0.0)


@pytest.mark.parametrize("in_degree", [25, 250, 2000])
def test_mean_input_does_not_depend_on_the_in_degree(in_degree):
    network = izhikevich_net(in_degree=in_degree)
    for target in ("RS", "IB", "FS"):
        onto = [p for p in network.projections if p.target == target]
        assert sum(p.rule.indegree for p in onto) == in_degree
        assert sum(p.rule.indegree * p.weight for p in onto if p.source != "FS") == pytest.approx(200.0)
        assert sum(p.rule.indegree * p.weight for p in onto if p.source == "FS") == pytest.approx(-100.0)


def test_noise_has_no_mean_and_the_published_variance():
    """Per millisecond: standard deviations of 5 and 2 mV."""
    network = izhikevich_net()
    for target, std_mv in (("RS", 5.0), ("IB", 5.0), ("FS", 2.0)):
        drives = [drive for drive in network.drives if drive.target == target]
        assert sum(drive.weight * drive.rate_hz for drive in drives) == 0.0
        assert sum(drive.weight**2 * drive.rate_hz * 1e-3 for drive in drives) == pytest.approx(std_mv**2)


def test_spikes_are_recorded_on_request():
    assert izhikevich_net().recorders == ()
    assert izhikevich_net(record_spikes=True).recorders == (SpikeRecorder(),)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": 0}, "size = 0 is not allowed: must be a multiple of 25, at least 25"),
        ({"size": 1010}, "size = 1010 is not allowed"),
        ({"size": 100.0}, r"size = 100\.0 is not allowed"),
        ({"in_degree": 0}, "in_degree = 0 is not allowed: must be a multiple of 25, at least 25"),
        ({"in_degree": 90}, "in_degree = 90 is not allowed"),
        ({"resolution_ms": 0.00015}, "resolution_ms"),
    ],
)
def test_errors_name_field_value_and_range(parameters, message):
    with pytest.raises(InputError, match=message):
        izhikevich_net(**parameters)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"size": 1000, "in_degree": 1000}, {"RS": 8.5, "IB": 12.0, "FS": 4.6}),
        # NEST's rates with these numbers of neurons and inputs, two seeds.
        ({"size": 1000, "in_degree": 100}, {"RS": 9.5, "IB": 13.3, "FS": 7.9}),
    ],
)
def test_activity(parameters, expected):
    network = izhikevich_net(**parameters)
    with Simulator(network, seed=1, threads=1) as simulator:
        simulator.run(300.0)
        result = simulator.run(600.0)
    rates = {name: n / network.population(name).size / 0.6 for name, n in result.spikes.items()}
    assert rates == pytest.approx(expected, rel=0.2)


def test_rates_are_known_with_all_inputs():
    rates = declarations.get("izhikevich_net").expected_rates_hz
    default = {"size": 10_000, "in_degree": 1000, "record_spikes": False, "resolution_ms": 0.1}
    assert rates(default) == rates(default | {"size": 40_000}) == {"RS": 8.5, "IB": 12.0, "FS": 4.6}
    for other in ({"size": 1000}, {"in_degree": 100}, {"resolution_ms": 0.5}):
        assert rates(default | other) is None
