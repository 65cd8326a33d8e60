"""Random draws shared by several rules, in NumPy, as the reference for all backends."""

import numpy as np
import numpy.typing as npt

from simcore.connectivity.rule import Edges, IntArray, Wiring
from simcore.random import Purpose, binomial, philox, scaled_integer, unit_interval


def edge_words(
    wiring: Wiring, owners: IntArray, positions: IntArray, stream: int = 0
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return partner words and value bits of the edges at `positions` in the lists of `owners` (global ids).

    One Philox block serves two edges. `stream` is 0 for lists of a target's sources, 1 for lists of a source's
    targets.
    """
    block = philox((wiring.projection, owners, positions >> 1, stream), (wiring.seed, Purpose.CONNECTIVITY))
    odd = (positions & 1).astype(bool)
    return np.where(odd, block[2], block[0]), np.where(odd, block[3], block[1])


def node_uniform(wiring: Wiring, low: int, high: int) -> float:
    """Return the uniform random number of the tree node over the targets [low, high)."""
    words = philox((wiring.projection, low, high, 0), (wiring.seed, Purpose.IN_DEGREE))
    return unit_interval(int(words[0]), int(words[1]))


def split_total(wiring: Wiring, total: int) -> IntArray:
    """Draw multinomial in-degrees of all targets by splitting `total` along a binary tree of targets."""
    in_degrees = np.zeros(wiring.n_target, dtype=np.int64)

    def split(low: int, high: int, n: int) -> None:
        if high - low == 1:
            in_degrees[low] = n
        elif n > 0:
            middle = (low + high) // 2
            left = binomial(n, float(middle - low) / float(high - middle), node_uniform(wiring, low, high))
            split(low, middle, left)
            split(middle, high, n - left)

    split(0, wiring.n_target, total)
    return in_degrees


def binomial_in_degrees(wiring: Wiring, n: int, odds: float) -> IntArray:
    """Draw independent in-degrees of all targets from Binomial(n, odds / (1 + odds))."""
    return np.array(
        [binomial(n, odds, node_uniform(wiring, target, target + 1)) for target in range(wiring.n_target)],
        dtype=np.int64,
    )


def listed(in_degrees: IntArray) -> tuple[IntArray, IntArray]:
    """Return, for each edge, its owner and its position in the owner's list."""
    owners = np.repeat(np.arange(len(in_degrees)), in_degrees)
    starts = np.cumsum(in_degrees) - in_degrees
    return owners, np.arange(len(owners)) - np.repeat(starts, in_degrees)


def floyd(words: npt.NDArray[np.uint32], n: int) -> list[int]:
    """Draw distinct integers below `n` uniformly, one for each word.

    References
    ----------
    Bentley, Floyd (1987), Programming pearls: a sample of brilliance, CACM 30:754.
    """
    chosen: list[int] = []
    taken: set[int] = set()
    for offset, word in enumerate(words.tolist()):
        last = n - len(words) + offset
        candidate = (word * (last + 1)) >> 32
        candidate = last if candidate in taken else candidate
        taken.add(candidate)
        chosen.append(candidate)
    return chosen


def draw_partners(words: npt.NDArray[np.uint32], owners: IntArray, n: int, multapses: bool) -> IntArray:
    """Draw partners below `n`, with replacement or, for each owner, without."""
    if multapses:
        return scaled_integer(words, n)
    partners = np.empty(len(words), dtype=np.int64)
    for owner in np.unique(owners):
        mine = owners == owner
        partners[mine] = floyd(words[mine], n)
    return partners


def draw_edges(wiring: Wiring, in_degrees: IntArray, autapses: bool, multapses: bool) -> Edges:
    """Draw the edges of a rule with given in-degrees of the targets."""
    targets, positions = listed(in_degrees)
    words, bits = edge_words(wiring, wiring.target_first + targets, positions)
    sources = draw_partners(words, targets, wiring.n_choices(autapses), multapses)
    if wiring.recurrent and not autapses:
        sources += sources >= targets
    return Edges(sources, targets, bits, np.arange(len(sources)))
