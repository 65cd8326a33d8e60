"""Several ranks, one per GPU: the GPU of a rank, its neurons, and its exchange of spikes with other ranks."""

import ctypes
import os
import socket
import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan, population_bounds, words_per_spike
from simcore.backends.cpu.routing import learn_routing
from simcore.backends.gpu.held_spikes import Words
from simcore.comm.communicator import COMPLETE, DIRECTED, NO_ROOM, Communicator, ExchangeCounts, ExchangeRequest
from simcore.connectivity.rule import Targets
from simcore.display.words import counted
from simcore.errors import ResourceError
from simcore.synapses.plastic import plastic_projections, plastic_timing
from simcore.synapses.rows import Rows

IntArray = npt.NDArray[np.int64]

MAX_INTERVAL = 64
"""Steps between exchanges; room is kept for all neurons to fire in each of them."""
KERNEL = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 9)
"""See `simcore.jit.compilation.exchange_kernel`."""


def gpu_of_rank(comm: Communicator, gpus: Sequence[str]) -> int:
    """Index of the GPU that this rank uses among those that it sees; all ranks call this together.

    Parameters
    ----------
    comm
        The ranks.
    gpus
        Names of the GPUs that this rank sees. A launcher may show each rank its own GPU, or all GPUs of a node.

    Raises
    ------
    ResourceError
        If more ranks see the same GPUs than there are GPUs.
    """
    everyone = comm.gather((socket.gethostname(), tuple(gpus)))
    sharing = [rank for rank, seen in enumerate(everyone) if seen == everyone[comm.rank]]
    if len(sharing) > len(gpus):
        shared = counted(len(gpus), "GPU")
        raise ResourceError(f"{len(sharing)} ranks share {shared} of {socket.gethostname()}; use one GPU per rank")
    return sharing.index(comm.rank)


def targets_of_rank(plan: Plan, first_id: int, size: int) -> Targets:
    """Neurons of the population [first_id, first_id + size) on this rank, numbered consecutively."""
    return Targets.dealt(plan.rank, plan.placement.ranks, first_id, size)


def ids_of_rank(plan: Plan, population: int) -> IntArray:
    """Global ids of these neurons, ascending."""
    described = plan.network.populations[population]
    first_id = plan.network.first_ids[described.name]
    return targets_of_rank(plan, first_id, described.size).global_ids(first_id)


def interval_of(plan: Plan) -> int:
    """Steps between exchanges, the same on every rank; 1 with a single rank."""
    tables = plan.tables
    plastic = [plastic_timing(tables, index).most_interval for index in plastic_projections(tables)]
    return min(tables.min_delay, MAX_INTERVAL, *plastic) if plan.placement.ranks > 1 else 1


class SpikeExchange:
    """Sends the spikes of an interval to the other ranks, from the host.

    Parameters
    ----------
    plan, rows
        Plan of the network, for several ranks, and its rows.
    room
        Largest number of words that this rank can send at once.
    sources
        Returns the rows that have synapses on this rank, ascending; for the directed exchange.
    """

    def __init__(self, plan: Plan, rows: Rows, room: int, sources: Callable[[], IntArray]) -> None:
        comm, self.routing_s = plan.comm, 0.0
        routing = None
        if plan.exchange == DIRECTED:
            comm.gather(None)  # So that the time to wait for ranks that are still building is not counted.
            start = time.perf_counter()
            routing = learn_routing(comm, plan.placement, rows, sources())
            self.routing_s = time.perf_counter() - start
        self._word, self._width = plan.spike_word, words_per_spike(plan)
        bounds = population_bounds(plan.network)
        own = plan.placement.ranges_of_rank(plan.rank)
        made = comm.exchange(ExchangeRequest(interval_of(plan), room, routing, bounds, own, self._width))
        assert made is not None  # noqa: S101 - there are several ranks
        self._exchange = made
        self._start, self._test = KERNEL(made.start), KERNEL(made.test)
        self.destinations = comm.size - 1 if routing is None else len(routing.destinations)
        self.seconds = 0.0

    def start(self, words: Words, ends: IntArray) -> None:
        """Send the spikes of an interval: their words in order of the step, and the end of the words of each step."""
        start = time.perf_counter()
        padded = np.full(len(self._exchange.received_ends), len(words), dtype=np.int64)
        padded[: len(ends)] = ends
        padded *= self._width
        self._start(self._exchange.state.ctypes.data, words.ctypes.data, padded.ctypes.data, *[0] * 6)
        self.seconds += time.perf_counter() - start

    def finish(self) -> tuple[Words, IntArray]:
        """Words of other ranks' spikes in order of the step, and their steps, counted from the interval's first."""
        start = time.perf_counter()
        while (outcome := self._test(self._exchange.state.ctypes.data, *[0] * 8)) != COMPLETE:
            if outcome == NO_ROOM:
                self._exchange.grow()
            os.sched_yield()
        received = self._exchange.received[: self._exchange.received_ends[-1]].copy().view(self._word)
        received_ends = self._exchange.received_ends // self._width
        steps = np.repeat(np.arange(len(received_ends)), np.diff(received_ends, prepend=0))
        self.seconds += time.perf_counter() - start
        return received, steps

    def adapt(self) -> None:
        """Make blocks as large as the latest spikes need; all ranks call this together."""
        self._exchange.adapt()

    def close(self) -> None:
        """Release what the exchange holds; all ranks call this together."""
        self._exchange.close()

    def counts(self) -> ExchangeCounts:
        """Counts of the exchange so far."""
        return self._exchange.counts()
