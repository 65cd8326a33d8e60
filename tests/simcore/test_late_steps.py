"""Runs that are days of model time old: steps around 2**31, 2**32, the longest time, and 2**34.

Blocks of four steps, by which random numbers are drawn, pass 2**32 there.
"""

from dataclasses import replace

import numpy as np
import pytest

from simcore.drives.drive import DriveStream
from simcore.network import (
    Dc,
    FixedIndegree,
    InhomogeneousPoisson,
    Network,
    Noise,
    Normal,
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
from simcore.recording.spikes import step_times_ms
from simcore.simulator import Simulator

H = 0.1
LATE = (2**31 - 150, 2**32 - 150, 10**10 - 300)
BLOCK_OVERFLOW = 2**34 - 150
LAYOUTS = [
    ("oracle", "auto", 1),
    ("cpu", "just_in_time", 1),
    ("cpu", "by_source", 3),
    ("cpu", "calendar", 2),
    ("gpu", "just_in_time", 1),
    ("gpu", "calendar", 1),
]
CURRENTS = {"izhikevich": 12.0, "lif_discrete": 0.3, "lif_fixed_point": None, "parrot_neuron": None}


def moved(snapshot, step):
    """The same state at another step."""
    return replace(snapshot, step=step, stamps=snapshot.stamps + (step - snapshot.step))


def spikes_and_traces(simulator, duration_ms):
    """Stamps from the present step on, ids, and traces of so much time; digest and events."""
    step, before = simulator.step, simulator.traces()
    result = simulator.run(duration_ms)
    stamps, ids = simulator.take_spikes()
    traces = {key: values[len(before[key]) :] for key, values in simulator.traces().items()}
    return stamps - step, ids, traces, result


def steady(model):
    """Neurons of a model that fire by themselves, and synapses with many delays."""
    described = neuron_models.get(model)
    current = CURRENTS.get(model, 700.0)
    populations = [Population("E", 50, model), Population("I", 10, model)]
    drives = [] if current is None else [Dc("E", current), Dc("I", 0.8 * current)]
    if model == "lif_fixed_point":
        populations = [Population(p.name, p.size, model, params={"bias": 3000.0, "vth": 200.0}) for p in populations]
    into_e = 4
    if model == "parrot_neuron":
        # Around a loop their spikes would grow without end.
        drives, into_e = [SpikeTrain("E", [0.1, 5.0], 1.0, 0.3)], 0
    variables = [variable.name for variable in described.variables][:2]
    recorders = [SpikeRecorder(), *([TraceRecorder("E", [0, 49], variables)] if variables else [])]
    named = None if described.sign_chooses_receptor else described.receptors[0]
    projections = [
        Projection("E", "I", FixedIndegree(9), 20.0, Uniform(low=0.1, high=6.0), named),
        Projection("I", "E", FixedIndegree(into_e), -20.0 if len(described.receptors) > 1 else 20.0, 0.7, named),
    ]
    return Network(populations, projections, drives, recorders, resolution_ms=H)


@pytest.mark.parametrize(("backend", "delivery", "threads"), LAYOUTS)
@pytest.mark.parametrize("model", neuron_models.names())
def test_every_model_goes_on_late_as_it_does_early(model, backend, delivery, threads):
    with Simulator(steady(model), backend=backend, delivery=delivery, threads=threads) as simulator:
        simulator.run(8.0)
        kept = simulator.snapshot()
        simulator.restore(kept)
        stamps, ids, traces, result = spikes_and_traces(simulator, 30.0)
        assert len(ids) > 5
        for step in LATE:
            simulator.restore(moved(kept, step))
            late = spikes_and_traces(simulator, 30.0)
            assert np.array_equal(late[0], stamps) and np.array_equal(late[1], ids)
            assert all(np.array_equal(late[2][key], values) for key, values in traces.items())
            assert late[3].synaptic_events == result.synaptic_events
            assert simulator.step == step + 300 and simulator.time_ms == pytest.approx((step + 300) * H, abs=1e-4)


def listed(*steps):
    return [float(step_times_ms(np.array([step]), H)[0]) for step in steps]


def driven(start):
    """Every drive, with changes soon after the step `start`."""
    soon = listed(start, start + 60, start + 120, start + 200)
    return Network(
        [Population("E", 60, initial={"V_m": Normal(mean=-60.0, std=4.0)}), Population("I", 9)],
        [Projection("E", "I", FixedIndegree(6), 60.0, Uniform(low=0.1, high=3.0))],
        [
            Dc("E", 200.0),
            Poisson("E", 9000.0, 70.0, 1.5),
            Poisson("I", 3000.0, 60.0, 0.2, start_ms=soon[1], stop_ms=soon[2]),
            InhomogeneousPoisson("E", [0.0, *soon[1:3]], [500.0, 20_000.0, 0.0], 60.0, 0.3),
            Noise("E", 50.0, 300.0, interval_ms=0.5, delay_ms=0.2),
            Noise("I", 0.0, 100.0, start_ms=soon[1], stop_ms=soon[3]),
            SpikeTrain("I", [soon[1], soon[2], soon[2]], 900.0, 0.3),
            StepCurrent("E", [0.0, *soon[1:3]], [0.0, 400.0, -100.0], 0.7),
        ],
        [SpikeRecorder(), TraceRecorder("E", [0, 59], ["V_m"]), TraceRecorder("I", [3], ["V_m"])],
        resolution_ms=H,
    )


@pytest.fixture(scope="module")
def at_late_step():
    """Spikes, traces and digest of `driven` from a late step on, each simulated once."""
    known = {}

    def run(backend, delivery, threads, step):
        key = backend, delivery, threads, step
        if key not in known:
            options = {"backend": backend, "delivery": delivery, "threads": threads}
            with Simulator(driven(step), seed=5, **options) as simulator:
                kept = simulator.snapshot()
                simulator.restore(moved(kept, step))
                known[key] = spikes_and_traces(simulator, 30.0)
        return known[key]

    return run


@pytest.mark.parametrize(("backend", "delivery", "threads"), LAYOUTS[1:])
@pytest.mark.parametrize("step", [*LATE, BLOCK_OVERFLOW])
def test_all_backends_agree_on_every_drive_at_late_steps(at_late_step, backend, delivery, threads, step):
    expected = at_late_step("oracle", "auto", 1, step)
    found = at_late_step(backend, delivery, threads, step)
    assert np.array_equal(found[0], expected[0]) and np.array_equal(found[1], expected[1])
    assert found[3].spike_digest == expected[3].spike_digest and len(expected[1]) > 50
    for key, values in expected[2].items():
        assert np.array_equal(found[2][key], values)


def test_drives_draw_other_numbers_at_every_step_and_begin_and_end_in_time(at_late_step):
    digests = {at_late_step("oracle", "auto", 1, step)[3].spike_digest for step in (*LATE, BLOCK_OVERFLOW)}
    assert len(digests) == 4
    for step in (*LATE, BLOCK_OVERFLOW):
        stamps, ids, _, _ = at_late_step("oracle", "auto", 1, step)
        # The spike train of soon[1], with 900 pA to each, makes all of the other population fire.
        burst = stamps[ids >= 60]
        assert set(ids[ids >= 60]) == set(range(60, 69)) and burst.min() >= 60


@pytest.mark.parametrize("step", [2**31 - 400, 2**32 - 400, 2**34 - 400, 2**35])
@pytest.mark.parametrize(
    "drive",
    [Poisson("P", 1000.0, 1.0, 0.1), InhomogeneousPoisson("P", [0.0], [1000.0], 1.0, 0.1)],
    ids=["poisson", "inhomogeneous_poisson"],
)
def test_counts_keep_their_mean_and_variance_at_late_steps(drive, step):
    prepared = drive.prepare(1, H)
    stream, ids = DriveStream(1, 0), np.arange(1000)
    counts = np.array([drive.events(prepared, stream, s, ids) for s in range(step, step + 800)])
    assert counts.mean() == pytest.approx(0.1, abs=5.0 * (0.1 / counts.size) ** 0.5)
    assert counts.var() == pytest.approx(0.1, rel=0.02)
    halves = counts[:400].mean(), counts[400:].mean()
    assert halves == pytest.approx((0.1, 0.1), abs=5.0 * (0.2 / counts.size) ** 0.5)
    # Neither a repetition of the numbers of early steps, nor of those of the first half.
    early = np.array([drive.events(prepared, stream, s, ids) for s in range(800)])
    for others, same in ((early, counts), (counts[:400], counts[400:])):
        assert abs(np.corrcoef(others.ravel(), same.ravel())[0, 1]) < 5.0 / same.size**0.5


@pytest.mark.parametrize("step", [2**32 - 400, 2**34 - 400])
def test_noise_keeps_its_distribution_at_late_steps(step):
    drive = Noise("P", 10.0, 50.0, interval_ms=0.1)
    prepared, stream, ids = drive.prepare(H), DriveStream(1, 0), np.arange(500)
    values = np.array([drive.currents(prepared, stream, s, ids) for s in range(step, step + 800)])
    assert values.mean() == pytest.approx(10.0, abs=5.0 * 50.0 / values.size**0.5)
    assert values.std() == pytest.approx(50.0, rel=0.01)
    early = np.array([drive.currents(prepared, stream, s, ids) for s in range(10, 810)])
    assert abs(np.corrcoef(early.ravel(), values.ravel())[0, 1]) < 5.0 / values.size**0.5


@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_a_drive_with_many_changes_finds_the_right_one(backend):
    times = listed(*range(0, 400, 2))
    amplitudes = [100.0 * (k % 7) for k in range(len(times))]
    rates = [(k % 5) * 4000.0 for k in range(len(times))]
    network = Network(
        [Population("E", 20)],
        drives=[
            StepCurrent("E", times, amplitudes),
            InhomogeneousPoisson("E", times, rates, 40.0),
            SpikeTrain("E", times[1:], 30.0),
        ],
        recorders=[TraceRecorder("E", [0, 19], ["V_m", "I_syn_ex"])],
    )
    found = []
    for name in ("oracle", backend):
        with Simulator(network, backend=name) as simulator:
            simulator.run(45.0)
            found.append(simulator.traces())
    assert all(np.array_equal(found[0][key], values) for key, values in found[1].items())


def test_the_cost_of_a_step_does_not_grow_with_the_changes_of_a_drive():
    from simcore.jit.searching import entries_up_to

    looked = []

    class Watched(list):
        def __getitem__(self, index):
            looked.append(index)
            return super().__getitem__(index)

    steps = Watched(range(0, 2**20, 2))
    for step in (-1, 0, 1, 2, 3, 777_777, 2**20 - 2, 2**21):
        looked.clear()
        assert entries_up_to.py_func(steps, step) == np.searchsorted(range(0, 2**20, 2), step, side="right")
        assert len(looked) <= 20


@pytest.mark.parametrize("resolution_ms", [0.001, 0.1, 0.3, 1.0])
def test_times_of_late_stamps_are_exact(resolution_ms):
    tics = round(resolution_ms * 1000)
    for stamp in (2**31 + 1, 2**32 + 3, 10**10, 10**12 // tics):
        (time,) = step_times_ms(np.array([stamp]), resolution_ms)
        assert time == stamp * tics / 1000 and round(time * 1000) == stamp * tics
