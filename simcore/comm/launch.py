"""Detection of MPI launchers from environment variables, without importing MPI."""

import os

SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
LAUNCHED = (*SIZES, "PMI_RANK", "PMIX_RANK")
"""Variables that the launchers of MPICH, Open MPI, MVAPICH and Slurm set in the processes they start."""


def launched_ranks() -> int | None:
    """Return the number of ranks that a launcher started with this process; None without a launcher."""
    sizes = [int(os.environ[name]) for name in SIZES if os.environ.get(name, "").isdecimal()]
    return max(sizes, default=None)


def launched_by_mpi() -> bool:
    """Whether this process was started as one of several ranks."""
    ranks = launched_ranks()
    return ranks > 1 if ranks is not None else any(name in os.environ for name in LAUNCHED)


def environment_of_child() -> dict[str, str]:
    """Return the environment without variables that would identify a child process as this rank."""
    return {name: value for name, value in os.environ.items() if name not in LAUNCHED}
