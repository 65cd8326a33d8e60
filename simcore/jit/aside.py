"""Compilation of some kernels in a second process while this process compiles others.

Numba compiles one kernel at a time, regardless of the number of threads. The second process stores machine code in the
cache, where this process finds it. This process compiles missing kernels itself.
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
"""Time limit of the second process, s; it should need a few seconds."""


class Wanted(NamedTuple):
    """An `AddressedKernel` for given types.

    Parameters
    ----------
    module, name
        Module of simcore, and name in the module.
    real, accumulator
        Names of Numba's types, such as ``"float32"`` and ``"int32"``.
    """

    module: str
    name: str
    real: str
    accumulator: str


def nothing_kept() -> bool:
    """Whether this is a first start: the cache is writable and does not contain kernels of simcore."""
    folder = cache_folder()
    try:
        return folder is not None and not any(folder.iterdir())
    except OSError:
        return False


@contextmanager
def compiled_aside(wanted: Sequence[Wanted]) -> Iterator[None]:
    """Compile kernels in a second process while a block runs, and wait for the process at the end of the block.

    Parameters
    ----------
    wanted
        Kernels to compile.
    """
    process = _started(wanted)
    if process is None:
        yield
        return
    try:
        yield
        # The lock shows watchers of the compiler that kernels are being compiled.
        with global_compiler_lock, suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()


def _started(wanted: Sequence[Wanted]) -> "subprocess.Popen[bytes] | None":
    """Start the second process; return None if the system does not allow it."""
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    # -P prevents imports from the current working folder.
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
    """Compile the kernels named by the arguments, in the second process."""
    for argument in arguments:
        wanted = Wanted(*argument.split(":"))
        kernel: AddressedKernel = getattr(importlib.import_module(wanted.module), wanted.name)
        kernel.address(getattr(types, wanted.real), getattr(types, wanted.accumulator))


if __name__ == "__main__":
    compile_all(sys.argv[1:])
