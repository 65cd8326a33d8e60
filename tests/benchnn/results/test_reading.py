"""Folders are searched for records of runs, and each file that is none says why."""

import os

import pytest

from benchnn.results.reading import read_runs
from simcore.errors import InputError


def faults(*paths):
    return {str(found.path): found.fault for found in read_runs(paths)}


def test_folders_are_searched_however_deep(tmp_path, folder_of, record):
    folders = [folder_of(record(number), name) for number, name in enumerate(("a", "b/c/d", "b"))]
    (tmp_path / "runs" / "other.json").write_text("{}")
    (tmp_path / "runs" / "loop").symlink_to(tmp_path / "runs")
    found = list(read_runs([tmp_path / "runs", folders[0] / "result.json"]))
    assert [entry.path.parent for entry in found] == [folders[0], folders[2], folders[1], folders[0]]
    assert [entry.record["run_id"] for entry in found] == [record(number)["run_id"] for number in (0, 2, 1, 0)]


def test_a_bad_file_does_not_hide_the_others(tmp_path, folder_of, record):
    folder_of(record(1))
    (folder_of(record(2), "broken") / "result.json").write_text("{")
    found = list(read_runs([tmp_path / "runs"]))
    assert [entry.record is None for entry in found] == [True, False]


def test_a_path_that_is_missing_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(InputError, match="nowhere does not exist"):
        list(read_runs([tmp_path, tmp_path / "nowhere"]))


def test_a_folder_without_results_is_reported(tmp_path):
    assert faults(tmp_path) == {str(tmp_path): f"{tmp_path} does not contain result.json"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_reported(tmp_path, folder_of, record):
    folder = folder_of(record(1))
    (folder / "result.json").chmod(0)
    path = folder / "result.json"
    assert faults(tmp_path / "runs") == {str(path): f"cannot read {path}: Permission denied"}


def test_a_result_that_is_a_folder_is_reported(tmp_path):
    (tmp_path / "x" / "result.json").mkdir(parents=True)
    assert faults(tmp_path / "x") == {str(tmp_path / "x"): f"{tmp_path / 'x'} does not contain result.json"}
