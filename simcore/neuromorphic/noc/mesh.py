"""Meshes: rows and columns of routers, from border to border, or closed to rings, which makes a torus.

A message travels along one axis and then along the other: first along the row with ``xy``, along the column with
``yx``. In a torus it goes the shorter way round; of two that are equal, east or north.
"""

from simcore.neuromorphic.noc.grid import make_axes, make_grid, stacked
from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.topology import EAST_WEST, NORTH_SOUTH, IntArray, Runs, Topology


def make_mesh(layout: Layout, routing: str) -> Topology:
    """A mesh over all chips."""
    return _mesh(layout, routing, closed=False)


def make_torus(layout: Layout, routing: str) -> Topology:
    """A torus over all chips."""
    return _mesh(layout, routing, closed=True)


def _mesh(layout: Layout, routing: str, closed: bool) -> Topology:
    grid = make_grid(layout)
    (rows, columns), links = make_axes([(grid.router, EAST_WEST), (grid.router.T, NORTH_SOUTH)], closed)

    def runs(origins: IntArray, targets: IntArray) -> Runs:
        x, y, x_target, y_target = grid.x[origins], grid.y[origins], grid.x[targets], grid.y[targets]
        row, column = (y, x_target) if routing == "xy" else (y_target, x)
        along_row = rows.runs(row, x, rows.shortest(x, x_target))
        along_column = columns.runs(column, y, columns.shortest(y, y_target))
        return stacked(along_row + along_column)

    return Topology(grid.position, grid.chip_of_router, links, runs, grid.assumptions)
