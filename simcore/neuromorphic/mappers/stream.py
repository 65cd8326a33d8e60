"""The mapper `stream`, which assigns neurons once, in order of global id, to the core with which they share most.

A neuron shares with a core the expected spikes per second of its sources that the core already receives, and of the
neuron itself to targets there. A penalty increases with the size of the core, up to the input of the neuron for a full
core (as in the streaming partitions of Tsourakakis et al. 2014, WSDM, 333-342). If all limits must be respected, only
cores with room are considered, and a neuron without such a core starts another core.
"""

import numpy as np

from simcore.neuromorphic.mappers.flow import Flow, make_flow
from simcore.neuromorphic.mappers.held import hold_nothing, split_to_fit
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray

GROWTH = 1.25
"""Growth factor of the number of cores if they have no room."""


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    from simcore.neuromorphic.mappers.stream_kernels import stream

    n, cores = len(rates_hz), limits.cores
    edges = drawn.in_edges
    most = limits.neurons_per_core if not limits.even else min(limits.neurons_per_core, -(-n // cores))
    while True:
        flow = empty_flow(drawn, rates_hz, cores)
        held = hold_nothing(drawn, limits, cores)
        room = (edges.starts, edges.sources, held.limited, held.limits, held.table, held.state)
        if stream(flow.starts, flow.sources, flow.weight, flow.counts, most, *room, flow.core_of):
            break
        cores = min(n, int(cores * GROWTH) + 1)
    # Empty cores are removed.
    core_of = np.unique(flow.core_of, return_inverse=True)[1].astype(np.int64)
    return split_to_fit(drawn, limits, core_of)


def empty_flow(drawn: DrawnNetwork, rates_hz: FloatArray, cores: int) -> Flow:
    """The flow of a network whose neurons have no cores yet."""
    flow = make_flow(drawn.in_edges, rates_hz, np.zeros(len(rates_hz), dtype=np.int64), cores, None)
    flow.counts[:] = 0
    flow.core_of[:] = -1
    return flow
