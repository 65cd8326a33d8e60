"""NEST as a peer: the same network, by its own rules or edge by edge."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("nest", reason="NEST is not installed")

from benchnn.models import models
from benchnn.simulators import PeerJob, peers
from benchnn.simulators.nest import connect
from benchnn.simulators.nest.kernel import nest_module
from benchnn.simulators.peer import WALL_PARTS
from simcore.errors import InputError
from simcore.memory import MemoryLimit
from simcore.network import (
    AllToAll,
    Dc,
    Explicit,
    Exponential,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    InhomogeneousPoisson,
    Lognormal,
    Network,
    Noise,
    Normal,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    StepCurrent,
    TraceRecorder,
    Uniform,
)
from simcore.simulator import Simulator

NEST = peers.get("nest")
N = 80


DIRECT = (Dc("E", 450.0),)
SPIKES = (SpikeRecorder(),)


def network(*projections, drives=DIRECT, populations=None, recorders=SPIKES):
    initial = {"V_m": Normal(mean=-60.0, std=5.0, high=-50.5)}
    populations = populations or [Population("E", N, initial=initial), Population("I", N // 4)]
    return Network(populations, list(projections), list(drives), list(recorders))


def job(described, *, connectivity="exact", warmup_steps=0, steps=1000, threads=1, seed=5):
    return PeerJob(described, seed, threads, warmup_steps, steps, connectivity)


def simcore_spikes(described, steps, seed=5):
    with Simulator(described, seed=seed, threads=1, backend="oracle", precision="float64") as simulator:
        simulator.run(steps * described.resolution_ms)
        return simulator.spikes()


def assert_same_spikes(found, expected):
    assert len(expected) > 100
    np.testing.assert_array_equal(found.stamps, expected.stamps)
    np.testing.assert_array_equal(found.ids, expected.ids)


RECURRENT = (
    Projection("E", "E", FixedTotalNumber(400), Normal(mean=60.0, std=6.0), Normal(mean=1.5, std=0.7, low=0.05)),
    Projection("E", "I", FixedIndegree(10), 90.0, Uniform(low=0.1, high=3.0)),
    Projection("I", "E", PairwiseBernoulli(0.3), -150.0, 0.8),
    Projection("I", "I", FixedOutdegree(4, allow_autapses=False), Uniform(low=-80.0, high=-20.0), 1.0),
)


@pytest.fixture(scope="module")
def reference():
    """Spikes of `simcore` with all projections of `RECURRENT`."""
    return simcore_spikes(network(*RECURRENT), 1200)


def test_exact_spikes_are_those_of_simcore_in_float64(reference):
    run = NEST.simulate(job(network(*RECURRENT), steps=1200))
    assert_same_spikes(run.spikes, reference)
    assert run.n_spikes == len(run.spikes)


@pytest.mark.parametrize("threads", [1, 2])
def test_exact_microcircuit_with_a_direct_current(threads):
    described = models.get("pd14")(n_scaling=0.002, k_scaling=0.2, input="dc", record_spikes=True)
    run = NEST.simulate(job(described, steps=600, threads=threads))
    assert_same_spikes(run.spikes, simcore_spikes(described, 600))


def test_exact_weights_that_the_bits_move_are_taken_if_that_is_accepted():
    described = network(Projection("E", "I", FixedIndegree(10), 90.0), Projection("E", "I", FixedIndegree(30), 2.3))
    few_bits = replace(job(described), weight_bits=8)
    with pytest.raises(InputError, match="8 weight bits"):
        NEST.simulate(few_bits)
    found = NEST.simulate(replace(few_bits, accept_quantisation=True)).spikes
    options = {"weight_bits": 8, "accept_quantisation": True, "precision": "float64", "backend": "oracle"}
    with Simulator(described, seed=few_bits.seed, threads=1, **options) as simulator:
        simulator.run(few_bits.steps * described.resolution_ms)
        assert_same_spikes(found, simulator.spikes())


def test_exact_spike_trains_and_listed_edges():
    described = network(
        Projection("E", "I", Explicit([0, 1, 1, 7], [3, 3, 2, 0]), [900.0, 50.0, 800.0, -30.0], [0.1, 2.0, 0.7, 1.0]),
        Projection("I", "I", OneToOne(), 400.0, 0.3),
        Projection("I", "E", AllToAll(), np.linspace(-40.0, 30.0, N * N // 4), 0.5),
        drives=(SpikeTrain("I", [1.0, 1.0, 2.5, 30.0], 900.0, 0.4), Dc("E", 450.0)),
    )
    assert_same_spikes(NEST.simulate(job(described)).spikes, simcore_spikes(described, 1000))


@pytest.mark.parametrize(
    "drives",
    [
        (StepCurrent("E", [0.1, 30.0, 45.5], [450.0, -100.0, 600.0], 0.1), StepCurrent("I", [3.0], [430.0], 2.0)),
        (StepCurrent("E", [0.0, 30.0], [450.0, 520.0], 0.2), StepCurrent("I", [0.0, 40.0], [0.0, 500.0], 0.1)),
    ],
    ids=["later", "from 0"],
)
def test_exact_step_currents(drives):
    described = network(*RECURRENT, drives=drives)
    assert_same_spikes(NEST.simulate(job(described, steps=700)).spikes, simcore_spikes(described, 700))


def parrots(*drives):
    return network(drives=drives, populations=[Population("E", 400, "parrot_neuron")])


def stamps_of_nest(described, steps=100):
    return NEST.simulate(job(described, connectivity="statistical", steps=steps)).spikes.stamps


@pytest.mark.parametrize(
    "drive",
    [
        Poisson("E", 20000.0, 1.0, 1.0, 2.0, 5.0),
        Poisson("E", 20000.0, 1.0, 0.1, 0.1, 0.3),
        Poisson("E", 20000.0, 1.0, 0.1, 0.3),
        InhomogeneousPoisson("E", [2.0, 5.0], [20000.0, 0.0], 1.0, 1.0),
        InhomogeneousPoisson("E", [0.1, 0.3], [20000.0, 0.0], 1.0, 0.1),
        InhomogeneousPoisson("E", [0.0, 1.0, 3.0], [0.0, 20000.0, 0.0], 1.0, 0.4),
    ],
)
def test_random_spikes_begin_and_end_with_the_same_stamps(drive):
    described = parrots(drive)
    expected = np.unique(simcore_spikes(described, 100).stamps)
    np.testing.assert_array_equal(np.unique(stamps_of_nest(described)), expected)


@pytest.mark.parametrize(
    "drive", [Poisson("E", 20000.0, 1.0, 0.4), InhomogeneousPoisson("E", [0.0], [20000.0], 1.0, 0.4)]
)
def test_random_spikes_from_time_0_on_begin_one_step_later_which_is_reported(drive):
    described = parrots(drive)
    expected = np.unique(simcore_spikes(described, 100).stamps)
    run = NEST.simulate(job(described, connectivity="statistical", steps=100))
    np.testing.assert_array_equal(np.unique(run.spikes.stamps), expected[1:])
    assert run.differences[-1].endswith(f"silent in the first step: {drive.name}->E")


def test_varying_rates_give_their_mean_counts():
    drive = InhomogeneousPoisson("E", [5.0, 25.0, 45.0], [3000.0, 0.0, 12000.0], 1.0, 0.5)
    stamps = stamps_of_nest(parrots(drive), steps=655)
    for first, last, rate_per_s in ((55, 255, 3000.0), (255, 455, 0.0), (455, 655, 12000.0)):
        expected = 400 * rate_per_s * (last - first) * 1e-4
        # Five standard deviations: one false alarm in 1.7 million; the seed is fixed.
        assert abs(np.sum((stamps > first) & (stamps <= last)) - expected) <= 5.0 * math.sqrt(expected)


def test_noise_without_deviation_gives_the_spikes_of_simcore():
    described = network(drives=[Noise("E", 500.0, 0.0, 0.4, 0.3, start_ms=10.0, stop_ms=60.3)])
    run = NEST.simulate(job(described, connectivity="statistical", steps=800))
    assert_same_spikes(run.spikes, simcore_spikes(described, 800))


def test_noise_gives_the_rate_of_simcore():
    described = network(drives=[Noise("E", 300.0, 900.0, interval_ms=0.5)], populations=[Population("E", 1200)])
    ours, nests = len(simcore_spikes(described, 1000)), len(stamps_of_nest(described, 1000))
    # Spikes of a neuron are more regular than a Poisson process: five standard deviations at the least.
    assert abs(nests - ours) < 5.0 * math.sqrt(ours + nests) and ours > 2000


def test_the_window_follows_the_warm_up(reference):
    run = NEST.simulate(job(network(*RECURRENT), warmup_steps=700, steps=500))
    expected = reference.since(700)
    np.testing.assert_array_equal(run.spikes.stamps, expected.stamps)
    assert run.n_spikes == len(expected) and (run.spikes.start_step, run.spikes.stop_step) == (700, 1200)


def test_spikes_are_counted_without_a_recorder(reference):
    described = network(*RECURRENT, recorders=())
    run = NEST.simulate(job(described, warmup_steps=700, steps=500))
    assert run.spikes is None and run.n_spikes == len(reference.since(700)) > 0


@pytest.mark.parametrize(
    "projection",
    [
        *RECURRENT,
        Projection("E", "E", FixedIndegree(7, allow_multapses=False, allow_autapses=False), 1.0, 1.0),
        Projection("E", "I", AllToAll(), 1.0, Exponential(scale=1.0, high=5.0, outside="clip", low=0.1)),
        Projection("I", "I", AllToAll(allow_autapses=False), Lognormal(mean=0.0, std=0.3), 1.0),
        Projection("I", "I", OneToOne(), np.arange(1.0, 1.0 + N // 4), 1.0),
    ],
    ids=lambda projection: f"{projection.rule.name}-{projection.source}{projection.target}",
)
def test_statistical_edges_follow_the_description(projection):
    described = network(projection)
    run = NEST.simulate(job(described, connectivity="statistical", steps=0))
    with Simulator(described, seed=5, threads=1, backend="oracle") as simulator:
        edges = simulator.n_synapses
        low, high = simulator.plan.tables.min_delay, simulator.plan.tables.max_delay
    spread = 6.0 * np.sqrt(edges) if isinstance(projection.rule, PairwiseBernoulli) else 0
    assert abs(run.synapses - edges) <= spread
    delays = np.rint(np.atleast_1d(connections("delay")) * 10.0)
    assert low <= delays.min() and delays.max() <= high
    weights = np.atleast_1d(connections("weight"))
    assert np.all(np.sign(weights) == np.sign(weights[0]))


def connections(name):
    nest = nest_module()
    return np.concatenate([np.atleast_1d(nest.GetConnections(synapse_model=copy).get(name)) for copy in copies()])


def copies():
    """Copies of the static synapse that were made."""
    nest = nest_module()
    return [name for name in nest.synapse_models if name.startswith("static_synapse_") and name[-1].isdigit()]


def test_statistical_rates_are_near_those_of_simcore():
    described = models.get("brunel")(order=200, record_spikes=True)
    run = NEST.simulate(job(described, connectivity="statistical", warmup_steps=1000, steps=5000, threads=2))
    with Simulator(described, seed=6, threads=2) as simulator:
        simulator.run(100.0)
        simulated = simulator.run(500.0)
    assert len(run.spikes) == pytest.approx(sum(simulated.spikes.values()), rel=0.05)


def test_parts_are_timed_apart():
    run = NEST.simulate(job(network(*RECURRENT), warmup_steps=100, steps=100))
    assert set(run.wall_s) == set(WALL_PARTS)
    assert all(run.wall_s[part] > 0.0 for part in WALL_PARTS if part != "compile")
    assert run.peak_rss_bytes > 10e6


def test_projections_spread_over_copies_of_the_synapse_model(monkeypatch, reference):
    monkeypatch.setattr(connect, "MAX_CONNECTIONS", 450)
    run = NEST.simulate(job(network(*RECURRENT), steps=1200))
    assert_same_spikes(run.spikes, reference)
    filled = [nest_module().GetDefaults(name)["num_connections"] for name in copies()]
    assert len(filled) >= 3 and max(filled) < 600 and run.synapses == sum(filled)


@pytest.mark.parametrize(
    ("described", "given", "words"),
    [
        (network(drives=[Poisson("E", 8000.0, 20.0)]), {}, ["drive poisson->E", "exact", "direct current"]),
        (network(recorders=[TraceRecorder("E", [0])]), {}, ["recorder E", "spikes"]),
        (network(), {"seed": 0}, ["seed = 0", "must be >= 1"]),
        (network(drives=[Noise("E", 1.0, 1.0)]), {}, ["drive noise->E", "exact"]),
        (network(drives=[InhomogeneousPoisson("E", [1.0], [1.0], 1.0)]), {}, ["drive inhomogeneous_poisson->E"]),
        (network(drives=[StepCurrent("E", [0.0], [1.0], 0.1)]), {}, ["step_current->E.times_ms = 0.0", "0.1 ms"]),
    ],
)
def test_refusals(described, given, words):
    with pytest.raises(InputError) as refusal:
        NEST.check(job(described, **given))
    assert all(word in str(refusal.value) for word in words)


def test_a_projection_beyond_the_limit_of_a_thread_is_refused(monkeypatch):
    monkeypatch.setattr(connect, "MAX_CONNECTIONS", 100)
    with pytest.raises(InputError, match=r"E->E has 400 synapses.*more threads"):
        NEST.check(job(network(*RECURRENT)))


PEER = ("--simulator", "nest", "--backend", "cpu", "--record", "spikes", "--param", "input=dc")


def test_the_command_writes_record_and_spikes(run_small, home):
    finished = run_small(*PEER, "--connectivity", "exact", "--json")
    assert finished.code == 0
    record = finished.record
    assert record == json.loads((home / "out" / "result.json").read_text())
    assert record["simulator"]["name"] == "nest" and record["simulator"]["connectivity"] == "exact"
    own = run_small("--precision", "float64", "--record", "spikes", "--param", "input=dc", "--json", out="own").record
    assert record["spike_digest"] == own["spike_digest"] and own["spikes"] > 0
    for key in ("spikes", "mean_rate_hz", "seed"):
        assert record[key] == own[key]
    assert record["active_neurons"] == own["active_neurons"] and sum(own["active_neurons"].values()) > 0
    for key in ("model_time_ms", "warmup_ms", "timed_ms"):
        assert record["time"][key] == own["time"][key] > 0.0
    assert record["model"] == own["model"] | {"name": record["model"]["name"]}
    assert (home / "out" / "spikes.h5").exists()


def test_the_record_has_the_keys_of_every_record_and_reasons_for_nulls(run_small):
    record = run_small(*PEER, "--json").record
    assert list(record) == list(run_small("--json", out="own").record)
    nulls = {key for key, value in flat(record) if value is None}
    assert nulls == set(record["reasons"])


def flat(value, key=""):
    if isinstance(value, dict) and key not in ("reasons", "model.parameters", "provenance.options"):
        for name, entry in value.items():
            yield from flat(entry, f"{key}.{name}" if key else name)
    else:
        yield key, value


def test_the_summary_names_peer_and_differences(run_small):
    out = run_small(*PEER).out
    assert (
        "statistical connectivity" in out
        and "differs: simcore draws parameters and initial values" in out
        and "before: " in out
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--simulator", "abacus"], ["simulator = 'abacus'", "simcore, nest"]),
        (["--simulator", "nest", "--backend", "oracle"], ["backend = 'oracle'", "nest"]),
        (["--simulator", "nest", "--backend", "cpu", "--precision", "float64"], ["precision = 'float64'"]),
        (["--simulator", "nest", "--backend", "cpu", "--weight-bits", "8"], ["weight_bits = 8"]),
        (["--simulator", "nest", "--backend", "cpu", "--simulator-mode", "x"], ["simulator_mode = 'x'", "threads"]),
        (["--connectivity", "statistical", "--simulator-mode", "x"], ["simulator_mode = 'x'", "peer"]),
        (["--simulator", "nest", "--backend", "cpu", "--connectivity", "vague"], ["connectivity = 'vague'", "exact"]),
        ([*PEER[:4], "--record", "V_m:E:0"], ["recorder E", "spikes"]),
        ([*PEER[:4], "--connectivity", "exact"], ["drive poisson->E", "exact"]),
    ],
)
def test_the_command_refuses_what_a_simulator_does_not_have(run_small, home, arguments, words):
    refusal = run_small(*arguments).refusal
    assert all(word in refusal for word in words)
    assert not (home / "out").exists()


def test_a_network_that_memory_cannot_hold_is_refused_before_anything_is_built(benchnn, home, monkeypatch):
    monkeypatch.setattr("simcore.memory.tightest_limit", lambda: MemoryLimit(10**9, "a test"))
    refusal = benchnn("run", "pd14", "--param", "scale=0.5", "--simulator", "nest", "--out", "out").refusal
    assert "too little memory: the network in nest needs about" in refusal
    assert not (home / "out").exists()
