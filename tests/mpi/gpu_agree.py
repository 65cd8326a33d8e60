"""A program for several ranks, each with an emulated GPU: runs networks on it, and prints what they yield on rank 0.

Arguments: a folder for compiled kernels, then "NETWORK,DELIVERY,EXCHANGE" with networks of
tests/simcore/test_backends_agree.py.
"""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "gpu"))

import emulation
from agree_networks import NETWORKS, TIMES, parts_of

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
    for words in sys.argv[2:]:
        name, delivery, exchange = words.split(",")
        printed = simulated(comm, name, backend="gpu", exchange=exchange, delivery=delivery)
        if comm.rank == 0:
            sys.stdout.write(json.dumps({"name": name, "delivery": delivery, "exchange": exchange, **printed}) + "\n")


def simulated(comm, name, **options):
    with Simulator(NETWORKS[name](), seed=42, comm=comm, **options) as simulator:
        first_ms, second_ms = parts_of(TIMES[name])
        parts = [simulator.run(first_ms)]
        # A restart between the calls.
        held = simulator.snapshot()
        simulator.restore(held)
        parts.append(simulator.run(second_ms))
        return {
            "interval": simulator.interval_steps,
            "network_digest": simulator.network_digest,
            "spike_digest": f"{sum(int(part.spike_digest, 16) for part in parts) % 2**128:032x}",
            "synaptic_events": sum(part.synaptic_events for part in parts),
            "synapses": simulator.n_synapses,
            "exchanges": [counts.exchanges for counts in comm.gather(simulator.exchange_counts)],
            "exchange_s": min(comm.gather(parts[1].exchange_s)),
        }


main()
