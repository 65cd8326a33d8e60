"""``benchnn`` whose ranks are on made-up nodes: argument 1 is the folder with a system for each, the rest of benchnn.

Two ranks share a node. Whenever the network is simulated, the node's package uses 700 J more on the first node and
1100 J on the second, and their counters wrap at 10 kJ; rank 0 marks each of these calls in the folder.
"""

import os
import socket
import sys
from pathlib import Path

from mpi4py import MPI

from benchnn import cli
from simcore.simulator import Simulator

RANK = MPI.COMM_WORLD.rank
NODE = RANK // 2
ROOT = Path(sys.argv[1], f"node{NODE}")
ZONE = ROOT / "sys/class/powercap/intel-rapl:0"
SIMULATE = Simulator.run


def simulate(simulator, model_time_ms, **options):
    if RANK % 2 == 0:
        counter = ZONE / "energy_uj"
        counter.write_text(str((int(counter.read_text()) + (700_000_000, 1_100_000_000)[NODE]) % 10_000_000_000))
    if RANK == 0:
        with open(Path(sys.argv[1], "calls"), "a") as stream:
            stream.write("x")
    return SIMULATE(simulator, model_time_ms, **options)


ZONE.mkdir(parents=True, exist_ok=True)
if RANK % 2 == 0:
    (ZONE / "name").write_text("package-0\n")
    (ZONE / "max_energy_range_uj").write_text("10000000000\n")
    (ZONE / "energy_uj").write_text("9000000000\n")
MPI.COMM_WORLD.Barrier()
os.environ["BENCHNN_SYSTEM_ROOT"] = str(ROOT)
socket.gethostname = lambda: f"node{NODE}"
Simulator.run = simulate
sys.exit(cli.main(sys.argv[2:]))
