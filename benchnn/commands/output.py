"""Standard output and standard error of the commands."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from contextvars import ContextVar
from typing import TextIO

from simcore.errors import printable, printable_lines

LONGEST_LINE = 2000
"""Characters of a message; paths have up to 4096, but then few of them help."""
LINE_END = 400
"""Characters of its end, where a message says what is allowed."""

_kept: ContextVar[TextIO | None] = ContextVar("standard output while it is kept from others", default=None)


class OutputError(RuntimeError):
    """Standard output is full or closed."""


@contextmanager
def standard_output_kept(to_the_end: bool) -> Iterator[None]:
    """Keep standard output for `emit`; what anything else writes there goes to standard error.

    A user's model may print, start programs that print and call libraries that do: the descriptor itself leads to
    standard error, unless `sys.stdout` is something else, as in a test.

    Parameters
    ----------
    to_the_end
        Until the process ends, at whose exit functions of the user and buffers of C may still be written.
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
    """Write what the user's code has left in the buffers of Python and of C."""
    import ctypes

    with suppress(OSError, ValueError):
        stream.flush()
    ctypes.CDLL(None).fflush(None)


def emit(text: str, errors: str = "backslashreplace", exact: bool = False) -> None:
    """Write to standard output.

    Names and texts of users are in it: what a terminal would obey is written as an escape.

    Parameters
    ----------
    text
        What is written.
    errors
        What becomes of characters that the encoding lacks; ``surrogateescape`` gives the bytes of a file's name.
    exact
        Write `text` as it is: it is read by programs, and its author has seen to its content.

    Raises
    ------
    OutputError
        If it is full or closed.
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
    """Tell a fault in one line on standard error; returns the exit code `code`."""
    with suppress(OSError):
        sys.stderr.write(f"benchnn: error{where}: {one_line(str(problem))}\n")
        sys.stderr.flush()
    return code


def one_line(text: str) -> str:
    """A message as one line that any terminal can show.

    Messages quote what was given: a file's name may hold line ends and escape sequences of a terminal, and a value may
    have any length. Such characters are shown as Python writes them; of a long message the middle is left out.
    """
    line = printable(" ".join(text.splitlines()))
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[: LONGEST_LINE - LINE_END]} ... {line[-LINE_END:]}"
