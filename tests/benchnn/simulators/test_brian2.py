"""Brian2 as a peer: the same network, by its own rules or edge by edge.

Most tests let Brian2 generate NumPy code, which needs no compiler; one builds the standalone program.
"""

import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchnn.models import models
from benchnn.simulators import PeerJob, peers
from benchnn.simulators.brian2 import peer
from benchnn.simulators.brian2.description import describe, given_edges
from benchnn.simulators.brian2.formulations import FORMULATIONS
from benchnn.simulators.brian2.module import apply_settings, strict_flags
from benchnn.simulators.brian2.standalone import missing_tool
from benchnn.simulators.peer import WALL_PARTS
from simcore.errors import InputError, UnavailableError
from simcore.network import (
    AllToAll,
    Dc,
    Explicit,
    Exponential,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    Network,
    Normal,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
    Uniform,
)
from simcore.simulator import Simulator

WHY_NOT = peers.unusable_because("brian2")
if WHY_NOT is not None:
    pytest.skip(WHY_NOT, allow_module_level=True)

# Brian2 calls deprecated functions of pyparsing, thousands of times.
pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("numpy_code")]
BRIAN2 = peers.get("brian2")
N = 80
DIRECT = (Dc("E", 450.0),)
SPIKES = (SpikeRecorder(),)


def network(*projections, drives=DIRECT, populations=None, recorders=SPIKES):
    initial = {"V_m": Normal(mean=-60.0, std=5.0, high=-50.5)}
    populations = populations or [Population("E", N, initial=initial), Population("I", N // 4)]
    return Network(populations, list(projections), list(drives), list(recorders))


def job(described, *, connectivity="exact", warmup_steps=0, steps=1000, threads=1, seed=5, mode="runtime"):
    return PeerJob(described, seed, threads, warmup_steps, steps, connectivity, mode=mode)


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
    return simcore_spikes(network(*RECURRENT), 900)


def test_exact_spikes_are_those_of_simcore_in_float64(reference):
    run = BRIAN2.simulate(job(network(*RECURRENT), steps=900))
    assert_same_spikes(run.spikes, reference)
    assert run.n_spikes == len(run.spikes)


def test_exact_microcircuit_with_a_direct_current():
    described = models.get("pd14")(n_scaling=0.002, k_scaling=0.2, input="dc", record_spikes=True)
    run = BRIAN2.simulate(job(described, steps=600))
    assert_same_spikes(run.spikes, simcore_spikes(described, 600))


def test_exact_weights_that_the_bits_move_are_taken_if_that_is_accepted():
    described = network(Projection("E", "I", FixedIndegree(10), 90.0), Projection("E", "I", FixedIndegree(30), 2.3))
    few_bits = replace(job(described), weight_bits=8)
    with pytest.raises(InputError, match="8 weight bits"):
        BRIAN2.simulate(few_bits)
    found = BRIAN2.simulate(replace(few_bits, accept_quantisation=True)).spikes
    options = {"weight_bits": 8, "accept_quantisation": True, "precision": "float64", "backend": "oracle"}
    with Simulator(described, seed=few_bits.seed, threads=1, **options) as simulator:
        simulator.run(few_bits.steps * described.resolution_ms)
        assert_same_spikes(found, simulator.spikes())


def test_exact_spike_trains_and_listed_edges():
    described = network(
        Projection("E", "I", Explicit([0, 1, 1, 7], [3, 3, 2, 0]), [900.0, 50.0, 800.0, -30.0], [0.1, 2.0, 0.7, 1.0]),
        Projection("I", "I", OneToOne(), 400.0, 0.3),
        Projection("I", "E", AllToAll(), np.linspace(-40.0, 30.0, N * N // 4), 0.5),
        drives=(SpikeTrain("I", [1.0, 1.0, 2.5, 30.0], 900.0, 0.4), SpikeTrain("E", [0.1], 5.0, 0.1), Dc("E", 450.0)),
    )
    assert_same_spikes(BRIAN2.simulate(job(described)).spikes, simcore_spikes(described, 1000))


@pytest.mark.parametrize(
    ("model", "params", "weight", "drive"),
    [
        ("iaf_psc_exp", {"C_m": Uniform(low=200.0, high=300.0), "t_ref": 0.0}, 80.0, Dc("A", 450.0)),
        ("iaf_psc_alpha", {"tau_syn_in": 3.0, "t_ref": 1.0, "V_min": -72.0}, 60.0, Dc("A", 450.0)),
        ("iaf_psc_delta", {"V_min": -75.0}, 2.0, Dc("A", 450.0)),
        ("iaf_psc_delta", {"refractory_input": 1.0, "t_ref": 3.0}, 3.0, Dc("A", 450.0)),
        ("iaf_cond_exp", {"tau_syn_ex": 1.0}, 4.0, Dc("A", 400.0)),
        ("iaf_cond_exp", {"C_m": Uniform(low=200.0, high=300.0), "t_ref": 0.0}, 4.0, Dc("A", 400.0)),
        ("izhikevich", {"d": Uniform(low=4.0, high=9.0)}, 3.0, Dc("A", 10.0)),
        ("lif_discrete", {"a": 0.3, "b": Uniform(low=0.8, high=1.0), "subtract": 1.0}, 0.3, Dc("A", 0.1)),
        ("lif_discrete", {"V_reset": -0.5, "E_L": -0.2, "c": 0.7}, 0.9, Dc("A", 0.25)),
        ("lif_fixed_point", {"bias": 900.0, "vth": 100.0, "refract_delay": 3.0}, 7.0, SpikeTrain("A", [2.0], 90.0)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_model_takes_the_steps_of_simcore(model, params, weight, drive):
    described = Network(
        [Population("A", 30, model, params), Population("B", 10, model, params)],
        [
            Projection("A", "A", FixedIndegree(4), weight, Uniform(low=0.1, high=2.0)),
            Projection("A", "B", FixedIndegree(6), weight, 0.1),
            Projection("B", "A", FixedIndegree(3), -2.0 * weight, 0.5),
        ],
        [drive],
        SPIKES,
    )
    assert_same_spikes(BRIAN2.simulate(job(described, steps=800)).spikes, simcore_spikes(described, 800))


@pytest.mark.parametrize("t_ref", [0.0, 1.5])
def test_the_exponential_model_spikes_within_a_step_of_simcore(t_ref):
    params = {"t_ref": t_ref, "C_m": Uniform(low=200.0, high=300.0), "tau_syn_ex": 1.0}
    described = Network(
        [Population("A", 8, "aeif_cond_exp", params), Population("B", 4, "aeif_cond_exp", params)],
        [
            Projection("A", "B", FixedIndegree(8), 30.0, Uniform(low=0.1, high=2.0)),
            Projection("B", "B", FixedIndegree(2), -4.0, 0.5),
        ],
        [Dc("A", 800.0)],
        SPIKES,
    )
    run, expected = BRIAN2.simulate(job(described, steps=400)), simcore_spikes(described, 400)
    assert any("aeif_cond_exp: spikes are at the ends of substeps" in difference for difference in run.differences)
    for population in described.populations:
        for neuron in range(population.size):
            trains = [spikes.of(population.name) for spikes in (run.spikes, expected)]
            found, wanted = (times[ids == neuron] for times, ids in trains)
            n = min(len(found), len(wanted))
            assert n >= 2 and abs(len(found) - len(wanted)) <= 1
            # The deviations of the first spikes add up in the later ones.
            assert np.abs(found[0] - wanted[0]) < 0.15 and np.abs(found[:n] - wanted[:n]).max() < 0.5


def test_models_are_connected_with_each_other():
    described = Network(
        [Population("P", 5, "parrot_neuron"), Population("E", 20), Population("Q", 6, "parrot_neuron")],
        [
            Projection("P", "E", AllToAll(), 500.0, Uniform(low=0.1, high=1.0)),
            # Whatever the weight, as long as no two spikes arrive at once.
            Projection("E", "Q", FixedIndegree(1), -2.5, 0.2),
            Projection("Q", "E", FixedIndegree(2), -300.0, 0.1),
        ],
        [SpikeTrain("P", np.arange(1.0, 90.0, 3.0), 1.0, 0.1)],
        SPIKES,
    )
    assert_same_spikes(BRIAN2.simulate(job(described)).spikes, simcore_spikes(described, 1000))


def test_spikes_beyond_one_in_a_step_are_counted_as_lost():
    described = Network(
        [Population("P", 2, "parrot_neuron"), Population("Q", 1, "parrot_neuron")],
        [Projection("P", "Q", AllToAll(), 1.0, 0.5)],
        [SpikeTrain("P", [1.0, 2.0, 2.0, 2.0], -1.0, 0.1)],
        SPIKES,
    )
    run, expected = BRIAN2.simulate(job(described, steps=50)), simcore_spikes(described, 50)
    # P sends 2 x (1 + 3) and Q all of them; here P loses 2 x 2 spikes, and Q one of the two of each step.
    assert len(expected) == 16 and len(run.spikes) == 2 * 2 + 2
    assert any(difference.startswith("6 spikes were not relayed") for difference in run.differences)


def test_the_window_follows_the_warm_up(reference):
    run = BRIAN2.simulate(job(network(*RECURRENT), warmup_steps=500, steps=400))
    expected = reference.since(500)
    assert_same_spikes(run.spikes, expected)
    assert run.n_spikes == len(expected) and (run.spikes.start_step, run.spikes.stop_step) == (500, 900)


def test_spikes_are_counted_without_a_recorder(reference):
    described = network(*RECURRENT, recorders=())
    run = BRIAN2.simulate(job(described, warmup_steps=500, steps=400))
    assert run.spikes is None and run.n_spikes == len(reference.since(500)) > 0


def connected(*projections, **given):
    """Brian2's synapses in statistical mode: indices in the group, weights, delays in steps; and the populations."""
    described = network(*projections, **given)
    asked = job(described, connectivity="statistical")
    apply_settings(asked, default_flags=False)
    made = describe(asked, None, given_edges(asked, None)).synapses
    columns = [
        (
            np.asarray(synapses.i[:]),
            np.asarray(synapses.j[:]),
            np.broadcast_to(synapses.w[:] if "w" in synapses.variables else synapses.namespace["w"], len(synapses)),
            np.broadcast_to(np.rint(np.asarray(synapses.delay[:]) * 1e4).astype(int) + 1, len(synapses)),
        )
        for synapses in made
    ]
    return [np.concatenate(column) for column in zip(*columns, strict=True)]


def degrees(indices, first, size):
    assert indices.min() >= first and indices.max() < first + size
    return np.bincount(indices - first, minlength=size)


def multapses(sources, targets):
    return len(sources) - len(set(zip(sources.tolist(), targets.tolist(), strict=True)))


@pytest.mark.parametrize(
    ("rule", "source", "target", "total"),
    [
        (FixedTotalNumber(3000), "E", "I", 3000),
        (FixedTotalNumber(3000, allow_autapses=False), "E", "E", 3000),
        (FixedIndegree(30), "E", "I", 30 * N // 4),
        (FixedIndegree(30, allow_autapses=False), "E", "E", 30 * N),
        (FixedIndegree(30, allow_autapses=False, allow_multapses=False), "E", "E", 30 * N),
        (FixedIndegree(15, allow_multapses=False), "I", "E", 15 * N),
        (FixedOutdegree(30), "E", "I", 30 * N),
        (FixedOutdegree(30, allow_autapses=False), "E", "E", 30 * N),
        (FixedOutdegree(15, allow_autapses=False, allow_multapses=False), "I", "I", 15 * N // 4),
        (PairwiseBernoulli(0.3), "I", "E", None),
        (PairwiseBernoulli(0.3, allow_autapses=False), "E", "E", None),
        (AllToAll(), "E", "I", N * N // 4),
        (AllToAll(allow_autapses=False), "I", "I", N // 4 * (N // 4 - 1)),
        (OneToOne(), "I", "I", N // 4),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else "",
)
def test_statistical_edges_follow_the_rule(rule, source, target, total):
    sources, targets, weights, delays = connected(Projection(source, target, rule, 5.0, 0.7))
    first, size = {"E": 0, "I": N}, {"E": N, "I": N // 4}
    out_degrees = degrees(sources, first[source], size[source])
    in_degrees = degrees(targets, first[target], size[target])
    expected = rule.expected_synapses(network(Projection(source, target, rule, 5.0)).wiring(0))
    assert len(sources) == total if total is not None else abs(len(sources) - expected) < 6.0 * np.sqrt(expected)
    assert np.all(weights == 5.0) and np.all(delays == 7)
    if not getattr(rule, "allow_autapses", True):
        assert not np.any(sources == targets)
    if not getattr(rule, "allow_multapses", not isinstance(rule, PairwiseBernoulli | AllToAll | OneToOne)):
        assert multapses(sources, targets) == 0
    else:
        assert multapses(sources, targets) > 0
    for fixed, counts in ((FixedIndegree, in_degrees), (FixedOutdegree, out_degrees)):
        if isinstance(rule, fixed):
            assert np.all(counts == counts[0])
    if len(sources) >= 1000:
        # Partners are drawn from the whole population, uniformly.
        for counts in (out_degrees, in_degrees):
            assert np.all(np.abs(counts - counts.mean()) < 6.0 * np.sqrt(counts.mean()))


def test_statistical_weights_and_delays_follow_their_distributions():
    sources, targets, weights, delays = connected(
        Projection("E", "E", FixedIndegree(200), Normal(mean=60.0, std=6.0), Normal(mean=1.5, std=0.7, low=0.05)),
        Projection("E", "I", FixedIndegree(200), 90.0, 2.0),
        Projection("I", "E", FixedIndegree(100), Uniform(low=-80.0, high=-20.0), 0.8),
        Projection("I", "E", FixedIndegree(100), Normal(mean=5.0, std=50.0), Exponential(scale=1.0, low=0.1)),
    )
    parts = [
        (sources < N) & (targets < N),
        (sources < N) & (targets >= N),
        (delays == 8) & (sources >= N),
    ]
    ee, ei, _ = parts
    assert (ee.sum(), ei.sum()) == (200 * N, 200 * N // 4)
    assert weights[ee].mean() == pytest.approx(60.0, rel=0.005) and weights[ee].std() == pytest.approx(6.0, rel=0.05)
    assert delays[ee].min() == 1 and delays[ee].mean() == pytest.approx(15.4, rel=0.05)
    assert np.all(weights[ei] == 90.0) and np.all(delays[ei] == 20)
    mixed = weights[~ee & ~ei]
    assert len(mixed) == 200 * N and np.any(mixed > 60.0) and np.any(mixed < -90.0)
    assert delays[~ee & ~ei].max() > 40


def test_statistical_rates_are_near_those_of_simcore():
    described = models.get("brunel")(order=200, record_spikes=True)
    run = BRIAN2.simulate(job(described, connectivity="statistical", warmup_steps=500, steps=2500))
    with Simulator(described, seed=6, threads=2) as simulator:
        simulator.run(50.0)
        simulated = simulator.run(250.0)
    assert len(run.spikes) == pytest.approx(sum(simulated.spikes.values()), rel=0.05)
    assert any("binomial" in difference for difference in run.differences)


def test_parts_are_timed_apart():
    run = BRIAN2.simulate(job(network(*RECURRENT), warmup_steps=100, steps=100))
    assert set(run.wall_s) == set(WALL_PARTS)
    assert all(run.wall_s[part] > 0.0 for part in WALL_PARTS)
    assert run.peak_rss_bytes > 10e6
    assert run.differences == ("brian2's code is generated for numpy",)


def test_a_network_without_steps_is_built():
    run = BRIAN2.simulate(job(network(*RECURRENT), steps=0))
    assert run.wall_s["propagation"] == 0.0 and run.n_spikes == 0 and len(run.spikes) == 0 and run.synapses > 1000


@pytest.mark.thorough
@pytest.mark.skipif(missing_tool() is not None, reason=f"{missing_tool()} is not installed")
def test_the_standalone_program_measures_itself(monkeypatch):
    """C++ code gives the same spikes; its timer measures only the propagation, not the creation of 1.4e6 synapses."""
    recurrent = RECURRENT[:2]
    described = network(
        *recurrent,
        Projection("Q", "Q", AllToAll(), Uniform(low=1.0, high=2.0), Uniform(low=0.1, high=2.0)),
        populations=[*network().populations, Population("Q", 1200)],
    )
    drawing = []

    def timed(*arguments):
        start = time.perf_counter()
        edges = given_edges(*arguments)
        drawing.append(time.perf_counter() - start)
        return edges

    monkeypatch.setattr(peer, "given_edges", timed)
    folders = set(Path(tempfile.gettempdir()).glob("benchnn-brian2-*"))
    run = BRIAN2.simulate(job(described, warmup_steps=100, steps=200, mode="standalone"))
    assert set(Path(tempfile.gettempdir()).glob("benchnn-brian2-*")) <= folders
    expected = simcore_spikes(network(*recurrent), 300).since(100)
    np.testing.assert_array_equal(run.spikes.stamps, expected.stamps)
    np.testing.assert_array_equal(run.spikes.ids, expected.ids)
    assert run.n_spikes == len(expected) > 50 and run.synapses > 1.4e6
    in_program = run.wall_s["construction"] - drawing[0]
    assert 0.0 < run.wall_s["propagation"] < 0.5 * in_program
    assert set(run.wall_s) == set(WALL_PARTS) and run.wall_s["compile"] > 1.0
    # 24 bytes of what is known of each synapse, and not this process's memory.
    assert 24 * 1.4e6 < run.peak_rss_bytes < 120 * 1.4e6 and run.differences == ()


def test_exact_runs_are_compiled_without_fast_math():
    flags = strict_flags(["-O3", "-ffast-math", "-fno-finite-math-only", "-march=native"])
    assert flags == ["-O3", "-march=native", "-ffp-contract=off"]


@pytest.mark.parametrize(
    ("described", "given", "words"),
    [
        (network(drives=[Poisson("E", 8000.0, 20.0)]), {}, ["drive poisson->E", "exact", "direct current"]),
        (network(recorders=[TraceRecorder("E", [0])]), {}, ["recorder E", "spikes"]),
        (network(), {"mode": "x"}, ["mode = 'x'", "standalone, runtime"]),
        (network(), {"threads": 2}, ["threads = 2", "must be 1", "runtime"]),
        (network(), {"seed": 2**32}, ["seed", "4294967295"]),
    ],
)
def test_refusals(described, given, words):
    with pytest.raises(InputError) as refusal:
        BRIAN2.check(job(described, **given))
    assert all(word in str(refusal.value) for word in words)


def test_an_unknown_model_is_refused_by_name(monkeypatch):
    monkeypatch.delitem(FORMULATIONS, "iaf_psc_exp")
    with pytest.raises(InputError, match=r"population E.model = 'iaf_psc_exp' .* brian2 supports .*izhikevich"):
        BRIAN2.check(job(network()))


def test_an_unknown_rule_is_refused_by_name(monkeypatch):
    monkeypatch.setattr("benchnn.simulators.brian2.connect.DRAWN", (FixedIndegree,))
    with pytest.raises(
        InputError, match=r"projection E->E.rule = 'fixed_total_number' .* brian2 supports fixed_indegree"
    ):
        BRIAN2.check(job(network(*RECURRENT)))


def test_a_missing_compiler_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(UnavailableError, match=r"standalone requires .*runtime"):
        BRIAN2.check(job(network(), mode="standalone"))
    BRIAN2.check(job(network()))
