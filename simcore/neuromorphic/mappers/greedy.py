"""The mapper `greedy`: fills one core after the other with the neuron that shares most traffic with those in it.

Traffic is counted in synaptic events, in and out: of each neuron, the expected share of events that come over axons
which the core has already, or that come from or go to neurons of the core. The neuron with the largest share is next,
of equals the one with the smallest id, with which a core also begins. Where this would take long, only the axons of a
random part of all sources are followed.
"""

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray
from simcore.random import philox

SAMPLED = 9
"""Purpose of the random numbers; streams of the simulation have others."""
MOST_VISITS = 1 << 34
"""Of synapses, when axons of all cores are followed: about half a minute."""


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    from simcore.neuromorphic.mappers.greedy_kernels import add_traffic, fill_cores, turn

    edges = drawn.in_edges
    fan_out = np.bincount(edges.sources, minlength=len(rates_hz))
    followed = _sample(fan_out, limits.cores, seed)
    starts = np.concatenate(([0], np.cumsum(np.where(followed, fan_out, 0))))
    targets = np.empty(int(starts[-1]), dtype=np.uint32)
    turn(edges.starts, edges.sources, followed, starts[:-1].copy(), targets)
    traffic = rates_hz * fan_out
    add_traffic(edges.starts, edges.sources, np.where(followed, rates_hz, 0.0), traffic)
    weight = np.where(traffic > 0.0, 1.0 / np.where(traffic > 0.0, traffic, 1.0), 0.0)
    core_of = np.full(len(rates_hz), -1, dtype=np.int64)
    fill_cores(edges.starts, edges.sources, starts, targets, rates_hz, weight, limits.neurons_per_core, core_of)
    return core_of


def _sample(fan_out: IntArray, cores: int, seed: int) -> npt.NDArray[np.bool_]:
    """Which sources are followed: all, or as large a random part as keeps the visits within bounds."""
    visits = float(np.dot(fan_out, np.minimum(fan_out, cores).astype(np.float64)))
    words = philox((np.arange(len(fan_out)), 0, 0, 0), (seed, SAMPLED))[0]
    return np.asarray(words < 2.0**32 * min(1.0, MOST_VISITS / max(visits, 1.0)))
