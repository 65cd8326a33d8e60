"""Networks of which a share of the synapses or of the neurons is pruned."""

import numpy as np
import numpy.typing as npt

from simcore.errors import choice, integer, keywords_known, number, require, truth
from simcore.network import Network
from simcore.random import MAX_SEED, Purpose, philox
from simcore.transforms.listing import Drawing, DrawnEdges, FloatArray, IntArray, changed, long_words, require_network

BY = ("magnitude", "random", "neurons")
"""What is pruned: the smallest weights, random synapses, or all synapses of random neurons."""
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
    """The network without a share of the synapses that a simulation of it draws.

    Of each projection this share of the synapses is pruned, rounded to whole synapses. A function of network, arguments
    and seeds: the same synapses go on any machine.

    Parameters
    ----------
    network
        The description.
    share
        Of what is pruned, in [0, 1). Nothing changes with 0: the same network is returned.
    by
        ``magnitude``: synapses with the smallest weights without sign; of equal ones random ones. ``random``: random
        synapses. ``neurons``: all synapses from and to random neurons, this share of each population with a model. They
        stay in their population, with their drives, so that ids keep their meaning; populations with a source are kept
        whole.
    seed
        Of what is random.
    compensate
        Scale the weights that stay, excitatory and inhibitory ones of each projection by a factor each, so that the
        sum of the weights stays what it was (with ``neurons``, that to the neurons that stay).
    network_seed, weight_bits, accept_quantisation
        Those of the simulation whose synapses are pruned, see `simcore.simulator.Simulator`.

    Returns
    -------
    Network
        Its projections are lists of synapses, as many as are left; one without any is left out.

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
    """Which synapses stay."""
    n = len(edges.sources)
    size = np.abs(edges.codes) if by == "magnitude" else np.zeros(n, np.int64)
    order = np.lexsort((long_words(philox(edges.counter, (seed, Purpose.PRUNE))), size))
    stays = np.ones(n, np.bool_)
    stays[order[: round(share * n)]] = False
    return stays


def _lost_neurons(network: Network, share: float, seed: int) -> dict[int, BoolArray]:
    """Which neurons of each population are pruned."""
    lost = {}
    for place, population in enumerate(network.populations):
        low, high, _, _ = philox((np.arange(population.size), place, 1, 0), (seed, Purpose.PRUNE))
        order = np.lexsort((low, high))
        lost[place] = np.zeros(population.size, np.bool_)
        if population.source is None:
            lost[place][order[: round(share * population.size)]] = True
    return lost


def _factors(codes: IntArray, counted: BoolArray, stays: BoolArray) -> FloatArray:
    """Factor of each weight that keeps the sums of excitatory and of inhibitory weights; integers sum exactly."""
    factors = np.ones(len(codes))
    for sign in (codes > 0, codes < 0):
        before, after = int(codes[sign & counted].sum()), int(codes[sign & stays].sum())
        if after:
            factors[sign] = before / after
    return factors
