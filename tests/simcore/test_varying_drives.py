"""Drives that vary in time: the same bits everywhere, and the statistics of those that are random."""

import math

import numpy as np
import pytest

from simcore.drives.drive import DriveStream
from simcore.errors import InputError
from simcore.network import (
    Dc,
    FixedIndegree,
    InhomogeneousPoisson,
    Network,
    Noise,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    StepCurrent,
    TraceRecorder,
    Uniform,
)
from simcore.neurons import neuron_models
from simcore.simulator import Simulator

PRECISIONS = ("float32", "float64")
CURRENT_MODELS = [
    name for name in neuron_models.names() if "I_e" in [p.name for p in neuron_models.get(name).parameters]
]


def driven(*drives, size=70, model="iaf_psc_exp", params=None, traces=("V_m",)):
    populations = [Population("A", size, model, params=params or {}), Population("B", 9, model)]
    described = neuron_models.get(model)
    named = None if described.sign_chooses_receptor else described.receptors[0]
    projections = [Projection("A", "B", FixedIndegree(4), 60.0, Uniform(low=0.1, high=2.0), named)]
    recorders = [SpikeRecorder(), TraceRecorder("A", [0, 7], traces)]
    return Network(populations, projections, list(drives), recorders)


def all_drives():
    return (
        StepCurrent("A", [0.0, 5.0, 21.3], [300.0, -50.0, 450.0], 0.7),
        Noise("A", 200.0, 300.0, interval_ms=0.5, delay_ms=0.2, start_ms=2.0, stop_ms=40.0),
        InhomogeneousPoisson("A", [0.0, 10.1, 30.2], [4000.0, 0.0, 20000.0], 80.0, 1.1),
        Dc("A", 20.0),
        StepCurrent("B", [3.3], [500.0]),
        Noise("A", 0.0, 100.0),
        InhomogeneousPoisson("B", [2.0, 2.5], [90000.0, 800.0], -30.0, 0.1),
    )


def simulate(network, backend="oracle", threads=1, precision="float32", calls=(60.0,), seed=3):
    with Simulator(network, seed=seed, threads=threads, backend=backend, precision=precision) as simulator:
        digests = [simulator.run(ms).spike_digest for ms in calls]
        return digests, simulator.spikes(), simulator.traces(), simulator.network_digest


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("params", [{}, {"I_e": Uniform(low=0.0, high=90.0), "t_ref": Uniform(low=1.0, high=3.0)}])
def test_one_digest_on_all_backends_and_threads(precision, params):
    network = driven(*all_drives(), params=params)
    expected = simulate(network, precision=precision)
    assert len(expected[1]) > 100
    for threads in (1, 2, 5):
        found = simulate(network, "cpu", threads, precision)
        assert found[0] == expected[0] and found[3] == expected[3]
        for key, values in expected[2].items():
            np.testing.assert_array_equal(found[2][key], values)


@pytest.mark.parametrize("model", CURRENT_MODELS)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_currents_into_every_model_that_has_i_e(model, precision):
    if neuron_models.get(model).current_row is None:
        with pytest.raises(InputError, match=f"{model} does not accept currents that change"):
            driven(StepCurrent("A", [0.0], [1.0]), model=model)
        return
    params = {"V_th": 1e3} if model == "lif_discrete" else {}
    network = driven(StepCurrent("A", [1.0], [10.0]), Noise("A", 5.0, 20.0), model=model, params=params)
    expected = simulate(network, precision=precision)[2]
    found = simulate(network, "cpu", 2, precision)[2]
    for key, values in expected.items():
        assert len(np.unique(values)) > 50
        np.testing.assert_array_equal(found[key], values)


@pytest.mark.parametrize("model", [name for name in CURRENT_MODELS if neuron_models.get(name).current_row is not None])
def test_the_coefficient_of_the_current_is_i_e_times_a_factor(model):
    described = neuron_models.get(model)
    params = {p.name: np.asarray(p.default, dtype=np.float64) for p in described.parameters}
    rows = [described.coefficients({**params, "I_e": np.asarray(i)}, 0.1)[:, 0] for i in (0.0, 1.0, 700.0)]
    changed = np.flatnonzero((rows[0] != rows[1]) | (rows[0] != rows[2]))
    assert changed.tolist() == [described.current_row]
    assert rows[0][described.current_row] == 0.0
    assert rows[2][described.current_row] == pytest.approx(700.0 * rows[1][described.current_row], rel=1e-14)


def test_no_other_than_the_driven_population_changes():
    alone = driven()
    expected = simulate(alone)[2]
    found = simulate(driven(StepCurrent("B", [0.0], [100.0])))[2]
    for key, values in expected.items():
        np.testing.assert_array_equal(found[key], values)


@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_a_step_current_acts_as_i_e_from_its_time_plus_delay_on(backend):
    late = simulate(driven(StepCurrent("A", [0.0], [200.0], 1.0)), backend, precision="float64")[2]["A", 0, "V_m"]
    at_once = simulate(driven(Dc("A", 200.0)), backend, precision="float64")[2]["A", 0, "V_m"]
    assert np.all(late[:10] == late[0])
    np.testing.assert_allclose(late[10:], at_once[:-10], rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_several_calls_equal_one(backend):
    network = driven(*all_drives())
    whole = simulate(network, backend)[1]
    parts = simulate(network, backend, calls=(0.3, 10.0, 0.1, 29.6, 20.0))[1]
    np.testing.assert_array_equal(parts.stamps, whole.stamps)
    np.testing.assert_array_equal(parts.ids, whole.ids)


@pytest.mark.parametrize(
    ("before", "after"), [("oracle", "cpu"), ("cpu", "oracle"), ("cpu", "cpu"), ("cpu", "gpu"), ("gpu", "oracle")]
)
def test_a_snapshot_goes_on_to_the_same_spikes(before, after):
    network = driven(*all_drives())
    whole = simulate(network)[1].since(200)
    with Simulator(network, seed=3, threads=2, backend=before) as first:
        first.run(20.0)
        held = first.snapshot()
    with Simulator(network, seed=3, threads=3 if after == "cpu" else 1, backend=after) as second:
        second.restore(held)
        second.run(40.0)
        spikes = second.spikes()
    np.testing.assert_array_equal(spikes.stamps, whole.stamps)
    np.testing.assert_array_equal(spikes.ids, whole.ids)


@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_one_rate_gives_the_spikes_of_poisson(backend):
    constant = simulate(driven(Poisson("A", 15000.0, 90.0, 0.4)), backend)
    varying = simulate(driven(InhomogeneousPoisson("A", [0.0], [15000.0], 90.0, 0.4)), backend)
    assert varying[0] == constant[0] and len(constant[1]) > 100


def test_the_rate_changes_with_the_spikes_that_are_stamped_after_its_time():
    drive = InhomogeneousPoisson("A", [1.0, 2.0], [0.0, 1e6], 1.0, 0.5)
    prepared = drive.prepare(1, 0.1)
    counts = [drive.events(prepared, DriveStream(1, 0), step, np.arange(5)).sum() for step in range(40)]
    # Stamps from 2.1 ms on, which is the step that starts at 2.0 ms, and half a millisecond of delay.
    assert np.flatnonzero(counts)[0] == 25 and np.all(np.array(counts[25:]) > 0)


def test_counts_have_the_mean_and_variance_of_each_rate():
    drive = InhomogeneousPoisson("A", [0.0, 50.0], [3000.0, 40000.0], 1.0, 0.1)
    prepared = drive.prepare(1, 0.1)
    counts = np.array([drive.events(prepared, DriveStream(1, 0), step, np.arange(400)) for step in range(1, 1001)])
    for part, mean in ((counts[:500], 0.3), (counts[500:], 4.0)):
        n = part.size
        # Five standard deviations: one false alarm in 1.7 million.
        assert abs(part.mean() - mean) < 5.0 * math.sqrt(mean / n)
        assert abs(part.var() - mean) < 5.0 * math.sqrt((mean + 2.0 * mean**2) / n)


def test_noise_has_its_mean_and_deviation_is_white_and_independent():
    drive = Noise("A", 50.0, 20.0, interval_ms=0.3, delay_ms=0.1)
    prepared = drive.prepare(0.1)
    currents = np.array([drive.currents(prepared, DriveStream(9, 2), 1 + 3 * k, np.arange(300)) for k in range(500)])
    n = currents.size
    assert abs(currents.mean() - 50.0) < 5.0 * 20.0 / math.sqrt(n)
    assert abs(currents.std() - 20.0) < 5.0 * 20.0 / math.sqrt(2.0 * n)
    normal = (currents - 50.0) / 20.0
    for shifted in (normal[1:] * normal[:-1], normal[:, 1:] * normal[:, :-1], normal[4:] * normal[:-4]):
        assert abs(shifted.mean()) < 5.0 / math.sqrt(shifted.size)
    assert abs((normal**4).mean() - 3.0) < 5.0 * math.sqrt(96.0 / n)


def test_noise_is_held_for_its_interval_and_is_off_outside_its_times():
    drive = Noise("A", 5.0, 1.0, interval_ms=0.4, delay_ms=0.2, start_ms=1.0, stop_ms=2.9)
    prepared = drive.prepare(0.1)
    currents = np.array([drive.currents(prepared, DriveStream(1, 0), step, np.arange(3)) for step in range(40)])
    assert np.all(currents[:12] == 0.0) and np.all(currents[31:] == 0.0) and np.all(currents[12:31] != 0.0)
    for first in (12, 16, 20, 24):
        assert np.all(currents[first : first + 4] == currents[first])
    assert len(np.unique(currents[12:31:4])) == 15


def test_seeds_and_drives_draw_independently():
    drive = Noise("A", 0.0, 1.0)
    prepared = drive.prepare(0.1)
    drawn = {drive.currents(prepared, DriveStream(*key), 10, np.arange(1))[0] for key in ((1, 0), (1, 1), (2, 0))}
    assert len(drawn) == 3


@pytest.mark.parametrize(
    ("drive", "words"),
    [
        (StepCurrent("A", [1.0, 1.0], [1.0, 2.0]), ["times_ms = 1.0", "later"]),
        (StepCurrent("A", [1.03], [1.0]), ["times_ms = 1.03", "multiple"]),
        (StepCurrent("A", [-1.0], [1.0]), ["times_ms = -1.0", ">= 0"]),
        (StepCurrent("A", [1.0], [1.0, 2.0]), ["len(", "amplitudes_pa", "number of times, 1"]),
        (StepCurrent("A", [1.0], [math.inf]), ["amplitudes_pa", "finite"]),
        (StepCurrent("A", [1.0], [1.0], 0.0), ["delay_ms = 0.0", "one step"]),
        (StepCurrent("P", [1.0], [1.0]), ["target = 'P'", "no I_e"]),
        (StepCurrent("A", [1.0, 1e300], [1.0, 2.0]), ["times_ms = 1e+300"]),
        (StepCurrent("A", [1.0], [1.0], 1e300), ["delay_ms = 1e+300", "at most"]),
        (StepCurrent("A", [1.0, 2.0], [1.0, -1e31]), ["amplitudes_pa = -1e+31", "float32"]),
        (StepCurrent(["A"], [1.0], [1.0]), ["target = ['A']", "use one of A, P"]),
        (Dc("A", 1e31), ["amplitude_pa = 1e+31", "float32"]),
        (Noise("A", -1e31, 1.0), ["mean_pa = -1e+31", "float32"]),
        (Noise("A", 1.0, 1e308), ["std_pa = 1e+308", "float32"]),
        (Noise("A", 1.0, 1.0, interval_ms=1e300), ["interval_ms = 1e+300"]),
        (Noise("A", 1.0, 1.0, stop_ms=1e300), ["stop_ms = 1e+300"]),
        (InhomogeneousPoisson("A", [0.0, 1e300], [1.0, 2.0], 1.0), ["times_ms = 1e+300"]),
        (Poisson("A", 1.0, 1.0, start_ms=1e300), ["start_ms = 1e+300"]),
        (SpikeTrain("A", [1.0, 1e300], 1.0), ["times_ms = 1e+300"]),
        (SpikeTrain("A", 1.0, 1.0), ["times_ms", "list"]),
        (Noise("A", 1.0, -1.0), ["std_pa = -1.0"]),
        (Noise("A", 1.0, 1.0, interval_ms=0.05), ["interval_ms = 0.05"]),
        (Noise("A", 1.0, 1.0, start_ms=3.0, stop_ms=2.0), ["stop_ms = 2.0"]),
        (InhomogeneousPoisson("A", [0.0], [-1.0], 1.0), ["rates_hz = -1.0"]),
        (InhomogeneousPoisson("A", [0.0], [1e9], 1.0), ["rates_hz", "1.28e+06"]),
    ],
)
def test_refusals(drive, words):
    with pytest.raises(InputError) as refusal:
        Network([Population("A", 3), Population("P", 3, "parrot_neuron")], drives=[drive])
    assert all(word in str(refusal.value) for word in words)


@pytest.mark.parametrize(
    "wrong",
    ["now", [[1.0], [2.0]], [None], ["1"], [True], [1j], np.array([1j]), [10**400], np.array(["2020"], "M8[s]")],
)
@pytest.mark.parametrize(
    ("drive", "given"),
    [
        (StepCurrent, {"amplitudes_pa": [1.0]}),
        (InhomogeneousPoisson, {"rates_hz": [1.0], "weight": 1.0}),
        (SpikeTrain, {"weight": 1.0}),
    ],
)
def test_times_must_be_a_list_of_numbers(wrong, drive, given):
    with pytest.raises(InputError, match="times_ms"):
        drive("A", times_ms=wrong, **given).check(0.1, "drive")


def same_on_both(network, ms=20.0, precision="float32"):
    expected = simulate(network, "oracle", precision=precision, calls=(ms,))
    for backend in ("cpu", "gpu"):
        found = simulate(network, backend, precision=precision, calls=(ms,))
        assert found[0] == expected[0] and found[3] == expected[3]
        for key, values in expected[2].items():
            assert np.all(np.isfinite(values))
            np.testing.assert_array_equal(found[2][key], values)
    return expected


def test_drives_that_never_change_do_nothing():
    drives = (StepCurrent("A", [], []), InhomogeneousPoisson("A", [], [], 1.0), StepCurrent("A", [1e15], [500.0]))
    assert np.all(same_on_both(driven(*drives))[2]["A", 0, "V_m"] == -70.0)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_largest_currents_stay_finite(precision):
    drives = (StepCurrent("A", [1.0, 5.0], [1e30, -1e30]), Noise("A", -1e30, 1e30), Dc("A", 1e30))
    same_on_both(driven(*drives), precision=precision)


def test_numbers_of_numpy_are_numbers():
    drives = (
        StepCurrent("A", np.arange(3), np.arange(3, dtype=np.int8) * np.float32(300.0)),
        Noise("A", np.float32(100.0), np.float64(3.0), interval_ms=np.float32(0.1), delay_ms=np.int64(1)),
        InhomogeneousPoisson("A", (np.int64(1),), (np.float32(9000.0),), np.float32(40.0), delay_ms=np.float32(0.1)),
    )
    plain = (
        StepCurrent("A", [0.0, 1.0, 2.0], [0.0, 300.0, 600.0]),
        Noise("A", 100.0, 3.0, interval_ms=0.1),
        InhomogeneousPoisson("A", [1.0], [9000.0], 40.0, 0.1),
    )
    assert same_on_both(driven(*drives))[0] == same_on_both(driven(*plain))[0]


def test_a_hundred_thousand_changes():
    random = np.random.default_rng(1)
    steps = np.arange(100_000)
    drives = (
        StepCurrent("A", steps * 0.1, random.uniform(0.0, 900.0, len(steps))),
        InhomogeneousPoisson("A", steps * 0.1, np.where(steps % 2, 9000.0, 0.0), 60.0),
    )
    assert len(same_on_both(driven(*drives))[1]) > 100


# float32 cannot resolve the finest steps of this neuron.
@pytest.mark.parametrize(("resolution_ms", "precision"), [(0.001, "float64"), (1.0, "float32")])
def test_a_single_neuron_on_the_finest_and_a_coarse_grid(resolution_ms, precision):
    h = resolution_ms
    drives = [
        StepCurrent("A", [0.0, 3 * h], [900.0, 300.0], 2 * h),
        Noise("A", 300.0, 100.0, interval_ms=2 * h, delay_ms=2 * h),
        InhomogeneousPoisson("A", [0.0, 400 * h], [10.0 / h, 0.0], 60.0, h),
    ]
    recorders = [SpikeRecorder(), TraceRecorder("A", [0], ["V_m"])]
    network = Network([Population("A", 1)], drives=drives, recorders=recorders, resolution_ms=h)
    values = same_on_both(network, ms=500 * h, precision=precision)[2]["A", 0, "V_m"]
    assert np.all(values[:2] == -70.0) and len(np.unique(values)) > 30
