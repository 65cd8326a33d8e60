"""Standard output and standard error of the commands."""

import sys
from contextlib import suppress


class OutputError(RuntimeError):
    """Standard output is full or closed."""


def emit(text: str) -> None:
    """Write to standard output.

    Raises
    ------
    OutputError
        If it is full or closed.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise OutputError(f"cannot write to standard output: {error.strerror}") from error


def report(problem: object, code: int, where: str = "") -> int:
    """Tell a fault in one line on standard error; returns the exit code `code`."""
    with suppress(OSError):
        sys.stderr.write(f"benchnn: error{where}: {' '.join(str(problem).splitlines())}\n")
        sys.stderr.flush()
    return code
