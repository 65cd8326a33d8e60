"""A program for several ranks: runs plastic networks over a snapshot, and prints what they yield on rank 0.

Arguments: threads, a folder for the kernels of an emulated GPU or "cpu", then names of networks of plastic_networks.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path += [str(HERE.parent / "gpu"), str(HERE.parent / "simcore" / "plasticity")]

from plastic_networks import NETWORKS  # noqa: E402

from simcore.simulator import Simulator  # noqa: E402


def use_emulated_gpus(folder):
    import emulation

    from simcore.backends import backends
    from simcore.registry import Entry

    emulation.FOLDER = Path(folder)
    # Four threads a rank: more wait for each other too long.
    emulation.BACKEND = emulation.emulated(blocks=1, threads=4)
    backends._entries["gpu"] = Entry("emulation:BACKEND")


def yielded(comm, network, backend, threads, exchange):
    """Digests, events and counts of 100 ms in two simulators, of which the second goes on from the first's snapshot."""
    parts, held = [], None
    options = {"backend": backend, "threads": threads, "exchange": exchange, "precision": "float64", "comm": comm}
    for time_ms in (33.4, 66.6):
        with Simulator(network, seed=42, **options) as simulator:
            if parts:
                simulator.restore(held)
            parts.append(simulator.run(time_ms))
            held = simulator.snapshot()
            rules = [projection.plasticity for projection in network.projections]
            counts = [vars(simulator.plastic_counts(k)) for k, rule in enumerate(rules) if rule is not None]
            last = {
                "network_digest": simulator.network_digest,
                "weight_digest": simulator.weight_digest,
                "counts": counts,
            }
    spikes = sum(int(part.spike_digest, 16) for part in parts) % 2**128
    return last | {
        "spike_digest": f"{spikes:032x}",
        "synaptic_events": sum(part.synaptic_events for part in parts),
    }


def main():
    from simcore.comm.mpi import MpiCommunicator

    comm = MpiCommunicator()
    backend = "cpu"
    if sys.argv[2] != "cpu":
        use_emulated_gpus(sys.argv[2])
        backend = "gpu"
    for name in sys.argv[3:]:
        for exchange in ("collective", "directed"):
            found = yielded(comm, NETWORKS[name](), backend, int(sys.argv[1]), exchange)
            if comm.rank == 0:
                sys.stdout.write(json.dumps({"name": name, "exchange": exchange, **found}) + "\n")


if __name__ == "__main__":
    main()
