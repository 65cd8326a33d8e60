"""How several ranks are started on this machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from simcore.errors import UnavailableError


def mpi_launcher() -> tuple[list[str], dict[str, str]]:
    """What stands before a command, with ``{ranks}`` for their number, and what it needs in the environment.

    The mpiexec beside the interpreter comes first: it belongs to an MPI library that was installed with it.

    Raises
    ------
    UnavailableError
        If there is no mpiexec.
    """
    beside = Path(sys.executable).with_name("mpiexec")
    mpiexec = str(beside) if os.access(beside, os.X_OK) else shutil.which("mpiexec")
    if mpiexec is None:
        why = f"there is no mpiexec, neither in {beside.parent} nor on PATH"
        remedy = "pip install 'benchnn[mpi]' mpich, use the system's MPI, or give --launcher"
        raise UnavailableError(f"several ranks cannot be started here: {why}; {remedy}")
    try:
        told = subprocess.run([mpiexec, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{mpiexec} cannot be run: {error}") from error
    words = [mpiexec, "-n", "{ranks}"]
    if "Open MPI" not in told.stdout + told.stderr and "OpenRTE" not in told.stdout + told.stderr:
        return words, {}
    # Open MPI refuses more ranks than cores, binds all threads of a rank to one core, and refuses root, the only user
    # of many containers. MPICH does none of these.
    as_root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"} if os.getuid() == 0 else {}
    return [*words, "--map-by", ":OVERSUBSCRIBE", "--bind-to", "none"], as_root
