"""Transfer of objects and arrays of any size over MPI, most of whose calls use 32-bit counts.

Data larger than a piece are sent in several calls. Unless stated otherwise, all ranks of the communicator
(mpi4py.MPI.Intracomm) call the functions together.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

PIECE_BYTES = 1 << 30
"""Largest message, and largest sum of messages of a collective call on a rank, bytes; below 2**31."""

Words = npt.NDArray[np.uint32]


def broadcast(comm: Any, value: Any) -> Any:
    """Return the value of rank 0."""
    content = _pickled(value) if comm.rank == 0 else bytearray()
    content = _broadcast_bytes(comm, content, 0)
    return value if comm.rank == 0 else _pickle().loads(content)


def gather_everywhere(comm: Any, value: Any) -> list[Any]:
    """Return the values of all ranks on every rank."""
    content = _pickled(value)
    lengths = comm.allgather(len(content))
    if sum(lengths) <= PIECE_BYTES:
        everything = bytearray(sum(lengths))
        comm.Allgatherv(content, (everything, lengths))
        return _unpickled(everything, lengths)
    return [_pickle().loads(_broadcast_bytes(comm, content, rank)) for rank in range(comm.size)]


def gather_on_root(comm: Any, value: Any) -> list[Any] | None:
    """Return the values of all ranks on rank 0; None elsewhere."""
    content = _pickled(value)
    lengths = comm.allgather(len(content))
    if sum(lengths) <= PIECE_BYTES:
        everything = bytearray(sum(lengths)) if comm.rank == 0 else None
        comm.Gatherv(content, None if everything is None else (everything, lengths))
        return None if everything is None else _unpickled(everything, lengths)
    if comm.rank > 0:
        send(comm, value, 0)
        return None
    return [value, *(receive(comm, rank) for rank in range(1, comm.size))]


def send(comm: Any, value: Any, rank: int) -> None:
    """Send to a rank, which calls `receive`; other ranks do not take part."""
    content = _pickled(value)
    comm.send(len(content), dest=rank)
    for piece in _pieces(content):
        comm.Send(piece, dest=rank)


def receive(comm: Any, rank: int) -> Any:
    """Receive the value that a rank sends."""
    content = bytearray(comm.recv(source=rank))
    for piece in _pieces(content):
        comm.Recv(piece, source=rank)
    return _pickle().loads(content)


def exchange_words(comm: Any, parts: Sequence[Words]) -> list[Words]:
    """Send ``parts[r]`` to rank r; return the values received from each rank."""
    counts = np.array([len(part) for part in parts], dtype=np.int64)
    received_counts = np.empty_like(counts)
    comm.Alltoall(counts, received_counts)
    received = [np.empty(count, dtype=np.uint32) for count in received_counts.tolist()]
    most = max(1, PIECE_BYTES // (4 * comm.size))
    largest = max(comm.allgather(int(counts.max())))
    for first in range(0, max(largest, 1), most):
        sent = [part[first : first + most] for part in parts]
        taken = [part[first : first + most] for part in received]
        arrived = np.empty(sum(map(len, taken)), dtype=np.uint32)
        comm.Alltoallv(
            (np.concatenate(sent).astype(np.uint32, copy=False), [len(part) for part in sent]),
            (arrived, [len(part) for part in taken]),
        )
        for part, words in zip(taken, np.split(arrived, np.cumsum([len(part) for part in taken])[:-1]), strict=True):
            part[:] = words
    return received


def _pickle() -> Any:
    """Return the pickler that mpi4py uses to send objects."""
    from mpi4py import MPI

    return MPI.pickle


def _pickled(value: Any) -> bytearray:
    return bytearray(_pickle().dumps(value))


def _unpickled(everything: bytearray, lengths: Sequence[int]) -> list[Any]:
    view, ends = memoryview(everything), np.cumsum(lengths).tolist()
    return [_pickle().loads(view[end - length : end]) for end, length in zip(ends, lengths, strict=True)]


def _broadcast_bytes(comm: Any, content: bytearray, root: int) -> bytearray:
    length = comm.bcast(len(content), root=root)
    content = content if comm.rank == root else bytearray(length)
    for piece in _pieces(content):
        comm.Bcast(piece, root=root)
    return content


def _pieces(content: bytearray) -> Iterator[memoryview]:
    view = memoryview(content)
    return (view[first : first + PIECE_BYTES] for first in range(0, len(view), PIECE_BYTES))
