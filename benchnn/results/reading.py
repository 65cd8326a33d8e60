"""Find and read ``result.json`` files, with a reason for each file that is not the record of a run."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchnn.record.folder import RECORD
from benchnn.record.reading import read_run
from simcore.errors import InputError


@dataclass(frozen=True)
class Found:
    """A file, and its record or a sentence that names the file and the reason why it is not a record."""

    path: Path
    record: Mapping[str, Any] | None
    fault: str | None


def read_runs(paths: Sequence[Path]) -> Iterator[Found]:
    """Read files, and every ``result.json`` in folders, at any depth.

    Parameters
    ----------
    paths
        Files or folders.

    Raises
    ------
    InputError
        If one of `paths` does not exist, before anything is read.
    """
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} does not exist")
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        else:
            yield _read(path)


def _in_folder(folder: Path) -> Iterator[Found]:
    faults: list[OSError] = []
    number = 0
    for place, folders, names in os.walk(folder, onerror=faults.append):
        folders.sort()
        if RECORD in names:
            number += 1
            yield _read(Path(place, RECORD))
    for fault in faults:
        path = Path(str(fault.filename))
        yield Found(path, None, f"cannot read {path}: {fault.strerror}")
    if not number and not faults:
        yield Found(folder, None, f"{folder} does not contain {RECORD}")


def _read(path: Path) -> Found:
    try:
        return Found(path, read_run(path).values, None)
    except InputError as error:
        return Found(path, None, str(error))
