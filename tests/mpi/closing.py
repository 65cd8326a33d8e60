"""Makes and closes more exchanges than an MPI library has communicators; rank 0 prints their number.

Usage: closing.py NUMBER
"""

import sys
import traceback

import numpy as np

from simcore.comm.communicator import WITHIN_GROUP, ExchangeRequest, Routing
from simcore.comm.mpi import MpiCommunicator
from simcore.placement import Placement


def main():
    comm, number = MpiCommunicator(), int(sys.argv[1])
    try:
        ranks = np.arange(comm.size, dtype=np.int64)
        others = ranks[ranks != comm.rank]
        starts, slots = np.array([0, len(others)]), np.arange(len(others), dtype=np.int32)
        routing = Routing(others, others, starts, slots, others)
        bounds, own = np.array([0, comm.size]), Placement(comm.size, comm.size).ranges_of_rank(comm.rank)
        # A split communicator and a graph each.
        request = ExchangeRequest(1, 1, routing, bounds, own, partners=WITHIN_GROUP, group=range(comm.size))
        for _ in range(number):
            exchange = comm.exchange(request)
            exchange.close()
            exchange.close()
    except BaseException:
        # The other ranks wait for this one.
        traceback.print_exc()
        comm.abort(1)
        raise
    if comm.rank == 0:
        print(number)


if __name__ == "__main__":
    main()
