"""Whether this process is a rank of an MPI program; looks at the environment alone, which costs nothing."""

import os

LAUNCHED = ("PMI_SIZE", "PMIX_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "MV2_COMM_WORLD_SIZE")
"""Variables that the launchers of MPICH, Open MPI, MVAPICH and Slurm set in the processes that they start."""


def launched_by_mpi() -> bool:
    """True if this process was started as a rank: by mpiexec, or by srun with several tasks in a step of its own."""
    several = os.environ.get("SLURM_STEP_NUM_TASKS", "1") != "1" and "SLURM_PROCID" in os.environ
    return several or any(name in os.environ for name in LAUNCHED)
