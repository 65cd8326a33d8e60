"""``benchnn transform``: a network beside its pruned or perturbed self."""

import json
import re

import pytest

from benchnn.studies.child_runs import ChildRun
from benchnn.studies.study import PlannedRun
from benchnn.studies.transform_table import make_record, to_text

SOURCE = """import simcore
def fed(k: int = 50):
    trains = simcore.Population("in", 60, source=simcore.PoissonTrains(100.0))
    edges = simcore.Projection("in", "E", simcore.FixedIndegree(k), simcore.Normal(mean=40.0, std=10.0), 1.5)
    return simcore.Network([trains, simcore.Population("E", 200, params={"V_th": 1e6})], [edges])
"""
TIMES = ("--time", 100, "--warmup", 0, "--threads", 1)
ADAPT = ("--on-violation", "adapt")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(SOURCE)
    return tmp_path


def test_pruning_is_shown_beside_the_clean_run(benchnn, home, in_process):
    done = benchnn("transform", "own.py:fed", "prune:0.9:random", *TIMES, "--chip", "loihi1", *ADAPT, "--out", "out")
    assert done.code == 0, done.err
    record = json.loads((home / "out" / "transform.json").read_text())
    clean, pruned = record["networks"]["clean"], record["networks"]["transformed"]
    for measure in ("synapses", "synapse_bytes", "synaptic_events", "chip_synops_max"):
        assert pruned[measure]["median"] <= 0.25 * clean[measure]["median"] > 0.0
    for measure in ("synapses", "synapse_bytes"):
        assert pruned[measure]["median"] == pytest.approx(0.1 * clean[measure]["median"], rel=0.01)
    assert clean["spike_digest"] == pruned["spike_digest"] and clean["network_digest"] != pruned["network_digest"]
    assert re.search(r"synapses +10,000 +1,000 +-90.0 %", done.out)
    assert re.search(r"rate of in \(1/s\) .* \+0.0 %", done.out) and "busiest core" in done.out
    assert "the networks differ, their spikes are the same" in done.out
    run = json.loads((home / "out" / "transformed-1" / "result.json").read_text())
    assert run["provenance"]["options"]["transform"] == "prune:0.9:random"


def test_nothing_pruned_gives_the_same_digests(benchnn, home):
    digests = []
    for transform in ((), ("--transform", "prune:0,lognormal:0")):
        benchnn("run", "own.py:fed", *TIMES, *transform, "--out", "out", "--overwrite")
        record = json.loads((home / "out" / "result.json").read_text())
        digests.append((record["network_digest"], record["spike_digest"]))
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (("prune:2",), "share = 2.0 is not allowed"),
        (("thin:0.5",), "transform = 'thin:0.5' is not allowed: use prune:SHARE"),
        (("prune:0.5", "--repeats", "0"), "repeats"),
        (("prune:0.5", "--transform-seed", "-1"), "transform_seed = -1"),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(benchnn, home, steps, message):
    refused = benchnn("transform", "own.py:fed", *steps, "--out", "out")
    assert refused.code == 2 and message in refused.err and not (home / "out").exists()


def test_a_seed_needs_a_transform(benchnn, home):
    refused = benchnn("run", "own.py:fed", "--transform-seed", 3)
    assert refused.code == 2 and "transform_seed = 3 is not allowed: it requires --transform" in refused.err


def test_a_run_that_failed_has_nulls_with_the_reason():
    about = {
        "model": {"name": "own"}, "transform": "prune:0.5", "transform_seed": 1, "seed": 1,
        "time": {"model_time_ms": 1.0, "warmup_ms": 0.0},
    }  # fmt: skip
    ran = {"spikes": 5, "mean_rate_hz": {"E": 2.0}, "network_digest": "ab", "spike_digest": "cd"}
    ended = [
        ("clean", PlannedRun("clean-1", []), ChildRun(0, None, ran)),
        ("transformed", PlannedRun("transformed-1", []), ChildRun(1, "no room", None)),
    ]
    record = make_record(about, ended, None)
    row = record["networks"]["transformed"]
    assert row["spikes"] is None and row["reasons"]["spikes"] == "no room" and "chip_cores" not in row
    assert re.search(r"spikes +5 +- +-", to_text(record))
