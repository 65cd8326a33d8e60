"""Construction and simulation of a network on this rank."""

from simcore.simulator.propagation import Observer, Propagation, add_waits
from simcore.simulator.simulator import MAX_THREADS, PRECISIONS, Simulator

__all__ = ["MAX_THREADS", "PRECISIONS", "Observer", "Propagation", "Simulator", "add_waits"]
