"""A program for several ranks: runs networks and prints what they yield on rank 0.

Arguments: "NETWORK,DELIVERY,EXCHANGE,THREADS" with networks of tests/simcore/test_backends_agree.py.
"""

import json
import sys

from agree_networks import NETWORKS, TIMES, parts_of

from simcore.comm.mpi import MpiCommunicator
from simcore.simulator import Simulator


def main():
    comm = MpiCommunicator()
    for words in sys.argv[1:]:
        name, delivery, exchange, threads = words.split(",")
        options = {"delivery": delivery, "exchange": exchange, "threads": int(threads), "comm": comm}
        with Simulator(NETWORKS[name](), seed=42, **options) as simulator:
            parts = [simulator.run(time_ms) for time_ms in parts_of(TIMES[name])]
            printed = {
                "name": name,
                "delivery": simulator.delivery,
                "exchange": simulator.exchange,
                "ranks": comm.size,
                "threads": simulator.plan.placement.threads,
                "network_digest": simulator.network_digest,
                "spike_digest": f"{sum(int(part.spike_digest, 16) for part in parts) % 2**128:032x}",
                "synaptic_events": sum(part.synaptic_events for part in parts),
                "synapses": simulator.n_synapses,
                "overflows": sum(counts.overflows for counts in comm.gather(simulator.exchange_counts)),
            }
        if comm.rank == 0:
            sys.stdout.write(json.dumps(printed) + "\n")


main()
