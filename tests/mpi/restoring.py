"""A program for several ranks: goes on from a snapshot after a change of parameters, and prints it on rank 0.

Argument: threads.
"""

import json
import sys

from varying import CHANGES, network

from simcore.errors import InputError
from simcore.simulator import Simulator


def refusal(attempt, *arguments):
    """The error of a call that must be refused."""
    try:
        attempt(*arguments)
    except InputError as error:
        return str(error)
    return None


def restored(comm, threads, backend="cpu"):
    """Digests of 20 ms after a snapshot and again from it, and how each rank refuses."""
    with Simulator(network(), seed=3, threads=threads, backend=backend, comm=comm) as simulator:
        simulator.run(20.0)
        simulator.set_parameters(*CHANGES[1])
        simulator.run(10.3)
        unable = refusal(simulator.set_parameters, "E", {"V_reset": 0.0})
        held = simulator.snapshot()
        onward = simulator.run(20.0).spike_digest
    with Simulator(network(), seed=3, threads=threads, backend=backend, comm=comm) as simulator:
        stranger = refusal(simulator.restore, held)
        simulator.set_parameters(*CHANGES[1])
        simulator.restore(held)
        again = simulator.run(20.0).spike_digest
    return {"onward": onward, "again": again, "unable": comm.gather(unable), "stranger": comm.gather(stranger)}


def main():
    from simcore.comm.mpi import MpiCommunicator

    comm = MpiCommunicator()
    results = restored(comm, int(sys.argv[1]))
    if comm.rank == 0:
        sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
