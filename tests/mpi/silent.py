"""A program for several ranks: runs a network that is mostly at rest, and prints what it yields on rank 0.

Argument: threads.
"""

import json
import sys

from simcore.backends.cpu import resting_choice
from simcore.network import FixedIndegree, FixedOutdegree, Network, Population, Projection, SpikeTrains, Uniform
from simcore.simulator import Simulator


def network():
    """A few spikes into neurons that are back at rest soon."""
    source = SpikeTrains([5.0, 5.3, 60.0, 110.0], [0, 1, 2, 0])
    fast = {"tau_m": 1.0, "tau_syn_ex": 0.5}
    return Network(
        [Population("E", 301, params=fast), Population("S", 3, source=source)],
        [
            Projection("S", "E", FixedOutdegree(20), 20000.0, 0.1),
            Projection("E", "E", FixedIndegree(2), Uniform(low=3000.0, high=12000.0), Uniform(low=0.1, high=3.0)),
        ],
    )


def ran(comm, threads, backend="cpu"):
    """Digest, events and skipped updates of two stretches, with a snapshot between them."""
    with Simulator(network(), seed=3, threads=threads, backend=backend, comm=comm) as simulator:
        runs = [simulator.run(100.0)]
        held = simulator.snapshot()
    with Simulator(network(), seed=3, threads=threads, backend=backend, comm=comm) as simulator:
        simulator.restore(held)
        runs.append(simulator.run(50.0))
    return [[run.spike_digest, run.synaptic_events, sum(run.spikes.values()), run.skipped_updates] for run in runs]


def main():
    from simcore.comm.mpi import MpiCommunicator

    resting_choice.LEAST_NEURONS = 1
    comm = MpiCommunicator()
    results = ran(comm, int(sys.argv[1]))
    if comm.rank == 0:
        sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
