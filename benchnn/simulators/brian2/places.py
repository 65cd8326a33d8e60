"""Places of populations in the neuron groups of Brian2: one group for each model, with consecutive populations."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.network import Network

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """The place of a population: its model, which is its group, and its indices [first, first + size) in the group."""

    model: str
    first: int
    size: int


def places(network: Network) -> dict[str, Place]:
    """Return the place of each population by name."""
    sizes: dict[str, int] = {}
    found = {}
    for population in network.populations:
        first = sizes.get(population.model, 0)
        found[population.name] = Place(population.model, first, population.size)
        sizes[population.model] = first + population.size
    return found


def global_ids(network: Network, model: str) -> IntArray:
    """Return the global ids of the neurons of a group, ascending."""
    ranges = [
        np.arange(network.first_ids[population.name], network.first_ids[population.name] + population.size)
        for population in network.populations
        if population.model == model
    ]
    return np.concatenate(ranges)
