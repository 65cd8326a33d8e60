"""Receptors at which projections and drives act."""

from simcore.drives import EventDrive
from simcore.network import Network, Projection


def receptors_by_sign(network: Network, described: Projection | EventDrive) -> tuple[int, int]:
    """Receptors, counted from 0, of the positive and of the negative weights of a projection or drive.

    The first and the last one of the target's model, as in NEST.
    """
    model = network.population(described.target).neuron_model
    return 0, len(model.receptors) - 1


def most_receptors(network: Network) -> int:
    """Largest number of receptors of a population: every neuron has so many input buffers."""
    return max(len(population.neuron_model.receptors) for population in network.populations)
