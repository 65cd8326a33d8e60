"""Messages of neurons between cores, as a cost that is updated while neurons move."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.memory import require_memory
from simcore.neuromorphic.mapping.core_mapping import FloatArray, IntArray
from simcore.neuromorphic.mapping.in_edges import InEdges
from simcore.neuromorphic.noc.system import System

MOST_ROUTERS = 1024
"""Largest number of routers whose pairwise paths are listed."""
FINEST = 2.0**20
"""The largest rate in units; costs are integers, whose sums do not depend on their order."""


@dataclass(frozen=True, eq=False)
class Flow:
    """A mapping and its messages; the arrays change with every neuron that moves.

    Parameters
    ----------
    starts, sources
        Distinct sources of each neuron, int64 (n + 1,) and uint32; if messages are the cost, the neuron itself is
        first.
    core_of
        Core of each neuron, int64 (n,).
    counts
        Distinct targets of each source in each core, uint16 or uint32 (n, cores).
    weight
        Rate of each neuron, in units of the largest over `FINEST`, int64 (n,).
    way
        Kind of cost of a message, and for hops the router of each core, the ranges of the paths between two routers,
        and the links of all paths.
    use
        With multicast, number of destinations of each source behind each link, uint16 (n, links).
    load
        Load of each link, int64 (links,).
    cost
        Messages, or links that they pass, times their weights.
    """

    starts: IntArray
    sources: npt.NDArray[np.uint32]
    core_of: IntArray
    counts: npt.NDArray[Any]
    weight: IntArray
    way: tuple[Any, ...]
    use: npt.NDArray[np.uint16]
    load: IntArray
    cost: int

    def objective(self, name: str) -> float:
        """Value of an objective: the cost, or for ``link`` the load of the busiest link and the mean load."""
        return float(self.load.max()) + self.cost / len(self.load) if name == "link" else float(self.cost)

    @property
    def state(self) -> tuple[Any, ...]:
        """The arrays, as arguments of kernels."""
        return self.starts, self.sources, self.core_of, self.counts, self.weight, self.way, self.use, self.load


def make_flow(edges: InEdges, rates_hz: FloatArray, core_of: IntArray, cores: int, system: System | None) -> Flow:
    """Count the messages of a mapping.

    Parameters
    ----------
    edges
        In-edges of all neurons.
    rates_hz
        Expected rate of each neuron, 1/s.
    core_of, cores
        The mapping.
    system
        Routers and links, if hops are the cost; None if messages between cores are the cost.

    Raises
    ------
    InputError
        If there are more routers than `MOST_ROUTERS`.
    ResourceError
        If the counts do not fit into memory.
    """
    from simcore.neuromorphic.mappers.flow_kernels import count_targets, keep_distinct, send_all

    n = len(rates_hz)
    way, n_links = make_way(system)
    rows = n if system is not None and system.multicast else 1
    # Two whole cores may temporarily share one core.
    width = np.uint16 if n < 2**16 else np.uint32
    sizes = {
        "synapses": 4.0 * len(edges.sources),
        "counts": float(n) * cores * np.dtype(width).itemsize,
        "links": 2.0 * rows * n_links,
    }
    require_memory(sizes, "the counts of a mapper")
    starts = np.zeros_like(edges.starts)
    sources = np.empty(len(edges.sources) + (n if system is None else 0), dtype=np.uint32)
    keep_distinct(edges.starts, edges.sources, system is None, np.full(n, -1, dtype=np.int64), starts, sources)
    sources = sources[: starts[-1]]
    counts = np.zeros((n, cores), dtype=width)
    count_targets(starts, sources, core_of, counts)
    largest = float(rates_hz.max(initial=0.0))
    weight = np.rint(rates_hz * (FINEST / largest if largest > 0.0 else 0.0)).astype(np.int64)
    use, load = np.zeros((rows, n_links), dtype=np.uint16), np.zeros(n_links, dtype=np.int64)
    cost = int(send_all(core_of, counts, weight, way, use, load))
    return Flow(starts, sources, core_of, counts, weight, way, use, load, cost)


def make_way(system: System | None) -> tuple[tuple[Any, ...], int]:
    """The cost of a message, for kernels, and the number of links."""
    from simcore.neuromorphic.mappers.flow_kernels import MESSAGES, MULTICAST, UNICAST

    if system is None:
        none = np.zeros((1, 1), dtype=np.int64)
        return (MESSAGES, none[0], none, none, np.zeros(0, dtype=np.int32)), 1
    used, router = np.unique(system.router_of_core, return_inverse=True)
    m = len(used)
    require(m <= MOST_ROUTERS, "routers", m, f"must be at most {MOST_ROUTERS:,} for this objective")
    runs = [system.runs(np.repeat(origin, m), used) for origin in used]
    lengths = np.array([np.maximum(end - first, 0).sum(axis=0) for first, end in runs], dtype=np.int64)
    ends = np.cumsum(lengths.ravel()).reshape(m, m)
    links = [
        np.arange(low, high, dtype=np.int32)
        for first, end in runs
        for low, high in zip(first.T.ravel(), end.T.ravel(), strict=True)
    ]
    kind = MULTICAST if system.multicast else UNICAST
    return (kind, router.astype(np.int64), ends - lengths, ends, np.concatenate(links)), max(1, len(system.link_origin))
