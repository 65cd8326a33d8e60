"""H-trees: tiles are joined in pairs, pairs in fours, and so on, alternately in east-west and north-south direction."""

import numpy as np

from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.topology import EAST_WEST, NORTH_SOUTH, Topology
from simcore.neuromorphic.noc.tree import make_tree


def make_h_tree(layout: Layout, routing: str) -> Topology:
    """An H-tree of all tiles of each chip, and above them a tree of chips."""
    chips, tiles = np.divmod(np.arange(layout.chips * layout.tiles_per_chip, dtype=np.int32), layout.tiles_per_chip)
    within, between = (layout.tiles_per_chip - 1).bit_length(), (layout.chips - 1).bit_length()
    places = (chips << within) + tiles
    depth = max(1, within + between)
    levels = [(places >> (level + 1), (EAST_WEST, NORTH_SOUTH)[level % 2]) for level in range(depth)]
    # The bits of a place alternate between its eastward and its northward position.
    x, y = np.zeros((2, len(places)))
    for bit in range(depth):
        coordinate = (x, y)[bit % 2]
        coordinate += ((places >> bit) & 1) << (bit // 2)
    joined = f"The trees of {layout.chips:,} chips are assumed to be joined by a tree of chips."
    said = (joined,) if layout.chips > 1 else ()
    return make_tree(chips, np.stack([x, y], axis=1), levels, said)
