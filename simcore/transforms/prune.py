"""Networks with a pruned share of the synapses or neurons."""

import numpy as np
import numpy.typing as npt

from simcore.errors import choice, integer, keywords_known, number, require, truth
from simcore.network import Network
from simcore.random import MAX_SEED, Purpose, philox
from simcore.transforms.listing import Drawing, DrawnEdges, FloatArray, IntArray, changed, long_words, require_network

BY = ("magnitude", "random", "neurons")
"""Criteria of pruning: smallest weights, random synapses, or all synapses of random neurons."""
BoolArray = npt.NDArray[np.bool_]


@keywords_known
def prune(
    network: Network,
    share: float,
    by: str = "magnitude",
    seed: int = 1,
    *,
    compensate: bool = True,
    network_seed: int = 1,
    weight_bits: int = 16,
    accept_quantisation: bool = False,
) -> Network:
    """Return the network without a share of the synapses that a simulation draws.

    In each projection, this share of the synapses is pruned, rounded to an integer number. The result depends only on
    network, arguments and seeds, and is the same on every machine.

    Parameters
    ----------
    network
        The description.
    share
        Share to prune, in [0, 1). With 0, the same network is returned.
    by
        ``magnitude`` prunes the synapses with the smallest absolute weights, and random ones among equal weights.
        ``random`` prunes random synapses. ``neurons`` prunes all synapses from and to random neurons, this share of
        each population except populations of spike sources. These neurons and their drives remain, so that ids do not
        change.
    seed
        Seed of the random numbers.
    compensate
        Whether to scale the remaining excitatory and inhibitory weights of each projection by one factor each, so that
        their sums do not change (with ``neurons``, the sums onto the remaining neurons).
    network_seed, weight_bits, accept_quantisation
        Options of the simulation whose synapses are pruned; see `simcore.simulator.Simulator`.

    Returns
    -------
    Network
        The pruned network, whose projections are lists of the remaining synapses; empty ones are omitted.

    Raises
    ------
    InputError
        If an argument is wrong.
    ResourceError
        If the synapses do not fit into memory.

    Examples
    --------
    >>> import simcore
    >>> edges = simcore.Projection("E", "E", simcore.FixedIndegree(10), weight=1.0)
    >>> network = simcore.Network([simcore.Population("E", 100)], [edges])
    >>> pruned = simcore.prune(network, 0.9, by="random")
    >>> len(pruned.projections[0].rule.sources), pruned.projections[0].weight
    (100, 10.0)
    """
    require_network(network)
    share = number(share, "share")
    require(0.0 <= share < 1.0, "share", share, "must be in [0, 1)")
    choice(by, "by", BY)
    seed = integer(seed, "seed", 0, MAX_SEED)
    truth(compensate, "compensate")
    drawing = Drawing(network_seed, weight_bits, accept_quantisation)
    if share == 0.0:
        return network
    lost = _lost_neurons(network, share, seed) if by == "neurons" else {}

    def pruned(edges: DrawnEdges) -> tuple[BoolArray, FloatArray]:
        if by == "neurons":
            projection = network.projections[edges.projection]
            source, target = (lost[network.index(name)] for name in (projection.source, projection.target))
            counted = ~target[edges.targets]
            stays = counted & ~source[edges.sources]
        else:
            counted = np.ones(len(edges.sources), np.bool_)
            stays = _chosen(edges, share, by, seed)
        return stays, edges.weights * _factors(edges.codes, counted, stays) if compensate else edges.weights

    return changed(network, drawing, pruned)


def _chosen(edges: DrawnEdges, share: float, by: str, seed: int) -> BoolArray:
    """Return a mask of the remaining synapses."""
    n = len(edges.sources)
    size = np.abs(edges.codes) if by == "magnitude" else np.zeros(n, np.int64)
    order = np.lexsort((long_words(philox(edges.counter, (seed, Purpose.PRUNE))), size))
    stays = np.ones(n, np.bool_)
    stays[order[: round(share * n)]] = False
    return stays


def _lost_neurons(network: Network, share: float, seed: int) -> dict[int, BoolArray]:
    """Return the pruned neurons of each population."""
    lost = {}
    for place, population in enumerate(network.populations):
        low, high, _, _ = philox((np.arange(population.size), place, 1, 0), (seed, Purpose.PRUNE))
        order = np.lexsort((low, high))
        lost[place] = np.zeros(population.size, np.bool_)
        if population.source is None:
            lost[place][order[: round(share * population.size)]] = True
    return lost


def _factors(codes: IntArray, counted: BoolArray, stays: BoolArray) -> FloatArray:
    """Return factors that preserve the sums of excitatory and inhibitory weights; integers are summed exactly."""
    factors = np.ones(len(codes))
    for sign in (codes > 0, codes < 0):
        before, after = int(codes[sign & counted].sum()), int(codes[sign & stays].sum())
        if after:
            factors[sign] = before / after
    return factors
