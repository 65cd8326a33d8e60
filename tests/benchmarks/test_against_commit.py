"""What a comparison does and says, with runs that are made up: nothing is installed or timed."""

import json
from pathlib import Path

import against_commit
import pytest
from against_commit import METRICS, WORKLOADS, Run, main, run_arguments, summary
from installed_revisions import ComparisonError, Side

from benchnn.models import models


def record(rtf, **changed):
    """What the script reads of a record."""
    whole = {
        "real_time_factor": rtf,
        "phases_s": {"update": {"mean": 0.5 * rtf}, "deliver": {"mean": 0.4 * rtf}},
        "wall_s": {"construction": {"max": 2.0}},
        "memory_bytes": {"peak_rss": {"max": 3e8}},
        "spike_digest": "spikes",
        "network_digest": "network",
        "provenance": {"cpu_model": "Processor X", "source_digest": "sources", "packages": {"numpy": "2"}},
    }
    return {**whole, **changed}


class Machine:
    """Stands for git, the installations and the runs; keeps the order of the latter."""

    def __init__(self, monkeypatch):
        self.runs = []
        self.records = {"base": record(1.0), "candidate": record(1.0)}
        self.others = 0.0
        monkeypatch.setattr(against_commit, "resolved", lambda root, name: "0123456789abcdef")
        monkeypatch.setattr(against_commit, "refuse_conflicts", lambda root: None)
        monkeypatch.setattr(against_commit, "require_installers", lambda: None)
        described = {"folder": "/here", "commit": "fedcba9876543210", "uncommitted_files": 3}
        monkeypatch.setattr(against_commit, "working_tree", lambda root: dict(described))
        sides = {name: Side(name, Path("python"), Path("cache"), Path("out")) for name in ("base", "candidate")}
        monkeypatch.setattr(against_commit, "_install_both", lambda commit, folder: sides)
        monkeypatch.setattr(against_commit, "run", self.run)
        monkeypatch.setattr(against_commit.os, "cpu_count", lambda: 2)

    def run(self, side, arguments):
        self.runs.append((side.name, list(arguments)))
        return Run(self.records[side.name], self.others)


@pytest.fixture
def machine(monkeypatch):
    return Machine(monkeypatch)


@pytest.mark.parametrize("pairs", ["6", "0", "-1"])
def test_too_few_pairs_are_refused_before_anything_runs(machine, capsys, pairs):
    assert main(["HEAD", "--pairs", pairs]) == 2
    assert f"--pairs: {pairs} is too few; use at least 7" in capsys.readouterr().err
    assert machine.runs == []


def test_an_unknown_revision_is_refused_before_anything_runs(monkeypatch, capsys):
    monkeypatch.setattr(against_commit, "_install_both", lambda *_: pytest.fail("installed"))
    assert main(["no-such-revision"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and "against_commit: error:" in captured.err


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("brunel --param 'order=5", "quotation")])
def test_a_workload_that_is_no_command_is_refused(machine, capsys, text, reason):
    assert main(["HEAD", "--workload", text]) == 2
    assert f"--workload: {text!r}" in capsys.readouterr().err or reason == "empty"
    with pytest.raises(ComparisonError, match=reason):
        run_arguments(text)
    assert machine.runs == []


def test_words_of_a_workload_are_arguments_not_shell():
    assert run_arguments("brunel --param 'a=b c'; rm $HOME") == ["brunel", "--param", "a=b c;", "rm", "$HOME"]
    assert run_arguments("pd14-0.1") == ["pd14", "--param", "scale=0.1", "--time", "10000"]


@pytest.mark.parametrize("name", WORKLOADS)
def test_named_workloads_are_of_registered_models(name):
    assert run_arguments(name)[0] in models.names()


def test_one_run_of_each_warms_up_then_pairs_alternate(machine):
    assert main(["HEAD", "--pairs", "8"]) == 0
    names = "".join(name[0] for name, _ in machine.runs)
    assert names == "bc" + "bccb" * 4
    assert all(arguments == run_arguments("pd14-0.1") for _, arguments in machine.runs)


def test_warm_up_runs_are_not_counted():
    runs = {"base": [Run(record(1.0), 0.0)] * 7, "candidate": [Run(record(0.5), 0.0)] * 7}
    assert len(summary("x", ["x"], runs)["metrics"]["real_time_factor"]["base"]["values"]) == 7


def test_the_text_names_machine_revisions_and_verdicts(machine, capsys):
    machine.records["candidate"] = record(0.8, memory_bytes={"peak_rss": {"max": 6e8}})
    assert main(["v1", "--workload", "pd14"]) == 0
    text = capsys.readouterr().out
    assert "Processor X, 2 CPUs, load average" in text
    assert "v1, commit 0123456789ab" in text and "with 3 uncommitted files" in text
    assert "7 pairs of benchnn run pd14 --time 2000 --warmup 200" in text and "98.4 % interval" in text
    rows = {line.split("  ")[0]: line.split() for line in text.splitlines()}
    assert rows["real-time factor"][-5:] == ["0.800", "0.800", "-", "0.800", "faster"]
    assert rows["update, s"][-1] == "faster" and rows["construction, s"][-1] == "same"
    assert rows["peak RSS, MB"][3] == "300" and rows["peak RSS, MB"][-1] == "larger"
    assert "spike_digest: same, spikes" in text and "warning" not in text


def test_a_slower_candidate_is_no_failure(machine, capsys):
    machine.records["candidate"] = record(1.5)
    assert main(["HEAD"]) == 0
    assert "slower" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["spike_digest", "network_digest"])
def test_other_digests_are_said_and_fail(machine, capsys, key):
    machine.records["candidate"] = record(1.0, **{key: "other"})
    assert main(["HEAD"]) == 1
    text = capsys.readouterr().out
    assert f"{key}: DIFFERS: base {record(1.0)[key]}, candidate other" in text and text.count("DIFFERS") == 1


def test_digests_that_change_from_run_to_run_of_both_sides_differ():
    changing = [Run(record(1.0, spike_digest=f"{k % 2}"), 0.0) for k in range(7)]
    assert summary("x", ["x"], {"base": changing, "candidate": changing})["digests"]["spike_digest"]["same"] is False


def test_what_a_simulator_does_not_measure_is_said(machine, capsys):
    for side in machine.records:
        machine.records[side] = record(1.0, phases_s=None, spike_digest=None)
    assert main(["HEAD"]) == 0
    text = capsys.readouterr().out
    assert text.count("not measured in every run") == 2 and "spike_digest: not recorded" in text


def test_a_metric_that_one_run_lacks_is_not_measured():
    runs = {
        "base": [Run(record(1.0), 0.0)] * 7,
        "candidate": [Run(record(1.0), 0.0)] * 6 + [Run(record(1.0, real_time_factor=None), 0.0)],
    }
    metrics = summary("x", ["x"], runs)["metrics"]
    assert metrics["real_time_factor"] is None and metrics["construction_s"]["verdict"] == "same"


@pytest.mark.parametrize(
    ("others", "warned"), [(0.09, None), (0.5, "up to 0.5 of 2 CPUs in 14 of 14"), (None, "does not report")]
)
def test_a_busy_machine_is_warned_of(machine, capsys, others, warned):
    machine.others = others
    assert main(["HEAD"]) == 0
    text = capsys.readouterr().out
    assert ("warning: " in text) == (warned is not None) and (warned or "") in text


def test_json_is_all_that_is_printed(machine, capsys):
    machine.records["candidate"] = record(2.0)
    assert main(["HEAD", "--workload", "pd14", "--workload", "brunel --time 5", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    first, second = printed["workloads"]
    assert (first["workload"], second["arguments"]) == ("pd14", ["brunel", "--time", "5"])
    assert set(first["metrics"]) == {metric.name for metric in METRICS}
    rtf = first["metrics"]["real_time_factor"]
    assert rtf["base"] == {"median": 1.0, "min": 1.0, "max": 1.0, "values": [1.0] * 7}
    assert rtf["ratio"]["median"] == 2.0 and rtf["ratio"]["confidence"] == 0.984375 and rtf["verdict"] == "slower"
    assert printed["candidate"]["packages"] == printed["base"]["packages"] == {"numpy": "2"}


def test_a_run_that_fails_ends_it_with_one_sentence(machine, monkeypatch, capsys):
    def failing(side, arguments):
        raise ComparisonError("base: it failed", 1)

    monkeypatch.setattr(against_commit, "run", failing)
    assert main(["HEAD"]) == 1
    assert capsys.readouterr().err.endswith("against_commit: error: base: it failed\n")


def test_an_interrupt_is_said_without_a_traceback(machine, monkeypatch, capsys):
    def interrupted(side, arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(against_commit, "run", interrupted)
    assert main(["HEAD"]) == 1
    assert "interrupted" in capsys.readouterr().err
