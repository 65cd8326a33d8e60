"""Starts `benchnn` on several ranks, with the mpiexec beside the interpreter or on the path."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def mpiexec():
    """The launcher that belongs to the MPI library of this interpreter; None if there is none."""
    beside = Path(sys.executable).parent / "mpiexec"
    return str(beside) if beside.exists() else shutil.which("mpiexec")


def why_not():
    """Why MPI cannot be tested here; None if it can."""
    if mpiexec() is None:
        return "there is no mpiexec"
    from simcore.comm.mpi import unusable_because

    return unusable_because()


needs_mpi = pytest.mark.skipif(mpiexec() is None, reason="there is no mpiexec")


def open_mpi():
    """True if the launcher is Open MPI's, which refuses root and more ranks than cores unless told otherwise."""
    told = subprocess.run([mpiexec(), "--version"], capture_output=True, text=True, check=False).stdout
    return "open mpi" in told.lower() or "openrte" in told.lower() or "prrte" in told.lower()


def command(ranks, *arguments):
    """A command line of `ranks` processes that run ``python *arguments``."""
    python = [sys.executable, *[str(argument) for argument in arguments]]
    if ranks == 1:
        return python
    options = ["--oversubscribe", "--bind-to", "none"] if open_mpi() else []
    return [mpiexec(), *options, "-n", str(ranks), *python]


def environment():
    """The environment of such a command."""
    added = {"PYTHONPATH": str(ROOT), "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return {**os.environ, **added}


def on_ranks(ranks, *arguments, timeout=240):
    """Run ``python *arguments`` on some ranks; returns what it left."""
    return subprocess.run(
        command(ranks, *arguments), capture_output=True, text=True, check=False, timeout=timeout, env=environment()
    )


def benchnn(ranks, *arguments, timeout=240):
    """Run ``benchnn *arguments`` on some ranks."""
    return on_ranks(ranks, "-m", "benchnn", *arguments, timeout=timeout)


def first_error(text):
    """The line with which benchnn reported a fault."""
    found = re.search(r"^benchnn: error.*$", text, re.MULTILINE)
    return found.group() if found else text[-500:]
