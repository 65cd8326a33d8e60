"""Starts `benchnn` on several ranks, with the mpiexec beside the interpreter or on the path."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

from ready import ready_python
from several import captured

from benchnn.running.launcher import mpi_launcher
from simcore.comm.mpi import unusable_because
from simcore.errors import UnavailableError

ROOT = Path(__file__).parents[2]
INHERITED = MappingProxyType(dict(os.environ))
"""The environment before a test changes it."""
PROGRAM = Path(__file__).with_name("several.py")


def why_not():
    """Why MPI cannot be tested here; None if it can."""
    try:
        mpi_launcher()
    except UnavailableError as error:
        return str(error)
    return unusable_because()


def command(ranks, *arguments, python=(sys.executable,)):
    """A command line of `ranks` processes that run ``python *arguments``."""
    launcher = mpi_launcher()[0] if ranks > 1 else []
    return [*(word.format(ranks=ranks) for word in launcher), *python, *(str(argument) for argument in arguments)]


def environment():
    """The environment of such a command."""
    return {**os.environ, **mpi_launcher()[1], "PYTHONPATH": str(ROOT)}


def on_ranks(ranks, *arguments, timeout=240, forks=True):
    """Run ``python *arguments`` on some ranks, which a server forks unless imports are tested; returns what it left.

    The mpiexec of Open MPI 5 sometimes does not end after all ranks have (open-mpi/ompi#12064): then once more.
    """
    python = ready_python(INHERITED, kernels=True) if forks else [sys.executable]
    words = command(ranks, *arguments, python=python)
    try:
        return _finished(words, timeout)
    except LauncherHangsError:
        return _finished(words, timeout)


class LauncherHangsError(Exception):
    """An mpiexec did not end although none of its ranks was left."""


def _finished(words, timeout):
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), start_new_session=True
    )
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        ranks_left = _children(process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if ranks_left:
            raise
        raise LauncherHangsError(f"{words[0]} did not end in {timeout} s") from None
    return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)


def _children(parent):
    """Processes whose parent is `parent`, without zombies."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(ppid) == parent and state != "Z":
            found.append(int(stat.parent.name))
    return found


def benchnn(ranks, *arguments, timeout=240):
    """Run ``benchnn *arguments`` on some ranks; a single rank is this process, which has loaded the kernels."""
    if ranks > 1:
        return on_ranks(ranks, "-m", "benchnn", *arguments, timeout=timeout)
    words = [str(argument) for argument in arguments]
    return subprocess.CompletedProcess(words, *captured(words))


def several(ranks, *commands):
    """Run ``benchnn *command`` for each command on the same ranks; exit code and output of all ranks for each."""
    words = [[str(argument) for argument in command] for command in commands]
    finished = on_ranks(ranks, PROGRAM, json.dumps(words))
    assert finished.returncode == 0, finished.stderr
    ended = []
    for command, each_rank in zip(words, json.loads(finished.stdout), strict=True):
        codes, out, err = zip(*each_rank, strict=True)
        assert len(set(codes)) == 1, err
        ended.append(subprocess.CompletedProcess(command, codes[0], "".join(out), "".join(err)))
    return ended


def first_error(text):
    """The line with which benchnn reported a fault."""
    found = re.search(r"^benchnn: error.*$", text, re.MULTILINE)
    return found.group() if found else text[-500:]
