"""Files are read strictly, and each that is no record says why."""

import json
import os

import pytest

from benchnn.results.reading import read_records, record_of
from simcore.errors import InputError


def faults(*paths):
    return {str(found.path): found.fault for found in read_records(paths)}


def test_folders_are_searched_however_deep(tmp_path, folder_of, record):
    folders = [folder_of(record(number), name) for number, name in enumerate(("a", "b/c/d", "b"))]
    (tmp_path / "runs" / "other.json").write_text("{}")
    (tmp_path / "runs" / "loop").symlink_to(tmp_path / "runs")
    found = list(read_records([tmp_path / "runs", folders[0] / "result.json"]))
    assert [entry.path.parent for entry in found] == [folders[0], folders[2], folders[1], folders[0]]
    assert [entry.record["run_id"] for entry in found] == [record(number)["run_id"] for number in (0, 2, 1, 0)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "it is no JSON: .*line 1"),
        ("", "it is no JSON"),
        (b"\xff\xfe\xfa", "it is no JSON"),
        ('{"schema_version": NaN}', "it is no JSON: NaN is no number"),
        ('{"schema_version": 1e999}', "it is no JSON: 1e999 is no number"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "no record of a run"),
        ('{"rows": []}', "no record of a run: it has no schema_version or no run_id"),
        ('{"schema_version": 2, "run_id": "x"}', "its schema_version is 2, this program knows 1"),
        ('{"schema_version": true, "run_id": "x"}', "its schema_version is True"),
        ('{"schema_version": 1, "run_id": 7}', "its run_id is no text"),
        ('{"schema_version": 1, "run_id": ""}', "its run_id is no text"),
        ('{"schema_version": 1, "run_id": "a\\nb"}', "its run_id is no text"),
        ('{"schema_version": 1, "run_id": "\\ud800"}', "its run_id is no text"),
        ('{"schema_version": 1, "run_id": "x", "model": []}', "model.name is missing"),
    ],
)
def test_what_is_no_record_says_why(tmp_path, text, why):
    path = tmp_path / "result.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=f"{path}: .*{why}"):
        record_of(tmp_path)


def test_a_bad_file_does_not_hide_the_others(tmp_path, folder_of, record):
    folder_of(record(1))
    (folder_of(record(2), "broken") / "result.json").write_text("{")
    found = list(read_records([tmp_path / "runs"]))
    assert [entry.record is None for entry in found] == [True, False]


def test_a_path_that_is_missing_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(InputError, match=r"path = '.*nowhere' is not allowed: it does not exist"):
        list(read_records([tmp_path, tmp_path / "nowhere"]))


def test_a_folder_without_results_is_told(tmp_path):
    assert faults(tmp_path) == {str(tmp_path): "there is no result.json in it"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path, folder_of, record):
    folder = folder_of(record(1))
    (folder / "result.json").chmod(0)
    assert faults(tmp_path / "runs") == {str(folder / "result.json"): "it cannot be read: Permission denied"}


def test_a_result_that_is_a_folder_is_told(tmp_path):
    (tmp_path / "x" / "result.json").mkdir(parents=True)
    assert faults(tmp_path / "x") == {str(tmp_path / "x"): "there is no result.json in it"}
    with pytest.raises(InputError, match="it cannot be read: Is a directory"):
        record_of(tmp_path / "x")


def test_records_are_read_as_they_are(folder_of, record):
    assert json.dumps(record_of(folder_of(record(1)))) == json.dumps(record(1))
