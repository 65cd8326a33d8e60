"""Finds ``result.json`` files and reads them, with a reason for each that is no record of a run."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchnn.record.flat import read_record, value_of
from benchnn.record.folder import RECORD
from benchnn.record.result import SCHEMA_VERSION
from simcore.errors import InputError, require

NEEDED = ("model.name", "layout.ranks", "provenance.started_utc")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Found:
    """A file, and its record or, in one sentence, why it has none."""

    path: Path
    record: dict[str, Any] | None
    fault: str | None


def read_records(paths: Sequence[Path]) -> Iterator[Found]:
    """Read files and, of folders, every ``result.json`` in them, however deep.

    Parameters
    ----------
    paths
        Files or folders.

    Raises
    ------
    InputError
        If one of `paths` does not exist; before anything is read.
    """
    for path in paths:
        require(path.exists(), "path", str(path), "it does not exist")
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        else:
            yield _read(path)


def record_of(path: Path) -> dict[str, Any]:
    """The record in a file, or in the folder of a result.

    Raises
    ------
    InputError
        If there is none.
    """
    found = _read(path / RECORD if path.is_dir() else path)
    if found.record is None:
        raise InputError(f"{found.path}: {found.fault}")
    return found.record


def _in_folder(folder: Path) -> Iterator[Found]:
    faults: list[OSError] = []
    number = 0
    for place, folders, names in os.walk(folder, onerror=faults.append):
        folders.sort()
        if RECORD in names:
            number += 1
            yield _read(Path(place, RECORD))
    for fault in faults:
        yield Found(Path(str(fault.filename)), None, f"it cannot be read: {fault.strerror}")
    if not number and not faults:
        yield Found(folder, None, f"there is no {RECORD} in it")


def _read(path: Path) -> Found:
    try:
        record = read_record(path.read_bytes())
        _check(record)
    except OSError as error:
        return Found(path, None, f"it cannot be read: {error.strerror}")
    except InputError as error:
        return Found(path, None, str(error))
    return Found(path, record, None)


def _check(record: Any) -> None:
    """Refuse what is no record of a run, or one whose keys have another meaning."""
    if not isinstance(record, dict) or "schema_version" not in record or "run_id" not in record:
        raise InputError("it is no record of a run: it has no schema_version or no run_id")
    version, run_id = record["schema_version"], record["run_id"]
    if type(version) is not int or version != SCHEMA_VERSION:
        raise InputError(f"its schema_version is {version!r}, this program knows {SCHEMA_VERSION}")
    if not (isinstance(run_id, str) and 0 < len(run_id) <= LONGEST_NAME and run_id.isprintable()):
        raise InputError(f"its run_id is no text of 1 to {LONGEST_NAME} printable characters")
    missing = next((key for key in NEEDED if value_of(record, key) is None), None)
    if missing is not None:
        raise InputError(f"it is no record of a run: {missing} is missing")
