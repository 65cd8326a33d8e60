"""Triangular tori: six links per router, east, north-east, north and back, closed over the borders of all chips.

A shortest route takes steps along at most two axes, with the longer part first. Of several shortest routes around the
torus, a message takes the one with the fewest diagonal steps, then the one further to the west, then to the south.
Lengths, diagonal steps and displacements add up along a route, so that each part of a route is the route to the router
at its end: the routes from one router form a tree.
"""

import math

import numpy as np

from simcore.neuromorphic.noc.grid import make_axes, make_grid
from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.topology import EAST_WEST, NORTH_SOUTH, OTHER, IntArray, Runs, Topology, stacked

EAST, NORTH = np.array([1, 0, 1], dtype=np.int32), np.array([0, 1, 1], dtype=np.int32)
"""Displacement of a step along each axis."""


def make_triangular_torus(layout: Layout, routing: str) -> Topology:
    """A triangular torus over all chips."""
    grid = make_grid(layout)
    height, width = grid.router.shape
    steps = np.arange(math.lcm(width, height))
    starts = np.arange(math.gcd(width, height))[:, np.newaxis]
    diagonals = grid.router[steps % height, (starts + steps) % width]
    lines = [(grid.router, EAST_WEST), (grid.router.T, NORTH_SOUTH), (diagonals, OTHER)]
    axes, links = make_axes(lines, closed=True)
    axis, length = _ways(width, height)

    def runs(origins: IntArray, targets: IntArray) -> Runs:
        x, y = grid.x[origins], grid.y[origins]
        east, north = (grid.x[targets] - x) % width, (grid.y[targets] - y) % height
        (long_axis, short_axis), (long, short) = axis[:, north, east], length[:, north, east]
        corners = grid.router[(y + NORTH[long_axis] * long) % height, (x + EAST[long_axis] * long) % width]
        return stacked(axes.runs(long_axis, origins, long) + axes.runs(short_axis, corners, short))

    position = grid.position + grid.y[:, np.newaxis] * [-0.5, 0.0]
    return Topology(position, grid.chip_of_router, links, runs, grid.assumptions)


def _ways(width: int, height: int) -> tuple[IntArray, IntArray]:
    """Axes and steps of the longer and the shorter part of every route, int32 (2, height, width), by displacement."""
    y, x = np.indices((height, width))
    candidates = np.array([(east, north) for east in (x, x - width) for north in (y, y - height)])
    east, north = candidates[:, 0], candidates[:, 1]
    diagonal = np.where(east * north > 0, np.sign(east) * np.minimum(np.abs(east), np.abs(north)), 0)
    steps = np.stack([east - diagonal, north - diagonal, diagonal])
    order = np.lexsort((north, east, np.abs(diagonal), np.abs(steps).sum(axis=0)), axis=0)[0]
    best = np.take_along_axis(steps, order[np.newaxis, np.newaxis], axis=1)[:, 0]
    axis = np.argsort(-np.abs(best), axis=0, kind="stable")[:2]
    return axis.astype(np.int32), np.take_along_axis(best, axis, axis=0).astype(np.int32)
