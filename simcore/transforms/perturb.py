"""Networks with perturbed weights, as in analogue or faulty synapses."""

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
"""Number of possible values of noise, the approximate means of bins of equal probability."""
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
    """Return the network with perturbed weights of the synapses that a simulation draws.

    Signs do not change. Synapses whose weights become 0 are omitted. The result depends only on network, arguments and
    seeds.

    Parameters
    ----------
    network
        The description.
    kind
        ``lognormal`` multiplies each weight by a random factor of mean 1 whose logarithm has the standard deviation
        `strength`; ``normal`` by 1 + `strength` x a standard normal number, at least 0. ``stuck_off`` sets random
        synapses, a share of `strength` of each projection, to weight 0; ``stuck_on`` sets them to the weight of
        their sign with the largest absolute value in the projection. ``drift`` multiplies every weight by
        ``elapsed ** -strength``, like the drift of the conductance of phase-change memory.
    strength
        0 or more; at most 1 for a share. With 0, the same network is returned.
    seed
        Seed of the random numbers.
    elapsed
        For ``drift``, the time since writing the weights divided by the time of their first reading, 1 or more.
    network_seed, weight_bits, accept_quantisation
        Options of the simulation whose synapses are perturbed; see `simcore.simulator.Simulator`.

    Returns
    -------
    Network
        The perturbed network, whose projections are lists of synapses.

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
    """Return the equally likely factors of a weight."""
    if kind == "drift":
        return exp(np.array([-strength * math.log(elapsed)]))
    normal = normal_quantile((np.arange(LEVELS) + 0.5) / LEVELS)
    if kind == "lognormal":
        factors: FloatArray = exp(strength * normal)
        # The exact sum, independent of the order of additions.
        return factors / (math.fsum(factors.tolist()) / LEVELS)
    return np.maximum(1.0 + strength * normal, 0.0)


def _stuck(weights: FloatArray, order: npt.NDArray[np.intp], share: float, on: bool) -> FloatArray:
    """Return the weights after the first ones in an order are stuck."""
    stuck = order[: round(share * len(weights))]
    moved = weights.copy()
    held = weights[stuck]
    largest, smallest = weights.max(initial=0.0), weights.min(initial=0.0)
    moved[stuck] = np.where(held > 0.0, largest, np.where(held < 0.0, smallest, 0.0)) if on else 0.0
    return moved
