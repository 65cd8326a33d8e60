"""The mapper `balanced`, which minimises the largest number of expected synaptic events of a core.

Neurons remain in order of their ids, so that the neurons of a population are neighbours; the number of cores of a
population follows from its rates and in-degrees. If room is limited, cores are added until all neurons fit.
"""

import numpy as np

from simcore.network.exchangeable import why_not_exchangeable
from simcore.neuromorphic.mappers.cutting import Cutter
from simcore.neuromorphic.mappers.floorline import StepSearch
from simcore.neuromorphic.mappers.held import split_to_fit
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, FloatArray, IntArray
from simcore.neuromorphic.mapping.expectation import expectation_of

MOST_ROUNDS = 4
"""Numbers of cores that are tried until evenly distributed neurons fit."""


def map_neurons(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, seed: int) -> IntArray:
    """Core of each neuron."""
    if limits.objective == "step_time":
        search = step_search(drawn, limits, rates_hz)
        core_of = search.shortest().core_of
        return with_room(drawn, limits, search.cutter, core_of) if limits.more_cores else core_of
    events = events_of_neurons(drawn, rates_hz)
    if not events.any():
        events = np.ones_like(events)
    each = np.ones((1, len(events)))
    cutter = Cutter(events[None], each, np.array([min(limits.neurons_per_core, limits.room.neurons)], dtype=np.float64))
    core_of = cutter.cut(limits.cores)
    return with_room(drawn, limits, cutter, core_of) if limits.more_cores else core_of


def step_search(drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray) -> StepSearch:
    """The search for the shortest step; see `simcore.neuromorphic.mappers.floorline`."""
    return StepSearch(drawn, limits, rates_hz, events_of_neurons(drawn, rates_hz))


def events_of_neurons(drawn: DrawnNetwork, rates_hz: FloatArray) -> FloatArray:
    """Synaptic events per second of each neuron as target, float64 (neurons,): expected, or from drawn synapses."""
    network = drawn.network
    if why_not_exchangeable(network) is None:
        expected = expectation_of(network, rates_hz).events_of_neuron
        return np.repeat(expected, [population.size for population in network.populations])
    from simcore.neuromorphic.mappers.cutting_kernels import add_events

    events = np.zeros(network.n_neurons)
    add_events(drawn.in_edges.starts, drawn.in_edges.sources, rates_hz, events)
    return events


def with_room(drawn: DrawnNetwork, limits: CoreLimits, cutter: Cutter, core_of: IntArray) -> IntArray:
    """The mapping with the additional cores that room requires: even cores, or split cores if even ones do not fit."""
    for _ in range(MOST_ROUNDS):
        cores = int(core_of.max()) + 1
        split = split_to_fit(drawn, limits, core_of)
        if int(split.max()) + 1 == cores:
            return core_of
        core_of = cutter.cut(int(split.max()) + 1)
    return split
