"""The cortical microcircuit: numbers of neurons and synapses, parameters, scaling, input, a short run."""

import math
import warnings

import numpy as np
import pytest

from benchnn.models import descriptions, models
from benchnn.models.pd14 import pd14
from benchnn.models.pd14.network import psc_over_psp
from simcore.network import Dc, InputError, Poisson, SpikeRecorder
from simcore.quantisation import adaptations, weight_grid
from simcore.simulator import Simulator
from simcore.values import as_value, delay_steps, value_range

NAMES = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])
EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
WEIGHT = 87.80849352920843
TAU_SYN_S = 0.5e-3

# Rows are targets, columns sources; as published, not computed by the code under test.
SYNAPSES = np.array(
    [
        [45499805, 22323577, 20253647, 9670918, 3293578, 0, 2271404, 0],
        [17443694, 5018763, 4105338, 1690074, 2221213, 0, 353461, 0],
        [3503670, 756561, 24482849, 17413576, 714524, 7003, 14624432, 0],
        [8114254, 92832, 9933538, 5223272, 87836, 0, 8810905, 0],
        [10613575, 1817058, 5507804, 151900, 2040738, 2407889, 1438969, 0],
        [1241436, 169424, 607667, 12851, 319602, 430444, 132414, 0],
        [4681225, 556108, 6727570, 1320234, 4112225, 305029, 8372649, 10827677],
        [2260836, 17207, 220033, 8078, 401638, 25218, 2888426, 1354320],
    ]
)


def matrix(network, value):
    """`value` of each recurrent projection, 0 where there is none; rows are targets."""
    table = np.zeros((8, 8))
    for projection in network.projections:
        if projection.source in NAMES:
            table[NAMES.index(projection.target), NAMES.index(projection.source)] = value(projection)
    return table


def dc(network):
    currents = {drive.target: drive.amplitude_pa for drive in network.drives if isinstance(drive, Dc)}
    return np.array([currents.get(name, 0.0) for name in NAMES])


def poisson(network):
    drives = {drive.target: drive for drive in network.drives if isinstance(drive, Poisson)}
    return [drives[name] for name in NAMES]


# --- full scale --------------------------------------------------------------------------------------------------


def test_neurons_and_synapses_of_the_full_network():
    network = pd14()
    assert [population.name for population in network.populations] == NAMES
    assert [population.size for population in network.populations] == SIZES.tolist()
    assert network.n_neurons == 77_169
    assert np.array_equal(matrix(network, lambda projection: projection.rule.n), SYNAPSES)
    assert network.expected_synapses() == 298_880_968
    assert SYNAPSES[:, ::2].sum() == 217_280_955
    assert SYNAPSES[:, 1::2].sum() == 81_600_013
    rules = {(p.rule.name, p.rule.allow_autapses) for p in network.projections}
    assert rules == {("fixed_total_number", True)}
    assert len(network.projections) == np.count_nonzero(SYNAPSES)


def test_neuron_parameters():
    for population in pd14().populations:
        assert population.model == "iaf_psc_exp"
        values = {name: population.value(name) for name in ("C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref")}
        expected = {"C_m": 250.0, "tau_m": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0}
        assert values == expected
        assert (population.value("tau_syn_ex"), population.value("tau_syn_in")) == (0.5, 0.5)
        assert population.value("I_e") == 0.0


def test_weight_is_the_current_of_the_published_potential():
    """Peak of the numerically integrated postsynaptic potential: 0.15 mV."""
    assert 0.15 * psc_over_psp() == pytest.approx(87.8085, abs=5e-5)
    t = np.linspace(0.0, 10.0, 10_001)
    current = WEIGHT * np.exp(-t / 0.5)
    kernel = np.exp(-t / 10.0) / 250.0
    potential = np.convolve(current, kernel)[: len(t)] * (t[1] - t[0])
    assert potential.max() == pytest.approx(0.15, rel=2e-3)


def test_weights_and_delays_of_the_full_network():
    network = pd14()
    connected = SYNAPSES > 0
    mean = np.tile([WEIGHT, -4.0 * WEIGHT], (8, 4))
    mean[0, 2] *= 2.0
    delay = np.tile([1.5, 0.75], (8, 4))
    assert np.allclose(matrix(network, lambda p: p.weight.mean), mean * connected, rtol=1e-9, atol=0.0)
    assert np.allclose(matrix(network, lambda p: p.weight.std), 0.1 * abs(mean) * connected, rtol=1e-9, atol=0.0)
    assert np.array_equal(matrix(network, lambda p: p.delay_ms.mean), delay * connected)
    assert np.array_equal(matrix(network, lambda p: p.delay_ms.std), 0.5 * delay * connected)
    assert {(p.delay_ms.low, p.delay_ms.high, p.delay_ms.outside) for p in network.projections} == {
        (0.05, math.inf, "redraw")
    }
    bounds = {(p.source[-1], p.weight.low, p.weight.high, p.weight.outside) for p in network.projections}
    assert bounds == {("E", 0.0, math.inf, "redraw"), ("I", -math.inf, 0.0, "redraw")}


def test_weights_keep_their_sign_and_delays_last_a_step():
    for projection in pd14().projections:
        low, high = value_range(as_value(projection.weight, "weight"), "weight")
        assert low < high < 0.0 if projection.source.endswith("I") else 0.0 < low < high
        shortest, _ = value_range(as_value(projection.delay_ms, "delay"), "delay")
        assert delay_steps(shortest, 0.1) == 1


def test_default_weight_bits_hold_the_weights():
    network = pd14()
    assert not adaptations(network, weight_grid(network, 16))


@pytest.mark.parametrize("resolution_ms", [0.025, 0.1, 0.125, 0.5])
def test_other_resolutions(resolution_ms):
    network = pd14(resolution_ms=resolution_ms)
    assert network.resolution_ms == resolution_ms
    assert {p.delay_ms.low for p in network.projections} == {0.5 * resolution_ms}


def test_initial_potentials():
    means = [-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43]
    stds = [5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48]
    optimised = [population.initial["V_m"] for population in pd14().populations]
    assert [(v.mean, v.std) for v in optimised] == list(zip(means, stds, strict=True))
    original = [population.initial["V_m"] for population in pd14(initial_v="original").populations]
    assert {(v.mean, v.std) for v in original} == {(-58.0, 10.0)}


# --- input -------------------------------------------------------------------------------------------------------


def test_poisson_input():
    network = pd14()
    drives = poisson(network)
    assert [drive.rate_hz for drive in drives] == (8.0 * EXTERNAL).tolist()
    assert {(drive.delay_ms, drive.start_ms, drive.stop_ms) for drive in drives} == {(1.5, 0.0, math.inf)}
    assert [drive.weight for drive in drives] == pytest.approx([WEIGHT] * 8, rel=1e-11)
    assert len(network.drives) == 8


def test_direct_current_has_the_mean_of_the_poisson_input():
    network = pd14(input="dc")
    published = [561.974, 526.851, 737.591, 667.345, 702.468, 667.345, 1018.579, 737.591]
    assert dc(network) == pytest.approx(published, abs=5e-4)
    assert len(network.drives) == 8
    mean_of_poisson = [TAU_SYN_S * drive.weight * drive.rate_hz for drive in poisson(pd14())]
    assert dc(network) == pytest.approx(mean_of_poisson, rel=1e-9)


def test_thalamus():
    network = pd14(thalamus=True)
    relay = network.populations[-1]
    assert (relay.name, relay.size, relay.model) == ("TC", 902, "parrot_neuron")
    assert network.n_neurons == 77_169 + 902
    projections = [projection for projection in network.projections if projection.source == "TC"]
    assert [projection.target for projection in projections] == ["L4E", "L4I", "L6E", "L6I"]
    for projection, c in zip(projections, [0.0983, 0.0619, 0.0512, 0.0196], strict=True):
        pairs = 902 * network.population(projection.target).size
        connected = 1.0 - math.exp(projection.rule.n * math.log1p(-1.0 / pairs))
        assert connected == pytest.approx(c, rel=1e-4)
        assert projection.rule.name == "fixed_total_number"
        assert (projection.weight.mean, projection.weight.std) == pytest.approx((WEIGHT, 0.1 * WEIGHT), rel=1e-9)
        assert projection.weight.low == 0.0
        assert (projection.delay_ms.mean, projection.delay_ms.std, projection.delay_ms.low) == (1.5, 0.75, 0.05)
    drive = network.drives[-1]
    assert (drive.target, drive.rate_hz, drive.weight, drive.delay_ms) == ("TC", 120.0, 1.0, 0.1)
    assert (drive.start_ms, drive.stop_ms) == (700.0, 710.0)
    assert pd14(thalamus=True, thalamus_start_ms=5.0, thalamus_duration_ms=2.0).drives[-1].stop_ms == 7.0


def test_spikes_are_recorded_on_request():
    assert pd14().recorders == ()
    assert pd14(record_spikes=True).recorders == (SpikeRecorder(),)


# --- scaling -----------------------------------------------------------------------------------------------------


def test_numbers_at_a_tenth():
    """Half to even: 2191.5 -> 2192, 106.5 -> 106, 1439.5 -> 1440."""
    network = pd14(0.1)
    assert [population.size for population in network.populations] == [2068, 583, 2192, 548, 485, 106, 1440, 295]
    numbers = matrix(network, lambda projection: projection.rule.n)
    assert np.all(np.abs(numbers - 0.01 * SYNAPSES) <= 0.5 + 0.01 * 0.5)
    assert [drive.rate_hz for drive in poisson(network)] == (0.8 * EXTERNAL).tolist()
    means = matrix(network, lambda projection: projection.weight.mean)
    assert means[0, 0] == pytest.approx(WEIGHT / math.sqrt(0.1), rel=1e-11)
    assert means[0, 1] == pytest.approx(-4.0 * WEIGHT / math.sqrt(0.1), rel=1e-11)
    assert means[0, 2] == pytest.approx(2.0 * WEIGHT / math.sqrt(0.1), rel=1e-11)


def test_scale_sets_both_factors_unless_given():
    assert pd14(1.0, n_scaling=0.1, k_scaling=0.1).expected_synapses() == pd14(0.1).expected_synapses()
    few_inputs = pd14(k_scaling=0.1)
    assert few_inputs.n_neurons == 77_169
    assert few_inputs.expected_synapses() == pytest.approx(0.1 * 298_880_968, abs=32)
    assert poisson(few_inputs)[0].rate_hz == 1280.0
    few_neurons = pd14(0.5, n_scaling=0.1)
    assert few_neurons.n_neurons == pd14(0.1).n_neurons
    assert poisson(few_neurons)[0].rate_hz == 6400.0


def test_neuron_scaling_alone_needs_no_compensation():
    network = pd14(n_scaling=0.1)
    assert not dc(network).any()
    assert matrix(network, lambda projection: projection.weight.mean)[0, 0] == pytest.approx(WEIGHT, rel=1e-11)


@pytest.mark.parametrize("k_scaling", [1.0, 0.1])
def test_more_neurons_keep_their_inputs(k_scaling):
    def inputs(network):
        sizes = np.array([population.size for population in network.populations])
        in_degrees = matrix(network, lambda projection: projection.rule.n) / sizes[:, np.newaxis]
        weights = matrix(network, lambda projection: projection.weight.mean)
        drives = [(drive.weight, drive.rate_hz) for drive in poisson(network)]
        return in_degrees, weights, dc(network), drives

    grown = pd14(n_scaling=3.0, k_scaling=k_scaling)
    assert grown.n_neurons == 3 * 77_169
    one, three = inputs(pd14(n_scaling=1.0, k_scaling=k_scaling)), inputs(grown)
    assert three[0] == pytest.approx(one[0], rel=1e-3)
    for few, many in zip(one[1:], three[1:], strict=True):
        assert np.array_equal(few, many)


@pytest.mark.parametrize("k_scaling", [0.1, 0.3, 0.9])
def test_compensating_current(k_scaling):
    """The published formula, from the published numbers."""
    weights = np.tile([WEIGHT, -4.0 * WEIGHT], (8, 4))
    weights[0, 2] *= 2.0
    recurrent = TAU_SYN_S * (weights * SYNAPSES / SIZES[:, np.newaxis] * RATES).sum(axis=1)
    external = TAU_SYN_S * WEIGHT * EXTERNAL * 8.0
    share = 1.0 - math.sqrt(k_scaling)
    assert dc(pd14(k_scaling=k_scaling)) == pytest.approx(share * (recurrent + external), rel=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = pd14(k_scaling=k_scaling, input="dc")
    assert dc(network) == pytest.approx(share * recurrent + external, rel=1e-4)


@pytest.mark.parametrize("scale", [0.1, 0.5])
def test_scaling_keeps_mean_and_variance_of_the_input(scale):
    """Sums over what the described networks contain, with all populations at their full-scale rates."""

    def moments(network):
        sizes = np.array([population.size for population in network.populations])
        weights = matrix(network, lambda projection: projection.weight.mean)
        in_degrees = matrix(network, lambda projection: projection.rule.n) / sizes[:, np.newaxis]
        drives = [(drive.weight, drive.rate_hz) for drive in poisson(network)]
        mean = dc(network) + TAU_SYN_S * (weights * in_degrees * RATES).sum(axis=1)
        mean += [TAU_SYN_S * weight * rate for weight, rate in drives]
        variance = (weights**2 * in_degrees * RATES).sum(axis=1) + [weight**2 * rate for weight, rate in drives]
        return mean, variance

    for scaled, full in zip(moments(pd14(scale)), moments(pd14()), strict=True):
        assert scaled == pytest.approx(full, rel=5e-3)


def test_thalamic_in_degree_is_scaled_by_k_alone():
    def in_degrees(network):
        return [p.rule.n / network.population(p.target).size for p in network.projections if p.source == "TC"]

    full = np.array(in_degrees(pd14(thalamus=True)))
    assert in_degrees(pd14(0.2, thalamus=True)) == pytest.approx(0.2 * full, rel=2e-3)
    assert in_degrees(pd14(n_scaling=0.2, thalamus=True)) == pytest.approx(full, rel=2e-3)
    network = pd14(0.25, thalamus=True)
    assert network.projections[-1].weight.mean == pytest.approx(2.0 * WEIGHT, rel=1e-11)
    assert network.population("TC").size == 902


def test_a_network_that_may_be_silent_warns():
    with pytest.warns(UserWarning, match=r"scale = 0\.1 .*L23E, L23I, .* 375 pA"):
        pd14(0.1, input="dc")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pd14(input="dc")
        pd14(0.1)
        pd14(0.1, input="dc", k_scaling=0.5)


# --- errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scale": 0.0}, r"scale = 0\.0 is not allowed: must be in \(0, 1\]"),
        ({"scale": -0.5}, r"scale = -0\.5 is not allowed"),
        ({"scale": 1.5}, r"scale = 1\.5 is not allowed"),
        ({"scale": math.nan}, "scale = nan is not allowed"),
        ({"scale": "big"}, "scale = 'big' is not allowed"),
        ({"n_scaling": 0.0}, r"n_scaling = 0\.0 is not allowed: must be > 0 and finite"),
        ({"n_scaling": math.inf}, "n_scaling = inf is not allowed: must be > 0 and finite"),
        ({"n_scaling": 1e6}, r"population L23E\.size = 20683000000 is not allowed"),
        ({"k_scaling": 2.0}, r"k_scaling = 2\.0 is not allowed: must be in \(0, 1\]"),
        ({"k_scaling": 0.0}, r"k_scaling = 0\.0 is not allowed: must be in \(0, 1\]"),
        ({"scale": 0.0004}, r"scale = 0\.0004 is not allowed: it leaves L5I empty; must be above 0\.00047"),
        ({"n_scaling": 0.0004}, r"n_scaling = 0\.0004 is not allowed: it leaves L5I empty"),
        ({"k_scaling": 0.0003}, r"k_scaling = 0\.0003 is not allowed: it leaves no background input; .* 0\.00033"),
        ({"input": "noise"}, "input = 'noise' is not allowed: use 'poisson' or 'dc'"),
        ({"initial_v": "optimal"}, "initial_v = 'optimal' is not allowed: use 'optimised' or 'original'"),
        ({"thalamus": True, "thalamus_rate_hz": -1.0}, "rate_hz = -1"),
        ({"thalamus": True, "thalamus_duration_ms": -1.0}, "stop_ms"),
        ({"resolution_ms": 0.0}, "resolution_ms"),
    ],
)
def test_errors_name_field_value_and_range(parameters, message):
    with pytest.raises(InputError, match=message):
        pd14(**parameters)


def test_smallest_scale_has_no_empty_population():
    assert min(population.size for population in pd14(0.00048, k_scaling=1.0).populations) == 1


def test_registry():
    assert models.names()[:3] == ["pd14", "multi_area", "brunel"]
    assert models.get("pd14") is pd14
    assert set(descriptions) == set(models.names())
    for text in descriptions.values():
        assert 0 < len(text) <= 120
        assert "\n" not in text
    with pytest.raises(InputError, match="model = 'pd15' is unknown; use pd14, multi_area, brunel, "):
        models.get("pd15")


# --- a run -------------------------------------------------------------------------------------------------------


def test_a_short_run():
    network = pd14(0.01, record_spikes=True, thalamus=True, thalamus_start_ms=10.0)
    with Simulator(network, seed=3, backend="oracle") as simulator:
        result = simulator.run(20.0)
        spikes = simulator.spikes()
        assert simulator.n_synapses == network.expected_synapses() == sum(p.rule.n for p in network.projections)
    rates = {name: n / network.population(name).size / 0.02 for name, n in result.spikes.items()}
    cortical = sum(n for name, n in result.spikes.items() if name != "TC") / (network.n_neurons - 902) / 0.02
    # So small a network is far from the rates of the whole one: 0.4 to 2.4 1/s with seeds 1 to 5.
    assert 0.1 < cortical < 30.0
    assert all(rate < 100.0 for rate in rates.values())
    times, _ = spikes.of("TC")
    assert times.min() > 10.0
    assert times.max() <= 20.0
    # 902 neurons x 120 /s x 10 ms = 1082, standard deviation 33
    assert abs(len(times) - 1082) < 5 * 33
    assert result.synaptic_events > 0
