"""``benchnn roofline``: its record, its table, its picture and page, and what it refuses."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchnn.accelerators.roofline.chip import chip_roofline
from benchnn.accelerators.roofline.record_keys import ROOFLINE
from benchnn.chips.floorline import read_timed_run
from benchnn.record.allowed import require_allowed
from benchnn.report.style import drawing
from simcore.accelerators.roofline.record import read_machine
from simcore.accelerators.roofline.roofs import placed

NODE = {
    "name": "node",
    "title": "A node",
    "operation": "synaptic event",
    "peak_ops_per_s": 2e9,
    "op_energy_j": None,
    "static_w": 10.0,
    "levels": [
        {"name": name, "bandwidth_bytes_per_s": rate, "reasons": {"energy_j_per_byte": "no meter"}}
        for name, rate in (("L2", 4e10), ("DRAM", 3e10))
    ],
    "points": [
        {
            "name": "deliver",
            "ops": 1e9,
            "traffic_bytes": {"L2": 3e10, "DRAM": 0},
            "time_s": 0.8,
            "reasons": {"energy_j": "no meter"},
        }
    ],
    "reasons": {"op_energy_j": "no meter"},
}


def record(benchnn, *arguments):
    done = benchnn("roofline", *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def rows(found, machine):
    entry = next(entry for entry in found["machines"] if entry["machine"]["name"] == machine)
    return {(row["point"], row["counted"]): row for row in entry["rows"]}


@pytest.fixture
def node(home):
    def written(**changes):
        path = home / "node.json"
        path.write_text(json.dumps({**NODE, **changes}))
        return path

    return written


def test_four_machines_and_their_points_are_there_without_any_option(benchnn, home):
    found = record(benchnn)
    names = ["tpu_v1", "eyeriss", "sata", "spikesim_65nm"]
    assert [entry["machine"]["name"] for entry in found["machines"]] == names
    require_allowed(found, ROOFLINE, "record")
    tpu, sata = found["machines"][0], found["machines"][2]
    assert tpu["ridges_ops_per_byte"]["DRAM"] == pytest.approx(1349.27, abs=0.01)
    assert len(rows(found, "tpu_v1")) == 8
    assert rows(found, "tpu_v1")["CNN0", "effective"]["regime"].startswith("compute bound")
    assert rows(found, "eyeriss")["AlexNet", "effective"]["j_per_op"] == pytest.approx(1 / 83.1e9, rel=1e-4)
    assert set(sata["ridges_ops_per_byte"].values()) == {None}
    assert [level["bandwidth_bytes_per_s"] for level in sata["machine"]["levels"]] == [None] * 5
    assert any("accumulation on sata" in text for text in found["cautions"])


def test_every_null_has_a_reason_and_no_point_is_above_a_roof(benchnn, home):
    found = record(benchnn, "--on", "tpu_v1,eyeriss,eyeriss_like,sata,spikesim_65nm", "--workload", "vgg9,resnet50")
    for entry in found["machines"]:
        machine = entry["machine"]
        for holder in (machine, *machine["levels"], *machine["points"]):
            for key, value in holder.items():
                optional = key in ("executed_ops", "energy_ops_per_byte")
                assert value is not None or optional or key in holder["reasons"], (machine["name"], key)
        for row in entry["rows"]:
            assert row["faults"] == []
            assert row["ops_per_s"] is not None or "time_s" in row["reasons"]
            assert row["j_per_op"] is not None or "energy_j" in row["reasons"]
            assert row["roof_ops_per_s"] is not None or row["throughput_without"]
            assert row["roof_j_per_op"] is not None or row["energy_without"]
            for share in ("of_throughput_roof", "of_energy_roof"):
                assert row[share] is None or 0.0 < row[share] <= 1.0
    assert found["machines"][2]["not_placed"].keys() == {"vgg9", "resnet50"}


def test_effective_and_executed_operations_are_both_there(benchnn, home):
    found = rows(record(benchnn, "--on", "sata", "--workload", "vgg9", "--density", "0.25", "--steps", "2"), "sata")
    effective, executed = found["vgg9", "effective"], found["vgg9", "executed"]
    assert executed["ops"] == pytest.approx(0.25 * effective["ops"])
    assert executed["ops_per_s"] == pytest.approx(0.25 * effective["ops_per_s"])
    assert executed["of_throughput_roof"] == pytest.approx(effective["of_throughput_roof"])
    dense = rows(record(benchnn, "--on", "sata", "--workload", "vgg9", "--density", "1"), "sata")
    assert list(dense) == [("vgg9", "effective")]


def test_a_batch_shares_weights(benchnn, home):
    found = [
        rows(record(benchnn, "--on", "tpu_v1", "--workload", "resnet50", "--batch", batch), "tpu_v1")
        for batch in ("1", "64")
    ]
    bound = [one["resnet50", "effective"]["bound_by"] for one in found]
    assert bound == ["DRAM", "compute"]


def test_a_machine_of_a_file_is_placed(benchnn, node):
    found = record(benchnn, "--machine", node())
    assert [entry["machine"]["name"] for entry in found["machines"]] == ["node"]
    row = rows(found, "node")["deliver", "effective"]
    assert (row["bound_by"], row["ops_per_s"]) == ("L2", 1.25e9)
    assert row["of_throughput_roof"] == pytest.approx(1.25e9 / (4e10 / 30))
    assert row["intensities_ops_per_byte"]["DRAM"] is None and row["reasons"]["DRAM"] == "it moves no bytes"
    assert row["roof_parts_j_per_op"] == {"static power": pytest.approx(7.5e-9)}
    both = record(benchnn, "--machine", node(), "--on", "sata")
    assert [entry["machine"]["name"] for entry in both["machines"]] == ["sata", "node"]


def test_a_point_above_its_roof_is_printed_and_the_exit_code_is_1(benchnn, node):
    fast = [{**NODE["points"][0], "time_s": 0.1}]
    done = benchnn("roofline", "--machine", node(points=fast))
    assert done.code == 1
    assert "above its roof: deliver on node is above its throughput roof" in done.out
    assert done.err.startswith("benchnn: deliver on node is above its throughput roof: 1e+10 exceeds 1.33333e+09")


def test_the_table_marks_bounds_and_says_what_is_not_known(benchnn, home):
    text = benchnn("roofline", "--on", "tpu_v1,sata").out
    words = " ".join(text.split())
    line = next(line for line in text.splitlines() if " LSTM0 " in line)
    assert "<= 2.176 Top/s" in line and "85.0 %" in line and line.endswith("(static power)")
    assert "1,349 op/B" in text
    assert "sata: bandwidth of DRAM: unknown (" in words and "a bandwidth is not stated" in words
    sata = next(line for line in text.splitlines() if line.startswith("sata") and " effective " in line)
    assert sata.endswith("  (static power)") and ">= " in sata


def test_a_chip_has_both_pictures(benchnn, chip_runs, home):
    done = benchnn("roofline", chip_runs / "loihi1", "--out", "r")
    assert done.code == 0, done.err
    pytest.importorskip("matplotlib")
    assert "written to r: roofline.json, roofline.svg, floorline.svg" in done.out
    assert (home / "r" / "floorline.svg").exists()
    run = read_timed_run(chip_runs / "loihi1")
    machine, point = chip_roofline(run)
    result = json.loads((chip_runs / "loihi1" / "result.json").read_text())["chip"]
    assert machine.peak_ops_per_s == pytest.approx(result["cores"] / 3.5e-9)
    assert point.ops == run.traffic.profile.synops.sum()
    assert point.time_s == pytest.approx(result["step_time_s"]["sum"])
    assert point.energy_j == pytest.approx(result["energy_j"]["total"])
    # Messages of 32 bits, on links of 3.44 G/s.
    links = len(run.traffic.profile.link_messages)
    assert machine.level("links").bandwidth_bytes_per_s == pytest.approx(links * 3.44e9 * 4)
    assert point.traffic_bytes["links"] == 4 * run.traffic.profile.link_messages.sum()
    assert "message_in_s" in machine.level("messages into cores").reasons["bandwidth_bytes_per_s"]
    assert placed(machine, point).faults == ()


def test_a_chip_whose_sheet_is_not_at_hand_has_no_roof_and_reads_no_file(chip_runs):
    run = read_timed_run(chip_runs / "loihi1")
    for changes in ({"name": "other.toml"}, {"name": "x\ny"}, {"sheet_sha256": "0" * 64}):
        altered = type(run)(run.folder, {**run.record, "chip": {**run.record["chip"], **changes}}, run.traffic)
        machine, point = chip_roofline(altered)
        assert machine.peak_ops_per_s is None and "not available" in machine.reasons["peak_ops_per_s"]
        assert placed(machine, point).throughput.ops_per_s is None


def test_runs_without_times_are_refused(benchnn, chip_runs, home):
    done = benchnn("roofline", chip_runs / "plain")
    assert done.code == 2 and "this run did not use a chip" in done.err


def test_a_page_shows_pictures_tables_and_reasons(benchnn, node):
    pytest.importorskip("matplotlib")
    assert benchnn("roofline", "--on", "tpu_v1,eyeriss,sata,spikesim_65nm", "--machine", node(), "--out", "r").code == 0
    assert benchnn("report", "r", "--out", "page.html").code == 0
    with open("page.html", encoding="utf-8") as page:
        text = page.read()
    assert 'id="s1-roofline-title"' in text and "LSTM1" in text
    assert "<h3>Machines</h3>" in text or "Machines" in text
    for shown in ("≤ 2.176 Top/s", "a bandwidth is not stated", "closest to its roof", "1,349", "(static power)"):
        assert shown in text, shown


def test_equal_records_have_equal_pictures(benchnn, node):
    pytest.importorskip("matplotlib")
    contents = []
    for _ in range(2):
        assert benchnn("roofline", "--machine", node(), "--out", "r", "--overwrite").code == 0
        with open("r/roofline.svg", "rb") as picture:
            contents.append(picture.read())
    assert contents[0] == contents[1]
    text = contents[0].decode()
    for axis in ("operations/byte", "throughput (10⁹ operations/s)", "energy per operation (pJ)"):
        assert axis in text
    assert "L2" in text and "DRAM" in text


def measured(path, levels):
    """A machine without energies and with so many levels, all of which but the last move bytes."""
    names = [f"level {n}" for n in range(levels)]
    point = {**NODE["points"][0], "traffic_bytes": {name: 1e9 * (name != names[-1]) for name in names}}
    own = [
        {"name": name, "bandwidth_bytes_per_s": 4e10 / (n + 1), "reasons": {"energy_j_per_byte": "no meter"}}
        for n, name in enumerate(names)
    ]
    unknown = dict.fromkeys(("op_energy_j", "static_w"), "no meter")
    path.write_text(json.dumps({**NODE, "static_w": None, "levels": own, "points": [point], "reasons": unknown}))
    return path


def test_a_measured_machine_of_four_levels_has_a_picture_in_which_each_level_is_named(benchnn, home):
    pytest.importorskip("matplotlib")
    done = benchnn("roofline", "--machine", measured(home / "four.json", 4), "--on", "sata", "--out", "r")
    assert done.code == 0 and "roofline.json, roofline.svg, roofline-levels-1.svg" in done.out, done.err
    text = (home / "r" / "roofline-levels-1.svg").read_text()
    assert [f"level {n}, " in text for n in range(4)] == [True, True, True, False]


def test_no_more_levels_are_drawn_than_the_legend_names(home):
    pytest.importorskip("matplotlib")
    from benchnn.report.figures.roofline import Roofed, roofline_picture

    with drawing():
        machine, points = read_machine(measured(home / "many.json", 100))
        picture = roofline_picture([Roofed(machine, [placed(machine, point) for point in points])])
        (legend,) = picture.figure.legends
        names = [text.get_text() for text in legend.get_texts()]
        # The level that binds is the slowest one that moves bytes.
        assert names[1:] == [f"  level {n}" for n in (0, 1, 2, 3, 4, 98)]
        assert picture.figure.get_figheight() < 5
        lines = [line for line in picture.figure.axes[0].lines if len(set(line.get_ydata())) == 2]
        assert len({str(line._unscaled_dash_pattern) for line in lines}) == 6
    assert "94 more levels have no line" in picture.caption


def test_a_point_has_a_mark_only_at_levels_that_it_moves_bytes_at(home):
    pytest.importorskip("matplotlib")
    from benchnn.report.figures.roofline import Roofed, roofline_picture

    with drawing():
        machine, points = read_machine(measured(home / "two.json", 3))
        moved = {"level 0": 1e9, "level 1": 1e8, "level 2": 0.0}
        point = placed(machine, replace(points[0], traffic_bytes=moved))
        picture = roofline_picture([Roofed(machine, [point])])
        marks = [line.get_xdata()[0] for line in picture.figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert sorted(marks) == [1.0, 10.0]


def test_machines_that_lack_a_peak_or_points_are_drawn(benchnn, node):
    pytest.importorskip("matplotlib")
    for options in (
        ("--on", "eyeriss_like"),
        ("--machine", node(points=[])),
        ("--machine", node(peak_ops_per_s=None, reasons=dict.fromkeys(("peak_ops_per_s", "op_energy_j"), "none"))),
        ("--machine", node(peak_ops_per_s=1e30, points=[{**NODE["points"][0], "traffic_bytes": {"L2": 1e-29}}])),
    ):
        done = benchnn("roofline", *options, "--out", "r", "--overwrite")
        assert done.code == 0 and "roofline.svg" in done.out, options
    nothing = node(peak_ops_per_s=None, points=[], reasons=dict.fromkeys(("peak_ops_per_s", "op_energy_j"), "none"))
    done = benchnn("roofline", "--machine", nothing, "--out", "r", "--overwrite")
    assert done.code == 0 and "roofline.svg" not in done.out


def test_the_page_of_the_documentation_has_our_figures(benchnn, home):
    page = (Path(__file__).parents[4] / "docs" / "rooflines.md").read_text()
    found = record(benchnn)
    lines = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.count("|") == 8]
    printed = {(line[0], line[1]): line[2:] for line in lines if line[1] in ("tpu_v1", "eyeriss")}
    assert len(printed) == 8
    for (name, machine), (at, roof, reached, share, bound_by) in printed.items():
        row = rows(found, machine)[name, "effective"]
        assert row["bound_by"] == bound_by
        assert f"{100 * row['of_throughput_roof']:.1f} %" == share
        assert f"{row['intensities_ops_per_byte']['DRAM']:,.4g}" == at
        for value, text in ((row["roof_ops_per_s"], roof), (row["ops_per_s"], reached)):
            assert value / 1e9 == pytest.approx(float(text.replace(",", "")), rel=1e-4)
    (home / "page.json").write_text(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])
    assert rows(record(benchnn, "--machine", "page.json"), "node")["deliver", "effective"]["bound_by"] == "compute"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--on", "tpu"), "on = 'tpu' is unknown"),
        (("--on", "sata,sata"), "sata appears twice"),
        (("--on", "estimate_28nm"), "kind of estimate_28nm"),
        (("--on", "loihi1"), "on = 'loihi1' is unknown"),
        (("--on", "missing.toml"), "does not exist"),
        (("--on", "sata", "--workload", "vgg9,vgg9"), "vgg9 appears twice"),
        (("--on", "sata", "--workload", "vgg"), "vgg"),
        (("--on", "sata", "--workload", "tdbn_estimated"), "tdbn_estimated: "),
        (("--on", "sata", "--workload", "spikesim_example"), "pass --density"),
        (("--machine", "none.json"), "does not exist"),
        (("--machine", "none.json", "--workload", "vgg9"), "workload needs --on"),
        (("--machine", "none.json", "--steps", "2"), "steps needs --on"),
        (("--machine", "none.json", "--batch", "2"), "batch needs --on"),
        (("missing", "--density", "0.5"), "density needs --on"),
        (("--on", ",,"), "on = ',,' is not allowed: use names separated by commas"),
        (("--steps", "0"), "steps = '0'"),
        (("--batch", "x"), "batch = 'x'"),
        (("--density", "0"), "density = '0'"),
        (("missing",), "missing"),
    ],
)
def test_wrong_input_is_refused_in_one_sentence(benchnn, home, arguments, message):
    done = benchnn("roofline", *arguments)
    assert done.code == 2
    assert done.out == "" and done.err.startswith("benchnn: error: ") and done.err.count("\n") == 1
    assert message in done.err


def test_a_result_is_replaced_only_if_asked_for(benchnn, home):
    assert benchnn("roofline", "--on", "sata", "--workload", "vgg9", "--out", "r").code == 0
    done = benchnn("roofline", "--on", "sata", "--out", "r")
    assert done.code == 2 and "already contains a roofline" in done.err


def test_a_folder_that_cannot_be_made_is_refused_before_any_work(benchnn, home, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setattr("benchnn.accelerators.roofline.plan.find_workload", None)
    for out in ("file/r", "file"):
        done = benchnn("roofline", "--on", "sata", "--out", out)
        assert done.code == 2 and done.err.startswith(f"benchnn: error: out = '{out}' "), done.err
    monkeypatch.undo()
    assert benchnn("roofline", "--on", "none", "--out", "new/r").code == 2
    assert not (home / "new").exists()


def test_a_damaged_record_is_refused(benchnn, home):
    pytest.importorskip("matplotlib")
    assert benchnn("roofline", "--on", "sata", "--workload", "vgg9", "--out", "r").code == 0
    path = home / "r" / "roofline.json"
    whole = json.loads(path.read_text())
    for key, value in (("static_w", -1), ("levels", [{"name": "A"}]), ("title", "a\nb"), ("peak_ops_per_s", None)):
        entry = {**whole["machines"][0], "machine": {**whole["machines"][0]["machine"], key: value}}
        path.write_text(json.dumps({**whole, "machines": [entry]}))
        done = benchnn("report", "r", "--out", "page.html", "--overwrite")
        assert done.code == 2 and "roofline.json" in done.err, key
