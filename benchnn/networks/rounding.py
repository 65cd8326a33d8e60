"""The effect of rounding to integers on listed weights, known before a run chooses a number of bits."""

from dataclasses import dataclass

import numpy as np

from simcore.network import Network
from simcore.quantisation import WEIGHT_BITS, weight_grid


@dataclass(frozen=True)
class Rounding:
    """The effect of a number of bits on the weights of a projection.

    Parameters
    ----------
    source, target
        Populations of the projection.
    bits
        Bits of a weight.
    largest_move
        Largest change of a weight, as a share of the largest weight.
    weights
        Number of weights.
    zeros
        Number of weights that become 0.
    """

    source: str
    target: str
    bits: int
    largest_move: float
    weights: int
    zeros: int


def rounding_of(network: Network) -> list[Rounding]:
    """The effect of 8, 16 and 32 bits on each projection with an array of weights, in the order of the projections."""
    grids = {bits: weight_grid(network, bits) for bits in WEIGHT_BITS}
    found = []
    for projection in network.projections:
        if not isinstance(projection.weight, np.ndarray) or not projection.weight.size:
            continue
        weights = np.asarray(projection.weight, dtype=np.float64)
        population, receptors = network.index(projection.target), network.receptors(projection)
        for bits, grid in grids.items():
            held = grid.value(grid.quantise(weights, population, receptors), population, receptors)
            move = float(np.max(np.abs(held - weights)) / np.max(np.abs(weights)))
            zeros = int(np.count_nonzero((held == 0.0) & (weights != 0.0)))
            found.append(Rounding(projection.source, projection.target, bits, move, weights.size, zeros))
    return found
