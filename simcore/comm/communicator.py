"""Interfaces of communicators and of exchanges of spikes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError
from simcore.placement import RankRanges

T = TypeVar("T")

COLLECTIVE, DIRECTED = "collective", "directed"
EXCHANGES = (COLLECTIVE, DIRECTED)
EVERYONE, WITHIN_GROUP, BETWEEN_GROUPS = "everyone", "within_group", "between_groups"
"""Ranks that exchange spikes with each other: all of them, those of a group, or those of different groups."""
COMPLETE, NO_ROOM = 1, 2
"""Results of an exchange's test at its end: everything is received, or the buffer is too small."""
FIRST_CAPACITY = 8
"""Initial number of words in the blocks in which spikes are exchanged."""


@dataclass(frozen=True)
class Routing:
    """Ranks with targets of the neurons of this rank, for the directed exchange.

    Parameters
    ----------
    destinations
        Ranks to which this rank sends, ascending, without itself.
    origins
        Ranks from which it receives, ascending, without itself.
    starts, slots
        Spikes of this rank's neuron k, counted in order of the global ids, are sent to the destinations
        ``slots[starts[k]:starts[k + 1]]``, which are positions in `destinations`; int64 and int32.
    wanted
        Global ids of other ranks' neurons that have targets on this rank, ascending.
    """

    destinations: npt.NDArray[np.int64]
    origins: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    slots: npt.NDArray[np.int32]
    wanted: npt.NDArray[np.int64]


@dataclass(frozen=True)
class ExchangeRequest:
    """Parameters of an exchange of spikes.

    Parameters
    ----------
    interval
        Steps between exchanges.
    room
        Largest number of spikes that this rank can send at once.
    routing
        Routing of the directed exchange; None for the collective exchange.
    bounds
        int64 (populations + 1,): global id of the first neuron of each population, and the number of neurons.
    own
        The neurons of this rank.
    width
        Number of words of a spike; 2 with its multiplicity.
    partners
        EVERYONE, WITHIN_GROUP or BETWEEN_GROUPS; the same on all ranks.
    group
        Ranks of this rank's group, including itself; needed unless `partners` is EVERYONE. With WITHIN_GROUP, the ranks
        in `routing` are counted from the first rank of the group.
    """

    interval: int
    room: int
    routing: Routing | None
    bounds: npt.NDArray[np.int64]
    own: RankRanges
    width: int = 1
    partners: str = EVERYONE
    group: range = range(0)


@dataclass(frozen=True)
class ExchangeCounts:
    """Counts of an exchange so far on this rank.

    Parameters
    ----------
    exchanges
        Number of exchanges.
    bytes_sent
        Sent bytes, including the padding of blocks; data that a collective exchange sends to all ranks count once.
    bytes_received
        Bytes of received spikes of other ranks.
    overflows
        Number of blocks that were too small and required a second message.
    largest_words
        Largest number of words sent to a rank at once; for MPI, since the last adaptation of blocks.
    """

    exchanges: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    overflows: int = 0
    largest_words: int = 0

    def plus(self, other: "ExchangeCounts") -> "ExchangeCounts":
        """Both together; `largest_words` is the larger one."""
        return ExchangeCounts(
            self.exchanges + other.exchanges,
            self.bytes_sent + other.bytes_sent,
            self.bytes_received + other.bytes_received,
            self.overflows + other.overflows,
            max(self.largest_words, other.largest_words),
        )

    def since(self, before: "ExchangeCounts") -> "ExchangeCounts":
        """Return the counts since `before`; `largest_words` is unchanged."""
        return ExchangeCounts(
            self.exchanges - before.exchanges,
            self.bytes_sent - before.bytes_sent,
            self.bytes_received - before.bytes_received,
            self.overflows - before.overflows,
            self.largest_words,
        )


class Exchange(Protocol):
    """Exchange of the spikes of an interval between ranks, within compiled code.

    `start` and `test` are addresses of kernels (`simcore.jit.compilation.exchange_kernel`) that are called
    with `state`; only one thread calls them. `received` contains the words (uint32) of other ranks in order of the
    step, and `received_ends` (int64) the end of each step of the interval.
    """

    start: int
    test: int
    state: npt.NDArray[np.int64]
    received: npt.NDArray[np.uint32]
    received_ends: npt.NDArray[np.int64]

    @property
    def used_bytes(self) -> int:
        """Number of used bytes of the buffers."""
        ...

    def grow(self) -> None:
        """Enlarge `received` for the exchange in progress."""
        ...

    def adapt(self) -> None:
        """Adapt the size of blocks to the latest spikes; called on all ranks between calls of the step loop."""
        ...

    def counts(self) -> ExchangeCounts:
        """Return the counts of the exchange so far."""
        ...

    def close(self) -> None:
        """Release what the exchange holds outside of this process's memory; all ranks call this together, or again."""
        ...


class Communicator(Protocol):
    """Communicator of a group of ranks that includes this process."""

    name: str
    rank: int
    size: int

    agreed_error: Exception | None
    """Error that every rank has raised, so that one rank needs to report it, or None."""

    def from_root(self, make: Callable[[], T]) -> T:
        """Return the result of `make` on rank 0 on every rank; its InputError or UnavailableError is raised on all.

        Parameters
        ----------
        make
            Function without arguments, called on rank 0 only.

        Returns
        -------
        object
            The same object on all ranks.

        Raises
        ------
        InputError, UnavailableError
            If `make` raises it.
        """
        ...

    def agree(self, problem: Exception | None) -> None:
        """Raise the problem of the first rank that has one on every rank; all ranks call this together.

        Parameters
        ----------
        problem
            Problem of this rank, or None.
        """
        ...

    def gather(self, value: T) -> list[T]:
        """Return the values of all ranks, in order of rank, on every rank.

        Parameters
        ----------
        value
            The value of this rank.

        Returns
        -------
        list
            As many values as ranks.
        """
        ...

    def collect(self, value: T) -> list[T] | None:
        """Return the values of all ranks, in order of rank, on rank 0; None elsewhere.

        Parameters
        ----------
        value
            The value of this rank.

        Returns
        -------
        list or None
            As many values as ranks, on rank 0.
        """
        ...

    def scatter(self, make: Callable[[int], T]) -> T:
        """Return the result of `make` for this rank, which rank 0 calls once for each rank.

        Parameters
        ----------
        make
            Function of the number of a rank.

        Returns
        -------
        object
            The object for this rank.
        """
        ...

    def all_to_all(self, parts: Sequence[npt.NDArray[np.uint32]]) -> list[npt.NDArray[np.uint32]]:
        """Send ``parts[r]`` to rank r; return the words received from each rank.

        Parameters
        ----------
        parts
            Words for each rank, uint32 of shape (words,) each.

        Returns
        -------
        list of ndarray
            Words of each rank, uint32 of shape (words,) each.
        """
        ...

    def prepare(self) -> None:
        """Compile the kernels of an exchange."""
        ...

    def exchange(self, request: ExchangeRequest) -> Exchange | None:
        """Return an exchange of spikes; None without other ranks.

        Parameters
        ----------
        request
            The interval, the neurons and the routes.

        Returns
        -------
        Exchange or None
            The exchange of this rank.
        """
        ...

    def abort(self, code: int) -> None:
        """End all ranks immediately, if there are others.

        Parameters
        ----------
        code
            Exit code.
        """
        ...


@contextmanager
def agreed(comm: Communicator) -> Iterator[None]:
    """Raise an InputError of the block on every rank; all ranks enter it together.

    Some ranks can have an error that others do not have, such as too little memory on a node. Collective calls within
    the block must fail on all ranks or on none.

    Parameters
    ----------
    comm
        The communicator of these ranks.

    Yields
    ------
    None
        The block runs once on each rank.

    Raises
    ------
    InputError
        If the block raises it on any rank.
    """
    try:
        yield
    except InputError as error:
        comm.agree(error)
        raise
    comm.agree(None)
