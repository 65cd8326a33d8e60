"""Communicator over MPI through mpi4py, with one rank in each process."""

import os
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from simcore.comm.communicator import WITHIN_GROUP, Exchange, ExchangeRequest
from simcore.comm.launch import launched_ranks
from simcore.comm.mpi_pieces import broadcast, exchange_words, gather_everywhere, gather_on_root, receive, send
from simcore.errors import InputError, UnavailableError, WriteError

T = TypeVar("T")

SPIN_S = 0.01
"""Time for which a rank polls others without a pause, s: longer than the differences between equal ranks."""
PAUSE_S = 0.001
"""Pause between later polls, s."""


def unusable_because() -> str | None:
    """Return why MPI cannot be used on this machine; None if it can."""
    try:
        _mpi()
    except UnavailableError as error:
        return str(error)
    return None


def _mpi() -> Any:
    """Return the module mpi4py.MPI, whose import starts MPI."""
    try:
        import mpi4py

        # One thread at a time calls MPI, but not always the same one.
        mpi4py.rc.thread_level = "serialized"
        from mpi4py import MPI
    except ImportError as error:
        raise UnavailableError(f"cannot import mpi4py ({error}): pip install 'benchnn[mpi]' mpich") from error
    except RuntimeError as error:
        raise UnavailableError(f"mpi4py cannot find an MPI library ({error}): pip install mpich") from error
    return MPI


class MpiCommunicator:
    """Communicator of all MPI ranks (COMM_WORLD).

    Raises
    ------
    UnavailableError
        If mpi4py or an MPI library is missing, the library does not allow threads, or the launcher belongs to another
        library.
    """

    name = "mpi"

    def __init__(self) -> None:
        self._mpi = _mpi()
        provided = self._mpi.Query_thread()
        if provided < self._mpi.THREAD_SERIALIZED:
            raise UnavailableError("the MPI library does not allow threads (it offers less than MPI_THREAD_SERIALIZED)")
        # A separate communicator, so that messages of other libraries cannot interfere.
        self._comm = self._mpi.COMM_WORLD.Dup()
        self.rank: int = self._comm.rank
        self.size: int = self._comm.size
        launched = launched_ranks()
        if self.size == 1 and launched is not None and launched > 1:
            library = self._mpi.Get_library_version().split("\n")[0].strip("\0 ")
            raise UnavailableError(
                f"the launcher started {launched} ranks, but mpi4py's MPI library ({library}) finds only this one; use "
                "the mpiexec of the same MPI, or srun with the matching --mpi"
            )
        self.agreed_error: Exception | None = None

    def from_root(self, make: Callable[[], T]) -> T:
        made: T | None = None
        problem: Exception | None = None
        if self.rank == 0:
            try:
                made = make()
            except (InputError, UnavailableError, WriteError) as error:
                problem = error
        self._meet()
        problem, made = broadcast(self._comm, (problem, made))
        self._raise_agreed(problem)
        return cast(T, made)

    def agree(self, problem: Exception | None) -> None:
        self._raise_agreed(next((found for found in self.gather(problem) if found is not None), None))

    def _raise_agreed(self, problem: Exception | None) -> None:
        if problem is not None:
            self.agreed_error = problem
            raise problem

    def gather(self, value: T) -> list[T]:
        self._meet()
        return gather_everywhere(self._comm, value)

    def collect(self, value: T) -> list[T] | None:
        self._meet()
        return gather_on_root(self._comm, value)

    def _meet(self) -> None:
        """Wait for all ranks, and leave the CPU to late ranks.

        MPI libraries poll: with more ranks than CPUs, waiting ranks would take most of the CPU from a rank that
        compiles or reads.
        """
        arrived = self._comm.Ibarrier()
        patience = time.monotonic() + SPIN_S
        while not arrived.Test():
            if time.monotonic() < patience:
                os.sched_yield()
            else:
                time.sleep(PAUSE_S)

    def scatter(self, make: Callable[[int], T]) -> T:
        if self.rank > 0:
            return cast(T, receive(self._comm, 0))
        # One after the other, so that rank 0 never holds the parts of all ranks.
        for rank in range(1, self.size):
            send(self._comm, make(rank), rank)
        return make(0)

    def all_to_all(self, parts: Sequence[npt.NDArray[np.uint32]]) -> list[npt.NDArray[np.uint32]]:
        return exchange_words(self._comm, parts)

    def prepare(self) -> None:
        if self.size > 1:
            from simcore.comm.mpi_kernels import prepare

            prepare()

    def exchange(self, request: ExchangeRequest) -> Exchange | None:
        split = request.partners == WITHIN_GROUP
        comm = self._comm.Split(request.group.start, self.rank) if split else self._comm
        if comm.size == 1:
            if split:
                comm.Free()
            return None
        from simcore.comm.mpi_exchange import MpiExchange

        return MpiExchange(self._mpi, comm, request, split)

    def abort(self, code: int) -> None:
        if self.size > 1:
            self._comm.Abort(code)
