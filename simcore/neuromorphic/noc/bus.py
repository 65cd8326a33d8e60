"""Buses: all tiles of a chip share one link, which every message passes; another bus joins several chips."""

import numpy as np

from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.topology import OTHER, IntArray, Links, Runs, Topology, stacked


def make_bus(layout: Layout, routing: str) -> Topology:
    """A bus for each chip, drawn from its first to its last tile, and one between chips."""
    chips, tiles = np.divmod(np.arange(layout.chips * layout.tiles_per_chip, dtype=np.int32), layout.tiles_per_chip)
    first = np.arange(layout.chips, dtype=np.int32) * layout.tiles_per_chip
    last = first + layout.tiles_per_chip - 1
    said: tuple[str, ...] = ()
    if layout.chips > 1:
        first, last = np.append(first, first[0]), np.append(last, last[-1])
        said = (f"The buses of {layout.chips:,} chips are assumed to be joined by another bus.",)

    def runs(origins: IntArray, targets: IntArray) -> Runs:
        own, other = chips[origins], chips[targets]
        between = np.full_like(own, layout.chips)
        beyond = own != other
        return stacked([(own, own + (origins != targets)), (between, between + beyond), (other, other + beyond)])

    n = len(first)
    links = Links(first, last, np.full(n, OTHER, dtype=np.int8), np.full(n, -1, dtype=np.int32))
    return Topology(np.stack([tiles, chips], axis=1).astype(np.float64), chips, links, runs, said)
