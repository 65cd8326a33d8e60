"""A program for several ranks, each with an emulated GPU: runs a network on it, and prints what it yields on rank 0.

Arguments: a folder for compiled kernels, the exchange, a network of tests/simcore/test_backends_agree.py, the delivery.
"""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "gpu"))

import emulation
from agree_networks import NETWORKS

from simcore.backends import backends
from simcore.comm.mpi import MpiCommunicator
from simcore.registry import Entry
from simcore.simulator import Simulator


def main():
    emulation.FOLDER = Path(sys.argv[1])
    # Four threads a rank: more wait for each other too long.
    emulation.BACKEND = emulation.emulated(blocks=1, threads=4)
    backends._entries["gpu"] = Entry("emulation:BACKEND")
    comm = MpiCommunicator()
    options = {"backend": "gpu", "exchange": sys.argv[2], "delivery": sys.argv[4]}
    with Simulator(NETWORKS[sys.argv[3]](), seed=42, comm=comm, **options) as simulator:
        # Two calls, of which neither ends at an exchange of brunel's 15 steps, and a restart between them.
        parts = [simulator.run(33.4)]
        held = simulator.snapshot()
        simulator.restore(held)
        parts.append(simulator.run(66.6))
        told = {
            "interval": simulator.interval_steps,
            "network_digest": simulator.network_digest,
            "spike_digest": f"{sum(int(part.spike_digest, 16) for part in parts) % 2**128:032x}",
            "synaptic_events": sum(part.synaptic_events for part in parts),
            "synapses": simulator.n_synapses,
            "exchanges": [counts.exchanges for counts in comm.gather(simulator.exchange_counts)],
            "exchange_s": min(comm.gather(parts[1].exchange_s)),
        }
    if comm.rank == 0:
        sys.stdout.write(json.dumps(told) + "\n")


main()
