"""Processes that need not import packages: a server, which has imported them, forks one for each start."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
SERVER_PATH = f"{FOLDER.parents[2]}:{FOLDER.parent}"
READ_AT_IMPORT = ("BENCHNN", "HDF5", "HOME", "LD_", "NUMBA", "OMP_", "OPENBLAS", "PYTHON", "XDG_CACHE_HOME")
"""Beginnings of the names of variables that are read while modules are imported, or soon after."""


def ready_python(environment, kernels=False, python=sys.executable):
    """Command line of a ``python`` for processes with this environment; the server ends with this process.

    Variables of other names may differ, and PYTHONPATH; a process with other values of `READ_AT_IMPORT` starts an
    interpreter of its own.

    Parameters
    ----------
    environment
        Of the server.
    kernels
        Whether the server also loads the kernels that most networks need.
    python
        Path of the interpreter.
    """
    known = read_at_import(environment) | {"PATH": environment["PATH"], "PYTHONPATH": SERVER_PATH}
    return _served(tuple(sorted(known.items())), kernels, str(python))


def read_at_import(environment):
    """The variables that are read while modules are imported."""
    path = "PYTHONPATH"
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_IMPORT) and name != path}


@cache
def _served(variables, kernels, python):
    path = Path(tempfile.mkdtemp(prefix="benchnn-ready-")) / "socket"
    words = [python, FOLDER / "server.py", path, *["--kernels"] * kernels]
    server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(variables))
    assert server.stdout.readline() == b"ready\n"
    atexit.register(_end, server, path.parent)
    return (python, "-I", "-S", str(FOLDER / "start.py"), str(path))


def _end(server, folder):
    server.stdin.close()
    server.wait()
    shutil.rmtree(folder)
