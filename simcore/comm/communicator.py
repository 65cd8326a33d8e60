"""What the simulator asks of a communicator."""

from typing import Protocol, TypeVar

T = TypeVar("T")


class Communicator(Protocol):
    """A group of ranks; this process is one of them."""

    rank: int
    size: int

    def broadcast(self, value: T) -> T:
        """Rank 0's value on every rank."""
        ...

    def gather(self, value: T) -> list[T]:
        """The values of all ranks, in order of rank, on every rank."""
        ...
