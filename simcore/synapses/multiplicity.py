"""Maximum number of spikes of a neuron in a step: 1, or for models that relay spikes, as many as can arrive."""

import numpy as np
import numpy.typing as npt

from simcore.drives import EventDrive
from simcore.network import Network
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.registry.files import failures_of

IntArray = npt.NDArray[np.int64]

ROOM_OF_SOURCES = 16
"""Smallest bound for sources with several spikes in a step, whose rates or trains may change later."""


def largest_multiplicities(network: Network) -> IntArray:
    """Return the maximum number of spikes of a neuron of each population in a step, from the description only, int64.

    A neuron that relays spikes sends at most as many as its in-edges and drives can bring. The sums follow the graph of
    populations; they are `MAX_MULTIPLICITY` if they grow around a cycle, and for models that may send more spikes than
    arrive.
    """
    populations = network.populations
    relays = np.array([population.relays for population in populations])
    relaying = relays & np.array([population.neuron_model.at_most_arrivals for population in populations])
    most = np.where(relaying, 0, np.where(relays, MAX_MULTIPLICITY, 1)).astype(np.int64)
    if not relaying.any():
        return most
    driven, in_degrees = _driven(network), _in_degrees(network)
    # After one round for each population, only sums around a cycle still grow.
    for _ in range(len(populations)):
        most = _relayed(most, relaying, driven, in_degrees)
    while (grown := _relayed(most, relaying, driven, in_degrees) > most).any():
        most[grown] = MAX_MULTIPLICITY
    return most


def _relayed(most: IntArray, relaying: npt.NDArray[np.bool_], driven: IntArray, in_degrees: IntArray) -> IntArray:
    arriving = np.minimum(driven + in_degrees @ most, MAX_MULTIPLICITY)
    return np.where(relaying, arriving, most)


def _driven(network: Network) -> IntArray:
    """Return the maximum number of drive events at a neuron in a step, for populations that relay spikes."""
    driven = np.zeros(len(network.populations), dtype=np.int64)
    for one in network.inputs:
        drive, target = one.drive, network.index(one.drive.target)
        if isinstance(drive, EventDrive) and network.populations[target].relays:
            with failures_of(drive):
                driven[target] += drive.largest_count(network.resolution_ms)
    sources = np.array([population.source is not None for population in network.populations])
    return np.where(sources, np.maximum(driven, ROOM_OF_SOURCES), driven)


def multiplicities_of(network: Network, ids: IntArray) -> IntArray:
    """Return the maximum number of spikes of neurons with these global ids in a step, int64."""
    first_ids = np.array(list(network.first_ids.values()))
    return largest_multiplicities(network)[np.searchsorted(first_ids, ids, side="right") - 1]


def _in_degrees(network: Network) -> IntArray:
    """Return the maximum in-degrees by population, shape (targets, sources), for populations that relay spikes."""
    n = len(network.populations)
    degrees = np.zeros((n, n), dtype=np.int64)
    for index, projection in enumerate(network.projections):
        target = network.index(projection.target)
        if network.populations[target].neuron_model.relays:
            largest = projection.rule.largest_in_degree(network.wiring(index))
            degrees[target, network.index(projection.source)] += min(largest, MAX_MULTIPLICITY)
    return degrees
