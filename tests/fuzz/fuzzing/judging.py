"""What became of an input: accepted, refused in one sentence, or a fault."""

import re
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from time import process_time
from unittest import mock

import benchnn.cli
from benchnn.commands.output import report
from fuzzing.guards import PEAK, BegunError, HangError
from fuzzing.reader import Reader
from simcore.errors import BenchnnError, InputError

ACCEPTED, REFUSED = "accepted", "refused"
LONGEST_SENTENCE = 3_000
LONGEST_CPU_S = 5.0
MOST_MEMORY = 128 << 20
MEMORY_PER_BYTE = 64
"""An input may use so many bytes for each of its own, and so many in any case."""
OUT_OF_MEMORY = re.compile(r"out of memory|[Uu]nable to allocate|[Cc]annot allocate")
"""The HDF5 library's own "memory allocation failed" is another thing: it asks for as much as a damaged length says, and
touches none of it before it finds that the file is shorter."""


@dataclass(frozen=True)
class Verdict:
    """What became of an input: `ACCEPTED`, `REFUSED`, or the kind of a fault, with what shows it."""

    kind: str
    detail: str = ""

    @property
    def faulty(self) -> bool:
        """Whether it is a fault."""
        return self.kind not in (ACCEPTED, REFUSED)


def judged(reader: Reader, arguments: tuple[str, ...], size: int, first: bool = False) -> Verdict:
    """Call a reader and judge how it ends.

    Parameters
    ----------
    reader
        The reader; its files lie in the working folder.
    arguments
        Of the input.
    size
        Bytes of the input.
    first
        Whether it is the first of its kind, which imports and compiles: time and memory are not looked at.
    """
    started, before = process_time(), _forgotten_peak()
    printed, shown = StringIO(), StringIO()
    refusals: list[object] = []
    try:
        with redirect_stderr(printed), redirect_stdout(shown), warnings.catch_warnings(), _noted(refusals):
            warnings.simplefilter("always")
            # Networks say so where they may be silent.
            warnings.simplefilter("ignore", UserWarning)
            verdict = _ended(reader, lambda: reader.call(arguments), refusals)
    except HangError as error:
        return Verdict("hang", _place(error))
    if verdict.faulty:
        return verdict
    fault = _memory_fault(refusals) or _sentence_fault(printed.getvalue(), verdict)
    spent_s, grown = process_time() - started, _peak_memory() - before
    if not first and spent_s > LONGEST_CPU_S:
        fault = Verdict("hang", f"{spent_s:.1f} s of CPU time")
    if not first and grown > MOST_MEMORY + MEMORY_PER_BYTE * size:
        fault = Verdict("memory", f"{grown >> 20} MiB for an input of {size} bytes")
    return fault or Verdict(verdict.kind, verdict.detail or printed.getvalue().strip())


def _ended(reader: Reader, call: Callable[[], int | None], refusals: list[object]) -> Verdict:
    """How a call ends, when words and memory are not looked at."""
    try:
        code = call()
    except InputError as error:
        refusals.append(error)
        code = report(error, 2)
    except BegunError:
        return Verdict(ACCEPTED, "begun")
    except SystemExit as error:
        code = 0 if error.code is None else error.code
    except MemoryError as error:
        return Verdict("memory", _place(error))
    except HangError:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a reader raises is a fault
        return Verdict("traceback", _place(error))
    code = code or 0
    if code not in reader.codes:
        last = refusals[-1] if refusals else "nothing"
        return Verdict("exit code", f"{code}: {last!s:.300}")
    return Verdict(REFUSED if code == 2 else ACCEPTED)


def _noted(refusals: list[object]) -> "mock._patch[object]":
    """Keep the errors that the command line reports."""
    own = benchnn.cli._fail

    def fail(problem: object, code: int, comm: object) -> int:
        refusals.append(problem)
        return own(problem, code, comm)

    return mock.patch.object(benchnn.cli, "_fail", fail)


def _memory_fault(refusals: list[object]) -> Verdict | None:
    """An error that hides a failed allocation."""
    for refusal in refusals:
        error = refusal if isinstance(refusal, BaseException) else None
        while error is not None:
            if isinstance(error, MemoryError) or OUT_OF_MEMORY.search(str(error)):
                return Verdict("memory", _place(error))
            error = error.__cause__ or error.__context__
        if isinstance(refusal, str) and OUT_OF_MEMORY.search(refusal):
            return Verdict("memory", refusal[:300])
    return None


def _sentence_fault(printed: str, verdict: Verdict) -> Verdict | None:
    """A refusal whose words are not one sentence on one line."""
    if verdict.kind != REFUSED:
        return None
    lines = printed.split("\n")
    if len(lines) != 2 or lines[1] or not lines[0].startswith("benchnn: error: "):
        return Verdict("words", f"{len(lines) - 1} lines: {printed[:500]!r}")
    if len(printed) > LONGEST_SENTENCE:
        return Verdict("words", f"{len(printed)} characters: {printed[:200]!r}")
    unprintable = next((letter for letter in lines[0] if not letter.isprintable()), None)
    if unprintable is not None:
        return Verdict("words", f"the character {unprintable!r}: {printed[:300]!r}")
    return None


def _forgotten_peak() -> int:
    """The memory of the process, from which its peak is counted anew where the kernel lets us; bytes."""
    with suppress(OSError):
        Path(PEAK).write_text("5")
    return _peak_memory()


def _peak_memory() -> int:
    """The most memory that the process had, bytes.

    `getrusage` would count that of the process from which this one was started.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _place(error: BaseException) -> str:
    """The error, and the lines of the product that it passed last."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/tests/fuzz/" not in frame.filename] or frames
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in own[:-5:-1])
    kind = type(error).__name__
    return f"{kind}: {error!s:.200} at {where}" if not isinstance(error, BenchnnError) else f"{kind}: {error}"
