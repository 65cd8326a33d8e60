"""``benchnn`` with a fault on one rank: arguments are the fault, the rank, and those of benchnn."""

import errno
import os
import signal
import sys

from benchnn import cli
from simcore.backends.cpu.engine import CpuEngine
from simcore.errors import ResourceError
from simcore.neuromorphic.mapping import axons, in_edges
from simcore.neuromorphic.noc import routes
from simcore.recording import files
from simcore.recording.parts import SpikeParts
from simcore.simulator import construction

KEPT = ("checkpoints", "spikes.parts", "weights.parts")
STEP = 1000
"""From which the faults of the propagation happen."""


def construct(engine, plan, accumulator):
    if plan.comm.size > 1:
        raise ArithmeticError("a synapse too many")
    return BUILD(engine, plan, accumulator)


def propagate(engine, n_steps):
    if engine._step >= STEP:
        if FAULT == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise {"memory": MemoryError, "propagation": ArithmeticError}[FAULT]("a spike too many")
    return ADVANCE(engine, n_steps)


def refuse(parts, what, processes=1, advice=None):
    raise ResourceError(f"too little memory: {what} needs more")


def full_after_two_checkpoints(path):
    folder = path.parent.parent if path.parent.name in KEPT else path.parent
    kind = {"full-checkpoint": "checkpoints", "full-weights": "weights.parts"}.get(FAULT, "spikes.parts")
    written = folder / "checkpoints"
    if path.parent.name == kind and written.is_dir() and len(list(written.glob("step-*.h5"))) == 2:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if FAULT == "full-result" and path.parent.name not in KEPT:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    FLUSH(path)


def remember_only_some(parts, start_step, stop_step, stamps, ids):
    raise ZeroDivisionError("a part of nothing")


FAULT, RANK = sys.argv[1], int(sys.argv[2])
BUILD, ADVANCE, FLUSH = CpuEngine._build, CpuEngine.advance, files._flush
if next(int(os.environ[name]) for name in ("PMI_RANK", "OMPI_COMM_WORLD_RANK") if name in os.environ) == RANK:
    if FAULT == "construction":
        CpuEngine._build = construct
    elif FAULT in ("propagation", "memory", "kill"):
        CpuEngine.advance = propagate
    elif FAULT == "refused":
        construction.require_memory = refuse
    elif FAULT.startswith("no-room-for-"):
        {"synapses": in_edges, "axons": axons, "routes": routes}[FAULT.rpartition("-")[2]].require_memory = refuse
    elif FAULT == "writer":
        SpikeParts.append = remember_only_some
    else:
        files._flush = full_after_two_checkpoints
sys.exit(cli.main(sys.argv[3:]))
