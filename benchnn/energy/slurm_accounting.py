"""The energy of a job in Slurm's accounting, after the job: ``sacct``, ConsumedEnergyRaw.

It covers whole nodes over the whole job, including start-up and construction, and belongs only to the job if the job
had the nodes exclusively; sites must set ``AcctGatherEnergyType``. Therefore it never replaces the energy of a window.
"""

import re
import subprocess
from dataclasses import dataclass

from simcore.errors import UnavailableError, require

TIMEOUT_S = 60.0
FIELDS = "JobID,ElapsedRaw,ConsumedEnergyRaw,NNodes,State"


NUMBER = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True)
class JobEnergy:
    """A job's energy (J), duration (s) and number of nodes."""

    job_id: str
    consumed_j: float
    elapsed_s: float
    nodes: int
    state: str


def job_energy(job_id: str) -> JobEnergy:
    """Request the energy of a job from ``sacct``.

    Parameters
    ----------
    job_id
        Number of the job, such as ``123`` or ``123_4``.

    Raises
    ------
    InputError
        If it is not the number of a job.
    UnavailableError
        If Slurm does not report the energy.
    """
    require(re.fullmatch(r"[0-9]+(_[0-9]+)?", job_id) is not None, "slurm_job_id", job_id, "must be a job number")
    command = ["sacct", "--jobs", job_id, "--allocations", "--noheader", "--parsable2", f"--format={FIELDS}"]
    try:
        finished = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except FileNotFoundError as error:
        raise UnavailableError("the Slurm program sacct was not found") from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"sacct did not answer within {TIMEOUT_S:.0f} s") from error
    problem = " ".join(finished.stderr.split())
    if finished.returncode != 0:
        raise UnavailableError(f"sacct failed: {problem or f'exit code {finished.returncode}'}")
    lines = [line.split("|") for line in finished.stdout.splitlines() if line.strip()]
    if not lines or len(lines[-1]) != len(FIELDS.split(",")):
        raise UnavailableError(f"sacct does not know job {job_id}{f': {problem}' if problem else ''}")
    _, elapsed, consumed, nodes, state = lines[-1]
    # Slurm writes 0, or the largest 64-bit number minus one or two, if no plug-in measures.
    if not NUMBER.fullmatch(consumed) or int(consumed) == 0 or int(consumed) >= 2**64 - 2:
        raise UnavailableError(f"Slurm did not measure the energy of job {job_id}: the site does not record energies")
    if not (NUMBER.fullmatch(elapsed) and NUMBER.fullmatch(nodes)):
        raise UnavailableError(f"sacct does not report the time and the number of nodes of job {job_id}: {lines[-1]}")
    return JobEnergy(job_id, float(consumed), float(elapsed), int(nodes), state)
