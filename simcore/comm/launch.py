"""Whether this process is a rank of an MPI program: read from the environment, which costs nothing."""

import os

SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
LAUNCHED = (*SIZES, "PMI_RANK", "PMIX_RANK")
"""Variables that the launchers of MPICH, Open MPI, MVAPICH and Slurm set in the processes that they start."""


def launched_ranks() -> int | None:
    """Number of ranks that a launcher started with this process; None if none says so."""
    sizes = [int(os.environ[name]) for name in SIZES if os.environ.get(name, "").isdecimal()]
    return max(sizes, default=None)


def launched_by_mpi() -> bool:
    """True if this process was started as one of several ranks."""
    ranks = launched_ranks()
    return ranks > 1 if ranks is not None else any(name in os.environ for name in LAUNCHED)


def environment_of_child() -> dict[str, str]:
    """The environment without what would make a child believe that it is this rank."""
    return {name: value for name, value in os.environ.items() if name not in LAUNCHED}
