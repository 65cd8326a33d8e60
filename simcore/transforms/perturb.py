"""Networks whose weights are disturbed, as analogue or faulty synapses disturb them."""

import math

import numpy as np
import numpy.typing as npt

from simcore.distributions.standard_normal import normal_quantile
from simcore.errors import choice, integer, keywords_known, number, require
from simcore.network import Network
from simcore.propagators import exp
from simcore.random import MAX_SEED, Purpose, philox
from simcore.transforms.listing import Drawing, DrawnEdges, FloatArray, changed, long_words, require_network

KINDS = ("lognormal", "normal", "stuck_off", "stuck_on", "drift")
LEVELS = 1 << 16
"""Values that noise may take: means of as many slices of equal probability, nearly."""
LARGEST_NOISE, LARGEST_EXPONENT, LONGEST_DRIFT = 3.0, 10.0, 1e12


@keywords_known
def perturb(
    network: Network,
    kind: str,
    strength: float,
    seed: int = 1,
    *,
    elapsed: float = 1000.0,
    network_seed: int = 1,
    weight_bits: int = 16,
    accept_quantisation: bool = False,
) -> Network:
    """The network with disturbed weights of the synapses that a simulation of it draws.

    Signs stay, and so do all synapses but those whose weight becomes 0, which are left out. A function of network,
    arguments and seeds.

    Parameters
    ----------
    network
        The description.
    kind
        ``lognormal``: each weight times a random factor of mean 1 whose logarithm has the standard deviation
        `strength`. ``normal``: times 1 + `strength` x a standard normal number, at least 0. ``stuck_off``: random
        synapses, a share of `strength` of each projection, have weight 0. ``stuck_on``: they have the largest weight of
        their sign in the projection. ``drift``: every weight times ``elapsed ** -strength``, the decay of phase-change
        memory.
    strength
        0 or more; a share at most 1. Nothing changes with 0: the same network is returned.
    seed
        Of what is random.
    elapsed
        Of ``drift``: time since the weights were written over the time after which they were read, 1 or more.
    network_seed, weight_bits, accept_quantisation
        Those of the simulation whose synapses are perturbed, see `simcore.simulator.Simulator`.

    Returns
    -------
    Network
        Its projections are lists of synapses.

    Raises
    ------
    InputError
        If an argument is wrong.
    ResourceError
        If the synapses do not fit into memory.
    """
    require_network(network)
    choice(kind, "kind", KINDS)
    strength = number(strength, "strength")
    most = {"stuck_off": 1.0, "stuck_on": 1.0, "drift": LARGEST_EXPONENT}.get(kind, LARGEST_NOISE)
    require(0.0 <= strength <= most, "strength", strength, f"must be in [0, {most:g}] for {kind}")
    seed = integer(seed, "seed", 0, MAX_SEED)
    elapsed = number(elapsed, "elapsed")
    require(1.0 <= elapsed <= LONGEST_DRIFT, "elapsed", elapsed, "must be in [1, 1e12]")
    drawing = Drawing(network_seed, weight_bits, accept_quantisation)
    if strength == 0.0 or (kind == "drift" and elapsed == 1.0):
        return network
    factors = _factors(kind, strength, elapsed)

    def perturbed(edges: DrawnEdges) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        words = long_words(philox(edges.counter, (seed, Purpose.PERTURB)))
        if kind in ("stuck_off", "stuck_on"):
            weights = _stuck(edges.weights, np.argsort(words, kind="stable"), strength, kind == "stuck_on")
        else:
            weights = edges.weights * factors[(words % len(factors)).astype(np.int64)]
        return np.ones(len(weights), np.bool_), weights

    return changed(network, drawing, perturbed)


def _factors(kind: str, strength: float, elapsed: float) -> FloatArray:
    """Factors of a weight that are equally probable."""
    if kind == "drift":
        return exp(np.array([-strength * math.log(elapsed)]))
    normal = normal_quantile((np.arange(LEVELS) + 0.5) / LEVELS)
    if kind == "lognormal":
        factors: FloatArray = exp(strength * normal)
        # The exact sum, whatever the order of additions.
        return factors / (math.fsum(factors.tolist()) / LEVELS)
    return np.maximum(1.0 + strength * normal, 0.0)


def _stuck(weights: FloatArray, order: npt.NDArray[np.intp], share: float, on: bool) -> FloatArray:
    """Weights of which the first ones in an order are stuck."""
    stuck = order[: round(share * len(weights))]
    moved = weights.copy()
    held = weights[stuck]
    largest, smallest = weights.max(initial=0.0), weights.min(initial=0.0)
    moved[stuck] = np.where(held > 0.0, largest, np.where(held < 0.0, smallest, 0.0)) if on else 0.0
    return moved
