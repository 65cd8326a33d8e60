"""``benchnn`` that leaves on each rank the names of what it compiled: arguments are a folder, and those of benchnn."""

import sys
from pathlib import Path

from mpi4py import MPI
from numba.core import event

from benchnn.cli import main
from simcore.jit.watch import PASS


class Compiled(event.Listener):
    def __init__(self):
        self.names = set()

    def on_start(self, happened):
        self.names.add(happened.data["qualname"])

    def on_end(self, happened):
        pass


event.register(PASS, compiled := Compiled())
code = main(sys.argv[2:])
Path(sys.argv[1], f"compiled-{MPI.COMM_WORLD.rank}").write_text("\n".join(sorted(compiled.names)))
sys.exit(code)
