"""The multi-area surrogate has the published counts, a file is read as it was written, and scaling keeps the input."""

import json

import numpy as np
import pytest

from benchnn.models import models
from benchnn.models.multi_area import parameters as p
from benchnn.models.multi_area.file import FORMAT, read_connectome
from benchnn.models.multi_area.scaling import scaled, with_long_range_weights
from benchnn.models.multi_area.stationary import stationary_rate_hz
from benchnn.models.multi_area.surrogate import surrogate
from benchnn.models.pd14 import parameters as column
from simcore.errors import InputError
from simcore.simulator import Simulator

multi_area = models.get("multi_area")
TINY = {"areas": 2, "neuron_scale": 0.002, "in_degree_scale": 0.02}


@pytest.fixture(scope="module")
def whole():
    return surrogate(p.AREAS, seed=1)


def written(path, connectome, **changes):
    """A file with a connectome; `changes` replace keys."""
    populations = [
        {
            "area": connectome.areas[i],
            "name": connectome.names[i],
            "neurons": int(connectome.sizes[i]),
            "external_in_degree": float(connectome.external_in_degrees[i]),
            "external_weight_pa": float(connectome.external_weights_pa[i]),
            "rate_hz": float(connectome.rates_hz[i]),
        }
        for i in range(len(connectome.sizes))
    ]
    columns = [
        getattr(connectome, name).tolist()
        for name in ("targets", "sources", "synapses", "weights_pa", "weights_sd_pa", "delays_ms", "delays_sd_ms")
    ]
    content = {
        "format": FORMAT,
        "external_rate_hz": connectome.external_rate_hz,
        "populations": populations,
        "connections": [list(row) for row in zip(*columns, strict=True)],
    }
    path.write_text(json.dumps(content | changes))
    return str(path)


def test_the_surrogate_has_the_published_counts(whole):
    assert len(set(whole.areas)) == p.AREAS
    assert len(whole.labels) == len(set(whole.labels)) == p.POPULATIONS
    assert whole.sizes.sum() == p.NEURONS
    assert whole.synapses.sum() == p.SYNAPSES
    assert [name for area, name in zip(whole.areas, whole.names, strict=True) if area == "A32"] == [
        name for name in column.POPULATIONS if not name.startswith("L4")
    ]


def test_a_fifth_of_the_synapses_of_each_area_comes_from_other_areas(whole):
    own = np.array(whole.areas)[whole.targets]
    for area in set(whole.areas):
        synapses = whole.synapses[own == area]
        assert synapses.sum() == pytest.approx(p.SYNAPSES / p.AREAS, rel=1e-6)
        far = synapses[whole.between_areas[own == area]]
        assert far.sum() == pytest.approx(p.LONG_RANGE_SHARE * synapses.sum(), rel=1e-5)


def test_excitatory_neurons_alone_reach_other_areas(whole):
    far = whole.between_areas
    names = np.array(whole.names)
    assert set(names[whole.sources[far]]) == {"L23E", "L5E", "L6E"}
    assert set(names[whole.sources[~far]]) == set(column.POPULATIONS)
    pairs = {(whole.areas[t], whole.areas[s]) for t, s in zip(whole.targets[far], whole.sources[far], strict=True)}
    assert len(pairs) / (p.AREAS * (p.AREAS - 1)) == pytest.approx(p.DENSITY, abs=0.01)


def test_connections_between_areas_fall_with_distance_and_have_its_delay(whole):
    far = whole.between_areas
    pairs = {}
    for t, s, n, d in zip(
        whole.targets[far], whole.sources[far], whole.synapses[far], whole.delays_ms[far], strict=True
    ):
        pairs.setdefault((whole.areas[t], whole.areas[s]), []).append((n, d))
    delays = np.array([rows[0][1] for rows in pairs.values()])
    logarithms = np.log([sum(n for n, _ in rows) for rows in pairs.values()])
    assert all(len({d for _, d in rows}) == 1 for rows in pairs.values())
    assert 0.5 <= delays.min() < delays.max() <= 2.0 * p.RADIUS_MM / p.SPEED_MM_PER_MS + 0.25
    # Cutting the weakest pairs flattens the slope of the exponential.
    slope = np.polyfit(delays * p.SPEED_MM_PER_MS, logarithms, 1)[0]
    assert -p.DECAY_PER_MM < slope < -0.5 * p.DECAY_PER_MM
    assert whole.delays_sd_ms == pytest.approx(0.5 * whole.delays_ms)


def test_another_seed_is_another_surrogate_with_the_same_counts(whole):
    other = surrogate(p.AREAS, seed=2)
    assert (other.sizes == whole.sizes).all()
    assert other.synapses.sum() == whole.synapses.sum()
    assert len(other.synapses) != len(whole.synapses) or (other.synapses != whole.synapses).any()


def test_external_input_balances_the_populations_at_the_rates_of_the_microcircuit():
    connectome = surrogate(3, seed=1)
    factor = column.TAU_M_MS / column.C_M_PF
    mean = factor * connectome.input_pa(connectome.rates_hz, column.TAU_SYN_MS)
    # Each input of weight w lets the potential jump by w tau_syn / C_m.
    events = connectome.synapses / connectome.sizes[connectome.targets] * connectome.rates_hz[connectome.sources]
    squares = np.bincount(connectome.targets, events * (connectome.weights_pa**2 + connectome.weights_sd_pa**2))
    squares += connectome.external_in_degrees * connectome.external_rate_hz * connectome.external_weights_pa**2
    jump = column.TAU_SYN_MS / column.C_M_PF
    std = np.sqrt(1e-3 * column.TAU_M_MS * squares) * jump
    assert stationary_rate_hz(mean, std) == pytest.approx(connectome.rates_hz, rel=0.02)


def test_the_stationary_rate_without_noise_is_that_of_a_constant_current():
    mean = np.array([20.0, 40.0])
    expected = 1e3 / (2.0 + 10.0 * np.log(mean / (mean - 15.0)))
    assert stationary_rate_hz(mean, np.full(2, 0.02)) == pytest.approx(expected, rel=0.01)


def test_scaling_keeps_mean_and_variance_of_the_input():
    connectome = surrogate(2, seed=1)
    assert (scaled(connectome, 0.5, 0.1, 0.4)[0].sizes == np.round(0.5 * connectome.sizes)).all()
    fewer, currents = scaled(connectome, 1.0, 0.1, 0.4)

    def moments(of):
        in_degrees = of.synapses / (of.sizes[of.targets])
        events = in_degrees * connectome.rates_hz[of.sources]
        external = of.external_in_degrees * of.external_rate_hz
        mean = np.bincount(of.targets, events * of.weights_pa) + external * of.external_weights_pa
        return mean, np.bincount(of.targets, events * of.weights_pa**2) + external * of.external_weights_pa**2

    (mean, variance), (fewer_mean, fewer_variance) = moments(connectome), moments(fewer)
    seconds = 1e-3 * column.TAU_SYN_MS
    assert fewer_mean * seconds + currents == pytest.approx(mean * seconds)
    assert fewer_variance == pytest.approx(variance)


def test_the_metastable_state_has_stronger_weights_between_areas():
    connectome = surrogate(2, seed=1)
    stronger = with_long_range_weights(connectome, *p.STATES["metastable"])
    factors = stronger.weights_pa / connectome.weights_pa
    far = connectome.between_areas
    onto_inhibitory = np.array([name.endswith("I") for name in connectome.names])[connectome.targets]
    assert factors[~far] == pytest.approx(1.0)
    assert factors[far & ~onto_inhibitory] == pytest.approx(1.9)
    assert factors[far & onto_inhibitory] == pytest.approx(3.8)


def test_populations_name_their_areas_and_the_record_says_what_a_surrogate_is():
    network = multi_area(**TINY)
    assert {population.area for population in network.populations} == {"A01", "A02"}
    assert all(population.name == f"{population.area}-{population.name[4:]}" for population in network.populations)
    assert "not those of the published model" in network.notes[0]


def test_the_surrogate_fires_near_its_rates():
    network = multi_area(areas=2, neuron_scale=0.01, in_degree_scale=0.05, record_spikes=True)
    with Simulator(network, seed=1, threads=1) as simulator:
        simulator.run(300.0)
        spikes = simulator.spikes().since(1000)
    for name, _, ids in spikes.by_population():
        expected = column.FULL_MEAN_RATES_HZ[column.POPULATIONS.index(name[4:])]
        assert 0.3 * expected < len(ids) / network.population(name).size / 0.2 < 4.0 * expected + 3.0


def test_a_file_is_the_network_that_was_written(tmp_path):
    connectome = surrogate(2, seed=1)
    path = written(tmp_path / "areas.json", connectome)
    read = read_connectome(path)
    assert read.labels == connectome.labels
    scales = {"neuron_scale": 0.002, "in_degree_scale": 0.02}
    network, expected = multi_area(file=path, **scales), multi_area(areas=2, **scales)
    assert network.notes == ()
    assert network.drives == expected.drives
    for own, other in zip(network.projections, expected.projections, strict=True):
        assert (own.source, own.target, own.rule, own.weight, own.delay_ms) == (
            other.source, other.target, other.rule, other.weight, other.delay_ms,
        )  # fmt: skip


PAIR = [{"area": "V1", "name": name, "neurons": 9, "external_in_degree": 1, "external_weight_pa": 80} for name in "EI"]
ROW = [0, 1, 5, -80.0, 8.0, 1.5, 0.75]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "benchnn areas 2"}, "format = 'benchnn areas 2'"),
        ({"external_rate_hz": -1.0}, "external_rate_hz = -1.0"),
        ({"populations": []}, "populations = "),
        ({"populations": [PAIR[0], PAIR[1] | {"neurons": 0}]}, r"populations\[1\].neurons = 0"),
        ({"populations": [PAIR[0], PAIR[1] | {"neurons": 2.5}]}, "whole number"),
        ({"populations": [PAIR[0], PAIR[1] | {"area": 3}]}, r"populations\[1\].area = 3"),
        ({"populations": [PAIR[0], PAIR[1] | {"color": 3}]}, "color"),
        ({"populations": [PAIR[0], PAIR[0]]}, r"'V1-E'.*each AREA-NAME"),
        ({"populations": [PAIR[0], PAIR[1] | {"rate_hz": 3.0}]}, "for all populations or for none"),
        ({"populations": [PAIR[0], {"area": "V1"}]}, "name is missing"),
        ({"connections": [ROW, [0, 1]]}, r"connections\[1\]"),
        ({"connections": [ROW, [0, 2, *ROW[2:]]]}, r"connections\[1\], source = 2"),
        ({"connections": [ROW, [0.5, 1, *ROW[2:]]]}, r"connections\[1\], target = 0.5"),
        ({"connections": [ROW, ROW]}, r"connections\[1\].*one row"),
        ({"connections": [[0, 1, -5, *ROW[3:]]]}, r"connections\[0\], synapses = -5"),
        ({"connections": [[*ROW[:3], float("nan"), *ROW[4:]]]}, r"connections\[0\], weight_pa = nan"),
        ({"connections": [[*ROW[:5], "1.5", 0.75]]}, r"connections\[0\], delay_ms = '1.5'"),
        ({"more": 1}, "'more'"),
    ],
)
def test_faults_of_a_file_are_named_with_their_place(tmp_path, changes, message):
    path = tmp_path / "areas.json"
    content = {"format": FORMAT, "external_rate_hz": 10.0, "populations": PAIR, "connections": [ROW]}
    path.write_text(json.dumps(content | changes))
    with pytest.raises(InputError, match=message) as found:
        multi_area(file=str(path))
    assert "\n" not in str(found.value)


def test_a_file_that_is_not_there_or_not_json_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        multi_area(file=str(tmp_path / "none.json"))
    (tmp_path / "text.json").write_text("{")
    with pytest.raises(InputError, match="is not valid JSON"):
        multi_area(file=str(tmp_path / "text.json"))


def test_fewer_inputs_of_a_file_need_its_rates(tmp_path):
    path = tmp_path / "areas.json"
    content = {"format": FORMAT, "external_rate_hz": 10.0, "populations": PAIR, "connections": [ROW]}
    path.write_text(json.dumps(content))
    assert multi_area(file=str(path)).n_neurons == 18
    with pytest.raises(InputError, match="rate_hz of all populations"):
        multi_area(file=str(path), in_degree_scale=0.5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"areas": 1}, "areas = 1"),
        ({"surrogate_seed": -1}, "surrogate_seed = -1"),
        ({"state": "resting"}, "state = 'resting'"),
        ({"chi": -1.0}, "chi = -1.0"),
        ({"chi": 1e300}, r"chi = 1e\+300"),
        ({"areas": 2, "neuron_scale": 1e300}, "must be at most 4"),
        ({"areas": 2, "in_degree_scale": 1e-300}, "leaves no synapses"),
        ({"neuron_scale": 0.0}, "neuron_scale = 0.0"),
        ({"areas": 2, "neuron_scale": 1e-5}, "leaves .* empty"),
        ({"in_degree_scale": 1.5}, "in_degree_scale = 1.5"),
        ({"long_range_in_degree_scale": 2.0}, "long_range_in_degree_scale = 2.0"),
        ({"file": "x.json", "state": "metastable"}, "applies only to a surrogate"),
        ({"file": "x.json", "chi": 2.0}, "applies only to a surrogate"),
    ],
)
def test_parameters_out_of_range_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        multi_area(**given)
