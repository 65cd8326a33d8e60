"""Runs and dry runs as separate commands: ``benchnn run`` in a process with its own folder and log."""

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
"""Seconds after a request to stop, after which a run is killed."""
POLL_S = 0.2


@dataclass(frozen=True)
class ChildRun:
    """The outcome of a run.

    Parameters
    ----------
    exit_code
        Exit code; negative if a signal killed the run, None if it could not be started.
    error
        Reason for a missing result, in one sentence, or None.
    record
        Content of the record, ``result.json`` or ``dry_run.json``, or None.
    """

    exit_code: int | None
    error: str | None
    record: Mapping[str, Any] | None


def run_command(model: str, options: Mapping[str, Any], params: Sequence[str]) -> list[str]:
    """Return the command ``benchnn run`` of this Python interpreter.

    Parameters
    ----------
    model
        A registered name or ``file.py:function``.
    options
        Values by name of the field of `benchnn.running.options.RunOptions`; None if not given, True for a switch.
    params
        Parameters ``key=value`` of the model.
    """
    passed = []
    for name, value in options.items():
        flag = f"--{re.sub('_(ms|w)$', '', name).replace('_', '-')}"
        values = value if isinstance(value, list | tuple) else [value]
        # With an equals sign, a value may begin with a minus sign.
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
    """Run one command that writes its result to `folder`; return None if a signal ended it or arrived before.

    Parameters
    ----------
    command
        The command; its messages are written to ``folder.log``, next to the folder.
    folder
        Folder of its result; an earlier record there is removed.
    environment
        Variables in addition to the environment of this process.
    stop
        Ends the run early.
    stream
        Stream for a message while the run compiles kernels, which can take a minute in the first run of a study.
    ranks
        Number of ranks that it must have used.
    leaves
        File name of its record: the record of a run or of a dry run.
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
                # Not a plain wait: the signal that ends the run only sets a flag.
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
    """Yield a function that shows new messages about compilation in a growing log, including incomplete lines."""
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
    """Start a command, and end all its processes at the end of the block."""
    # A job script may start the series as the only rank of a step; its runs are not this rank.
    inherited = environment_of_child()
    # In a separate group, so that it receives Ctrl-C once, from here, and all its processes can be ended.
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
    """Read the record of a run with exit code 0, or return the reason why it is not usable."""
    if not path.exists():
        return None, f"the run did not write {path.name}"
    try:
        if path.name == DRY_RUN:
            return read_record(path, DRY_RUN_VERSION).values, None
        record = read_run(path)
    except InputError as error:
        return None, str(error)
    ran = record.get("layout.ranks")
    if ran != ranks:
        return None, f"the run used {ran} of {ranks} ranks; launcher and mpi4py must belong to the same MPI library"
    return record.values, None


def _last_line(log: Path) -> str:
    """The last line of the log; preferably the first error of benchnn, which messages of a launcher may follow."""
    text = log.read_text(encoding="utf-8", errors="replace")
    # Launchers often end with a ruled line.
    lines = [line.strip() for line in text.splitlines() if re.search(r"\w", line)]
    own = [line for line in lines if "benchnn: error" in line]
    return (own[:1] or lines or ["the run printed nothing"])[-1]
