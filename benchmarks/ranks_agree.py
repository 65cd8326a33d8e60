"""Check that spikes are identical on many layouts, including a restart on another layout in the middle of a run.

    python benchmarks/ranks_agree.py

For every number of ranks and threads, delivery and exchange the first half is simulated and stored as a checkpoint; the
second half starts from the checkpoint of the previous layout. All halves must have the same digests.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchnn.models import models
from benchnn.running.launcher import mpi_launcher
from simcore.backends import Snapshot
from simcore.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from simcore.comm.mpi import MpiCommunicator
from simcore.simulator import Simulator

NETWORKS = {
    "pd14 at scale 0.1": ("pd14", {"scale": 0.1}),
    "pd14 at scale 0.2": ("pd14", {"scale": 0.2}),
    "brunel": ("brunel", {"order": 500, "j_mv": 0.45}),
}
HALF_MS = 150.0
COMBINATIONS = [(d, e) for d in ("just_in_time", "by_source") for e in ("collective", "directed")]


def main() -> None:
    """Start the ranks of every layout, and compare digests; the exit code is 1 if any differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ranks", default="1,2,3,4,5,8")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        _work(*options.worker)
        return
    differing = 0
    for name in NETWORKS:
        digests, previous = set(), ""
        with tempfile.TemporaryDirectory() as folder:
            for ranks in (int(text) for text in options.ranks.split(",")):
                for threads in options.threads.split(","):
                    layout = f"{ranks}x{threads}"
                    runs = _launch(ranks, folder, name, threads, previous or layout)
                    digests |= {tuple(run) for run in runs}
                    print(
                        f"{name}: {layout} after {previous or layout}: {len(runs)} runs, digests {sorted(digests)}",
                        flush=True,
                    )
                    previous = layout
        differing += len(digests) != 1
    sys.exit(1 if differing else 0)


def _launch(ranks: int, *arguments: str) -> list[list[str]]:
    launcher, added = mpi_launcher()
    command = [word.format(ranks=ranks) for word in launcher] + [sys.executable, __file__, "--worker", *arguments]
    environment = {**os.environ, **added}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, env=environment)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _work(folder: str, name: str, threads: str, previous: str) -> None:
    """Simulate and store the first half, simulate the second half from another layout's checkpoint, print digests."""
    comm = MpiCommunicator()
    model, parameters = NETWORKS[name]
    network = models.get(model)(**parameters)
    names = [population.name for population in network.populations]
    for delivery, exchange in COMBINATIONS:
        kept = f"{delivery}-{exchange}"
        options = {"threads": int(threads), "delivery": delivery, "exchange": exchange, "comm": comm}
        with Simulator(network, **options) as simulator:
            first = simulator.run(HALF_MS)
            whole = simulator.snapshot()
            if whole is not None:
                own = Path(folder, f"{comm.size}x{threads}-{kept}")
                state, counters = (dict(zip(names, part, strict=True)) for part in (whole.state, whole.counters))
                write_checkpoint(own, Checkpoint(whole.step, state, counters, whole.stamps, whole.ids, {}, {}))
            comm.gather(None)
            path = next(Path(folder, f"{previous}-{kept}").iterdir())
            other = read_checkpoint(path)
            state, counters = ([part[name] for name in names] for part in (other.state, other.counters))
            simulator.restore(Snapshot(other.step, [], state, counters, other.stamps, other.ids))
            second = simulator.run(HALF_MS)
            digests = [simulator.network_digest, first.spike_digest, second.spike_digest, str(second.synaptic_events)]
        if comm.rank == 0:
            sys.stdout.write(json.dumps(digests) + "\n")


if __name__ == "__main__":
    main()
