"""Weights, and the picture of a network."""

from typing import TYPE_CHECKING

import numpy as np

from benchnn.plot.canvas import canvas
from benchnn.report.figures.network import draw_network
from benchnn.report.style import BLUE, RED
from simcore.errors import keywords_known, require
from simcore.network import Network
from simcore.synapses.edges import Edges

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 60


@keywords_known
def network(network: Network, axes: "Axes | None" = None) -> "Axes":
    """Draw the populations of a network on a ring, their projections and drives.

    The area of a population grows with its size, the width of a projection with its number of synapses. Excitatory
    projections end in arrows, inhibitory ones in bars.

    Parameters
    ----------
    network
        The description.
    axes
        Axes to draw into; the axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If the argument is not a network.
    UnavailableError
        If matplotlib is not installed.
    """
    require(isinstance(network, Network), "network", network, "use a simcore.Network")
    with canvas(axes, 5.0) as where:
        draw_network(where, network)
    return where


@keywords_known
def weights(edges: Edges, axes: "Axes | None" = None) -> "Axes":
    """Draw the distribution of the weights of synapses, excitatory ones in blue, inhibitory ones in red.

    Parameters
    ----------
    edges
        Edges that `Simulator.edges` returned, of all or of some populations.
    axes
        Axes to draw into; the axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If the network has no edges.
    UnavailableError
        If matplotlib is not installed.
    """
    usable = isinstance(edges, Edges) and len(edges.weights) > 0
    require(usable, "edges", edges, "use edges that Simulator.edges returned, with at least one synapse")
    low, high = float(edges.weights.min()), float(edges.weights.max())
    bins = np.linspace(low, high, BINS + 1) if high > low else np.array([low - 0.5, high + 0.5])
    with canvas(axes, 2.6) as where:
        excitatory = edges.weights >= 0.0
        for chosen, colour, label in ((excitatory, BLUE, "excitatory"), (~excitatory, RED, "inhibitory")):
            if np.any(chosen):
                counts = np.histogram(edges.weights[chosen], bins)[0]
                where.stairs(counts, bins, color=colour, fill=True, alpha=0.8, label=label)
        where.set_xlabel("weight (unit of the target's model)")
        where.set_ylabel("synapses")
        where.legend()
    return where
