"""Trees of routers with the tiles as leaves: a message goes up as far as needed, and then down."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.noc.topology import BETWEEN_CHIPS, IntArray, Links, Runs, Topology, stacked


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
        Chip of each leaf, ascending, and its position in figures, int32 (leaves,) and float64 (leaves, 2).
    levels
        For each level from the leaves up: the group of each leaf, ascending, int32 (leaves,), and the kind of the links
        up to the routers of these groups. The last level has one group.
    assumptions
        Assumptions of the topology.
    """
    n, children = len(chips), np.arange(len(chips))
    ancestors, places, owners, parents, kinds = [children.astype(np.int32)], [position], [chips], [], []
    for groups, kind in levels:
        first = np.flatnonzero(np.diff(groups, prepend=-1))
        size = np.diff(first, append=len(groups))
        router = np.repeat(np.arange(n, n + len(first), dtype=np.int32), size)
        parents.append(router[children])
        kinds.append(np.full(len(children), kind, dtype=np.int8))
        ancestors.append(router)
        places.append(np.add.reduceat(position, first) / size[:, np.newaxis])
        within = chips[first] == chips[first + size - 1]
        owners.append(np.where(within, chips[first], np.int32(BETWEEN_CHIPS)))
        n, children = n + len(first), first
    # The link up from a router has the number of the router; the links down follow.
    up = np.arange(n - 1, dtype=np.int32)
    parent, kind_up = np.concatenate(parents), np.concatenate(kinds)

    def runs(origins: IntArray, targets: IntArray) -> Runs:
        climb, descent = [], []
        for level in ancestors[:-1]:
            here, there = level[origins], level[targets]
            passed = here != there
            climb.append((here, here + passed))
            descent.append((there + len(up), there + len(up) + passed))
        return stacked(climb + descent[::-1])

    links = Links(
        np.concatenate([up, parent]),
        np.concatenate([parent, up]),
        np.concatenate([kind_up, kind_up]),
        np.full(2 * len(up), -1, dtype=np.int32),
    )
    return Topology(np.concatenate(places), np.concatenate(owners), links, runs, assumptions)
