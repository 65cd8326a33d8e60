"""What holds an input back: an alarm, a limit of memory, and a fence around its folder."""

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock
from urllib.parse import unquote

MARGIN = 512 << 20
"""Address space that inputs may use beside what the process has."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
PEAK = "/proc/self/clear_refs"
"""By writing 5 to it, a process lets its peak of memory be counted anew."""
PROGRAMS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system", "os.forkpty")
CHANGES = {"os.mkdir": 2, "os.remove": 1, "os.rmdir": 1, "os.rename": 2, "sqlite3.connect": None}
"""Audit events of changes to what their first argument names, and which argument is the descriptor of its folder."""


class HangError(BaseException):
    """The alarm of an input."""


class BegunError(BaseException):
    """All was read, and the simulation, or a program, would begin."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """End what takes too long, as far as Python can."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise HangError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def limit_memory(margin: int = MARGIN) -> None:
    """Refuse the process more address space than it has now and a margin."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + margin
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def fence(*folders: Path) -> None:
    """Refuse this process to change files outside folders, and to start programs, until it ends."""
    allowed = tuple(f"{os.path.realpath(folder)}/" for folder in folders)

    def look(event: str, details: tuple[Any, ...]) -> None:
        folder = None
        path = details[0] if details else None
        if event == "open":
            if isinstance(path, int) or not details[2] & WRITING or str(path) in (os.devnull, PEAK):
                return
        elif event in CHANGES:
            place = CHANGES[event]
            folder = -1 if place is None else details[place]
        elif event in PROGRAMS:
            raise BegunError(event)
        else:
            return
        text = os.fsdecode(path).removeprefix("file://").partition("?mode")[0]
        beside = "" if folder is None or folder < 0 else os.readlink(f"/proc/self/fd/{folder}")
        if not f"{os.path.realpath(os.path.join(beside, unquote(text)))}/".startswith(allowed):
            raise PermissionError(13, "Permission denied", text)

    sys.addaudithook(look)


def _begin(*arguments: Any, **options: Any) -> Any:
    raise BegunError


@contextmanager
def before_simulation() -> Iterator[None]:
    """End a command where its simulation would begin."""
    import benchnn.accelerators.phase_points
    import benchnn.chips.map
    import benchnn.running.dry_run
    import benchnn.running.peer_runner
    import benchnn.running.runner
    import benchnn.studies.comparison

    examine = benchnn.chips.map.examine_on_chip

    def small_only(network: Any, *others: Any) -> Any:
        return _begin() if network.expected_synapses() > 1e5 or network.n_neurons > 1e5 else examine(network, *others)

    ends: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
        (benchnn.running.runner, "_laid_on_chip", _begin),
        (benchnn.running.peer_runner, "run_peer", _begin),
        (benchnn.running.dry_run, "planned_simulator", _begin),
        (benchnn.studies.comparison, "stream_triad_gb_s", _begin),
        (benchnn.accelerators.phase_points, "Simulator", _begin),
        (benchnn.chips.map, "examine_on_chip", small_only),
    )
    patches = [mock.patch.object(*end) for end in ends]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()
