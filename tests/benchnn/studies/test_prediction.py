"""Predictions of a scaling series: which ranks are played and how, what becomes of their records, table and files."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from benchnn.interconnects.interconnect import Link
from benchnn.running import message_costs
from benchnn.running.dry_run import SCHEMA_VERSION
from benchnn.studies import prediction, scaling
from benchnn.studies.child_runs import ChildRun
from benchnn.studies.played_ranks import ranks_to_play

DOCS = Path(__file__).parents[3] / "docs" / "result.md"
SHORT = ("--time", 20, "--warmup", 5, "--predict", "8")
MESSAGES = ("--latency-us", 2, "--bandwidth-gb-s", 0.5)


def dry_record(ranks, rank, deliver_us):
    """What a dry run leaves, as far as predictions read it: a step takes 20 us beside the delivery."""
    return {
        "schema_version": SCHEMA_VERSION,
        "exchange": "collective",
        "measured": {
            "threads": 1,
            "steps": 200,
            "wall_s": 0.1,
            "work_s_per_step": (deliver_us + 20) * 1e-6,
            "deliver_s_per_step": deliver_us * 1e-6,
            "update_s_per_step": 15e-6,
            "unpack_s_per_exchange": (ranks - 1) * 1e-6,
            "construction_s": 0.1 * (1 + rank),
            "routing_s": 0.0,
            "compile_s": 0.0,
            "memory_bytes": {"peak_rss": 10**8 + rank},
            "synapses": 10,
            "neurons": 2,
            "delivery": "by_source",
            "interval_steps": 5,
            "spikes": 4,
            "synaptic_events": 40,
            "received_words_per_exchange": 1.0,
            "largest_sent_words": 2,
            "destinations": ranks - 1,
            "origins": ranks - 1,
        },
        "predicted": {"real_time_factor": 0.5},
    }


REAL = {
    "model": {"resolution_ms": 0.1, "neurons": 25, "synapses": 100},
    "time": {"model_time_ms": 20.0, "timed_ms": 20.0},
    "real_time_factor": 1.2,
    "wall_s": {"construction": {"max": 0.1}, "propagation": {"max": 0.024}},
    "phases_s": {"deliver": {"mean": 0.016, "max": 0.016}, "update": {"mean": 0.003, "max": 0.003}},
    "memory_bytes": {"peak_rss": {"max": 1.1e8}},
    "spikes": 1,
    "synaptic_events": 5,
    "mean_rate_hz": {"E": 3.5, "I": 0.25},
    "communication": None,
}
"""What a run leaves, as far as series and predictions read it."""


@pytest.fixture
def played(monkeypatch):
    """Neither runs nor dry runs are made, but their records are. The set holds numbers of ranks that fail."""
    failing, commands = set(), {}

    def fake(runs, folder, environment, stop, stream):
        for run in runs:
            commands[run.name] = run.command
            ranks, rank = (int(part) for part in re.match(r"dry-r(\d+)-t\d+-k(\d+)", run.name).groups())
            if ranks in failing:
                yield ChildRun(1, "lost", None)
            else:
                yield ChildRun(0, None, dry_record(ranks, rank, 80 / ranks))

    monkeypatch.setattr(prediction, "ended_runs", fake)
    ended = ChildRun(0, None, REAL)
    monkeypatch.setattr(scaling, "ended_runs", lambda runs, *others: iter([ended for _ in runs]))
    monkeypatch.setattr(message_costs, "mpi_launcher", lambda: pytest.fail("costs of messages were measured"))
    return commands, failing


@pytest.fixture
def predict(home, benchnn, played):
    """Run a series of one rank and predict eight: ``predict("strong")``."""

    def call(kind="strong", *arguments, model="small.py:small"):
        return benchnn("scale", kind, model, "--ranks", "1", *SHORT, *MESSAGES, "--out", "out", *arguments)

    return call


def band_of(row, name):
    return {part: row[name][part] for part in ("low", "high")}


def record():
    return json.loads(Path("out/scaling.json").read_text())["prediction"]


def test_the_ranks_with_fewest_median_and_most_events_are_played():
    assert ranks_to_play(np.array([3.0, 1.0, 2.0, 9.0, 5.0])) == [1, 0, 3]
    assert ranks_to_play(np.array([5.0, 5.0, 5.0, 6.0])) == [0, 1, 3]
    assert ranks_to_play(np.array([2.0, 1.0])) == [1, 0]
    assert ranks_to_play(np.array([2.0])) == [0]


def test_layouts_that_run_are_predicted_too_and_give_the_band(predict, played):
    done = predict()
    assert done.code == 0, done.err
    predicted, (commands, _) = record(), played
    assert predicted["complete"] and predicted["communication"]["latency_us"] == 2.0
    assert [(row["ranks"], row["run_here"], len(row["played"])) for row in predicted["rows"]] == [
        (1, True, 1),
        (8, False, 3),
    ]
    one, eight = predicted["rows"]
    rtf = one["real_time_factor"]
    # 100 us of work in a step of 0.1 ms.
    assert rtf["predicted"] == pytest.approx(1.0)
    assert predicted["band_layouts"]["real_time_factor"] == 1
    factor = predicted["band_factors"]["real_time_factor"]
    assert rtf["measured"] == 1.2 and factor == pytest.approx(1.2**6.3138, rel=1e-3)
    assert one["deliver_us_per_step"]["measured"] == pytest.approx(80.0)
    # 4 spikes and 40 events in 20 ms of the dry run, 1 and 5 of the run.
    assert one["spikes_per_model_s"] == pytest.approx(
        {"predicted": 200, "measured": 50, **band_of(one, "spikes_per_model_s")}
    )
    value = eight["real_time_factor"]
    assert (value["low"], value["high"]) == pytest.approx((value["predicted"] / factor, value["predicted"] * factor))
    assert value["measured"] is None
    # One block: 5 steps and 8 spikes; three rounds, seven blocks.
    exchange_us = (3 * 2 + 7 * 4 * 13 / 500) / 5
    assert eight["parts_us_per_step"] == pytest.approx(
        {"deliver": 10, "update": 15, "exchange": exchange_us, "unpack": 1.4, "other": 5}
    )
    assert value["predicted"] == pytest.approx((30 + exchange_us + 1.4) / 100)
    assert eight["efficiency"] == pytest.approx(rtf["predicted"] / value["predicted"] / 8)
    assert eight["construction_s"]["predicted"] == pytest.approx(
        0.1 * (1 + max(run["rank"] for run in eight["played"]))
    )
    assert "--dry-run-ranks=8" in commands[f"dry-r0008-t001-k{eight['played'][0]['rank']:04d}"]
    assert (predicted["tried_values"], predicted["tried_inside"]) == (0, 0)


def test_rates_are_those_that_the_real_run_measured_unless_given(predict, played):
    assert predict("strong").code == 0
    measured = REAL["mean_rate_hz"]
    row = record()["rows"][1]
    assert row["rates_hz"] == measured and row["rates_source"] == "measured in r0001-t001-s1"
    assert f"--dry-run-rate=E={measured['E']!r}" in played[0]["dry-r0008-t001-k0000"]
    assert predict("strong", "--dry-run-rate", "I=7", "--overwrite").code == 0
    row = record()["rows"][1]
    assert row["rates_hz"] == measured | {"I": 7.0}
    assert row["rates_source"] == "given for I; measured in r0001-t001-s1"
    assert record()["rows"][0]["rates_hz"] == measured


def test_the_network_of_weak_scaling_grows_and_its_efficiency_is_against_the_first(predict, played):
    assert predict("weak", "--grow", "n").code == 0
    one, eight = record()["rows"]
    assert eight["neurons"] > 7 * one["neurons"] and eight["network_factor"] == 8.0
    assert eight["efficiency"] == pytest.approx(
        one["real_time_factor"]["predicted"] / eight["real_time_factor"]["predicted"]
    )
    assert any(word.startswith("--param=n=") for word in played[0]["dry-r0008-t001-k0000"])


def test_dry_runs_that_fail_leave_a_reason(predict, played):
    played[1].add(8)
    done = predict()
    assert done.code == 1
    assert "1 layout could not be predicted" in done.err and "FAILED r0008-t001: lost" in done.out
    eight = record()["rows"][1]
    assert eight["real_time_factor"] is None and eight["reasons"]["real_time_factor"] == "lost"
    assert record()["rows"][0]["real_time_factor"]["predicted"] > 0.0


def test_table_and_files_say_the_same(predict):
    done = predict()
    rows = list(csv.DictReader(Path("out/prediction.csv").read_text().splitlines()))
    predicted = record()["rows"]
    assert [float(row["real_time_factor_predicted"]) for row in rows] == [
        row["real_time_factor"]["predicted"] for row in predicted
    ]
    assert rows[1]["real_time_factor_measured"] == "" and float(rows[1]["unpack_us_per_step_part"]) == 1.4
    lines = [line.split() for line in done.out.splitlines()]
    line = next(line for line in lines if line[:2] == ["8", "1"])
    assert float(line[2]) == pytest.approx(predicted[1]["real_time_factor"]["predicted"], rel=1e-3)
    assert "for a machine with 2 us, 0.5 GB/s (given)" in done.out
    assert "prediction.csv" in done.out.splitlines()[-1]


def test_a_series_without_a_prediction_has_none(predict, home, benchnn):
    done = benchnn("scale", "strong", "small.py:small", "--ranks", 1, "--time", 1, "--warmup", 0, "--out", "out")
    assert done.code == 0 and record() is None
    assert not Path("out/prediction.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--predict", "1,4"], "predict = 1 is not allowed: must not be in --ranks"),
        (["--predict", "0"], "predict = '0' is not allowed"),
        (["--dry-run-rate", "X=3"], "dry_run_rate = 'X=3' is not allowed: the populations are E, I"),
        (["--node-latency-us", "1"], "node_latency_us = 1.0 is not allowed: it requires --ranks-per-node"),
        (["--interconnect", "none"], "interconnect = 'none' is unknown"),
        (["--backend", "oracle"], "backend = 'oracle' is not allowed: a prediction"),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(predict, arguments, message):
    done = predict("strong", *arguments)
    assert done.code == 2 and message in done.err
    assert not Path("out").exists()


def keys_of(value, key=""):
    if isinstance(value, list):
        return {leaf for entry in value for leaf in keys_of(entry, key)} if key.endswith(("rows", "played")) else {key}
    if not isinstance(value, dict):
        return {key}
    if key.endswith(("rates_hz", "grown", "reasons")):
        return {f"{key}.NAME"}
    return {leaf for name, child in value.items() for leaf in keys_of(child, f"{key}.{name}" if key else name)}


def test_every_key_is_documented_and_every_documented_key_is_written(predict):
    section = DOCS.read_text().partition("\n## Prediction of a series\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|([^|]+)\|([^|]+)\|$", section, re.MULTILINE)
    assert (
        predict("weak", "--grow", "n", "--ranks-per-node", 4, "--node-latency-us", 1, "--node-bandwidth-gb-s", 9).code
        == 0
    )
    predicted = record()
    measures = [name for name, value in predicted["rows"][0].items() if isinstance(value, dict) and "measured" in value]
    names = "|".join(measures)
    found = {re.sub(rf"^(band_\w+|rows)\.({names})\b", r"\1.MEASURE", key) for key in keys_of(predicted)}
    documented = {key.removeprefix("prediction.") for key, _, _ in rows}
    assert found == documented


def test_costs_here_are_measured_where_several_ranks_ran(home, benchnn, played, monkeypatch):
    monkeypatch.setattr(prediction, "measured_link", lambda: Link(7.0, 8.0, "measured"))
    plan = {}

    def planned(*arguments):
        plan["same"] = arguments[-1]
        return real_plan(*arguments)

    monkeypatch.setattr(scaling, "plan_prediction", planned)
    real_plan = prediction.plan_prediction
    monkeypatch.setattr(scaling, "mpi_launcher", lambda: (["mpiexec", "-n", "{ranks}"], {}))
    done = benchnn(
        "scale", "strong", "small.py:small", "--ranks", "1,2", *SHORT, *MESSAGES, "--out", "out", "--dry-run-rate", 5
    )
    predicted = record()
    assert plan["same"] is False, done.err
    assert predicted["communication_here"]["latency_us"] == 7.0 and predicted["communication"]["latency_us"] == 2.0
    assert "--latency-us=7.0" in played[0]["dry-r0002-t001-k0000"]
    assert "--latency-us=2.0" in played[0]["dry-r0008-t001-k0000"]
    assert [row["rates_source"] for row in predicted["rows"]] == [*["measured in r0001-t001-s1"] * 2, "given"]
