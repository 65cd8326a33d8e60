"""The mapper `greedy`, which fills one core after the other with the neuron that saves the most messages there.

A neuron saves messages in a core that contains one of its sources or already receives from one, and in a core that
already contains one of its targets. The next neuron is the one that saves the largest share of its expected messages.
Of equal neurons, the neuron with the smallest id is next; a core also begins with it. If all limits must be respected,
a core also ends if this neuron has no room. If this would take long, only a random part of all sources is followed.
"""

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mappers.held import hold_nothing, split_to_fit
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray
from simcore.neuromorphic.mapping.room import UNLIMITED
from simcore.random import Purpose, philox

MOST_VISITS = 1 << 34
"""Largest number of visits of synapses, if axons of all cores are followed: about half a minute."""


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    from simcore.neuromorphic.mappers.greedy_kernels import add_traffic, fill_cores, turn
    from simcore.neuromorphic.mapping.axon_kernels import count_edges

    edges = drawn.in_edges
    fan_out = np.zeros(len(rates_hz), dtype=np.int64)
    count_edges(edges.sources, fan_out)
    followed = _sample(fan_out, limits.cores, seed)
    starts = np.concatenate(([0], np.cumsum(np.where(followed, fan_out, 0))))
    targets = np.empty(int(starts[-1]), dtype=np.uint32)
    turn(edges.starts, edges.sources, followed, starts[:-1].copy(), targets)
    rates = np.where(followed, rates_hz, 0.0)
    messages = rates.copy()
    add_traffic(edges.starts, edges.sources, rates, messages)
    weight = 1.0 / np.where(messages > 0.0, messages, 1.0)
    core_of = np.empty(len(rates), dtype=np.int64)
    held = hold_nothing(drawn, limits, 1)
    quota = np.array([limits.neurons_per_core]) if held.limited else np.bincount(limits.dealt(len(rates)))
    room = (held.limited, held.limits, held.table, held.state)
    # The number of destination cores of a core is known only at the end.
    held.limits[4] = UNLIMITED
    fill_cores(edges.starts, edges.sources, starts, targets, rates, weight, quota, *room, core_of)
    return split_to_fit(drawn, limits, core_of)


def _sample(fan_out: IntArray, cores: int, seed: int) -> npt.NDArray[np.bool_]:
    """The sources that are followed: all, or a random part that keeps the number of visits within its limit."""
    visits = float(np.dot(fan_out, np.minimum(fan_out, cores).astype(np.float64)))
    words = philox((np.arange(len(fan_out)), 0, 0, 0), (seed, Purpose.GREEDY_MAPPER))[0]
    return np.asarray(words < 2.0**32 * min(1.0, MOST_VISITS / max(visits, 1.0)))
