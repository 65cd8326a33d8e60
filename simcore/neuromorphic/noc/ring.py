"""Rings: all routers, chip by chip, in one circle.

A message takes the shorter way around, or the way to higher numbers if both are equally long.
"""

import numpy as np

from simcore.neuromorphic.noc.grid import make_axes, shortest
from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.topology import OTHER, IntArray, Runs, Topology, stacked


def make_ring(layout: Layout, routing: str) -> Topology:
    """One ring through all chips."""
    routers = np.arange(layout.chips * layout.tiles_per_chip, dtype=np.int32)
    axes, links = make_axes([(routers[np.newaxis], OTHER)], closed=True)

    def runs(origins: IntArray, targets: IntArray) -> Runs:
        return stacked(axes.runs(0, origins, shortest(targets - origins, len(routers))))

    angle = 2 * np.pi * routers / len(routers)
    position = np.stack([np.cos(angle), np.sin(angle)], axis=1) * len(routers) / (2 * np.pi)
    said = (f"The ring is assumed to pass through all {layout.chips:,} chips.",) if layout.chips > 1 else ()
    return Topology(position, routers // layout.tiles_per_chip, links, runs, said)
