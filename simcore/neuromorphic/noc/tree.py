"""Trees of routers, whose leaves are the tiles: a message climbs as far as it must and descends."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.noc.grid import stacked
from simcore.neuromorphic.noc.topology import BETWEEN_CHIPS, IntArray, Links, Runs, Topology


def make_tree(
    chips: IntArray,
    position: npt.NDArray[np.float64],
    levels: Sequence[tuple[IntArray, int]],
    assumptions: tuple[str, ...],
) -> Topology:
    """A tree with a router for each group of leaves.

    Parameters
    ----------
    chips, position
        Chip of each leaf and where it is drawn, int32 (leaves,) and float64 (leaves, 2).
    levels
        From the leaves up: a number for each leaf, equal where leaves belong to one group, int32 (leaves,), and the
        kind of the links up to the routers of these groups. The last level has one group, or there is no level.
    assumptions
        Of the topology.
    """
    ancestors = [np.arange(len(chips), dtype=np.int32)]
    places, owners, parents, kinds = [position], [chips], [], []
    n = len(chips)
    for groups, kind in levels:
        _, leaf, group, size = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
        parents.append(n + group[_firsts(ancestors[-1])])
        kinds.append(np.full(len(parents[-1]), kind, dtype=np.int8))
        ancestors.append((n + group).astype(np.int32))
        places.append(np.stack([np.bincount(group, axis) / size for axis in position.T], axis=1))
        low, high = np.full((2, len(size)), chips[leaf])
        np.minimum.at(low, group, chips)
        np.maximum.at(high, group, chips)
        owners.append(np.where(low == high, low, BETWEEN_CHIPS).astype(np.int32))
        n += len(size)
    # Every router but the root has a link up, with its own number, and one down.
    children = np.arange(n - len(owners[-1]) if levels else 0, dtype=np.int32)
    parent = np.concatenate([children[:0], *parents]).astype(np.int32)
    kind_up = np.concatenate([np.zeros(0, np.int8), *kinds])

    def runs(origins: IntArray, targets: IntArray) -> Runs:
        up, down = [], []
        for level in ancestors[:-1]:
            passed = level[origins] != level[targets]
            up.append((level[origins], level[origins] + passed))
            down.append((level[targets] + len(children), level[targets] + len(children) + passed))
        return stacked(up + down[::-1]) if up else _no_runs(origins)

    links = Links(
        np.concatenate([children, parent]),
        np.concatenate([parent, children]),
        np.concatenate([kind_up, kind_up]),
        np.full(2 * len(children), -1, dtype=np.int32),
    )
    return Topology(np.concatenate(places), np.concatenate(owners), links, runs, assumptions)


def _firsts(routers: IntArray) -> npt.NDArray[np.int64]:
    """A leaf below each of the routers of a level, in order of the routers."""
    return np.unique(routers, return_index=True)[1]


def _no_runs(origins: IntArray) -> Runs:
    empty = np.zeros((0, len(origins)), dtype=np.int32)
    return empty, empty
