"""Axons of a network that is drawn for them."""

from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.in_edges import draw_in_edges


def draw_axons(network, seed, mapping, comm=None):
    """Draw all synapses, those that a simulation with this seed has, and count the axons of this rank's neurons."""
    return count_axons(draw_in_edges(network, seed, comm), mapping, comm)
