"""The launcher of several ranks on this machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from simcore.errors import UnavailableError


def mpi_launcher() -> tuple[list[str], dict[str, str]]:
    """Return the words before a command, with ``{ranks}`` for the number of ranks, and the environment that they need.

    An mpiexec in the folder of the interpreter takes precedence: it belongs to an MPI library that was installed with
    the interpreter.

    Raises
    ------
    UnavailableError
        If there is no mpiexec.
    """
    sibling = Path(sys.executable).with_name("mpiexec")
    mpiexec = str(sibling) if os.access(sibling, os.X_OK) else shutil.which("mpiexec")
    if mpiexec is None:
        why = f"mpiexec was not found in {sibling.parent} or on PATH"
        remedy = "pip install 'benchnn[mpi]' mpich, use the system's MPI, or pass --launcher"
        raise UnavailableError(f"several ranks cannot be started: {why}; {remedy}")
    try:
        printed = subprocess.run([mpiexec, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{mpiexec} cannot be run: {error}") from error
    words = [mpiexec, "-n", "{ranks}"]
    if "Open MPI" not in printed.stdout + printed.stderr and "OpenRTE" not in printed.stdout + printed.stderr:
        return words, {}
    # Open MPI refuses more ranks than cores, binds all threads of a rank to one core, and refuses root, the only user
    # of many containers. MPICH does none of these.
    as_root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"} if os.getuid() == 0 else {}
    return [*words, "--map-by", ":OVERSUBSCRIBE", "--bind-to", "none"], as_root
