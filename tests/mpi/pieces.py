"""A program for several ranks: sends objects that are larger than one message may be, and prints what went wrong.

Arguments: bytes of a message; all values are tried one after the other.
"""

import sys

import numpy as np

from simcore.comm import mpi_pieces
from simcore.comm.mpi import MpiCommunicator
from simcore.errors import InputError


class Calls:
    """An MPI communicator that notes the largest message."""

    def __init__(self, comm):
        self._comm, self.largest, self.calls = comm, 0, 0

    def __getattr__(self, name):
        method = getattr(self._comm, name)
        if name not in ("Bcast", "Send", "Recv", "Allgatherv", "Gatherv", "Alltoallv"):
            return method

        def noted(*buffers, **options):
            self.calls += 1
            for buffer in buffers:
                if buffer is not None:
                    array = np.frombuffer(buffer[0] if isinstance(buffer, tuple) else buffer, np.uint8)
                    self.largest = max(self.largest, array.nbytes)
            return method(*buffers, **options)

        return noted


def value_of(rank, size):
    return {"rank": rank, "words": np.arange(size * (rank + 1), dtype=np.int64) * 3 + rank, "text": "x" * rank}


def equal(a, b):
    return a["rank"] == b["rank"] and a["text"] == b["text"] and np.array_equal(a["words"], b["words"])


def words_between(origin, target, size):
    return np.arange((origin * 7 + target * 3) % 5 * size, dtype=np.uint32) + np.uint32(origin * 1000 + target)


def faults(comm, size):
    """Names of what did not arrive as it was."""
    rank, ranks = comm.rank, comm.size
    found = []
    if not equal(comm.from_root(lambda: value_of(3, size)), value_of(3, size)):
        found.append("from_root")
    if not all(equal(one, value_of(k, size)) for k, one in enumerate(comm.gather(value_of(rank, size)))):
        found.append("gather")
    collected = comm.collect(value_of(rank, size))
    whole = collected is not None and all(equal(one, value_of(k, size)) for k, one in enumerate(collected))
    if (rank == 0) != whole or (rank > 0 and collected is not None):
        found.append("collect")
    if not equal(comm.scatter(lambda k: value_of(k, size)), value_of(rank, size)):
        found.append("scatter")
    received = comm.all_to_all([words_between(rank, target, size) for target in range(ranks)])
    if not all(np.array_equal(one, words_between(origin, rank, size)) for origin, one in enumerate(received)):
        found.append("all_to_all")

    def refuse():
        raise InputError("no")

    try:
        comm.from_root(refuse)
        found.append("error of rank 0")
    except InputError:
        pass
    try:
        comm.agree(InputError("late") if rank == ranks - 1 else None)
        found.append("error of the last rank")
    except InputError:
        pass
    return found


def main():
    comm = MpiCommunicator()
    for words in sys.argv[1:]:
        mpi_pieces.PIECE_BYTES = int(words)
        tried(comm)


def tried(comm):
    plain = comm._comm
    comm._comm = Calls(plain)
    found = [fault for size in (0, 1, 40) for fault in faults(comm, size)]
    if comm._comm.largest > max(mpi_pieces.PIECE_BYTES, 4 * comm.size):
        found.append(f"a message of {comm._comm.largest} bytes")
    everywhere = comm.gather(found)
    if comm.rank == 0:
        sys.stdout.write(f"{everywhere} {comm._comm.calls > 100}\n")
    comm._comm = plain


if __name__ == "__main__":
    main()
