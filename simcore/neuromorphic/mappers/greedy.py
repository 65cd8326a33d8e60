"""The mapper `greedy`: fills one core after the other with the neuron that shares most traffic with those in it.

Traffic is counted in synaptic events, in and out: of each neuron, the expected share of events that come over axons
which the core has already, or that come from or go to neurons of the core. The neuron with the largest share is next,
of equals the one with the smallest id, with which a core also begins. Where this would take long, only the axons of a
random part of all sources are followed.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.cpu.compilation import kernel
from simcore.neuromorphic.mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray
from simcore.random import philox

SAMPLED = 9
"""Purpose of the random numbers; streams of the simulation have others."""
MOST_VISITS = 1 << 34
"""Of synapses, when axons of all cores are followed: about half a minute."""


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    edges = drawn.in_edges
    fan_out = np.bincount(edges.sources, minlength=len(rates_hz))
    followed = _sample(fan_out, limits.cores, seed)
    starts = np.concatenate(([0], np.cumsum(np.where(followed, fan_out, 0))))
    targets = np.empty(int(starts[-1]), dtype=np.uint32)
    _turn(edges.starts, edges.sources, followed, starts[:-1].copy(), targets)
    traffic = rates_hz * fan_out
    _add_traffic(edges.starts, edges.sources, np.where(followed, rates_hz, 0.0), traffic)
    weight = np.where(traffic > 0.0, 1.0 / np.where(traffic > 0.0, traffic, 1.0), 0.0)
    core_of = np.full(len(rates_hz), -1, dtype=np.int64)
    _fill(edges.starts, edges.sources, starts, targets, rates_hz, weight, limits.neurons_per_core, core_of)
    return core_of


def _sample(fan_out: IntArray, cores: int, seed: int) -> npt.NDArray[np.bool_]:
    """Which sources are followed: all, or as large a random part as keeps the visits within bounds."""
    visits = float(np.dot(fan_out, np.minimum(fan_out, cores).astype(np.float64)))
    words = philox((np.arange(len(fan_out)), 0, 0, 0), (seed, SAMPLED))[0]
    return np.asarray(words < 2.0**32 * min(1.0, MOST_VISITS / max(visits, 1.0)))


@kernel
def _add_traffic(starts: Any, sources: Any, rates: Any, traffic: Any) -> None:
    """Add the expected events per second that reach each neuron."""
    for target in range(len(traffic)):
        for source in sources[starts[target] : starts[target + 1]]:
            traffic[target] += rates[source]


@kernel
def _turn(starts: Any, sources: Any, followed: Any, places: Any, targets: Any) -> None:
    """Targets of each source that is followed, from the sources of each target."""
    for target in range(len(starts) - 1):
        for source in sources[starts[target] : starts[target + 1]]:
            if followed[source]:
                targets[places[source]] = target
                places[source] += 1


@kernel
def _follow(source: Any, out_starts: Any, targets: Any, rates: Any, present: Any, shared: Any) -> None:
    """From now on the core has what this neuron sends: other targets of it share that."""
    if not present[source]:
        present[source] = 1
        for target in targets[out_starts[source] : out_starts[source + 1]]:
            shared[target] += rates[source]


@kernel
def _fill(
    in_starts: Any,
    sources: Any,
    out_starts: Any,
    targets: Any,
    rates: Any,
    weight: Any,
    neurons_per_core: Any,
    core_of: Any,
) -> None:
    n = len(core_of)
    waiting = np.arange(n)
    shared = np.zeros(n)
    present = np.zeros(n, dtype=np.uint8)
    for position in range(n):
        core = position // neurons_per_core
        if position % neurons_per_core == 0:
            shared[:] = 0.0
            present[:] = 0
        best, largest = 0, -1.0
        for k in range(n - position):
            neuron = waiting[k]
            share = shared[neuron] * weight[neuron]
            if share > largest or (share == largest and neuron < waiting[best]):
                best, largest = k, share
        chosen = waiting[best]
        waiting[best] = waiting[n - position - 1]
        core_of[chosen] = core
        _follow(chosen, out_starts, targets, rates, present, shared)
        for source in sources[in_starts[chosen] : in_starts[chosen + 1]]:
            shared[source] += rates[source]
            _follow(source, out_starts, targets, rates, present, shared)
