"""What the simulator asks of a communicator, and of the exchange of spikes that it makes."""

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
COMPLETE, NO_ROOM = 1, 2
"""What an exchange's test returns when it is over: all is received, or its buffer is too small."""
FIRST_CAPACITY = 8
"""Words of the blocks in which spikes are exchanged, until one was too small."""


@dataclass(frozen=True)
class Routing:
    """Which ranks hold targets of which neurons.

    Parameters
    ----------
    destinations
        Ranks to which this rank sends, ascending, without itself.
    origins
        Ranks from which it receives, ascending, without itself.
    starts, slots
        Own neuron k, counted in order of the global ids, goes to the destinations
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
    """What an exchange of spikes must do.

    Parameters
    ----------
    interval
        Steps between exchanges.
    room
        Largest number of spikes that this rank can send at once.
    routing
        For the directed exchange; None for the collective one.
    bounds
        int64 (populations + 1,): global id of the first neuron of each population, and the number of neurons.
    own
        The neurons of this rank.
    width
        Words of a spike: 2 with its multiplicity.
    """

    interval: int
    room: int
    routing: Routing | None
    bounds: npt.NDArray[np.int64]
    own: RankRanges
    width: int = 1


@dataclass(frozen=True)
class ExchangeCounts:
    """What an exchange did so far on this rank.

    Parameters
    ----------
    exchanges
        How often it took place.
    bytes_sent
        Sent, padding of blocks included; what a collective exchange sends to all counts once.
    bytes_received
        Spikes of other ranks.
    overflows
        Blocks that were too small, so that a second message followed.
    largest_words
        Most words that were sent to a rank at once; for MPI, since blocks were adapted.
    """

    exchanges: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    overflows: int = 0
    largest_words: int = 0

    def since(self, before: "ExchangeCounts") -> "ExchangeCounts":
        """What was done after `before`; `largest_words` is as it is."""
        return ExchangeCounts(
            self.exchanges - before.exchanges,
            self.bytes_sent - before.bytes_sent,
            self.bytes_received - before.bytes_received,
            self.overflows - before.overflows,
            self.largest_words,
        )


class Exchange(Protocol):
    """Hands the spikes of an interval to other ranks, within compiled code.

    `start` and `test` are addresses of kernels (`simcore.jit.compilation.exchange_kernel`) that are called
    with `state`; only one thread calls them. `received` holds the words (uint32) of other ranks in order of the step,
    `received_ends` (int64) where those of each step of the interval end.
    """

    start: int
    test: int
    state: npt.NDArray[np.int64]
    received: npt.NDArray[np.uint32]
    received_ends: npt.NDArray[np.int64]

    @property
    def used_bytes(self) -> int:
        """Bytes of the buffers so far as they were used."""
        ...

    def grow(self) -> None:
        """Make `received` large enough for the exchange under way."""
        ...

    def adapt(self) -> None:
        """Between calls of the step loop, on all ranks: make blocks as large as the latest spikes need."""
        ...

    def counts(self) -> ExchangeCounts:
        """What was exchanged so far."""
        ...


class Communicator(Protocol):
    """A group of ranks; this process is one of them."""

    name: str
    rank: int
    size: int

    agreed_error: Exception | None
    """An error that every rank has raised, if any: one rank's word about it is enough."""

    def from_root(self, make: Callable[[], T]) -> T:
        """What `make` returns on rank 0, on every rank; an InputError or UnavailableError there is raised on all.

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
        """Raise the first rank's problem on every rank, if any rank has one; all ranks call this together.

        Parameters
        ----------
        problem
            The problem of this rank; None if it has none.
        """
        ...

    def gather(self, value: T) -> list[T]:
        """The values of all ranks, in order of rank, on every rank.

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
        """The values of all ranks, in order of rank, on rank 0; None elsewhere.

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
        """What `make` returns on rank 0 for this rank; it is called once for each rank, there alone.

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
        """``parts[r]`` goes to rank r; returns what came from each rank.

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
        """Compile what an exchange needs."""
        ...

    def exchange(self, request: ExchangeRequest) -> Exchange | None:
        """An exchange of spikes; None if there is nobody to exchange with.

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
        """End all ranks at once, if there are others.

        Parameters
        ----------
        code
            Exit code.
        """
        ...


@contextmanager
def agreed(comm: Communicator) -> Iterator[None]:
    """Raise an InputError of the block on every rank; all ranks enter it together.

    Some ranks may have a reason that others have not, such as a node with too little memory. What ranks call together
    within the block must fail on all of them or on none.

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
