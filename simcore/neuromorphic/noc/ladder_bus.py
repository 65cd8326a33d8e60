"""Segmented ladder buses: two rails of segments between switches, joined by a rung at every switch.

Tiles are attached alternately to the two rails. A message passes the segments of its own rail up to the switch of its
target, and the rung there if the target is attached to the other rail. A segment or rung that one message uses is
closed to others, in both directions; the messages of a step are distributed over schedule groups; see `schedule`.

References
----------
Balaji, Wu, Das, Catthoor, Schaafsma (2019), Exploration of segmented bus as scalable global interconnect for
neuromorphic computing, GLSVLSI '19. The model of rails, rungs and closed segments is our own.
"""

import numpy as np

from simcore.neuromorphic.noc.grid import make_axes
from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.topology import OTHER, IntArray, Runs, Topology, stacked


def make_ladder_bus(layout: Layout, routing: str) -> Topology:
    """One ladder through all chips; the last switch of a chip may have no tile on one of the rails."""
    tiles, chips = layout.tiles_per_chip, layout.chips
    switches = (tiles + 1) // 2
    n_tiles, idle = chips * tiles, 2 * switches - tiles
    chip, tile = np.divmod(np.arange(n_tiles, dtype=np.int32), tiles)
    column, rail = chip * switches + tile // 2, tile % 2
    if idle:
        chip = np.append(chip, np.arange(chips, dtype=np.int32))
        column = np.append(column, np.arange(1, chips + 1, dtype=np.int32) * switches - 1)
        rail = np.append(rail, np.ones(chips, dtype=np.int32))
    router = np.empty((2, chips * switches), dtype=np.int32)
    router[rail, column] = np.arange(len(chip), dtype=np.int32)
    axes, links = make_axes([(router, OTHER), (np.ascontiguousarray(router.T), OTHER)], closed=False)

    def runs(origins: IntArray, targets: IntArray) -> Runs:
        along = column[targets] - column[origins]
        corners = router[rail[origins], column[targets]]
        across = rail[targets] - rail[origins]
        return stacked(axes.runs(0, origins, along) + axes.runs(1, corners, across))

    position = np.stack([column, rail], axis=1).astype(np.float64)
    said = (f"The ladder is assumed to pass through all {chips:,} chips.",) if chips > 1 else ()
    return Topology(position, chip.astype(np.int32), links, runs, said)
