"""Runs and dry runs that are commands of their own: ``benchnn run`` in a process with its own folder and log."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from benchnn.record.folder import RECORD
from benchnn.record.reading import read_record, read_run
from benchnn.running.dry_run import RECORD as DRY_RUN
from benchnn.running.dry_run import SCHEMA_VERSION as DRY_RUN_VERSION
from benchnn.running.progress import COMPILING, show
from benchnn.running.stop import Stop
from simcore.comm.launch import environment_of_child
from simcore.errors import InputError

GRACE_S = 20.0
"""What a run that is told to end may take before it is killed."""
POLL_S = 0.2


@dataclass(frozen=True)
class ChildRun:
    """How a run ended.

    Parameters
    ----------
    exit_code
        Negative if a signal killed it; None if it could not be started.
    error
        Why there is no result, in one sentence, or None.
    record
        What the record holds, ``result.json`` or ``dry_run.json``, or None.
    """

    exit_code: int | None
    error: str | None
    record: Mapping[str, Any] | None


def run_command(model: str, options: Mapping[str, Any], params: Sequence[str]) -> list[str]:
    """The command ``benchnn run`` of this Python.

    Parameters
    ----------
    model
        A registered name or ``file.py:function``.
    options
        Names of `benchnn.running.options.RunOptions` -> values; None where not given, True for a switch.
    params
        ``key=value`` of the model.
    """
    passed = []
    for name, value in options.items():
        flag = f"--{re.sub('_(ms|w)$', '', name).replace('_', '-')}"
        values = value if isinstance(value, list | tuple) else [value]
        # With an equals sign a value may begin with a minus.
        passed += [flag if one is True else f"{flag}={one}" for one in values if one is not None]
    return [sys.executable, "-m", "benchnn", "run", model, *(f"--param={param}" for param in params), *passed]


def run_child(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    stop: Stop,
    stream: TextIO,
    ranks: int = 1,
    leaves: str = RECORD,
) -> ChildRun | None:
    """Run one command whose result goes to `folder`; None if a signal has ended it, or had come before.

    Parameters
    ----------
    command
        The command; its messages go to ``folder.log``, beside the folder.
    folder
        Folder of its result; an earlier record there is removed.
    environment
        What it needs beside our own environment.
    stop
        Ends the run early.
    stream
        Where it is shown that the run compiles kernels: the first one of a study may take a minute for it.
    ranks
        How many ranks it must have used.
    leaves
        Name of its record: that of a run, or of a dry run.
    """
    if stop.requested:
        return None
    log = folder.parent / f"{folder.name}.log"
    code, error, record = None, None, None
    try:
        (folder / leaves).unlink(missing_ok=True)
        with (
            open(log, "wb") as written,
            _compiling_shown(log, stream) as look,
            _started(command, environment, written) as process,
        ):
            while code is None:
                # Not a plain wait: the signal that is to end the run only sets a flag.
                with suppress(subprocess.TimeoutExpired):
                    code = process.wait(POLL_S)
                look()
                if code is None and stop.requested:
                    return None
        if code == 0:
            record, error = _read(folder / leaves, ranks)
        else:
            error = _last_line(log)
    except OSError as problem:
        error = str(problem)
    return ChildRun(code, error, record)


@contextmanager
def _compiling_shown(log: Path, stream: TextIO) -> Iterator[Callable[[], None]]:
    """What shows, each time it is called, what a growing log newly says of compiling, be the line whole or not."""
    line, shown = "", 0
    with open(log, encoding="utf-8", errors="replace", newline="") as text:

        def look() -> None:
            nonlocal line, shown
            for piece in text.read().splitlines(keepends=True):
                line += piece
                if line.startswith(COMPILING):
                    show(stream, line[shown:])
                    shown = len(line)
                if line.endswith(("\n", "\r")):
                    line, shown = "", 0

        yield look
    if shown:
        show(stream, "\n")


@contextmanager
def _started(command: list[str], environment: Mapping[str, str], log: Any) -> "Iterator[subprocess.Popen[bytes]]":
    """Start a command, and leave nothing of it running."""
    # A job script may start the series itself as the one rank of a step; its runs are not that rank.
    inherited = environment_of_child()
    # In a group of its own, so that Ctrl-C reaches it once, from here, and all its processes can be ended.
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        env={**inherited, **environment},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        try:
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(GRACE_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _read(path: Path, ranks: int) -> tuple[Mapping[str, Any] | None, str | None]:
    """The record of a run that says that it succeeded, or why it is none."""
    if not path.exists():
        return None, f"it succeeded, but left no {path.name}"
    try:
        if path.name == DRY_RUN:
            return read_record(path, DRY_RUN_VERSION).values, None
        record = read_run(path)
    except InputError as error:
        return None, str(error)
    ran = record.get("layout.ranks")
    if ran != ranks:
        return None, f"it used {ran} of {ranks} ranks: do launcher and mpi4py belong to the same MPI?"
    return record.values, None


def _last_line(log: Path) -> str:
    """What the run said last; before that its own error, which a launcher follows with more; of ranks the first."""
    text = log.read_text(encoding="utf-8", errors="replace")
    # Launchers like to end with a rule.
    lines = [line.strip() for line in text.splitlines() if re.search(r"\w", line)]
    own = [line for line in lines if "benchnn: error" in line]
    return (own[:1] or lines or ["it said nothing"])[-1]
