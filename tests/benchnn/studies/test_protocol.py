"""``benchnn protocol``: one network timed, recorded, and beside NEST; one record, one page."""

import json
import re
from importlib.util import find_spec

import numpy as np
import pytest

from benchnn.simulators import peers
from benchnn.statistics.bursts import burst_shares
from benchnn.studies import study
from benchnn.studies.child_runs import ChildRun
from benchnn.studies.protocol import ProtocolOptions, plan_protocol
from benchnn.studies.protocol_table import agreement_part
from simcore.recording.sonata import read_spikes
from simcore.recording.spikes import Spikes
from simcore.recording.weights_file import read_weights

needs_nest = pytest.mark.skipif(find_spec("nest") is None, reason="NEST is not installed")
ORACLE = ("--backend", "oracle", "--threads", 1, "--meters", "none")
SMALL = ("--param", "scale=0.01", "--time", 100, *ORACLE)


def record_of(folder):
    return json.loads((folder / "protocol.json").read_text())


@pytest.fixture
def started(monkeypatch):
    """The names of runs that were started, each of which is said to succeed without a record."""
    names = []

    def ended(command, folder, *rest):
        names.append(folder.name)
        return ChildRun(1, "it broke", None)

    monkeypatch.setattr(study, "run_child", ended)
    return names


@needs_nest
def test_one_command_leaves_one_record_and_one_page(home, benchnn, in_process):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    finished = benchnn("protocol", *SMALL, "--out", "out")
    assert finished.code == 0, finished.err
    folder = home / "out"
    record = record_of(folder)
    results = {run["name"]: json.loads((folder / run["name"] / "result.json").read_text()) for run in record["runs"]}
    assert list(results) == ["timed", "recorded", "exact-simcore", "exact-nest"]
    timed, recorded = results["timed"], results["recorded"]
    # What is recorded changes no spike.
    assert timed["spike_digest"] == recorded["spike_digest"] == record["speed"]["spike_digest"]
    assert record["model"]["name"] == "guide_10k" and timed["time"]["warmup_ms"] == 0.0
    for key in ("real_time_factor", "synaptic_events", "synaptic_events_per_s"):
        assert record["speed"][key] == timed[key] > 0
    assert record["mean_rate_hz"] == timed["mean_rate_hz"]
    assert record["speed"]["power_w"] is None and "--meters none" in record["reasons"]["speed.power_w"]
    spikes = read_spikes(folder / "recorded" / "spikes.h5").spikes()
    expected = burst_shares(spikes)
    assert record["burst_shares"] == {name: expected[name] for name in ("RS", "IB", "FS")}
    weights = read_weights(folder / "recorded" / "weights.h5")
    assert sorted(weights) == [0, 1, 2, 3, 4, 5] and weights[0].times_ms[-1] == 100.0
    # The same edges and input: before weights are rounded differently, spikes are the same.
    agreement = record["agreement"]
    assert agreement["equal_spikes"] > 20 and 0.3 < agreement["share"] <= 1.0 and agreement["within_steps"] == 1
    exact = results["exact-nest"]["model"]["parameters"]["input_file"]
    assert exact.endswith("exact-simcore/spikes.h5") and results["exact-simcore"]["backend"]["precision"] == "float64"
    page = (folder / "report.html").read_text()
    for title in ("Membrane potentials.", "Weights of plastic synapses.", "Spike raster.", "Agreement with NEST"):
        assert title in page
    assert re.search(r"real-time factor +[\d.e-]+", finished.out) and "report.html" in finished.out


def test_runs_are_10_s_long_and_the_timed_one_records_nothing(tmp_path):
    options = ProtocolOptions({"out": str(tmp_path / "out")}, ["scale=0.1"])
    timed, recorded, own, peer = (run.command for run in plan_protocol(options, ["benchnn"]).runs)
    assert not any("--record" in word for word in timed) and "--power-every=100.0" in timed
    for command in (timed, recorded):
        assert "--time=10000.0" in command and "--warmup=0.0" in command
    for command in (own, peer):
        assert "--time=1000.0" in command and "--warmup=0.0" in command and "--record=spikes" in command
    # 100 neurons, by the size of their population.
    potentials = [word.split(":") for word in recorded if "V_m" in word]
    assert {name: len(ids.split(",")) for _, name, ids in potentials} == {"RS": 64, "IB": 16, "FS": 20}
    assert [word for word in recorded if "weights" in word] == [f"--record=weights:{n}:1000" for n in range(6)]
    assert "--connectivity=exact" in peer and f"--param=input_file={tmp_path}/out/exact-simcore/spikes.h5" in peer


def test_a_model_that_every_simulator_draws_anew_is_not_compared(home, benchnn, in_process, monkeypatch):
    monkeypatch.setattr(peers, "unusable_because", lambda name: None)
    finished = benchnn("protocol", "small.py:small", "--time", 20, *ORACLE, "--out", "out")
    record = record_of(home / "out")
    assert finished.code == 0 and [run["name"] for run in record["runs"]] == ["timed", "recorded"]
    why = "each simulator draws its own input of this model: poisson"
    assert record["agreement"] is None and record["reasons"]["agreement"] == why
    assert f"agreement: {why}" in finished.out
    assert not (home / "out" / "recorded" / "weights.h5").exists()


def test_without_nest_the_reason_is_reported(home, benchnn, monkeypatch):
    monkeypatch.setattr(peers, "unusable_because", lambda name: f"{name} is at home")
    finished = benchnn("protocol", "small.py:small", "--param", "input=dc", "--time", 20, *ORACLE, "--out", "out")
    assert finished.code == 0 and record_of(home / "out")["reasons"]["agreement"] == "nest is at home"


def test_a_failed_run_ends_the_protocol_and_leaves_its_record(home, benchnn, started):
    finished = benchnn("protocol", *SMALL, "--out", "out")
    assert finished.code == 1 and "timed failed: it broke" in finished.err and started == ["timed"]
    record = record_of(home / "out")
    assert record["speed"]["real_time_factor"] is None
    assert set(record["reasons"].values()) == {"timed failed: it broke"}
    assert "out" in benchnn("report", "out").out
    assert "it broke" in (home / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("option", "value", "refusal"),
    [
        ("--seed", 0, "seed = 0 is not allowed: must be >= 1"),
        ("--time", 0, "time_ms = 0.0 is not allowed: must be > 0"),
        ("--param", "scale=0", "scale = 0.0 is not allowed"),
        ("--power-every", 1, "power_every_ms = 1.0 is not allowed"),
    ],
)
def test_wrong_options_are_refused_before_anything_runs(home, benchnn, started, option, value, refusal):
    finished = benchnn("protocol", f"{option}={value}", "--out", "out")
    assert finished.code == 2 and refusal in finished.err and started == [] and not (home / "out").exists()


def test_a_protocol_is_not_replaced_unasked(home, benchnn, started):
    benchnn("protocol", *SMALL, "--out", "out")
    finished = benchnn("protocol", *SMALL, "--out", "out")
    assert finished.code == 2 and "already contains a protocol" in finished.err
    assert benchnn("protocol", *SMALL, "--out", "out", "--overwrite").code == 1 and started == ["timed", "timed"]


def spikes_of(*trains):
    """Spikes of the populations A (two neurons), B and the sources S."""
    stamps = np.array([stamp for train in trains for stamp in train], dtype=np.int64)
    ids = np.array([neuron for neuron, train in enumerate(trains) for _ in train], dtype=np.int64)
    order = np.lexsort((ids, stamps))
    return Spikes(stamps[order], ids[order], {"A": 0, "B": 2, "S": 3}, {"A": 2, "B": 1, "S": 1}, 0.1, 100)


def test_spikes_a_step_apart_are_shared_those_of_sources_left_out():
    own = spikes_of([10, 20, 30], [5], [], [1, 2, 3])
    other = spikes_of([11, 22, 30, 31], [5], [], [50])
    part = agreement_part(own, other, frozenset("S"))
    assert part["populations"]["A"] == {"share": 2 * 3 / 9, "spikes": 4, "spikes_of_other": 5}
    assert part["populations"]["B"] == {"share": None, "spikes": 0, "spikes_of_other": 0}
    assert part["share"] == 2 * 3 / 9 and set(part["populations"]) == {"A", "B"}
