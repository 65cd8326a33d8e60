"""Meshes: rows and columns of routers without links around the borders.

A message travels along one axis and then along the other: ``xy`` begins with its row, ``yx`` with its column.
"""

from simcore.neuromorphic.noc.grid import make_axes, make_grid, shortest
from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.topology import EAST_WEST, NORTH_SOUTH, IntArray, Runs, Topology, stacked


def make_mesh(layout: Layout, routing: str, closed: bool = False) -> Topology:
    """A mesh over all chips; a torus if its rows and columns are `closed`."""
    grid = make_grid(layout)
    height, width = grid.router.shape
    axes, links = make_axes([(grid.router, EAST_WEST), (grid.router.T, NORTH_SOUTH)], closed)

    def runs(origins: IntArray, targets: IntArray) -> Runs:
        x, y, x_target, y_target = grid.x[origins], grid.y[origins], grid.x[targets], grid.y[targets]
        east, north = x_target - x, y_target - y
        if closed:
            east, north = shortest(east, width), shortest(north, height)
        if routing == "xy":
            return stacked(axes.runs(0, origins, east) + axes.runs(1, grid.router[y, x_target], north))
        return stacked(axes.runs(1, origins, north) + axes.runs(0, grid.router[y_target, x], east))

    return Topology(grid.position, grid.chip_of_router, links, runs, grid.assumptions)
