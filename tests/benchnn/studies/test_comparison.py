"""``benchnn compare``: the same network on several simulators, interleaved, one table."""

import json
import re
from importlib.util import find_spec

import numpy as np
import pytest

from benchnn.simulators import peers
from benchnn.statistics.train_distances import MEASURES, DistanceSettings
from benchnn.studies import comparison
from benchnn.studies.comparison import agreement_of
from benchnn.studies.comparison_table import Compared, Comparison, make_record, to_text
from benchnn.studies.train_distances_table import TrainComparison
from simcore.recording.spikes import Spikes

needs_nest = pytest.mark.skipif(find_spec("nest") is None, reason="NEST is not installed")


@pytest.fixture
def compare(home, benchnn, monkeypatch):
    """Compare simulators of the small network for a short time, into ``out``."""
    monkeypatch.setattr(comparison, "stream_triad_gb_s", lambda threads: 10.0 + threads)

    def call(*arguments, model="small.py:small"):
        return benchnn("compare", model, "--time", 20, "--warmup", 5, "--threads", 1, "--out", "out", *arguments)

    return call


def record_of(home):
    return json.loads((home / "out" / "comparison.json").read_text())


@needs_nest
def test_repeats_are_interleaved_recorded_runs_come_last_and_the_table_tells_both(compare, home, in_process):
    finished = compare("--simulators", "simcore,nest", "--repeats", 2)
    assert finished.code == 0
    runs = [(run["simulator"], run["repeat"], run["recorded"]) for run in record_of(home)["runs"]]
    timed = [(name, repeat, False) for repeat in (1, 2) for name in ("simcore", "nest")]
    assert runs == [*timed, ("simcore", 3, True), ("nest", 3, True)]
    for run in record_of(home)["runs"]:
        result = json.loads((home / "out" / run["folder"] / "result.json").read_text())
        assert result["simulator"]["name"] == run["simulator"]
        assert (home / "out" / run["folder"] / "spikes.h5").exists() == run["recorded"]
    record = record_of(home)
    nest, own = (record["simulators"][name]["real_time_factor"]["median"] for name in ("nest", "simcore"))
    assert record["simulators"]["nest"]["ratio_to_first"] == pytest.approx(nest / own)
    assert record["drives"] == ["poisson"] and "drive: poisson" in finished.out
    assert "STREAM triad 11.0 GB/s" in finished.out and f"{nest:.4g}" in finished.out
    rates = record["statistics"]
    assert set(rates) == {"simcore", "nest"} and set(rates["nest"]) == {"E", "I"}
    assert record["train_distances"] is None and "exact" in record["reasons"]["train_distances"]


@needs_nest
def test_exact_connectivity_gives_equal_spikes(compare, home, in_process):
    exact = ("--connectivity", "exact", "--param", "input=dc", "--coincidence-steps", 0)
    finished = compare("--simulators", "simcore,nest", "--repeats", 1, *exact)
    (agreement,) = record_of(home)["agreement"]
    assert agreement["first_difference"] is None and agreement["equal_spikes"] > 0
    assert f"nest against simcore: all {agreement['equal_spikes']} spikes are equal" in finished.out
    distances = record_of(home)["train_distances"]
    (pair,) = distances["pairs"]
    assert (pair["candidate"], pair["reference"], distances["coincidence_steps"]) == ("nest", "simcore", 0)
    means = {name: [values[measure]["mean"] for measure in MEASURES] for name, values in pair["populations"].items()}
    assert means == {"E": [1.0, 0.0, 0.0], "I": [1.0, 0.0, 0.0]}
    assert re.search(r"nest against simcore, .*\n.* within 0 steps .*\n +E +1 \[1, 1\] +0 \[0, 0\]", finished.out)


def test_a_simulator_that_was_asked_for_and_cannot_be_used_is_refused_before_anything_runs(compare, home, monkeypatch):
    monkeypatch.setattr(peers, "unusable_because", lambda name: f"{name} is at home")
    finished = compare("--simulators", "simcore,nest", "--repeats", 1)
    assert finished.code == 1 and "nest is at home; remove nest from --simulators" in finished.err
    assert finished.out == "" and not (home / "out").exists()


def test_a_simulator_that_cannot_be_used_is_left_out_with_the_reason(compare, home, monkeypatch):
    monkeypatch.setattr(peers, "unusable_because", lambda name: f"{name} is at home")
    finished = compare("--repeats", 1)
    assert finished.code == 1 and "nest, brian2 failed" in finished.err
    record = record_of(home)
    assert record["simulators"]["nest"]["real_time_factor"] is None
    assert "nest is at home" in record["simulators"]["nest"]["reasons"]["real_time_factor"]
    assert record["simulators"]["simcore"]["real_time_factor"]["median"] > 0.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--simulators", "simcore,abacus"], ["simulators = 'abacus'", "nest"]),
        (["--simulators", "simcore,simcore"], ["simcore appears twice"]),
        (["--simulators", "simcore:fast"], ["simulators = 'simcore:fast'"]),
        (["--simulators", "simcore", "--repeats", "0"], ["repeats = '0'"]),
        (["--simulators", "simcore", "--repeats", "1,2"], ["repeats = '1,2'", "an integer"]),
        (["--simulators", "simcore", "--seed", "0"], ["seed = 0"]),
        (["--simulators", "simcore", "--param", "n=-1"], ["size"]),
        (["--simulators", "simcore", "--connectivity", "vague"], ["connectivity = 'vague'"]),
        (["--connectivity", "exact", "--coincidence-steps", "-1"], ["coincidence_steps = -1"]),
        (["--connectivity", "exact", "--coincidence-steps", "1.5"], ["coincidence_steps = '1.5'", "whole"]),
        (["--connectivity", "exact", "--van-rossum-tau", "0"], ["van_rossum_tau_ms = 0.0"]),
        (["--connectivity", "exact", "--victor-purpura-cost", "inf"], ["victor_purpura_cost_hz = inf"]),
    ],
)
def test_refusals(compare, home, arguments, words):
    refusal = compare(*arguments).refusal
    assert all(word in refusal for word in words)
    assert not (home / "out").exists()


def test_an_earlier_comparison_is_kept_unless_overwritten(compare, home, in_process):
    assert compare("--simulators", "simcore", "--repeats", 1).code == 0
    before = record_of(home)
    assert "already contains a comparison" in compare("--simulators", "simcore", "--repeats", 1).refusal
    assert record_of(home) == before
    assert compare("--simulators", "simcore", "--repeats", 1, "--overwrite").code == 0


def spikes(*pairs):
    stamps, ids = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Spikes(stamps, ids, {"E": 0, "I": 4}, {"E": 4, "I": 2}, 0.1, 100)


@pytest.mark.parametrize(
    ("found", "expected", "equal", "first"),
    [
        (spikes((1, 0), (3, 5)), spikes((1, 0), (3, 5)), 2, None),
        (spikes((1, 0), (3, 5)), spikes((1, 0), (4, 5)), 1, (0.3, "I", 1, "a")),
        (spikes((1, 0), (3, 5)), spikes((1, 0), (3, 2), (3, 5)), 1, (0.3, "E", 2, "b")),
        (spikes((1, 0)), spikes((1, 0), (9, 4)), 1, (0.9, "I", 0, "b")),
        (spikes(), spikes(), 0, None),
    ],
)
def test_the_first_difference_is_the_earliest_spike_of_one_alone(found, expected, equal, first):
    entry = agreement_of("a", found, "b", expected)
    assert entry["equal_spikes"] == equal
    difference = entry["first_difference"]
    assert (
        difference and (difference["time_ms"], difference["population"], difference["neuron"], difference["spikes_in"])
    ) == first


def test_median_and_spread_are_of_the_timed_runs_alone():
    asked = Comparison(["benchnn"], "m", {}, ("dc",), ("a", "b"), "statistical", 3, 2, 1, 10.0, 5.0, None, (3.0, 1.0))
    runs = [
        Compared(
            "a", n, f"a-{n}", [], False, {"real_time_factor": rtf, "simulator": {"version": "1"}, "reasons": {}}, None
        )
        for n, rtf in enumerate((4.0, 2.0, 3.0))
    ]
    runs.append(Compared("a", 4, "a-recorded", [], True, {"real_time_factor": 100.0}, None))
    runs.append(Compared("b", 1, "b-1", [], False, None, "it broke"))
    record = make_record(asked, runs, {}, [], TrainComparison(DistanceSettings(), [], "why"), None)
    spread = {"median": 3.0, "min": 2.0, "max": 4.0, "interval_95": None}
    assert record["simulators"]["a"]["real_time_factor"] == spread
    assert record["simulators"]["b"]["reasons"]["real_time_factor"] == "it broke"
    text = to_text(record)
    assert "2 - 4" in text and "b (run 1) failed: it broke" in text and "1.0 - 3.0 GB/s" in text


def compared(rtfs_of):
    """The record of a comparison whose runs have these real-time factors, simulator by simulator."""
    names = tuple(rtfs_of)
    asked = Comparison(["benchnn"], "m", {}, ("dc",), names, "statistical", 10, 2, 1, 10.0, 5.0, None, (3.0, 1.0))
    runs = [
        Compared(name, n, f"{name}-{n}", [], False, {"real_time_factor": rtf, "reasons": {}}, None)
        for name, rtfs in rtfs_of.items()
        for n, rtf in enumerate(rtfs)
    ]
    return make_record(asked, runs, {}, [], TrainComparison(DistanceSettings(), [], "why"), None)


def test_medians_have_the_interval_of_their_order_statistics():
    # Of 10 values the second smallest and the second largest: 1 - 2 (1 + 10) / 2^10.
    record = compared({"a": (5.0, 2.0, 9.0, 4.0, 3.0, 8.0, 1.0, 7.0, 6.0, 100.0)})
    interval = {"low": 2.0, "high": 9.0, "confidence": 0.978515625}
    assert record["simulators"]["a"]["real_time_factor"]["interval_95"] == interval
    heading, row = to_text(record).split("95 % interval of the median")[1].splitlines()[:2]
    assert heading.split("  ")[-1] == "energy (J)" and re.fullmatch(r"a +2 - 9( +-){3}", row)


def test_too_few_repeats_have_no_interval_and_the_reason():
    record = compared({"a": (1.0,) * 5, "b": (1.0,) * 6})
    assert record["simulators"]["a"]["real_time_factor"]["interval_95"] is None
    reason = "the interval of a median requires 6 values, not 5"
    assert record["simulators"]["a"]["reasons"]["real_time_factor.interval_95"] == reason
    assert re.search(r"^a( +-){4}$\n^b +1 - 1( +-){3}$", to_text(record), re.MULTILINE)
    assert f"no 95 % intervals: {reason}" in to_text(compared({"a": (1.0,) * 5}))
    assert "95 %" not in to_text(compared({"a": ()}))
