"""The processes of a testbed: those with its mark in their environment, and their children."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

MARK = "BENCHNN_TESTBED"
"""Environment variable of the daemons and of the processes that they start, but not of clients."""
TERM_S = 10.0
KILL_S = 5.0


def mark(folder: Path) -> dict[str, str]:
    """The mark of the testbed in `folder`."""
    return {MARK: str(folder)}


def marked(folder: Path) -> list[int]:
    """Processes of the testbed in `folder`, with all their descendants."""
    word = f"{MARK}={folder}".encode()
    parents = {}
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        # A process may end at any moment.
        with suppress(OSError):
            state, parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state == "Z":
                continue
            parents[int(entry.name)] = int(parent)
            if word in (entry / "environ").read_bytes().split(b"\0"):
                found.add(int(entry.name))
    # A task of a job has the environment of the submitting process, but is a child of Slurm's step daemon.
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def end(folder: Path) -> list[int]:
    """End the processes of a testbed; returns those that survived."""
    _signal(marked(folder), signal.SIGTERM)
    if _gone(folder, TERM_S):
        return []
    _signal(marked(folder), signal.SIGKILL)
    return [] if _gone(folder, KILL_S) else marked(folder)


def _signal(processes: Iterable[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _gone(folder: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while marked(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
