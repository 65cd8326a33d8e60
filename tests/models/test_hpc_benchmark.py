"""NEST's weak-scaling benchmark: structure, weights, input, scaling, errors, activity."""

import math

import numpy as np
import pytest

from benchnn.models import declarations, models
from benchnn.models.hpc_benchmark import hpc_benchmark
from simcore.network import Dc, InputError, Poisson, SpikeRecorder
from simcore.quantisation import adaptations, weight_grid
from simcore.simulator import Simulator

TAU_SYN_MS = 0.32582722403722841
WEIGHT = 45.60960031654
"""Printed by NEST's example for PSPs of 0.14 mV."""


def drives(network, kind):
    return {drive.target: drive for drive in network.drives if isinstance(drive, kind)}


def test_structure():
    network = hpc_benchmark()
    assert models.get("hpc_benchmark") is hpc_benchmark
    assert [(population.name, population.size) for population in network.populations] == [("E", 9000), ("I", 2250)]
    projections = {(p.source, p.target): p for p in network.projections}
    assert set(projections) == {("E", "E"), ("E", "I"), ("I", "E"), ("I", "I")}
    for (source, _), projection in projections.items():
        assert projection.rule.name == "fixed_indegree"
        assert projection.rule.indegree == (9000 if source == "E" else 2250)
        assert not projection.rule.allow_autapses
        assert projection.rule.allow_multapses
        assert projection.weight == pytest.approx(WEIGHT if source == "E" else -5.0 * WEIGHT, rel=1e-10)
        assert projection.delay_ms == 1.5
    assert network.expected_synapses() == 11_250**2
    assert not adaptations(network, weight_grid(network, 16))


def test_neurons():
    for population in hpc_benchmark().populations:
        assert population.model == "iaf_psc_alpha"
        names = ("C_m", "tau_m", "t_ref", "E_L", "V_reset", "V_th", "tau_syn_ex", "tau_syn_in", "I_e")
        values = [population.value(name) for name in names]
        assert values == [250.0, 10.0, 0.5, 0.0, 0.0, 20.0, TAU_SYN_MS, TAU_SYN_MS, 0.0]
        start = population.initial["V_m"]
        assert (start.mean, start.std, start.low, start.high) == (5.7, 7.2, -math.inf, math.inf)


def test_synapses_between_excitatory_neurons_are_plastic_as_published():
    network = hpc_benchmark()
    rules = {(p.source, p.target): p.plasticity for p in network.projections}
    rule = rules.pop(("E", "E"))
    assert rule.name == "stdp_pl_synapse_hom" and list(rules.values()) == [None, None, None]
    assert (rule.tau_plus, rule.lambda_, rule.alpha, rule.mu) == (15.0, 0.1, 0.0513, 0.4)
    assert rule.ceiling is None and rule.axonal_delay_ms == 0.0
    assert [population.tau_minus for population in network.populations] == [30.0, 30.0]


def test_static_synapses_have_the_initial_weights():
    static, plastic = hpc_benchmark(plastic=False), hpc_benchmark()
    assert [p.plasticity for p in static.projections] == [None] * 4
    assert [p.weight for p in static.projections] == [p.weight for p in plastic.projections]


@pytest.mark.parametrize("k_scaling", [0.1, 0.5])
def test_a_pair_of_spikes_changes_larger_weights_by_the_same_share(k_scaling):
    full, reduced = (hpc_benchmark(k_scaling=k).projections[0] for k in (1.0, k_scaling))
    shares = [
        (p.plasticity.lambda_ * p.weight ** (p.plasticity.mu - 1.0), p.plasticity.lambda_ * p.plasticity.alpha)
        for p in (full, reduced)
    ]
    assert reduced.weight > full.weight and shares[1] == pytest.approx(shares[0], rel=1e-9)


def test_weight_gives_the_published_potential():
    """Peak and rise time of the numerically integrated postsynaptic potential."""
    t = np.linspace(0.0, 5.0, 50_001)
    current = WEIGHT * math.e * t / TAU_SYN_MS * np.exp(-t / TAU_SYN_MS)
    kernel = np.exp(-t / 10.0) / 250.0
    padded = 2 * len(t)
    potential = np.fft.irfft(np.fft.rfft(current, padded) * np.fft.rfft(kernel, padded))[: len(t)] * (t[1] - t[0])
    assert potential.max() == pytest.approx(0.14, rel=2e-4)
    assert t[potential.argmax()] == pytest.approx(1.700759, rel=1e-3)


def test_external_input_alone_reaches_eta_times_the_threshold():
    network = hpc_benchmark()
    assert list(drives(network, Poisson)) == ["E", "I"]
    assert len(network.drives) == 2
    for drive in network.drives:
        assert drive.rate_hz == pytest.approx(20856.0372, rel=1e-8)
        assert drive.delay_ms == 1.5
        mean_current = drive.weight * math.e * TAU_SYN_MS * drive.rate_hz * 1e-3
        assert mean_current * 10.0 / 250.0 == pytest.approx(1.685 * 20.0, rel=1e-9)


def test_spikes_are_recorded_on_request():
    assert hpc_benchmark().recorders == ()
    assert hpc_benchmark(record_spikes=True).recorders == (SpikeRecorder(),)


def test_in_degrees_do_not_follow_the_scale():
    for scale, sizes in ((0.1, (900, 225)), (20.0, (180_000, 45_000))):
        network = hpc_benchmark(scale=scale)
        assert tuple(population.size for population in network.populations) == sizes
        assert [p.rule.indegree for p in network.projections] == [9000, 9000, 2250, 2250]
        assert not drives(network, Dc)
        assert drives(network, Poisson)["E"].rate_hz == drives(hpc_benchmark(), Poisson)["E"].rate_hz


@pytest.mark.parametrize("k_scaling", [0.1, 0.3, 0.9])
def test_fewer_inputs_keep_mean_and_variance_of_the_input(k_scaling):
    """Of a neuron whose sources fire as those of a large network do, 7.6 /s."""

    def moments(network):
        weights = np.array([p.weight for p in network.projections if p.target == "E"])
        rates = np.array([p.rule.indegree * 7.6 for p in network.projections if p.target == "E"])
        external = drives(network, Poisson)["E"]
        current = sum(drive.amplitude_pa for name, drive in drives(network, Dc).items() if name == "E")
        mean = weights @ rates + external.weight * external.rate_hz
        return current + mean * math.e * TAU_SYN_MS * 1e-3, weights**2 @ rates + external.weight**2 * external.rate_hz

    mean, variance = moments(hpc_benchmark(k_scaling=k_scaling))
    full_mean, full_variance = moments(hpc_benchmark())
    assert mean == pytest.approx(full_mean, abs=1.0)
    assert variance == pytest.approx(full_variance, rel=2e-3)
    assert len(drives(hpc_benchmark(k_scaling=k_scaling), Dc)) == 2


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scale": 0.0}, r"scale = 0\.0 is not allowed: must be > 0 and finite"),
        ({"scale": math.inf}, "scale = inf is not allowed"),
        ({"scale": "big"}, "scale = 'big' is not allowed"),
        ({"scale": 0.0005}, r"scale = 0\.0005 .*leaves fewer than 2 neurons in I; must be above 0\.00067"),
        ({"k_scaling": 0.0}, r"k_scaling = 0\.0 is not allowed: must be in \(0, 1\]"),
        ({"k_scaling": 1.5}, r"k_scaling = 1\.5 is not allowed"),
        ({"k_scaling": 0.0002}, r"k_scaling = 0\.0002 is not allowed: it leaves no inhibitory input.* 0\.00022"),
        ({"resolution_ms": 0.00015}, "resolution_ms"),
    ],
)
def test_errors_name_field_value_and_range(parameters, message):
    with pytest.raises(InputError, match=message):
        hpc_benchmark(**parameters)


def test_rates_are_known_where_they_were_measured():
    rates = declarations.get("hpc_benchmark").expected_rates_hz
    static = {"scale": 1.0, "k_scaling": 1.0, "plastic": False}
    assert rates(static) == {"E": 10.0, "I": 10.0}
    assert rates(static | {"scale": 20.0}) == {"E": 7.6, "I": 7.6}
    assert rates(static | {"plastic": True}) == {"E": 26.1, "I": 24.6}
    for other in ({"scale": 0.5}, {"scale": 3.0}, {"k_scaling": 0.5}, {"scale": 20.0, "plastic": True}):
        assert rates(static | other) is None


def test_activity_of_a_small_static_network():
    """NEST's rate with these numbers of neurons and inputs is 23.5 /s (6 seeds, standard deviation 1.5)."""
    network = hpc_benchmark(scale=0.1, plastic=False)
    with Simulator(network, seed=1, threads=1) as simulator:
        simulator.run(200.0)
        result = simulator.run(400.0)
    for population in network.populations:
        assert 18.0 < result.spikes[population.name] / population.size / 0.4 < 29.0
