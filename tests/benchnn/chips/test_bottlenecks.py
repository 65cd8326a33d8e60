"""The map of what binds the steps of runs on a chip: what is read where, as text, record and picture."""

import json
import shutil
from pathlib import Path

import pytest

from benchnn.chips.bottlenecks import AXES, arrange, to_text
from simcore.errors import InputError


def run(state, rate=1.0, transform=None, cores=8, mapper="in_order", step_s=1e-6):
    chip = {"neurons_per_core": cores, "mapper": mapper, "floorline": {"state": state}, "step_time_s": {"mean": step_s}}
    options = {} if transform is None else {"transform": transform}
    return {"chip": chip, "provenance": {"options": options}, "model": {"parameters": {"rate_hz": rate}}}


def test_runs_stand_where_their_values_are():
    runs = [
        run("memory", 100.0, "prune:0.5", 64),
        run("barrier", 20.0, None, 8),
        run("compute", 3.0, "prune:0.25", 8, "round_robin"),
    ]
    found = arrange(runs, AXES)
    assert found.values == {
        "x": ("3.0", "20.0", "100.0"),
        "y": ("none", "prune:0.25", "prune:0.5"),
        "columns": ("8", "64"),
        "rows": ("in_order", "round_robin"),
    }
    places = {(place.x, place.y, place.columns, place.rows): place.state for place in found.places}
    assert places == {(2, 2, 1, 0): "memory", (1, 0, 0, 0): "barrier", (0, 1, 0, 1): "compute"}


def test_repeats_share_a_place_with_the_state_of_most_and_the_mean_time():
    runs = [run("memory", step_s=2e-6), run("compute", step_s=4e-6), run("compute", step_s=6e-6)]
    (place,) = arrange(runs, AXES).places
    assert (place.state, place.step_s, place.runs) == ("compute", pytest.approx(4e-6), 3)


def test_without_times_a_place_has_its_state_alone():
    found = arrange([run(None, step_s=None)], AXES)
    assert found.places[0].state == "unknown" and found.places[0].step_s is None
    assert to_text(found).splitlines()[-1].split() == ["none", "unknown"]


def test_an_axis_of_too_many_values_is_refused():
    with pytest.raises(InputError, match=r"x = 'model.parameters.rate_hz' is not allowed: it has 25 values"):
        arrange([run("memory", float(rate)) for rate in range(25)], AXES)


def test_a_key_that_no_run_has_is_refused():
    with pytest.raises(InputError, match=r"x = 'model.rate' is not allowed: no run has a value for this key"):
        arrange([run("memory")], {**AXES, "x": "model.rate"})


def test_text_record_and_picture_of_finished_runs(benchnn, chip_runs, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    monkeypatch.chdir(tmp_path)
    Path(shutil.copytree(chip_runs / "loihi1", tmp_path / "runs" / "loihi1"))
    record = json.loads((chip_runs / "loihi1" / "result.json").read_text())
    state = record["chip"]["floorline"]["state"]
    axes = ("--x", "seed", "--y", "model.name")
    done = benchnn("bottlenecks", "runs", *axes)
    assert done.code == 0 and f"{state} " in done.out and "chip.mapper = in_order" in done.out
    picture = (tmp_path / "bottlenecks.svg").read_text()
    assert picture.startswith("<?xml") and "barrier" in picture
    record = benchnn("bottlenecks", "runs", *axes, "--json", "--overwrite").record
    assert [place["state"] for place in record["places"]] == [state] and record["values"]["y"] == ["brunel"]
    assert benchnn("bottlenecks", "runs").code == 2
    refused = benchnn("bottlenecks", "runs", "--out", "map.pdf")
    assert refused.code == 2 and "must end in .svg or .png" in refused.err


def test_what_is_no_run_on_a_chip_is_refused(benchnn, tmp_path):
    refused = benchnn("bottlenecks", tmp_path, "--out", tmp_path / "map.svg")
    assert refused.code == 2 and "does not contain result.json" in refused.err
    assert not (tmp_path / "map.svg").exists()
