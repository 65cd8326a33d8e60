"""The communicator of a process, as it was started."""

from simcore.comm.communicator import Communicator
from simcore.comm.launch import launched_by_mpi
from simcore.comm.local import LocalCommunicator


def communicator_of_launch() -> Communicator:
    """MPI if a launcher of MPI started this process, else a single process."""
    if not launched_by_mpi():
        return LocalCommunicator()
    from simcore.comm.mpi import MpiCommunicator

    return MpiCommunicator()
