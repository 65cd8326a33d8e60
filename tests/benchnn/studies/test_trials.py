"""``benchnn run --trials``: each trial is the run with its seed, on synapses that are built once."""

import json
import signal

import numpy as np
import pytest

from benchnn.running import slices
from benchnn.running.storage import Storage
from benchnn.studies import trials as trials_module
from simcore.errors import InputError
from simcore.recording.sonata import read_spikes

MODEL = '''
import numpy as np

from simcore.network import BernoulliTrains, Explicit, Network, Normal, OneToOne, Poisson, Population, Projection


def listed():
    """Explicit edges, random initial states, a Poisson drive and trains."""
    sources, targets = np.random.default_rng(3).integers(0, 50, (2, 300))
    weights = np.where(sources < 40, 70.0, -90.0)
    cells = Population("N", 50, initial={"V_m": Normal(mean=-65.0, std=4.0)})
    projections = [
        Projection("N", "N", Explicit(sources, targets), weights, np.linspace(0.5, 2.0, 300)),
        Projection("S", cells[10:20], OneToOne(), 300.0),
    ]
    trains = Population("S", 10, source=BernoulliTrains(200.0))
    return Network([cells, trains], projections, [Poisson("N", 7000.0, 60.0)])
'''
SHORT = ("--time", 20, "--warmup", 5, "--meters", "none")
RECORD = ("--record", "spikes", "--record", "V_m:N:0,3-5")
SAME = (
    *("model", "interrupted", "spikes", "active_neurons", "spike_digest", "network_digest", "synapse_digest"),
    *("synaptic_events", "mean_rate_hz", "seed", "time", "suppressed_spikes", "backend"),
)


@pytest.fixture
def model(home):
    (home / "listed.py").write_text(MODEL)
    return "listed.py:listed"


def record_of(folder):
    return json.loads((folder / "result.json").read_text())


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "result.json"}


def require_same(a, b):
    """Require that two folders hold the same result but for what is measured."""
    own, other = ({key: record_of(folder)[key] for key in SAME} for folder in (a, b))
    for one in (own, other):
        one["time"] = {key: value for key, value in one["time"].items() if "_unix_" not in key and "clock" not in key}
        # It has a number that depends on the number of threads.
        del one["backend"]["delivery_reason"]
    assert own == other
    assert files_of(a) == files_of(b)


@pytest.mark.parametrize(("backend", "threads"), [("oracle", 1), ("cpu", 1), ("cpu", 2)])
def test_each_trial_is_the_run_with_its_seed(benchnn, home, model, backend, threads):
    options = (*SHORT, *RECORD, "--backend", backend, "--threads", threads)
    finished = benchnn("run", model, "--trials", 3, "--seed", 6, *options, "--out", "trials")
    assert finished.code == 0
    assert "trial 3 of 3 (seed 8)" in finished.err
    folders = [home / "trials" / f"seed-{seed}" for seed in (6, 7, 8)]
    assert sorted((home / "trials").iterdir()) == folders
    for seed, folder in zip((6, 7, 8), folders, strict=True):
        assert benchnn("run", model, "--seed", seed, *options, "--out", f"alone-{seed}").code == 0
        require_same(folder, home / f"alone-{seed}")
        assert sorted(files_of(folder)) == ["spikes.h5", "traces.V_m.h5"]
    assert len({record_of(folder)["spike_digest"] for folder in folders}) == 3


def test_trials_of_the_fly_brain(benchnn, home):
    options = ("--param", "scale=0.01", "--time", 60, "--warmup", 40, "--record", "spikes", "--meters", "none")
    assert benchnn("run", "flywire", "--trials", 2, *options, "--out", "trials").code == 0
    # Checkpoints have the spikes written in between, which must count like others.
    alone = (*options, "--threads", 1, "--checkpoint-every", 55)
    for seed in (1, 2):
        assert benchnn("run", "flywire", "--seed", seed, *alone, "--out", f"alone-{seed}").code == 0
        require_same(home / "trials" / f"seed-{seed}", home / f"alone-{seed}")
        spikes = read_spikes(home / f"alone-{seed}" / "spikes.h5").spikes()
        expected = {name: len(np.unique(ids)) for name, _, ids in spikes.by_population()}
        assert record_of(home / f"alone-{seed}")["active_neurons"] == expected
        assert expected["B"] > 20


def test_records_say_who_built_the_synapses(benchnn, home, model):
    assert benchnn("run", model, "--trials", 2, *SHORT, "--out", "trials").code == 0
    first, second = (record_of(home / "trials" / f"seed-{seed}") for seed in (1, 2))
    assert first["synapses_built_by"] is None
    assert first["reasons"]["synapses_built_by"] == "the run constructed the synapses itself"
    assert second["synapses_built_by"] == first["run_id"] != second["run_id"]
    assert second["wall_s"]["compile"]["max"] == 0.0
    assert "synapses_built_by" not in second["reasons"]
    assert [one["provenance"]["options"]["seed"] for one in (first, second)] == [1, 2]
    assert second["active_neurons"] is None
    assert "--record spikes" in second["reasons"]["active_neurons"]


def test_the_record_on_standard_output(benchnn, home, model):
    finished = benchnn("run", model, "--trials", 3, "--seed", 2, *SHORT, "--record", "spikes", "--json", "--out", "t")
    record, results = finished.record, [record_of(home / "t" / f"seed-{seed}") for seed in (2, 3, 4)]
    assert [one["seed"] for one in record["trials"]] == [2, 3, 4]
    assert record["planned_trials"] == 3
    for own, result in zip(record["trials"], results, strict=True):
        assert (own["spikes"], own["spike_digest"]) == (result["spikes"], result["spike_digest"])
        assert own["active_neurons"] == sum(result["active_neurons"].values())
    counts = [result["spikes"] for result in results]
    assert record["spikes"] == pytest.approx({"mean": np.mean(counts), "sd": np.std(counts, ddof=1)})
    rates = [result["mean_rate_hz"]["N"] for result in results]
    assert record["populations"]["N"]["mean_rate_hz"]["sd"] == pytest.approx(np.std(rates, ddof=1))
    lines = benchnn("run", model, "--trials", 1, *SHORT, "--lines", "--out", "one").out.splitlines()
    assert "spikes.sd: null" in lines
    assert "interrupted_by: null" in lines


def test_neurons_of_which_some_are_recorded_are_not_counted(benchnn, home, model):
    some = ("--record", "spikes:N:0-9", "--record", "spikes:S:0-9")
    assert benchnn("run", model, *SHORT, *some, "--out", "some").code == 0
    assert list(record_of(home / "some")["active_neurons"]) == ["S"]
    shown = benchnn("run", model, *SHORT, "--record", "spikes", "--out", "all").out
    active = record_of(home / "all")["active_neurons"]
    assert f"of {sum(active.values())} active neurons" in shown
    assert "active  rate (1/s)" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("pd14", "--trials", 2), "depend on the seed (rule fixed_total_number)"),
        (("listed.py:listed", "--trials", 0), "trials = 0 is not allowed: must be an integer >= 1"),
        (("listed.py:listed", "--trials", 10_001), "trials = 10001 is not allowed: must be in [1, 10000]"),
        (("listed.py:listed", "--trials", "many"), "trials = 'many' is not allowed"),
        (("listed.py:listed", "--trials", 2, "--seed", 2**32 - 1), "the last seed, 4294967296, must be"),
        (("listed.py:listed", "--trials", 2, "--transform", "prune:0.5"), "transform = 'prune:0.5' is not allowed"),
        (("flywire", "--param", "scale=0.01", "--trials", 2, "--chip", "loihi2"), "chip = 'loihi2' is not allowed"),
        (("listed.py:listed", "--trials", 2, "--simulator", "nest"), "it requires --simulator simcore"),
        (("listed.py:listed", "--trials", 2, "--dry-run-ranks", 2), "--trials cannot be combined with a dry run"),
    ],
)
def test_refused_before_anything_is_built(benchnn, home, model, arguments, message):
    before = sorted(home.iterdir())
    assert message in benchnn("run", *arguments, *SHORT).refusal
    assert sorted(home.iterdir()) == before


def test_a_job_has_no_trials(benchnn, home, model):
    refused = benchnn("slurm", "render", "--time", "10:00", "--", "run", model, "--trials", 2).refusal
    assert "trials = '2' is not allowed: use --seeds" in refused


def test_results_are_kept_unless_they_may_be_replaced(benchnn, home, model):
    arguments = ("run", model, *SHORT, "--backend", "oracle")
    assert benchnn(*arguments, "--trials", 2, "--seed", 3, "--out", "t").code == 0
    before = (home / "t" / "seed-4" / "result.json").read_bytes()
    assert "already contains a result" in benchnn(*arguments, "--trials", 3, "--seed", 2, "--out", "t").refusal
    assert not (home / "t" / "seed-2").exists()
    # Before the network is described, which may take minutes.
    assert (
        "already contains a result" in benchnn("run", "no_such_model", "--trials", 3, "--seed", 2, "--out", "t").refusal
    )
    assert benchnn(*arguments, "--trials", 2, "--seed", 5, "--out", "t").code == 0
    assert (home / "t" / "seed-4" / "result.json").read_bytes() == before
    assert benchnn(*arguments, "--trials", 1, "--seed", 4, "--out", "t", "--overwrite").code == 0
    assert (home / "t" / "seed-4" / "result.json").read_bytes() != before
    assert benchnn(*arguments, "--out", "single").code == 0
    refused = benchnn(*arguments, "--trials", 2, "--out", "single", "--overwrite").refusal
    assert "already contains result.json of another result" in refused


@pytest.fixture
def stopping(monkeypatch):
    """Let a run send itself a signal in a step of a trial, as long as the context that it returns."""

    def at(seed, step):
        after_slice = Storage.after_slice

        def then_signal(self, reached):
            after_slice(self, reached)
            if self._simulator.plan.seed == seed and self._simulator.step == step:
                signal.raise_signal(signal.SIGTERM)

        patched = pytest.MonkeyPatch()
        patched.setattr(slices, "FIRST_SLICE_STEPS", 1)
        patched.setattr(slices, "SLICE_S", 0.0)
        patched.setattr(Storage, "after_slice", then_signal)
        return patched

    return at


@pytest.mark.thorough
def test_a_stopped_trial_goes_on_and_those_before_are_kept(benchnn, home, model, stopping):
    options = (*SHORT, *RECORD, "--backend", "oracle")
    assert benchnn("run", model, "--trials", 4, *options, "--out", "whole").code == 0
    patched = stopping(2, 245)
    stopped = benchnn("run", model, "--trials", 4, *options, "--out", "t")
    patched.undo()
    assert stopped.code == 1
    assert "interrupted by SIGTERM: the finished trials are kept" in stopped.err
    assert "--resume t/seed-2, then with --seed 3 --trials 2 and the same --out" in stopped.err
    assert "stopped" in stopped.out
    assert not (home / "t" / "seed-3").exists()
    require_same(home / "t" / "seed-1", home / "whole" / "seed-1")
    assert record_of(home / "t" / "seed-2")["time"]["model_time_ms"] == 19.5
    assert benchnn("run", "--resume", "t/seed-2").code == 0
    assert benchnn("run", model, "--trials", 2, "--seed", 3, *options, "--out", "t").code == 0
    for seed in (1, 3, 4):
        require_same(home / "t" / f"seed-{seed}", home / "whole" / f"seed-{seed}")
    resumed, whole = (record_of(home / name / "seed-2") for name in ("t", "whole"))
    for key in ("spikes", "active_neurons", "spike_digest", "network_digest"):
        assert resumed[key] == whole[key]
    assert files_of(home / "t" / "seed-2") == files_of(home / "whole" / "seed-2")


def test_a_signal_as_a_trial_ends_leaves_it_whole(benchnn, home, model, stopping):
    patched = stopping(2, 250)
    stopped = benchnn("run", model, "--trials", 3, *SHORT, "--backend", "oracle", "--out", "t")
    patched.undo()
    assert stopped.code == 1
    assert "continue with --seed 3 --trials 1 and the same --out" in stopped.err
    assert [path.name for path in sorted((home / "t").iterdir())] == ["seed-1", "seed-2"]
    assert not any(record_of(home / "t" / f"seed-{seed}")["interrupted"] for seed in (1, 2))


def test_a_fault_in_a_later_trial_keeps_those_before(benchnn, home, model, monkeypatch):
    def fail(self, seed):
        raise InputError("no such state")

    monkeypatch.setattr(trials_module.Simulator, "restart", fail)
    finished = benchnn("run", model, "--trials", 2, *SHORT, "--backend", "oracle", "--out", "t")
    assert finished.code == 2
    assert "no such state" in finished.err
    assert [path.name for path in (home / "t").iterdir()] == ["seed-1"]
