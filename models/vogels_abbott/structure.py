"""Sizes, connections and weak scaling of the networks after Vogels and Abbott (2005).

References
----------
Vogels, Abbott (2005), Signal propagation and logic gating in networks of integrate-and-fire neurons, J. Neurosci.
25:10786. Brette et al. (2007), Simulation of networks of spiking neurons: a review of tools and strategies, J. Comput.
Neurosci. 23:349, appendix 1: benchmarks 1 and 2.
"""

import math
from collections.abc import Mapping
from typing import Any

from simcore.network import PairwiseBernoulli, Projection, require

from .. import WeakScaling

EXCITATORY_PER_INHIBITORY = 4
"""Excitatory neurons for each inhibitory one."""
SIZE = 4000
"""Neurons of the published networks."""
P = 0.02
"""Probability that two neurons of the published networks are connected."""
MEAN_IN_DEGREE = SIZE * P
"""Mean number of inputs of a neuron of the published networks: 64 excitatory and 16 inhibitory inputs."""


def population_sizes(size: int) -> dict[str, int]:
    """Numbers of neurons of the populations E and I of a network of `size` neurons, in the ratio 4 to 1."""
    parts = EXCITATORY_PER_INHIBITORY + 1
    possible = isinstance(size, int) and not isinstance(size, bool) and size >= parts and size % parts == 0
    require(possible, "size", size, f"must be a multiple of {parts}, at least {parts}")
    inhibitory = size // parts
    return {"E": size - inhibitory, "I": inhibitory}


def random_projections(
    sizes: Mapping[str, int], p: float, weights: Mapping[str, float], delay_ms: float
) -> list[Projection]:
    """Connect each pair of neurons, including autapses, with probability `p`, as in Brette et al. (2007).

    Parameters
    ----------
    sizes
        Neurons of each population.
    p
        Connection probability.
    weights
        Weight of the synapses from each population.
    delay_ms
        Delay of all synapses.
    """
    require(0.0 < p <= 1.0, "p", p, "must be in (0, 1]")
    return [
        Projection(source, target, PairwiseBernoulli(p), weights[source], delay_ms)
        for source in sizes
        for target in sizes
    ]


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many neurons with the same mean in-degrees."""
    parts = EXCITATORY_PER_INHIBITORY + 1
    size = parts * max(1, round(parameters["size"] * factor / parts))
    return {"size": size, "p": parameters["p"] * parameters["size"] / size}


WEAK_SCALING = WeakScaling(
    "size",
    "size grows and p decreases: more neurons, each with the same mean number of inputs and the same weights",
    grown,
)
"""Weak scaling of these networks."""


def has_published_inputs(parameters: Mapping[str, Any]) -> bool:
    """Whether a network has at least the published size, and the published mean in-degrees, delay and time step."""
    in_degree = float(parameters["p"]) * parameters["size"]
    as_many = math.isclose(in_degree, MEAN_IN_DEGREE, rel_tol=1e-6)
    return bool(as_many and parameters["size"] >= SIZE and parameters["delay_ms"] == parameters["resolution_ms"] == 0.1)
