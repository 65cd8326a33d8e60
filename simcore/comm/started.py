"""Communicator of a process, depending on how it was started."""

from simcore.comm.communicator import Communicator
from simcore.comm.launch import launched_by_mpi
from simcore.comm.local import LocalCommunicator


def communicator_of_launch() -> Communicator:
    """Return an MPI communicator if an MPI launcher started this process, otherwise one for a single process."""
    if not launched_by_mpi():
        return LocalCommunicator()
    from simcore.comm.mpi import MpiCommunicator

    return MpiCommunicator()
