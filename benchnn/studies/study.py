"""Common parts of studies: a folder, runs one after the other, a record that is rewritten, and an outcome."""

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from benchnn.record.folder import RECORD, STUDIES, refuse_result, refuse_taken, taken_folder
from benchnn.record.keys import number_of
from benchnn.running.progress import show
from benchnn.running.stop import Stop
from benchnn.studies.child_runs import ChildRun, run_child
from simcore.display.numbers import TEXT
from simcore.errors import InputError, require
from simcore.recording.files import replaced_file


@dataclass(frozen=True)
class PlannedRun:
    """A run of a study.

    Parameters
    ----------
    name
        Name of its folder, in the folder of the study.
    command
        The command to start.
    ranks
        Number of ranks that it must use.
    leaves
        File name of its record.
    """

    name: str
    command: list[str]
    ranks: int = 1
    leaves: str = RECORD


@dataclass(frozen=True)
class Outcome:
    """The record of a study, and a problem in one sentence, or None."""

    record: dict[str, Any]
    problem: str | None


def study_folder(out: str | None, name: str, record: str, what: str, overwrite: bool) -> Path:
    """Return the folder of a study: `out`, or a folder in ``results`` that is named by kind, model and time.

    Parameters
    ----------
    out
        The requested folder, or None.
    name
        Kind and model, such as ``compare-pd14``.
    record
        Name of the file that the study writes.
    what
        Description of the study, such as ``a comparison``.
    overwrite
        Whether to replace an earlier study.

    Raises
    ------
    InputError
        If the folder contains a result or a study, or is a file.
    """
    started = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    folder = Path(out) if out else Path("results", f"{name}-{started}")
    refuse_taken(folder)
    refuse_study(folder, record, what, overwrite)
    return folder


def optional_folder(out: str | None, record: str, what: str, overwrite: bool) -> Path | None:
    """Return the folder of a study that writes one only on request, or None; refuse folders as `study_folder` does."""
    if out is None:
        return None
    refuse_study(Path(out), record, what, overwrite)
    return Path(out)


def refuse_study(folder: Path, record: str, what: str, overwrite: bool) -> None:
    """Refuse a folder as `study_folder` does."""
    refuse_result(folder, overwrite)
    other = next((name for name in STUDIES if name != record and (folder / name).exists()), None)
    if other is not None:
        raise InputError(f"{folder} already contains {other} of another result; choose another --out")
    if not overwrite and (folder / record).exists():
        raise InputError(f"{folder} already contains {what}; choose another --out, or pass --overwrite to replace it")


@contextmanager
def made_study(folder: Path, check: Callable[[], None]) -> Iterator[Stop]:
    """Make and lock the folder; in the block, signals are requests to stop, so that finished runs are kept.

    Parameters
    ----------
    folder
        Folder of the study.
    check
        Checks the folder again; see `benchnn.record.folder.taken_folder`.
    """
    with taken_folder(folder, check), Stop() as stop, stop.deferred():
        yield stop


def ended_runs(
    runs: Sequence[PlannedRun], folder: Path, environment: Mapping[str, str], stop: Stop, stream: TextIO
) -> Iterator[ChildRun]:
    """Run one command after the other, and show a line for each; fewer than `runs` if a signal ends the study.

    Parameters
    ----------
    runs
        The runs in order.
    folder
        Folder of the study.
    environment
        Variables in addition to the environment of this process.
    stop
        Ends the study early.
    stream
        Stream for the lines.
    """
    for number, run in enumerate(runs, 1):
        ended = run_child(run.command, folder / run.name, environment, stop, stream, run.ranks, run.leaves)
        if ended is None:
            return
        rtf = number_of(ended.record, "real_time_factor")
        if rtf is None:
            rtf = number_of(ended.record, "predicted.real_time_factor")
        state = f"failed: {ended.error}" if ended.error else f"real-time factor {TEXT.figures(rtf)}"
        show(stream, f"benchnn: {run.name} ({number} of {len(runs)}) {state}\n")
        yield ended


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write or replace the record of a study.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    with replaced_file(path) as aside:
        aside.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def numbers(field: str, text: str, low: int, high: int) -> list[int]:
    """Parse distinct integers, separated by commas.

    Raises
    ------
    InputError
        If the text is malformed or a number is out of range.
    """
    parts = [part.strip() for part in text.split(",")]
    # Allowed numbers are not longer, and Python refuses to convert very long ones.
    whole = all(re.fullmatch(r"[0-9]{1,10}", part) for part in parts)
    values = [int(part) for part in parts] if whole else []
    allowed = f"must be integers in [{low}, {high}], separated by commas"
    require(whole and all(low <= value <= high for value in values), field, text, allowed)
    twice = next((value for value in values if values.count(value) > 1), None)
    require(twice is None, field, text, f"{twice} appears twice")
    return values


def one_number(field: str, text: str, low: int, high: int) -> int:
    """Parse one integer.

    Raises
    ------
    InputError
        If the text is malformed or a number is out of range.
    """
    whole = re.fullmatch(r"\s*[0-9]{1,10}\s*", text) is not None
    require(whole and low <= int(text) <= high, field, text, f"must be an integer in [{low}, {high}]")
    return int(text)
