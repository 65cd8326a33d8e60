"""Progress of a run: a bar on a terminal, otherwise a line for each tenth."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from simcore.connectivity.files.progress import reading_watched
from simcore.errors import printable, printable_lines, require

BAR = 15
LARGE_FILE = 100_000_000
"""Size in bytes of a file that takes seconds to read."""
SECONDS_BETWEEN = 0.1
COMPILING = "benchnn: compiling "
"""Beginning of the line that `compiling_shown` writes."""


class Bar:
    """A bar on a terminal, in the line of the cursor.

    Parameters
    ----------
    stream
        The terminal.
    what
        Name of the activity.
    """

    def __init__(self, stream: TextIO, what: str) -> None:
        self._stream = stream
        self._what = what
        self._drawn = False

    def draw(self, share: float, pace: str) -> None:
        """Show the completed share, and a text about it."""
        bar = "#" * int(BAR * share) + "." * (BAR - int(BAR * share))
        line = f"{self._what} [{bar}] {100 * share:3.0f} %{pace}"
        # A wrapped line could not be removed.
        columns = shutil.get_terminal_size().columns - 1
        _write(self._stream, f"\r\x1b[K{line[:columns]}")
        self._drawn = True

    def wipe(self) -> None:
        """Remove the bar from the line."""
        if self._drawn:
            _write(self._stream, "\r\x1b[K")
            self._drawn = False


class Amount:
    """Shows the progress of an amount: a bar on a terminal, otherwise a line for each tenth of a large amount.

    Parameters
    ----------
    stream
        Output stream.
    what
        Name of the activity, such as ``"reading brain.h5"``.
    large
        Smallest amount for which lines are written.
    words
        Formats completed and whole amount.
    """

    def __init__(self, stream: TextIO, what: str, large: int, words: Callable[[int, int], str]) -> None:
        self._stream, self._what, self._large, self._words = stream, printable(what), large, words
        self._bar = Bar(stream, self._what)
        self._next_s = 0.0
        self._tenths = 0

    def __call__(self, done: int, whole: int) -> None:
        """Show the completed amount."""
        share = done / whole if whole else 1.0
        if share >= 1.0:
            self._bar.wipe()
        if not self._stream.isatty():
            if whole >= self._large and int(share * 10) > self._tenths:
                self._tenths = int(share * 10)
                show(self._stream, f"benchnn: {self._what} {10 * self._tenths:3d} %{self._words(done, whole)}\n")
        elif share < 1.0 and time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + SECONDS_BETWEEN
            self._bar.draw(share, self._words(done, whole))


@contextmanager
def reading_shown(stream: TextIO | None) -> Iterator[None]:
    """Show progress while files with edges are read in the block.

    Parameters
    ----------
    stream
        Output stream; None for no output, as on ranks other than 0.
    """
    if stream is None:
        yield
        return
    shown: dict[str, Amount] = {}

    def watch(path: str, done: int, size: int) -> None:
        if path not in shown:
            shown[path] = Amount(stream, f"reading {Path(path).name}", LARGE_FILE, _megabytes)
        shown[path](done, size)
        if done >= size:
            # The file is read again later.
            del shown[path]

    with reading_watched(watch):
        yield


def _megabytes(done: int, whole: int) -> str:
    return f"  {done / 1e6:,.0f} of {whole / 1e6:,.0f} MB"


class Progress:
    """Shows the progress of state propagation; call it with the completed steps and their wall time.

    Parameters
    ----------
    stream
        Output stream, usually stderr.
    what
        Part of the run, such as ``"warm-up"``.
    steps
        Number of all steps.
    resolution_ms
        Model time of a step.
    """

    def __init__(self, stream: TextIO, what: str, steps: int, resolution_ms: float) -> None:
        require(steps >= 0, "steps", steps, "must be >= 0")
        self._stream = stream
        self._what = what
        self._steps = steps
        self._resolution_ms = resolution_ms
        self._on_terminal = stream.isatty()
        self._tenths = 0
        self._bar = Bar(stream, what)

    def __call__(self, done: int, wall_s: float) -> None:
        """Show that `done` steps are complete after `wall_s` seconds."""
        if self._on_terminal:
            self._bar.draw(done / self._steps, self._pace(done, wall_s))
        elif done * 10 // self._steps > self._tenths:
            self._tenths = done * 10 // self._steps
            show(self._stream, f"benchnn: {self._what} {10 * self._tenths:3d} %{self._pace(done, wall_s)}\n")

    def close(self) -> None:
        """Remove the bar from the terminal."""
        self._bar.wipe()

    def _pace(self, done: int, wall_s: float) -> str:
        done_ms, all_ms = done * self._resolution_ms, self._steps * self._resolution_ms
        left_s = wall_s * (self._steps - done) / done
        factor = wall_s * 1e3 / done_ms
        return f"  {done_ms:,.0f} of {all_ms:,.0f} ms, RTF {factor:.3g}, {_duration(left_s)} left"


def show(stream: TextIO, text: str) -> None:
    """Write lines to a stream that may be closed: a closed terminal must not end a run of hours."""
    _write(stream, printable_lines(text))


def _write(stream: TextIO, text: str) -> None:
    with suppress(OSError):
        stream.write(text)
        stream.flush()


@contextmanager
def compiling_shown(stream: TextIO | None, what: str) -> Iterator[None]:
    """Show in one line that kernels are compiled while a block runs, and for how long; nothing without compilation.

    Parameters
    ----------
    stream
        Output stream; None for no output, as on ranks other than 0.
    what
        Name of the kernels, such as ``"the simulator's kernels"``.
    """
    if stream is None:
        yield
        return
    # These modules import the compiler.
    from simcore.jit.compilation import cache_folder
    from simcore.jit.watch import CompilerWatch

    def started() -> None:
        kept = "cached for later runs" if cache_folder() is not None else "which cannot be cached"
        show(stream, f"{COMPILING}{what}, {kept} ...")

    with CompilerWatch(started) as watch:
        try:
            yield
        finally:
            if watch.compiled:
                show(stream, f" {watch.seconds:.1f} s\n")


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
