"""Exchange of spikes over MPI, called from compiled code.

Each rank sends blocks of a fixed number of words, so that one non-blocking call suffices. The collective exchange is an
MPI_Iallgather of one block. The directed exchange is an MPI_Ineighbor_alltoall with one block for each rank with
targets of this rank's neurons, which contains the spikes with targets there. A block starts with the number of words up
to the end of each step. Words that do not fit are sent afterwards in a separate message, and the blocks grow before the
next call of the step loop. The functions are called through their addresses in the library that mpi4py uses.
"""

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.comm.communicator import BETWEEN_GROUPS, FIRST_CAPACITY, ExchangeCounts, ExchangeRequest, Routing
from simcore.comm.mpi_kernels import FAILED, Column, prepare
from simcore.errors import ResourceError
from simcore.memory import touched_bytes

MAX_BLOCK_WORDS = 1 << 22
MAX_REST_WORDS = 1 << 26
"""Reserved words for spikes beyond the blocks of a directed exchange: 268 MB, of which only needed pages are used."""


class MpiExchange:
    """Exchange between the ranks of a communicator (mpi4py.MPI.Intracomm), which `close` frees if it was `split`."""

    def __init__(self, mpi: Any, comm: Any, request: ExchangeRequest, split: bool = False) -> None:
        self._mpi, self._comm = mpi, comm
        routing = request.routing
        self._graph = comm if routing is None else _graph(comm, routing)
        self._freed_at_close = [comm] if split else []
        if self._graph is not comm:
            self._freed_at_close.append(self._graph)
        # Compiled code ignores the return values of the calls.
        for used in (comm, self._graph):
            used.Set_errhandler(mpi.ERRORS_ARE_FATAL)
        self.start, self.test = prepare()
        self.state = np.zeros(len(Column), dtype=np.int64)
        self.received_ends = np.zeros(request.interval, dtype=np.int64)
        self._held: dict[Column, npt.NDArray[Any]] = {}
        self._hold(Column.RECEIVED_ENDS, self.received_ends)
        self._set_functions(mpi)
        ranks = np.arange(comm.size, dtype=np.int64)
        # A collective call hands over the blocks of all ranks; those of the own group are then not read.
        left_out = np.isin(ranks, request.group) if request.partners == BETWEEN_GROUPS else ranks == comm.rank
        destinations = ranks[~left_out] if routing is None else routing.destinations
        origins = np.where(left_out, -1, ranks) if routing is None else routing.origins
        self._slots = 1 if routing is None else len(destinations)
        self._set(Column.INTERVAL, request.interval)
        self._set(Column.WIDTH, request.width)
        self._set(Column.OWN_RANKS, request.own.ranks)
        self._hold(Column.OWN_RANGES, request.own.ranges)
        self._set(Column.DIRECTED, routing is not None)
        self._hold(Column.DESTINATIONS, destinations, Column.N_DESTINATIONS)
        self._hold(Column.ORIGINS, origins, Column.N_ORIGINS)
        self._hold(Column.COUNTS, np.zeros(max(1, self._slots), dtype=np.int64))
        self._hold(Column.REST_STARTS, np.zeros(max(1, self._slots), dtype=np.int64))
        # Untouched memory does not take space.
        most = request.room * request.width
        if routing is not None:
            most = max(most, MAX_REST_WORDS)
        self._hold(Column.SEND_REST, np.empty(most, dtype=np.uint32), Column.REST_ROOM)
        if routing is not None:
            self._hold(Column.ROUTE_STARTS, routing.starts)
            self._hold(Column.ROUTE_SLOTS, routing.slots)
        self._make_blocks(FIRST_CAPACITY)
        self._make_room(FIRST_CAPACITY * max(1, len(origins)))

    def _set_functions(self, mpi: Any) -> None:
        library = ctypes.CDLL(mpi.__file__)
        post = "MPI_Iallgather" if self._graph is self._comm else "MPI_Ineighbor_alltoall"
        columns = (Column.POST, Column.ISEND, Column.IRECV, Column.TESTALL)
        for column, name in zip(columns, (post, "MPI_Isend", "MPI_Irecv", "MPI_Testall"), strict=True):
            self._set(column, ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0)
        self._set(Column.COMM, _handle(mpi, self._graph))
        self._set(Column.REST_COMM, _handle(mpi, self._comm))
        self._set(Column.WORD_TYPE, _handle(mpi, mpi.UINT32_T))
        most = 2 * self._comm.size + 1
        self._hold(Column.REQUESTS, np.zeros(most * mpi._sizeof(mpi.Request), dtype=np.uint8))
        self._set(Column.REQUEST_BYTES, mpi._sizeof(mpi.Request))
        self._hold(Column.STATUSES, np.zeros(most * mpi._sizeof(mpi.Status), dtype=np.uint8))
        self._hold(Column.FLAG, np.zeros(2, dtype=np.int32))

    def _set(self, column: Column, value: int) -> None:
        self.state[column] = value

    def _hold(self, column: Column, array: npt.NDArray[Any], length: Column | None = None) -> None:
        """Keep an array and store its address, and its length if a column exists for it."""
        array = np.ascontiguousarray(array)
        self._held[column] = array
        self._set(column, array.ctypes.data)
        if length is not None:
            self._set(length, len(array))

    def _make_blocks(self, capacity: int) -> None:
        block = int(self.state[Column.INTERVAL]) + capacity
        self._set(Column.CAPACITY, capacity)
        self._hold(Column.SEND, np.zeros(max(1, self._slots) * block, dtype=np.uint32))
        n_origins = int(self.state[Column.N_ORIGINS])
        self._hold(Column.RECEIVED_BLOCKS, np.zeros(max(1, n_origins) * block, dtype=np.uint32))

    def _make_room(self, words: int) -> None:
        self.received = np.zeros(words, dtype=np.uint32)
        self._hold(Column.RECEIVED, self.received)
        self._set(Column.RECEIVED_ROOM, words)
        self._hold(Column.RECEIVED_REST, np.zeros(words, dtype=np.uint32))

    @property
    def used_bytes(self) -> int:
        return sum(touched_bytes(array) for array in self._held.values())

    def grow(self) -> None:
        if self.state[Column.PHASE] == FAILED:
            raise ResourceError(
                "the spikes of one exchange go to too many ranks: spikes that do not fit into the blocks need more "
                f"than {int(self.state[Column.REST_ROOM])} words; use the collective exchange"
            )
        if self.state[Column.NEEDED] > self.state[Column.RECEIVED_ROOM]:
            self._make_room(2 * int(self.state[Column.NEEDED]))

    def expect(self, words: int) -> None:
        """Allocate blocks and buffers for `words` words from each rank; all ranks call this together."""
        self._make_blocks(words)
        self._make_room(words * int(self.state[Column.N_ORIGINS]))

    def adapt(self) -> None:
        largest = max(self._comm.allgather(int(self.state[Column.LARGEST])))
        self._set(Column.LARGEST, 0)
        capacity = int(self.state[Column.CAPACITY])
        wanted = max(FIRST_CAPACITY, min(2 * largest, MAX_BLOCK_WORDS // self._comm.size))
        # Bursts can use separate messages; blocks that remain large would cost time in every exchange.
        if (largest > capacity and wanted > capacity) or 4 * wanted <= capacity:
            self._make_blocks(wanted)

    def close(self) -> None:
        # An MPI library has a few thousand communicators at most.
        while self._freed_at_close:
            self._freed_at_close.pop().Free()

    def counts(self) -> ExchangeCounts:
        s = self.state
        sent, received = (4 * int(s[column]) for column in (Column.WORDS_SENT, Column.WORDS_RECEIVED))
        overflows, largest = int(s[Column.OVERFLOWS]), int(s[Column.LARGEST])
        return ExchangeCounts(int(s[Column.EXCHANGES]), sent, received, overflows, largest)


def _graph(comm: Any, routing: Routing) -> Any:
    """Return a communicator in which a rank's neighbours are the ranks with which it exchanges spikes."""
    return comm.Create_dist_graph_adjacent(routing.origins.tolist(), routing.destinations.tolist())


def _handle(mpi: Any, thing: Any) -> int:
    """Return an MPI handle as the integer or pointer that the library's functions take."""
    return int(np.uint64(mpi._handleof(thing)).astype(np.int64))
