"""The place `space_filling`: cores with much traffic between them follow each other along a curve through all routers.

Routers in rows and columns are visited along Hilbert's curve, or row by row in alternating directions, whichever yields
fewer hops. Other routers are visited in order of their numbers, which leads around a ring and through the leaves of a
tree.
"""

import numpy as np

from simcore.neuromorphic.places.core_traffic import CoreTraffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import IntArray, PlaceOptions, best_of


def place_cores(traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions) -> IntArray:
    """Slot of each core."""
    orders = traffic_order(traffic), np.arange(traffic.cores, dtype=np.int64)
    candidates = [along(curve, order) for curve in curves(geometry) for order in orders]
    return best_of(traffic, geometry, candidates)


def along(curve: IntArray, order: IntArray) -> IntArray:
    """Slot of each core, if cores in this order occupy the slots of a curve from its beginning."""
    slots = np.empty(len(order), np.int64)
    slots[order] = curve[: len(order)]
    return slots


def traffic_order(traffic: CoreTraffic) -> IntArray:
    """An order of cores in which cores with much traffic are near: the next core is the one that the row attracts most.

    The attraction of a core is its messages with the row minus its messages with all other cores; of equal cores, the
    one with the smallest number is next. The row begins with the core with the least traffic.
    """
    between = traffic.between
    attraction = -between.sum(axis=1)
    order = np.empty(traffic.cores, np.int64)
    waiting = np.ones(traffic.cores, np.bool_)
    lowest = np.iinfo(np.int64).min
    for position in range(traffic.cores):
        core = int(np.argmax(np.where(waiting, attraction, lowest)))
        order[position] = core
        waiting[core] = False
        attraction += 2 * between[core]
    return order


def curves(geometry: Geometry) -> list[IntArray]:
    """All slots in the order of curves through their tiles."""
    if not geometry.in_grid:
        return [np.arange(geometry.slots, dtype=np.int64)]
    column, row = np.rint(geometry.position).astype(np.int64).T
    if (geometry.position != np.rint(geometry.position)).any():
        # The rows of a triangular torus are skewed in figures.
        column = np.rint(geometry.position[:, 0] + 0.5 * row).astype(np.int64)
    turned = np.where(row % 2 == 0, column, -column)
    upright = np.where(column % 2 == 0, row, -row)
    keys = [(_hilbert(column, row),), (turned, row), (upright, column)]
    return [_slots_along(geometry, np.lexsort(key)) for key in keys]


def _slots_along(geometry: Geometry, tiles: IntArray) -> IntArray:
    rank = np.empty(len(tiles), np.int64)
    rank[tiles] = np.arange(len(tiles))
    return np.argsort(rank[geometry.tile_of_slot], kind="stable")


def _hilbert(column: IntArray, row: IntArray) -> IntArray:
    """Distance of these places along Hilbert's curve, in a square whose side is a power of two."""
    x, y = column.copy(), row.copy()
    distance = np.zeros_like(x)
    side = 1 << int(max(x.max(), y.max())).bit_length()
    while side > 1:
        side >>= 1
        right, upper = (x & side) > 0, (y & side) > 0
        distance += side * side * ((3 * right) ^ upper)
        # The curve of a quarter is rotated so that it begins where the previous quarter ends.
        flipped = ~upper & right
        x, y = (
            np.where(flipped, side - 1 - (x & (side - 1)), x & (side - 1)),
            np.where(flipped, side - 1 - (y & (side - 1)), y & (side - 1)),
        )
        x, y = np.where(upper, x, y), np.where(upper, y, x)
    return distance
