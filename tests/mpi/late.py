"""A program for several ranks: goes on from steps around 2**31, 2**32 and 2**34, and prints the digests on rank 0.

Arguments: threads, exchange.
"""

import json
import sys
from dataclasses import replace

from simcore.network import (
    FixedIndegree,
    InhomogeneousPoisson,
    Network,
    Noise,
    Poisson,
    Population,
    Projection,
    StepCurrent,
    Uniform,
)
from simcore.simulator import Simulator

STEPS = (2**31 - 75, 2**32 - 75, 10**10 - 150, 2**34 - 75)


def network():
    drives = [
        Poisson("E", 9000.0, 70.0, 1.5),
        InhomogeneousPoisson("I", [0.0, 429496729.7], [500.0, 9000.0], 60.0, 0.3),
        Noise("E", 50.0, 300.0, interval_ms=0.5),
        StepCurrent("E", [0.0, 214748365.0], [200.0, 300.0]),
    ]
    projections = [
        Projection("E", "I", FixedIndegree(6), 60.0, Uniform(low=0.1, high=3.0)),
        Projection("I", "E", FixedIndegree(4), -60.0, 0.8),
    ]
    return Network([Population("E", 60), Population("I", 13)], projections, drives)


def moved(kept, step):
    """The same snapshot at another step; None on other ranks than the first."""
    return None if kept is None else replace(kept, step=step, stamps=kept.stamps + (step - kept.step))


def digests(comm, threads, backend="cpu", exchange="collective"):
    """Of 15 ms from each of the steps on."""
    found = []
    with Simulator(network(), seed=3, threads=threads, backend=backend, exchange=exchange, comm=comm) as simulator:
        simulator.run(10.0)
        kept = simulator.snapshot()
        for step in STEPS:
            simulator.restore(moved(kept, step))
            result = simulator.run(15.0)
            found.append((result.spike_digest, sum(result.spikes.values()), simulator.step))
    return found


def main():
    from simcore.comm.mpi import MpiCommunicator

    comm = MpiCommunicator()
    results = digests(comm, int(sys.argv[1]), exchange=sys.argv[2])
    if comm.rank == 0:
        sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
