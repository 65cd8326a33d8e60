"""The record of a scaling series and what is made of it, from records of runs that the tests make up."""

import csv
import json

import pytest

from benchnn.studies.scaling_table import Layout, Run, Series, make_record, to_csv, to_text


def result(layout, seed):
    """A record whose ranks share the work perfectly, but two of them take a quarter longer."""
    rtf = (1 + seed / 100) * 8 / layout.cores * (1.25 if layout.ranks == 2 else 1.0)
    return {
        "model": {"neurons": 1000, "synapses": 50000},
        "layout": {"ranks": layout.ranks, "hosts": ["a"]},
        "time": {"model_time_ms": 2000.0},
        "real_time_factor": rtf,
        "wall_s": {"construction": {"max": 0.5}, "propagation": {"max": 2 * rtf}},
        "phases_s": {"update": {"mean": rtf}, "deliver": {"mean": 0.5 * rtf}, "communicate": None},
        "load_imbalance": {"update": 1.25, "deliver": 1.5},
        "memory_bytes": {"peak_rss": {"max": 3e6 * seed}},
        "synaptic_events_per_s": 4e6,
        "spikes": 5000,
        "spike_digest": f"d{seed}",
        "network_digest": "n",
        "reasons": {"phases_s.communicate": "the backend does not time this phase"},
    }


def made(kind="strong", ranks=(1, 2), threads=(1,), seeds=(1,), cpus=64, change=None, fails=(), over=None):
    """Record of a series; `change` edits the result of a layout, `fails` are numbers of ranks, `over` runs are over."""
    pairs = [(r, t) for r in ranks for t in threads]
    factors = [r * t / (ranks[0] * threads[0]) if kind == "weak" else 1.0 for r, t in pairs]
    layouts = tuple(Layout(r, t, factor, {}, 1000) for (r, t), factor in zip(pairs, factors, strict=True))
    runs = []
    for seed in seeds:
        for layout in layouts:
            measured = result(layout, seed)
            if change:
                change(layout, measured)
            end = (1, "lost", None) if layout.ranks in fails else (0, None, measured)
            runs.append(Run(layout, seed, f"{layout.name}-s{seed}", [], *end))
    series = Series(["benchnn"], kind, "m", {"limit": float("inf")}, "the same", layouts, tuple(seeds), cpus)
    return make_record(series, runs[:over], None if over is None else "SIGINT")


def cells(text, table):
    """Words of the rows of a table, the first or the second."""
    lines = text.splitlines()
    headings = [number for number, line in enumerate(lines) if line.startswith("ranks  threads")]
    rows = lines[headings[table] + 1 :]
    return [line.split() for line in rows[: next(n for n, line in enumerate(rows) if not line.strip()[:1].isdigit())]]


def test_strong_efficiency_is_speed_for_each_core():
    rows = made(threads=(1, 2), seeds=(1, 2, 3))["rows"]
    assert [row["real_time_factor"]["median"] for row in rows] == pytest.approx([8.16, 4.08, 5.1, 2.55])
    assert [row["efficiency"] for row in rows] == pytest.approx([1.0, 1.0, 0.8, 0.8])
    assert rows[2]["real_time_factor"] == pytest.approx({"median": 5.1, "min": 5.05, "max": 5.15})


def test_weak_efficiency_is_speed():
    assert [row["efficiency"] for row in made("weak")["rows"]] == pytest.approx([1.0, 8.0 / 5.0])


def test_measures_come_from_the_results():
    row = made(seeds=(1, 3))["rows"][1]
    assert row["synapses"] == {"median": 50000, "min": 50000, "max": 50000}
    assert (row["update_share"]["median"], row["deliver_share"]["median"]) == (0.5, 0.25)
    assert (row["load_imbalance_update"]["median"], row["load_imbalance_deliver"]["median"]) == (1.25, 1.5)
    assert row["peak_rss_bytes"]["max"] == 9e6
    assert row["mean_rate_hz"]["median"] == 5000 / 1000 / 2.0
    assert (row["construction_s"]["median"], row["synaptic_events_per_s"]["median"]) == (0.5, 4e6)
    assert [run["spike_digest"] for run in row["runs"]] == ["d1", "d3"]
    assert [run["result"] for run in row["runs"]] == ["r0002-t001-s1/result.json", "r0002-t001-s3/result.json"]


def test_what_was_not_measured_is_null_with_a_reason():
    def change(layout, measured):
        if layout.ranks == 2:
            del measured["load_imbalance"]

    record = made(change=change)
    first, second = record["rows"]
    assert second["communicate_share"] is None and second["load_imbalance_update"] is None
    assert second["reasons"]["communicate_share"] == "the backend does not time this phase"
    assert second["reasons"]["load_imbalance_update"] == "load_imbalance.update is not in result.json"
    assert "load_imbalance_update" not in first["reasons"]
    assert cells(to_text(record), 1)[1][3:] == ["50.0", "%", "25.0", "%", "-", "-", "-", "3"]


def test_no_model_time_gives_no_rates_and_no_zeros():
    def change(layout, measured):
        measured |= {"real_time_factor": None, "synaptic_events_per_s": None, "spikes": 0}
        measured["time"]["model_time_ms"] = 0.0
        measured["reasons"] = {"real_time_factor": "no time", "mean_rate_hz": "none was simulated"}

    row = made(change=change)["rows"][1]
    assert (row["mean_rate_hz"], row["efficiency"]) == (None, None)
    assert row["reasons"]["mean_rate_hz"] == "none was simulated"
    assert row["reasons"]["efficiency"] == "the real-time factor of the first layout is unknown"


def test_without_the_first_layout_there_is_no_efficiency():
    first, second = made(fails=(1,))["rows"]
    assert first["reasons"]["efficiency"] == second["reasons"]["efficiency"]
    assert second["efficiency"] is None
    assert second["reasons"]["efficiency"] == "the real-time factor of the first layout is unknown"


def test_a_failed_run_is_null_throughout():
    row = made(fails=(2,))["rows"][1]
    run = row["runs"][0]
    assert (run["error"], run["exit_code"], run["result"]) == ("lost", 1, None)
    assert {run[name] for name in run["reasons"]} == {None}
    assert {"real_time_factor", "spike_digest", "mean_rate_hz"} < set(run["reasons"])
    assert row["reasons"]["efficiency"] == "all runs of this layout failed"


def test_text_shows_both_tables_and_the_digests():
    text = to_text(made(seeds=(1, 3)))
    speeds = ["5.1", "5.05", "-", "5.15", "80.0", "%", "4.0", "-", "2.500"]
    assert cells(text, 0)[1] == ["2", "1", "1,000", "50,000", *speeds]
    assert cells(text, 1)[1] == ["2", "1", "0.500", "50.0", "%", "25.0", "%", "-", "1.250", "1.500", "9"]
    assert text.startswith("strong scaling of m: the same\nmedians of 2 seeds, span from lowest to highest\n")
    assert ["spike", "digest", "seed", "3", "d3", "on", "2", "layouts"] in [line.split() for line in text.splitlines()]


def test_csv_has_a_line_for_each_layout():
    first, second = csv.DictReader(to_csv(made(seeds=(1, 2))).splitlines())
    assert (first["layout"], second["layout"]) == ("r0001-t001", "r0002-t001")
    assert float(second["efficiency"]) == pytest.approx(0.8)
    assert (second["spike_digests"], second["communicate_share_median"]) == ("1:d1 2:d2", "")
    assert float(second["real_time_factor_max"]) == pytest.approx(5.1)
    failed = list(csv.DictReader(to_csv(made(seeds=(1, 2), fails=(2,))).splitlines()))[1]
    assert (failed["runs"], failed["failed"], failed["efficiency"], failed["spike_digests"]) == ("2", "2", "", "")


def test_oversubscribed_layouts_are_marked():
    record = made(threads=(1, 3), cpus=3)
    assert [row["oversubscribed"] for row in record["rows"]] == [False, False, False, True]
    text = to_text(record)
    assert "OVERSUBSCRIBED: more threads than usable CPUs of this host (3); these times are not valid" in text
    assert [row[-1] == "OVERSUBSCRIBED" for row in cells(text, 0)] == [False, False, False, True]


def test_threads_on_several_hosts_are_not_oversubscribed():
    def change(layout, measured):
        measured["layout"]["hosts"] = ["a", "b"]

    record = made(ranks=(2,), threads=(3,), cpus=3, change=change)
    assert not record["rows"][0]["oversubscribed"]
    assert "OVERSUBSCRIBED" not in to_text(record)


@pytest.mark.parametrize("what", ["spike", "network"])
def test_equal_networks_must_have_equal_digests(what):
    def change(layout, measured):
        if layout.ranks == 2:
            measured[f"{what}_digest"] = "x"

    good = "n" if what == "network" else "d1"
    errors = made(change=change)["errors"]
    assert errors == [f"the {what} digest of seed 1 depends on the layout: r0001-t001 {good}, r0002-t001 x"]
    # In weak scaling only one rank with two threads and two ranks with one simulate the same network.
    weak = made("weak", threads=(1, 2), change=change)
    assert weak["errors"] == [f"the {what} digest of seed 1 depends on the layout: r0001-t002 {good}, r0002-t001 x"]
    assert f"\nERROR: {weak['errors'][0]}\n" in to_text(weak)
    assert len(made(seeds=(1, 2), change=change)["errors"]) == 2
    assert made(seeds=(1, 2))["errors"] == []


def test_an_interrupted_series_shows_what_is_over():
    record = made(seeds=(1, 2), over=3)
    assert (record["complete"], record["interrupted_by"]) == (False, "SIGINT")
    assert [len(row["runs"]) for row in record["rows"]] == [2, 1]
    text = to_text(record)
    assert cells(text, 0)[1][-5:] == ["1", "of", "2", "not", "run"]
    assert text.endswith("INTERRUPTED by SIGINT: the series is incomplete\n")
    assert "2 of 2 not run" in to_text(made(seeds=(1, 2), over=0))


def test_record_is_strict_json():
    assert json.loads(json.dumps(made(), allow_nan=False))["parameters"] == {"limit": "inf"}
