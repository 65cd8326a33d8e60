"""Stars: the tiles of a chip around one router; the routers of several chips around another."""

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.topology import OTHER, IntArray, Topology
from simcore.neuromorphic.noc.tree import make_tree


def make_star(layout: Layout, routing: str) -> Topology:
    """A star for each chip, and a star of chips."""
    chips, tiles = np.divmod(np.arange(layout.chips * layout.tiles_per_chip, dtype=np.int32), layout.tiles_per_chip)
    levels = [(chips, OTHER)]
    said: tuple[str, ...] = ()
    circle = _circle(tiles, layout.tiles_per_chip)
    if layout.chips > 1:
        levels.append((np.zeros_like(chips), OTHER))
        circle += _circle(chips, layout.chips) * layout.chips
        said = (f"The central routers of {layout.chips:,} chips are assumed to be joined by one more router.",)
    return make_tree(chips, circle, levels, said)


def _circle(numbers: IntArray, count: int) -> npt.NDArray[np.float64]:
    angle = 2 * np.pi * numbers / count
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
