"""How many spikes a neuron can send in one step: 1, or of models that relay spikes as many as can arrive."""

import numpy as np
import numpy.typing as npt

from simcore.drives import EventDrive
from simcore.network import Network
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.registry.files import failures_of

IntArray = npt.NDArray[np.int64]

ROOM_OF_SOURCES = 16
"""Sources that can send several spikes in a step may be given other rates later, up to some 20,000 1/s, or trains."""


def largest_multiplicities(network: Network) -> IntArray:
    """Most spikes that a neuron of each population can send in a step, from the description alone, int64.

    A neuron that relays what arrives sends at most what its in-edges and drives can bring: sums along the graph of
    populations, `MAX_MULTIPLICITY` where they grow around a cycle, and of models that may send more than arrives.
    """
    populations = network.populations
    relays = np.array([population.relays for population in populations])
    relaying = relays & np.array([population.neuron_model.at_most_arrivals for population in populations])
    most = np.where(relaying, 0, np.where(relays, MAX_MULTIPLICITY, 1)).astype(np.int64)
    if not relaying.any():
        return most
    driven, in_degrees = _driven(network), _in_degrees(network)
    # After as many rounds as there are populations, only sums around a cycle still grow.
    for _ in range(len(populations)):
        most = _relayed(most, relaying, driven, in_degrees)
    while (grown := _relayed(most, relaying, driven, in_degrees) > most).any():
        most[grown] = MAX_MULTIPLICITY
    return most


def _relayed(most: IntArray, relaying: npt.NDArray[np.bool_], driven: IntArray, in_degrees: IntArray) -> IntArray:
    arriving = np.minimum(driven + in_degrees @ most, MAX_MULTIPLICITY)
    return np.where(relaying, arriving, most)


def _driven(network: Network) -> IntArray:
    """Most events that drives bring to a neuron of each population in a step; only of those that relay."""
    driven = np.zeros(len(network.populations), dtype=np.int64)
    for one in network.inputs:
        drive, target = one.drive, network.index(one.drive.target)
        if isinstance(drive, EventDrive) and network.populations[target].relays:
            with failures_of(drive):
                driven[target] += drive.largest_count(network.resolution_ms)
    sources = np.array([population.source is not None for population in network.populations])
    return np.where(sources, np.maximum(driven, ROOM_OF_SOURCES), driven)


def multiplicities_of(network: Network, ids: IntArray) -> IntArray:
    """Most spikes that the neurons with these global ids can send in a step, int64."""
    first_ids = np.array(list(network.first_ids.values()))
    return largest_multiplicities(network)[np.searchsorted(first_ids, ids, side="right") - 1]


def _in_degrees(network: Network) -> IntArray:
    """Most in-edges from the neurons of each population, shape (targets, sources); only of those that relay."""
    n = len(network.populations)
    degrees = np.zeros((n, n), dtype=np.int64)
    for index, projection in enumerate(network.projections):
        target = network.index(projection.target)
        if network.populations[target].neuron_model.relays:
            largest = projection.rule.largest_in_degree(network.wiring(index))
            degrees[target, network.index(projection.source)] += min(largest, MAX_MULTIPLICITY)
    return degrees
