"""The mapper `metis`: the graph partitioner METIS.

The weight of the edge between two neurons is the rate of their spikes to each other. METIS minimises synaptic events
between cores, not messages, of which a core needs only one for all its targets. Karypis and Kumar (1998), SIAM Journal
on Scientific Computing 20, 359-392; Apache licence.
"""

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mappers.flow import Flow
from simcore.neuromorphic.mappers.partition import partitioned
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray

LARGEST_WEIGHT, LARGEST_SUM = 10_000, 2**30
"""Largest weight of an edge, and of all edges, because the library adds them up in 32 bits."""


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    return partitioned(_partition, drawn, limits, rates_hz, seed)


def _partition(flow: Flow, parts: int, most: int, seed: int) -> IntArray:
    import pymetis

    n = len(flow.core_of)
    starts, neighbours, weights = _graph(flow)
    if parts == 1 or len(neighbours) == 0:
        return np.arange(n, dtype=np.int64) * parts // n
    # In thousandths.
    imbalance = max(1, int(1000 * (most * parts / n - 1.0)))
    options = pymetis.Options(ufactor=imbalance, seed=seed % 2**31)
    graph = pymetis.CSRAdjacency(adj_starts=starts, adjacent=neighbours)
    _, part_of = pymetis.part_graph(parts, adjacency=graph, eweights=weights, options=options, recursive=False)
    return np.array(part_of, dtype=np.int64)


def _graph(flow: Flow) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Index of the first neighbour of each neuron, the neighbours, and the weights of the edges."""
    n = len(flow.core_of)
    targets = np.repeat(np.arange(n), np.diff(flow.starts))
    sources = flow.sources.astype(np.int64)
    apart = sources != targets
    sources, targets = sources[apart], targets[apart]
    # Both directions of an edge, and both edges of a pair.
    pairs, edge = np.unique(np.concatenate([sources * n + targets, targets * n + sources]), return_inverse=True)
    weights = np.bincount(edge, np.tile(flow.weight[sources], 2).astype(np.float64), minlength=len(pairs))
    unit = max(1.0, weights.max(initial=0.0) / LARGEST_WEIGHT, weights.sum() / LARGEST_SUM)
    scaled = np.maximum(1, np.rint(weights / unit))
    starts = np.concatenate(([0], np.cumsum(np.bincount(pairs // n, minlength=n))))
    return starts.astype(np.int32), (pairs % n).astype(np.int32), scaled.astype(np.int32)
