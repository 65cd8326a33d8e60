"""Expected load of ranks, computed from the description of a network and rates only."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from simcore.network import Network
from simcore.placement.owners import Placement

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

EQUAL_RATE_HZ = 10.0
"""Default rate of all neurons, 1/s."""


def equal_rates(network: Network) -> dict[str, float]:
    """Return the same rate for all populations."""
    return {population.name: EQUAL_RATE_HZ for population in network.populations}


def events_by_population(network: Network, rates_hz: Mapping[str, float]) -> FloatArray:
    """Return the expected synaptic events onto a neuron of each population in a second of model time.

    Parameters
    ----------
    network
        The description.
    rates_hz
        Mean rate of the neurons of each population, 1/s.

    Returns
    -------
    float64 (populations,): mean in-degree from each population times its rate.
    """
    events = np.zeros(len(network.populations))
    for index, projection in enumerate(network.projections):
        synapses = projection.rule.expected_synapses(network.wiring(index))
        rate = rates_hz[network.population(projection.source).name]
        events[network.index(projection.target)] += synapses * rate
    return events / [population.size for population in network.populations]


def neurons_of_ranks(network: Network, placement: Placement) -> IntArray:
    """Return the numbers of neurons of each population on each rank, int64 (ranks, populations)."""
    pairs = [(network.first_ids[population.name], population.size) for population in network.populations]
    counts = np.zeros((placement.ranks, len(pairs)), dtype=np.int64)
    for column, (first, size) in enumerate(pairs):
        owning = placement.ranks_of(first)
        # Round-robin: each of these ranks has the same number of neurons, and the first ranks have one more.
        ahead = (np.arange(owning.start, owning.stop) - int(placement.owners(np.array([first]))[0])) % len(owning)
        counts[owning.start : owning.stop, column] = (size - ahead + len(owning) - 1) // len(owning)
    return counts


def expected_events(network: Network, placement: Placement, rates_hz: Mapping[str, float]) -> FloatArray:
    """Return the expected synaptic events on each rank in a second of model time.

    Parameters
    ----------
    network, placement
        The description, and the owners of neurons.
    rates_hz
        Mean rate of the neurons of each population, 1/s.

    Returns
    -------
    float64 (ranks,).
    """
    return neurons_of_ranks(network, placement) @ events_by_population(network, rates_hz)


def expected_load(network: Network, placement: Placement, rates_hz: Mapping[str, float]) -> FloatArray:
    """Return the expected synaptic events and neuron updates of each rank per second, float64 (ranks,)."""
    return neurons_of_ranks(network, placement) @ load_by_population(network, rates_hz)


def load_by_population(network: Network, rates_hz: Mapping[str, float]) -> FloatArray:
    """Return the expected synaptic events and updates of a neuron of each population in a second.

    Both have equal weight, because an event and an update take about a nanosecond each (docs/performance.md).
    """
    return events_by_population(network, rates_hz) + 1000.0 / network.resolution_ms
