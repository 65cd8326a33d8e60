"""Standard output and standard error of the commands."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from contextvars import ContextVar
from typing import TextIO

from simcore.errors import printable, printable_lines

LONGEST_LINE = 2000
"""Maximum characters of a message; a path can have 4096 characters, too many to be useful."""
LINE_END = 400
"""Number of characters that are kept at the end of a message, which states the allowed values."""

_kept: ContextVar[TextIO | None] = ContextVar("standard output that is reserved for emit", default=None)


class OutputError(RuntimeError):
    """Standard output is full or closed."""


@contextmanager
def standard_output_kept(to_the_end: bool) -> Iterator[None]:
    """Keep standard output for `emit`; all other writes to it go to standard error.

    A user's model may print, start programs that print, and call libraries that print. The file descriptor itself
    leads to standard error, unless `sys.stdout` does not use it, as in a test.

    Parameters
    ----------
    to_the_end
        If true, until the process ends: exit functions of the user and buffers of C may still write at that time.
    """
    stream = sys.stdout
    try:
        stream.flush()
        on_descriptor = stream.fileno() == 1
        error = sys.stderr.fileno()
    except (OSError, ValueError):
        on_descriptor = False
    if not on_descriptor:
        with _emitting_to(stream), redirect_stdout(sys.stderr):
            yield
        return
    kept = open(os.dup(1), "w", encoding=stream.encoding, errors=stream.errors)  # noqa: SIM115 - see to_the_end
    os.dup2(error, 1)
    sys.stdout = sys.stderr
    _kept.set(kept)
    try:
        yield
    finally:
        if not to_the_end:
            _flush_all(stream)
            os.dup2(kept.fileno(), 1)
            _kept.set(None)
            sys.stdout = stream
            kept.close()


@contextmanager
def _emitting_to(stream: TextIO) -> Iterator[None]:
    token = _kept.set(stream)
    try:
        yield
    finally:
        _kept.reset(token)


def _flush_all(stream: TextIO) -> None:
    """Write what the user's code left in the buffers of Python and C."""
    import ctypes

    with suppress(OSError, ValueError):
        stream.flush()
    ctypes.CDLL(None).fflush(None)


def emit(text: str, errors: str = "backslashreplace", exact: bool = False) -> None:
    """Write to standard output.

    The text may contain names and texts of users: control characters of a terminal are written as escapes.

    Parameters
    ----------
    text
        Text to write.
    errors
        Treatment of characters that the encoding lacks; ``surrogateescape`` writes the bytes of a file's name.
    exact
        Write `text` unchanged, for programs that read it; the caller is responsible for its content.

    Raises
    ------
    OutputError
        If standard output is full or closed.
    """
    stream = _kept.get() or sys.stdout
    text = text if exact else printable_lines(text)
    try:
        if hasattr(stream, "buffer"):
            stream.flush()
            stream.buffer.write(text.encode(stream.encoding, errors))
        else:
            stream.write(text)
        stream.flush()
    except OSError as error:
        # Python would complain once more when it closes the stream.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise OutputError(f"cannot write to standard output: {error.strerror}") from error


def report(problem: object, code: int, where: str = "") -> int:
    """Report a fault in one line on standard error; return the exit code `code`."""
    with suppress(OSError):
        sys.stderr.write(f"benchnn: error{where}: {one_line(str(problem))}\n")
        sys.stderr.flush()
    return code


def one_line(text: str) -> str:
    """A message as one line that any terminal can show.

    Messages quote input: a file's name may contain line ends and escape sequences of a terminal, and a value may have
    any length. Such characters are shown as Python writes them, and the middle of a long message is left out.
    """
    line = printable(" ".join(text.splitlines()))
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[: LONGEST_LINE - LINE_END]} ... {line[-LINE_END:]}"
