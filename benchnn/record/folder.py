"""The folder of a result: made and checked before network construction, filled at the end of the run.

``result.json`` is written last: a result that contains it is complete.
"""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchnn.record.lock import LOCK, held, refuse_held
from simcore.checkpoint import CHECKPOINTS
from simcore.errors import InputError, WriteError
from simcore.recording.files import replaced_file

RECORD = "result.json"
STUDIES = (
    "scaling.json", "comparison.json", "validation.json", "transform.json", "mappings.json", "inference.json",
    "accelerators.json", "crossbar.json", "many_core.json", "roofline.json", "protocol.json",
)  # fmt: skip
"""Records of studies; a folder contains one of them, or the record of a run."""
SPIKES = "spikes.h5"
TRAFFIC = "traffic.h5"
WEIGHTS = "weights.h5"
TRACES = "traces.h5"
"""One file for each variable: traces.V_m.h5."""
TRACE_PATTERN = "traces.*.h5"
LEFTOVERS = tuple(f".{name}.*.partial" for name in (RECORD, SPIKES, "traces", TRAFFIC, WEIGHTS))
"""Temporary files of a result, left by a process that was killed."""
PARTS = "spikes.parts"
"""Folder of the spikes of an unfinished run."""
WEIGHT_PARTS = "weights.parts"
"""Folder of the recorded weights of an unfinished run."""

Traces = Mapping[tuple[str, int, str], npt.NDArray[np.float64]]


def refuse_taken(folder: Path) -> None:
    """Require that no other process has locked `folder`, before a message suggests to resume or overwrite its content.

    Raises
    ------
    InputError
        If another process has locked the folder.
    """
    refuse_held(folder / LOCK, f"out = {str(folder)!r}")


def refuse_result(folder: Path, overwrite: bool) -> None:
    """Require that `folder` is or can become a folder, without a result unless `overwrite` is true.

    Raises
    ------
    InputError
        If the path cannot become a folder, or the folder contains a result.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"out = {str(folder)!r} is not a folder")
    there = next((parent for parent in folder.parents if parent.exists()), None)
    if there is not None and not there.is_dir():
        raise InputError(f"out = {str(folder)!r} cannot be written to: {os.strerror(errno.ENOTDIR)}")
    if not overwrite and (folder / CHECKPOINTS).exists():
        raise InputError(
            f"{folder} already contains checkpoints; pass --resume to resume the run, or --overwrite to replace it"
        )
    if not overwrite and any(_files(folder)):
        raise InputError(f"{folder} already contains a result; choose another --out, or pass --overwrite to replace it")


@contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """Make `folder`, check that it can be written to, and remove it if the block fails and leaves it empty.

    Raises
    ------
    InputError
        If the folder cannot be made or written to.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(b"\0")
        except OSError as error:
            raise InputError(f"out = {str(folder)!r} cannot be written to: {error.strerror or error}") from error
        yield
    except BaseException:
        with suppress(OSError):
            for path in missing:
                path.rmdir()
        raise


@contextmanager
def taken_folder(folder: Path, check: Callable[[], None]) -> Iterator[None]:
    """Make `folder` as `made_folder` does, and lock it against other processes while the block runs.

    Parameters
    ----------
    folder
        Folder of a result or a study.
    check
        Refuses the folder if another process has written to it since the first check.

    Raises
    ------
    InputError
        If the folder cannot be made or written to, another process has locked it, or `check` refuses it.
    """
    with made_folder(folder), held(folder / LOCK, f"out = {str(folder)!r}"):
        check()
        yield


def write_result(
    folder: Path, record: str, write_spikes: Callable[[Path], None] | None, traces: Traces, resolution_ms: float,
    start_step: int, others: Mapping[str, Callable[[Path], None]] | None = None,
) -> list[Path]:  # fmt: skip
    """Write the files of a result, and remove the files of an earlier result.

    Parameters
    ----------
    folder
        An existing folder.
    record
        Text of ``result.json``.
    write_spikes
        Writes the spike file; None if no spikes were recorded.
    traces
        Recorded traces; see `simcore.recording.trace_files.write_traces`.
    resolution_ms
        Time step of the traces.
    start_step
        Steps before the first value of the traces.
    others
        Functions that write the other files, by name.

    Raises
    ------
    WriteError
        If a file cannot be written. All files in the folder are complete, and ``result.json`` is missing.
    """
    # h5py is imported only for recordings: there may be thousands of ranks.
    written: list[Path] = []
    try:
        earlier = set(_files(folder))
        earlier |= {path for pattern in LEFTOVERS for path in folder.glob(pattern)}
        (folder / RECORD).unlink(missing_ok=True)
        if write_spikes is not None:
            write_spikes(folder / SPIKES)
            written.append(folder / SPIKES)
        if traces:
            from simcore.recording.trace_files import write_traces

            written += write_traces(folder / TRACES, traces, resolution_ms, start_step)
        for name, write in (others or {}).items():
            write(folder / name)
            written.append(folder / name)
        for path in earlier.difference(written):
            path.unlink(missing_ok=True)
        with replaced_file(folder / RECORD) as aside:
            aside.write_text(record, encoding="utf-8")
    except (InputError, OSError) as error:
        raise WriteError(str(error)) from error
    return [folder / RECORD, *written]


def _files(folder: Path) -> Iterator[Path]:
    """The files of a result in the folder."""
    if folder.is_dir() and os.access(folder, os.R_OK):
        yield from (folder / name for name in (RECORD, SPIKES, TRAFFIC, WEIGHTS) if (folder / name).exists())
        yield from folder.glob(TRACE_PATTERN)
