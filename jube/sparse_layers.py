"""A layer of sources and a layer of targets, for maps of bottlenecks: half of the targets have many inputs."""

from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.sources import PoissonTrains


def sparse_layers(neurons: int = 512, rate_hz: float = 100.0, many: int = 512, few: int = 16) -> Network:
    """Random sources, and targets of which half have many inputs and half have few; the resolution is 1 ms.

    Targets never fire, so that the rate of the sources is the activity of the network.

    Parameters
    ----------
    neurons
        Number of neurons of each layer; the targets are two populations of half this size.
    rate_hz
        Rate of each source, 1/s; the sparsity of the activation is the share of steps in which a source is silent.
    many, few
        Numbers of inputs of a target in the two populations.
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
