"""Routers in rows and columns, over the borders of chips."""

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
        By row, from south to north, and column, from west to east, int32 (height, width).
    x, y
        Column and row of each router, int32.
    chip_of_router
        int32.
    assumptions
        Where the chips stand.
    """

    router: IntArray
    x: IntArray
    y: IntArray
    chip_of_router: IntArray
    assumptions: tuple[str, ...]

    @property
    def position(self) -> npt.NDArray[np.float64]:
        """Where the routers are drawn."""
        return np.stack([self.x, self.y], axis=1).astype(np.float64)


def make_grid(layout: Layout) -> Grid:
    """Chips in a grid that is nearly a square, row by row, joined at their borders."""
    across, up = near_square(layout.chips)
    n = across * up * layout.tiles_per_chip
    by_chip: npt.NDArray[np.int32] = np.arange(n, dtype=np.int32).reshape(up, across, layout.height, layout.width)
    router = by_chip.transpose(0, 2, 1, 3).reshape(up * layout.height, across * layout.width)
    y, x = np.empty((2, router.size), dtype=np.int32)
    y[router], x[router] = np.indices(router.shape)
    return Grid(router, x, y, (np.arange(router.size) // layout.tiles_per_chip).astype(np.int32), _said(layout))


def _said(layout: Layout) -> tuple[str, ...]:
    if layout.chips == 1:
        return ()
    across, up = near_square(layout.chips)
    idle = across * up - layout.chips
    said = f"{layout.chips:,} chips are assumed to stand in a grid of {across} x {up}, joined at their borders."
    if idle:
        said += f" Chips without neurons, which only pass messages on, stand in {idle} of its places."
    return (said,)


@dataclass(frozen=True)
class Axis:
    """Links along parallel lines of routers, in both directions.

    Parameters
    ----------
    length
        Routers of a line.
    closed
        Whether its last router leads back to its first.
    forward, backward
        Number of the first link in each direction.
    """

    length: int
    closed: bool
    forward: int
    backward: int

    @property
    def links_per_line(self) -> int:
        """Links in one direction."""
        return self.length if self.closed else self.length - 1

    def shortest(self, origin: IntArray, target: IntArray) -> IntArray:
        """Steps from one position on a line to another: negative ones backward; of two equal ways, the forward one."""
        steps = target - origin
        if self.closed:
            steps = steps % self.length
            steps = np.where(2 * steps > self.length, steps - self.length, steps)
        return steps

    def runs(self, line: IntArray, origin: IntArray, steps: IntArray) -> list[Runs]:
        """Runs of so many steps from a position on a line; a closed line goes on at its start."""
        ahead = steps >= 0
        start = np.where(ahead, self.forward, self.backward) + line * self.links_per_line
        first = start + np.where(ahead, origin, self.length - 1 - origin)
        end = first + np.abs(steps)
        if not self.closed:
            return [(first, end)]
        beyond = np.maximum(end - start - self.links_per_line, 0)
        return [(first, end - beyond), (start, start + beyond)]


def make_axes(grids: list[tuple[IntArray, int]], closed: bool) -> tuple[list[Axis], Links]:
    """Axes and their links, numbered one direction after the other.

    Parameters
    ----------
    grids
        Of each axis the routers along its lines, int32 (lines, length), and the kind of its links.
    closed
        Whether the lines are; a line of one router has no links.
    """
    axes, parts, first = [], [], 0
    for routers, kind in grids:
        length = routers.shape[1]
        ring = closed and length > 1
        directions = [line_links(routers, kind, ring), line_links(routers[:, ::-1], kind, ring)]
        n = len(directions[0].origin)
        axes.append(Axis(length, ring, first, first + n))
        parts += directions
        first += 2 * n
    return axes, joined(parts)


def stacked(runs: list[Runs]) -> Runs:
    """Runs of the same messages, in one pair of arrays."""
    return (
        np.stack([first for first, _ in runs]).astype(np.int32, copy=False),
        np.stack([end for _, end in runs]).astype(np.int32, copy=False),
    )
