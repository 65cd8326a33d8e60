"""The command says of finished runs what bounds their steps, and refuses what has no floorline in one sentence."""

import json
import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")


@pytest.fixture
def copied(chip_runs, tmp_path, monkeypatch):
    """Copy a result into the working folder: ``copied("loihi1")``."""
    monkeypatch.chdir(tmp_path)
    return lambda name: Path(shutil.copytree(chip_runs / name, tmp_path / name))


def record_of(folder):
    return json.loads((folder / "result.json").read_text())


def test_the_record_says_what_the_file_holds(benchnn, copied):
    folder = copied("loihi1")
    (shown,) = benchnn("floorline", folder, "--json").record["runs"]
    with h5py.File(folder / "traffic.h5") as file:
        steps = {name: values[()] for name, values in file["steps"].items()}
        neurons, synops = file["cores/neurons"][()], file["cores/synops"][()]
    parts = {name: steps[f"{name}_s"] for name in ("memory", "compute", "traffic", "barrier")}
    means = {name: values.mean() for name, values in parts.items()}
    longest = np.array(list(parts))[np.argmax(list(parts.values()), axis=0)]
    assert shown["state"] == max(means, key=means.get)
    assert shown["steps"] == {name: int((longest == name).sum()) for name in parts} | {"unknown": 0}
    for name, values in {**parts, "total": steps["total_s"]}.items():
        assert shown["times_s"][name] == pytest.approx({"mean": values.mean(), "max": values.max()})
    for name in ("synops_max", "messages_in_max", "messages_out_max", "link_messages_max"):
        assert shown["counts"][name] == pytest.approx({"mean": steps[name].mean(), "max": steps[name].max()})
    assert shown["imbalance"]["neurons"] == pytest.approx(neurons.max() / neurons.mean())
    assert shown["imbalance"]["synops"] == pytest.approx(synops.max() / synops.mean())
    # Loihi's 8.4 ns for each of ten neurons, 3.5 ns for a synaptic event.
    assert shown["floor"] == pytest.approx({"compute_s": 84e-9, "synop_s": 3.5e-9})
    assert 1.0 <= shown["time_over_floor"]["mean"] <= shown["time_over_floor"]["max"]
    assert shown["reasons"] == {}


def test_the_record_agrees_with_what_the_run_reported(benchnn, copied):
    folder = copied("loihi1")
    (shown,) = benchnn("floorline", folder, "--json").record["runs"]
    for key, value in record_of(folder)["chip"]["floorline"].items():
        assert shown[key] == value


def test_the_text_has_state_tables_and_advice(benchnn, copied):
    folder = copied("loihi1")
    (shown,) = benchnn("floorline", folder, "--json").record["runs"]
    out = benchnn("floorline", folder, "--overwrite").out
    assert out.startswith(f"brunel on loihi1, in_order, 10 per core, 20 cores: {shown['state']}-bound\n")
    assert shown["advice"] in out and "600" in out
    assert f"{shown['imbalance']['synops']:.3f}" in out
    assert f"{shown['counts']['synops_max']['mean']:,.1f}" in out


def test_the_picture_lies_in_the_folder_and_is_not_replaced_unasked(benchnn, copied):
    folder = copied("loihi1")
    assert benchnn("floorline", folder).code == 0
    first = (folder / "floorline.svg").read_bytes()
    assert b"floor (reconstructed)" in first
    assert "pass --overwrite" in benchnn("floorline", folder).refusal
    assert benchnn("floorline", folder, "--overwrite").code == 0
    assert (folder / "floorline.svg").read_bytes() == first


def test_several_runs_share_a_picture_that_tells_them_apart(benchnn, copied):
    done = benchnn("floorline", copied("loihi1"), copied("dealt"))
    assert done.out.count("brunel on loihi1") == 2 and "round_robin" in done.out
    drawn = Path("floorline.svg").read_text()
    assert "in_order, 10 per core" in drawn and "round_robin, 10 per core" in drawn


def test_a_picture_can_be_a_png_elsewhere(benchnn, copied):
    benchnn("floorline", copied("loihi1"), "--out", "here.png")
    assert Path("here.png").read_bytes().startswith(b"\x89PNG")
    assert "must end in .svg or .png" in benchnn("floorline", "loihi1", "--out", "here.jpg").refusal


@pytest.fixture
def no_matplotlib(monkeypatch):
    """An installation without the extra that draws."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def test_text_and_record_need_no_plotting_library(benchnn, copied, no_matplotlib):
    folder = copied("loihi1")
    (folder / "floorline.svg").write_text("an earlier picture")
    text, record = benchnn("floorline", folder), benchnn("floorline", folder, "--json")
    assert (text.code, record.code) == (0, 0)
    assert record.record["runs"][0]["advice"] in text.out and "written to" not in text.out
    for shown in (text.err, record.err):
        assert shown.count("\n") == 1 and "pip install 'benchnn[report]'" in shown
    assert (folder / "floorline.svg").read_text() == "an earlier picture"


def test_a_picture_that_was_asked_for_needs_a_plotting_library(benchnn, copied, no_matplotlib):
    done = benchnn("floorline", copied("loihi1"), "--out", "here.svg")
    assert (done.code, done.out) == (1, "")
    assert "pip install 'benchnn[report]'" in done.err and not Path("here.svg").exists()


def test_a_part_without_a_time_says_why(benchnn, copied):
    folder = copied("loihi1")
    with h5py.File(folder / "traffic.h5", "r+") as file:
        del file["steps/traffic_s"]
    record = record_of(folder)
    record["reasons"]["chip.step_time_s.traffic"] = "no link has a speed"
    record["chip"]["lower_bounds"] = {"step_time_s": "traffic", "step_time_s.memory": "what comes in"}
    (folder / "result.json").write_text(json.dumps(record))
    done = benchnn("floorline", folder)
    assert "\ntraffic is unknown: no link has a speed\n" in done.out and "not compared: traffic" in done.out
    assert "\nmemory is a lower bound, without what comes in\nstep is a lower bound, without traffic\n" in done.out


def test_a_run_without_a_chip_is_refused(benchnn, copied):
    assert "this run did not use a chip" in benchnn("floorline", copied("plain")).refusal
    assert not Path("plain/floorline.svg").exists()


def test_a_chip_without_times_is_refused_with_the_figures_that_its_sheet_lacks(benchnn, copied):
    shown = benchnn("floorline", copied("timeless")).refusal
    for figure in ("synop_s", "update_active_s", "link_bandwidth_spikes_per_s", "barrier_s"):
        assert figure in shown


def test_a_run_without_steps_is_refused(benchnn, copied):
    folder = copied("loihi1")
    with h5py.File(folder / "traffic.h5", "r+") as file:
        for name in list(file["steps"]):
            kind = file["steps"][name].dtype
            del file["steps"][name]
            file["steps"][name] = np.zeros(0, dtype=kind)
    assert "no steps were counted" in benchnn("floorline", folder).refusal


def replaced(name, change):
    """Change a dataset of a file."""

    def damage(file):
        values = file[name][()]
        del file[name]
        file[name] = change(values)

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.pop("steps"),
        lambda file: file.pop("cores/router"),
        lambda file: file.attrs.pop("first_step"),
        replaced("steps/synops_max", lambda values: values[:-1]),
        replaced("steps/synops", lambda values: values.astype(float)),
        replaced("steps/total_s", lambda values: np.full_like(values, np.inf)),
        replaced("steps/memory_s", lambda values: values[1:]),
        replaced("cores/synops", lambda values: -values),
        replaced("cores/router", lambda values: values + 1000),
        replaced("links/target", lambda values: values + 1000),
        replaced("routers/position", lambda values: values[:, 0]),
    ],
)
def test_a_damaged_file_is_refused_by_name(benchnn, copied, damage):
    folder = copied("loihi1")
    with h5py.File(folder / "traffic.h5", "r+") as file:
        damage(file)
    assert "traffic.h5: " in benchnn("floorline", folder).refusal
    assert not (folder / "floorline.svg").exists()


def test_other_files_are_refused(benchnn, copied):
    folder = copied("loihi1")
    (folder / "traffic.h5").write_bytes(b"no HDF5")
    assert "it is not an HDF5 file" in benchnn("floorline", folder).refusal
    (folder / "traffic.h5").unlink()
    assert "No such file" in benchnn("floorline", folder).refusal
    (folder / "result.json").write_text("{")
    assert "not valid JSON" in benchnn("floorline", folder).refusal
