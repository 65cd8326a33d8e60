"""Routers in rows and columns across the borders of chips, and straight runs along lines of routers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.noc.layout import Layout, near_square
from simcore.neuromorphic.noc.topology import IntArray, Links, Runs, joined, line_links


@dataclass(frozen=True, eq=False)
class Grid:
    """The grid that the routers of all chips form.

    Parameters
    ----------
    router
        Router at each row, from south to north, and column, from west to east, int32 (height, width).
    x, y
        Column and row of each router, int32.
    chip_of_router
        int32.
    assumptions
        Assumptions about the positions of the chips.
    """

    router: IntArray
    x: IntArray
    y: IntArray
    chip_of_router: IntArray
    assumptions: tuple[str, ...]

    @property
    def position(self) -> npt.NDArray[np.float64]:
        """Positions of the routers in figures."""
        return np.stack([self.x, self.y], axis=1).astype(np.float64)


def make_grid(layout: Layout) -> Grid:
    """Chips in a nearly square grid, row by row, joined at their borders."""
    across, up = near_square(layout.chips)
    n = across * up * layout.tiles_per_chip
    by_chip: IntArray = np.arange(n, dtype=np.int32).reshape(up, across, layout.height, layout.width)
    router = by_chip.transpose(0, 2, 1, 3).reshape(up * layout.height, across * layout.width)
    y, x = np.empty((2, n), dtype=np.int32)
    y[router], x[router] = np.indices(router.shape)
    return Grid(router, x, y, (np.arange(n) // layout.tiles_per_chip).astype(np.int32), _said(layout.chips, across, up))


def _said(chips: int, across: int, up: int) -> tuple[str, ...]:
    if chips == 1:
        return ()
    said = f"{chips:,} chips are assumed to form a grid of {across} x {up}, joined at their borders."
    idle = across * up - chips
    if idle:
        said += f" {idle} places of the grid hold chips without neurons, which only forward messages."
    return (said,)


@dataclass(frozen=True, eq=False)
class Axes:
    """Directions of the lines of links that connect all routers, in both directions.

    Every router is on one line of each axis. Values per axis are int32 (axes,).

    Parameters
    ----------
    closed
        Whether a link connects the last router of a line to the first.
    length
        Number of routers of a line.
    links
        Number of links of a line in one direction.
    forward, backward
        Index of the first link in each direction.
    line, position
        Line of each router, and its position on the line, int32 (axes, routers).
    """

    closed: bool
    length: IntArray
    links: IntArray
    forward: IntArray
    backward: IntArray
    line: IntArray
    position: IntArray

    def runs(self, axis: IntArray | int, routers: IntArray, steps: IntArray) -> list[Runs]:
        """Runs of `steps` steps from `routers`; negative steps go backward, and closed lines wrap around.

        Parameters
        ----------
        axis
            Axis of each message, or of all messages.
        routers, steps
            Start and steps of each message; the number of steps is smaller than the number of routers of a line.
        """
        ahead, position = steps >= 0, self.position[axis, routers]
        line = np.where(ahead, self.forward[axis], self.backward[axis]) + self.line[axis, routers] * self.links[axis]
        first = line + np.where(ahead, position, self.length[axis] - 1 - position)
        end = first + np.abs(steps)
        if not self.closed:
            return [(first, end)]
        beyond = np.maximum(end - line - self.links[axis], 0)
        return [(first, end - beyond), (line, line + beyond)]


def make_axes(grids: list[tuple[IntArray, int]], closed: bool) -> tuple[Axes, Links]:
    """Axes and their links, numbered one direction after the other.

    Parameters
    ----------
    grids
        For each axis, the routers along its lines, int32 (lines, length), and the kind of its links.
    closed
        Whether the lines are closed; a line of one router has no links.
    """
    parts = []
    line, position = np.empty((2, len(grids), grids[0][0].size), dtype=np.int32)
    for axis, (routers, kind) in enumerate(grids):
        line[axis, routers], position[axis, routers] = np.indices(routers.shape)
        ring = closed and routers.shape[1] > 1
        parts += [line_links(routers, kind, ring), line_links(routers[:, ::-1], kind, ring)]
    numbers = [len(part.origin) for part in parts]
    first = np.cumsum([0, *numbers[:-1]], dtype=np.int32)
    length = np.array([routers.shape[1] for routers, _ in grids], dtype=np.int32)
    links = np.array([n // len(routers) for n, (routers, _) in zip(numbers[::2], grids, strict=True)], dtype=np.int32)
    return Axes(closed, length, links, first[::2], first[1::2], line, position), joined(parts)


def shortest(steps: IntArray, length: int) -> IntArray:
    """The shorter way around a closed line of `length` routers; forward if both ways are equally long."""
    forward = steps % length
    return np.where(2 * forward > length, forward - length, forward)
