"""Readers with faults, which the harness must find."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.reader import Reader, any_file
from simcore.errors import InputError

VALID = b"12 apples\n"


def _read() -> int:
    content = Path("file").read_bytes()
    if content != VALID:
        raise ValueError("not 12 apples")
    return 0


def _refusing(arguments: Sequence[str]) -> int:
    try:
        return _read()
    except ValueError as error:
        raise InputError(str(error)) from error


def _faulty(fault: Callable[[], object]) -> Callable[[Sequence[str]], int]:
    def call(arguments: Sequence[str]) -> int:
        try:
            return _read()
        except ValueError:
            fault()
            raise InputError("it is damaged") from None

    return call


def _loops() -> None:
    while True:
        pass


def _sleeps_deeply() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(1000.0)


def _grows() -> None:
    np.ones(400 << 17)


def _asks_for_all() -> None:
    try:
        np.ones(1 << 40)
    except MemoryError as error:
        raise InputError("it is damaged") from error


def _ends_with(code: int) -> Callable[[], None]:
    def end() -> None:
        sys.exit(code)

    return end


def _writes_elsewhere() -> None:
    Path("/tmp/fuzzing-writes-elsewhere").write_text("")  # noqa: S108 - refused


def _says(text: str) -> Callable[[], object]:
    return lambda: sys.stderr.write(text)


FAULTS: dict[str, Callable[[], object]] = {
    "traceback": lambda: {}["key"],
    "hang": _loops,
    "hang without signals": _sleeps_deeply,
    "memory": _grows,
    "hidden memory": _asks_for_all,
    "death": os.abort,
    "two sentences": _says("benchnn: error: it is no fruit\n"),
    "control character": _says("benchnn: error: a \x1b[31mred file, and "),
    "long sentence": _says("benchnn: error: " + "a" * 10_000),
    "exit code": _ends_with(1),
    "elsewhere": _writes_elsewhere,
}
"""Kind -> what a reader does with damaged files."""


def _reader(name: str, call: Callable[[Sequence[str]], int | None]) -> Reader:
    def change(case: Case, dice: object) -> Case:
        return any_file(case, dice, mutated)

    return Reader(f"planted: {name}", lambda results: [Case({"file": VALID})], change, call)


READERS = (_reader("none", _refusing), *(_reader(name, _faulty(fault)) for name, fault in FAULTS.items()))
