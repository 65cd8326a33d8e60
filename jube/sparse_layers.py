"""A layer of sources and a layer of targets, half of which have many inputs, for maps of bottleneck states."""

from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.sources import PoissonTrains


def sparse_layers(neurons: int = 512, rate_hz: float = 100.0, many: int = 512, few: int = 16) -> Network:
    """Sources that fire at a rate, and targets of which half have many inputs and half have few; 1 ms a step.

    Targets never fire, so that the rate of the sources is the activity of the network.

    Parameters
    ----------
    neurons
        Of each of the two layers; the targets are two populations of half of them.
    rate_hz
        Of each source, 1/s: the share of steps in which a source is silent is the sparsity of the activation.
    many, few
        Inputs of a target.
    """
    silent = {"V_th": 1e6}
    populations = [
        Population("sources", neurons, source=PoissonTrains(rate_hz)),
        Population("many", neurons // 2, params=silent),
        Population("few", neurons - neurons // 2, params=silent),
    ]
    projections = [
        Projection("sources", "many", FixedIndegree(many), 1.0, 1.0),
        Projection("sources", "few", FixedIndegree(few), 1.0, 1.0),
    ]
    return Network(populations, projections, resolution_ms=1.0)
