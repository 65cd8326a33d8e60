"""Kernels that a second process compiles while this one compiles others.

Numba compiles one kernel at a time, whatever the number of threads. The second process leaves machine code in the
cache, where this one finds it. What it does not leave, for whatever reason, this one compiles itself.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from numba import types
from numba.core.compiler_lock import global_compiler_lock

from simcore.jit.compilation import AddressedKernel, cache_folder
from simcore.jit.sources import PACKAGE

PATIENCE_S = 120.0
"""After which a process that does not end is ended: it should need seconds."""


class Wanted(NamedTuple):
    """An `AddressedKernel` for a choice of types.

    Parameters
    ----------
    module, name
        Where it is found; a module of simcore.
    real, accumulator
        Names of Numba's types, such as ``"float32"`` and ``"int32"``.
    """

    module: str
    name: str
    real: str
    accumulator: str


def nothing_kept() -> bool:
    """Whether the cache has room for simcore's kernels and none of them: a first start."""
    folder = cache_folder()
    try:
        return folder is not None and not any(folder.iterdir())
    except OSError:
        return False


@contextmanager
def compiled_aside(wanted: Sequence[Wanted]) -> Iterator[None]:
    """Let a second process compile these kernels while a block runs, and wait for it at the end of the block.

    Parameters
    ----------
    wanted
        What to compile.
    """
    process = _started(wanted)
    if process is None:
        yield
        return
    try:
        yield
        # The lock tells those who watch the compiler that kernels are being compiled.
        with global_compiler_lock, suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()


def _started(wanted: Sequence[Wanted]) -> "subprocess.Popen[bytes] | None":
    """The second process; None if the system refuses one."""
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    # -P: nothing is imported from the folder in which the user happens to be.
    command = [sys.executable, "-P", "-m", "simcore.jit.aside", *(":".join(each) for each in wanted)]
    try:
        return subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def compile_all(arguments: Sequence[str]) -> None:
    """The second process: compile what the arguments name, and keep it."""
    for argument in arguments:
        wanted = Wanted(*argument.split(":"))
        kernel: AddressedKernel = getattr(importlib.import_module(wanted.module), wanted.name)
        kernel.address(getattr(types, wanted.real), getattr(types, wanted.accumulator))


if __name__ == "__main__":
    compile_all(sys.argv[1:])
