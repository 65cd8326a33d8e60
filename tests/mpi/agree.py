"""A program for several ranks: runs networks on all deliveries and exchanges, and prints what they yield on rank 0.

Arguments: threads, then names of networks of tests/simcore/test_backends_agree.py.
"""

import json
import sys

from agree_networks import NETWORKS

from simcore.comm.mpi import MpiCommunicator
from simcore.simulator import Simulator

# Each delivery and each exchange; the exchange is the same code for all three deliveries.
WAYS = (("just_in_time", "collective"), ("by_source", "directed"), ("calendar", "collective"), ("calendar", "directed"))


def main():
    comm = MpiCommunicator()
    for name in sys.argv[2:]:
        for delivery, exchange in WAYS:
            options = {"delivery": delivery, "exchange": exchange, "threads": int(sys.argv[1]), "comm": comm}
            with Simulator(NETWORKS[name](), seed=42, **options) as simulator:
                # Two calls, of which neither ends at an exchange of brunel's 15 steps.
                parts = [simulator.run(33.4), simulator.run(66.6)]
                told = {
                    "name": name,
                    "delivery": simulator.delivery,
                    "exchange": simulator.exchange,
                    "ranks": comm.size,
                    "network_digest": simulator.network_digest,
                    "spike_digest": f"{sum(int(part.spike_digest, 16) for part in parts) % 2**128:032x}",
                    "synaptic_events": sum(part.synaptic_events for part in parts),
                    "synapses": simulator.n_synapses,
                    "overflows": sum(counts.overflows for counts in comm.gather(simulator.exchange_counts)),
                    "sent": [counts.bytes_sent for counts in comm.gather(simulator.exchange_counts)],
                }
            if comm.rank == 0:
                sys.stdout.write(json.dumps(told) + "\n")


main()
