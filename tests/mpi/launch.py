"""Starts `benchnn` on several ranks, with the mpiexec beside the interpreter or on the path."""

import os
import re
import subprocess
import sys
from pathlib import Path

from benchnn.run.launcher import mpi_launcher
from simcore.comm.mpi import unusable_because
from simcore.errors import UnavailableError

ROOT = Path(__file__).parents[2]


def why_not():
    """Why MPI cannot be tested here; None if it can."""
    try:
        mpi_launcher()
    except UnavailableError as error:
        return str(error)
    return unusable_because()


def command(ranks, *arguments):
    """A command line of `ranks` processes that run ``python *arguments``."""
    python = [sys.executable, *[str(argument) for argument in arguments]]
    launcher = mpi_launcher()[0] if ranks > 1 else []
    return [word.format(ranks=ranks) for word in launcher] + python


def environment():
    """The environment of such a command."""
    return {**os.environ, **mpi_launcher()[1], "PYTHONPATH": str(ROOT)}


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
