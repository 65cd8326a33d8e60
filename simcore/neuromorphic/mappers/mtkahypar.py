"""The mapper `mtkahypar`: the hypergraph partitioner Mt-KaHyPar, with its deterministic preset, on one thread.

Each neuron and its targets form a hyperedge whose weight is the rate of the neuron, so that the cut is exactly the
number of messages between cores. Gottesbueren, Heuer, Maas, Sanders, Schlag (2024), ACM Transactions on Algorithms 20;
MIT licence.
"""

from functools import cache
from typing import Any

import numpy as np

from simcore.neuromorphic.mappers.flow import Flow
from simcore.neuromorphic.mappers.partition import partitioned
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray

PRESET = "DETERMINISTIC"


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    return partitioned(_partition, drawn, limits, rates_hz, seed)


@cache
def _library() -> Any:
    """The library, which can be initialised only once per process."""
    import mtkahypar

    return mtkahypar.initialize(1)


def _partition(flow: Flow, parts: int, most: int, seed: int) -> IntArray:
    import mtkahypar

    library, n = _library(), len(flow.core_of)
    if parts == 1:
        return np.zeros(n, dtype=np.int64)
    targets = np.repeat(np.arange(n), np.diff(flow.starts))
    order = np.argsort(flow.sources, kind="stable")
    ends = np.cumsum(np.bincount(flow.sources, minlength=n))[:-1]
    pins = [members.tolist() for members in np.split(targets[order], ends)]
    # A source without targets has a hyperedge with one neuron, which is never cut.
    context = library.context_from_preset(getattr(mtkahypar.PresetType, PRESET))
    hypergraph = library.create_hypergraph(context, n, n, pins, [1] * n, flow.weight.tolist())
    mtkahypar.set_seed(seed % 2**31)
    # A part may be as large as allowed, which the library rounds down.
    imbalance = (most + 0.5) / -(-n // parts) - 1.0
    context.set_partitioning_parameters(parts, max(imbalance, 0.0), mtkahypar.Objective.KM1)
    context.logging = False
    return np.array(hypergraph.partition(context).get_partition(), dtype=np.int64)
