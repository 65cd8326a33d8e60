"""What all studies do: they name a folder, run commands in turn, keep what is over, and write records whole."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from benchnn.record.folder import STUDIES
from benchnn.report.sources import read_source
from benchnn.running.stop import Stop
from benchnn.studies.spread import median_of, spread_of
from benchnn.studies.study import (
    PlannedRun,
    ended_runs,
    made_study,
    numbers,
    one_number,
    study_folder,
    write_record,
)
from simcore.errors import InputError

RECORD = {
    "schema_version": 1,
    "run_id": "a",
    "model": {"name": "net"},
    "layout": {"ranks": 1},
    "provenance": {"started_utc": "2026-01-01T00:00:00+00:00"},
    "real_time_factor": 0.25,
}


def leaving(folder, text):
    """A command that leaves a text as its record."""
    write = f"import pathlib; p = pathlib.Path({str(folder)!r}); p.mkdir(); (p / 'result.json').write_text({text!r})"
    return PlannedRun(folder.name, [sys.executable, "-c", write])


def run_all(runs, folder, stop=None):
    """Run commands; returns how they ended, and the lines."""
    stream = io.StringIO()
    return list(ended_runs(runs, folder, {}, stop or Stop(), stream)), stream.getvalue().splitlines()


def test_a_study_without_a_folder_gets_one_of_its_own():
    names = {study_folder(None, "compare-net", "comparison.json", "a comparison", False) for _ in range(3)}
    assert len(names) == 3
    assert all(name.parent == Path("results") and name.name.startswith("compare-net-2") for name in names)


@pytest.mark.parametrize("file", ["comparison.json", "result.json"])
def test_an_earlier_study_or_result_is_not_replaced_unasked(tmp_path, file):
    (tmp_path / file).write_text("{}")
    asked = (str(tmp_path), "x", "comparison.json", "a comparison")
    with pytest.raises(InputError, match="already contains a "):
        study_folder(*asked, False)
    assert study_folder(*asked, True) == tmp_path


def test_a_study_of_another_kind_is_refused_even_where_it_may_be_overwritten(tmp_path):
    (tmp_path / "inference.json").write_text("{}")
    for overwrite in (False, True):
        with pytest.raises(InputError, match=r"already contains inference\.json of another result"):
            study_folder(str(tmp_path), "x", "comparison.json", "a comparison", overwrite)


def test_a_folder_below_a_file_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written to: Not a directory"):
        study_folder(str(tmp_path / "file" / "x" / "y"), "x", "comparison.json", "a comparison", False)


def test_every_record_that_a_report_can_show_is_known_as_that_of_a_study(tmp_path):
    with pytest.raises(InputError) as error:
        read_source(tmp_path)
    listed = re.search(r"one of (.*), or folders", str(error.value))[1].split(", ")
    assert set(listed) - {"result.json"} <= set(STUDIES)


def test_commands_run_in_turn_and_a_failed_one_does_not_end_the_study(tmp_path):
    failing = PlannedRun("b", [sys.executable, "-c", "import sys; sys.exit('benchnn: error: it broke')"])
    runs = [leaving(tmp_path / "a", json.dumps(RECORD)), failing, leaving(tmp_path / "c", json.dumps(RECORD))]
    ended, lines = run_all(runs, tmp_path)
    assert [one.exit_code for one in ended] == [0, 1, 0]
    assert [one.record is None for one in ended] == [False, True, False]
    assert lines == [
        "benchnn: a (1 of 3) real-time factor 0.25",
        "benchnn: b (2 of 3) failed: benchnn: error: it broke",
        "benchnn: c (3 of 3) real-time factor 0.25",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not valid JSON"),
        ("{}", "schema_version is missing"),
        (json.dumps(RECORD | {"real_time_factor": "fast"}), "real_time_factor is not a number"),
        (json.dumps(RECORD | {"layout": {"ranks": 2}}), "the run used 2 of 1 ranks"),
    ],
)
def test_a_record_that_cannot_be_used_is_a_failure(tmp_path, text, why):
    ((ended,), _) = run_all([leaving(tmp_path / "a", text)], tmp_path)
    assert ended.exit_code == 0 and ended.record is None and why in ended.error


COMPILES = """
import pathlib, sys, time
sys.stderr.write("benchnn: constructing\\nbenchnn: comp")
sys.stderr.flush()
sys.stderr.write("iling kernels ...")
sys.stderr.flush()
for _ in range(300):
    if pathlib.Path("seen").exists():
        sys.exit(" 1.5 s\\nbenchnn: error: seen" if ends else None)
    time.sleep(0.1)
"""


class Seen(io.StringIO):
    """A stream that leaves a file when something is written."""

    def write(self, text):
        Path("seen").touch()
        return super().write(text)


@pytest.mark.parametrize(("ends", "rest"), [(True, " 1.5 s\n"), (False, "\n")])
def test_that_a_run_compiles_is_shown_while_it_does(tmp_path, monkeypatch, ends, rest):
    monkeypatch.chdir(tmp_path)
    run, stream = PlannedRun("a", [sys.executable, "-c", COMPILES.replace("ends", str(ends))]), Seen()
    list(ended_runs([run], tmp_path, {}, Stop(), stream))
    compiling, after = stream.getvalue().split("benchnn: a (1 of 1)")
    assert compiling == f"benchnn: compiling kernels ...{rest}"
    assert after.strip() == f"failed: {'benchnn: error: seen' if ends else 'the run did not write result.json'}"


def test_nothing_starts_after_a_request_to_stop(tmp_path):
    stop = Stop()
    stop.requested = "SIGTERM"
    assert run_all([leaving(tmp_path / "a", "{}")], tmp_path, stop) == ([], [])
    assert list(tmp_path.iterdir()) == []


def fail_within(folder):
    with made_study(folder, lambda: None) as stop:
        assert stop.requested is None and folder.is_dir()
        raise ValueError("no")


def test_a_study_that_fails_at_once_leaves_no_folder(tmp_path):
    with pytest.raises(ValueError, match="no"):
        fail_within(tmp_path / "x" / "y")
    assert list(tmp_path.iterdir()) == []


def test_a_record_is_strict_json_and_replaced_whole(tmp_path):
    path = tmp_path / "study.json"
    write_record(path, {"a": None})
    with pytest.raises(ValueError, match="JSON"):
        write_record(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": None} and [one.name for one in tmp_path.iterdir()] == ["study.json"]


def test_numbers():
    assert numbers("ranks", " 4, 2,1", 1, 10) == [4, 2, 1]
    assert one_number("repeats", " 4", 1, 10) == 4
    for text in ("4,5", "x", "0", "11", "", "9" * 5000):
        with pytest.raises(InputError, match="repeats = "):
            one_number("repeats", text, 1, 10)


def test_a_spread_is_that_of_all_values():
    assert spread_of([3.0, 1.0, 2.0]) == {"median": 2.0, "min": 1.0, "max": 3.0} and spread_of([]) is None
    assert median_of({"a": spread_of([2.0])}, "a", 1e3) == 2000.0 and median_of({"a": None}, "a") is None
