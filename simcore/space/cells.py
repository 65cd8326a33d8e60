"""Neurons sorted into the cells of a grid, and the runs of neurons that a neighbourhood overlaps.

Cells are counted along x first, so that the cells of a row that a neighbourhood overlaps form one run of the sorted
neurons, or two if the neighbourhood wraps around. The number of a neuron in this order is its rank.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.propagators import exp
from simcore.space.numbers import log
from simcore.space.positions import Box

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

CELLS_PER_REACH = 8
"""Number of cells from the centre of a neighbourhood to its edge."""
NEURONS_PER_CELL = 8.0
"""Smallest mean number of neurons in a cell; smaller cells would cost more than their neurons."""
MARGIN = 1e-6
"""Share of a cell by which runs are extended, to allow for rounding."""

GRID_LOWER, WIDTH, PERIOD, LOWER, UPPER, BALL, SIZE = 0, 3, 6, 9, 12, 15, 16
"""Indices of the numbers for `find_runs`: grid, cells and periods; ends and radius of the neighbourhood."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Neurons sorted by cells.

    Parameters
    ----------
    numbers
        float64 (SIZE,); see `find_runs`.
    counts
        Number of cells along x, y and z, int64.
    order
        Neuron of each rank, uint32.
    starts
        First rank of each cell, and the number of neurons, int64.
    coordinates
        Coordinates by rank, float64 (3, neurons).
    """

    numbers: FloatArray
    counts: IntArray
    order: npt.NDArray[np.uint32]
    starts: IntArray
    coordinates: FloatArray

    @property
    def most_runs(self) -> int:
        """Maximum number of runs of a neighbourhood."""
        return 2 * int(self.counts[1] * self.counts[2])

    def near_each_other(self, coordinates: FloatArray) -> IntArray:
        """Return an order of points in which neighbours are consecutive."""
        grid = self.numbers[GRID_LOWER:WIDTH], self.numbers[WIDTH:PERIOD]
        return np.argsort(cells_of(coordinates, *grid, self.counts), kind="stable")

    def ranks(self) -> IntArray:
        """Rank of each neuron."""
        ranks = np.empty(len(self.order), dtype=np.int64)
        ranks[self.order] = np.arange(len(ranks))
        return ranks


def sorted_into_cells(
    coordinates: FloatArray, box: Box, dimensions: int, lower: FloatArray, upper: FloatArray, ball: float
) -> Cells:
    """Sort neurons.

    Parameters
    ----------
    coordinates
        float64 (3, neurons), within the box.
    box, dimensions
        Box and number of dimensions of their layer.
    lower, upper, ball
        Ends of a neuron's neighbourhood along each axis, relative to the neuron, and its radius.
    """
    sides = np.array(box.upper) - np.array(box.lower)
    volume = float(np.prod(sides[:dimensions])) * NEURONS_PER_CELL / coordinates.shape[1]
    least = math.sqrt(volume) if dimensions == 2 else float(exp(log(volume) / 3.0))
    counts = np.ones(3, dtype=np.int64)
    for axis in range(dimensions):
        wanted = max(least, 0.5 * float(upper[axis] - lower[axis]) / CELLS_PER_REACH)
        counts[axis] = max(1, int(sides[axis] / wanted))
    widths = np.where(sides > 0.0, sides / counts, 1.0)
    grid_lower = np.array(box.lower)
    cell = cells_of(coordinates, grid_lower, widths, counts)
    order = np.argsort(cell, kind="stable")
    starts = np.zeros(int(np.prod(counts)) + 1, dtype=np.int64)
    np.cumsum(np.bincount(cell, minlength=len(starts) - 1), out=starts[1:])
    numbers = np.concatenate([grid_lower, widths, box.period, lower, upper, [ball]])
    by_rank = np.ascontiguousarray(coordinates[:, order])
    return Cells(numbers, counts, order.astype(np.uint32), starts, by_rank)


def cells_of(coordinates: FloatArray, lower: FloatArray, widths: FloatArray, counts: IntArray) -> IntArray:
    """Return the cell of each point, int64; for a point outside the grid, the nearest cell."""
    places = ((coordinates - lower[:, None]) / widths[:, None]).astype(np.int64)
    x, y, z = np.clip(places, 0, counts[:, None] - 1)
    found: IntArray = (z * counts[1] + y) * counts[0] + x
    return found


def touched(at: Any, low: Any, high: Any, lower: Any, width: Any, period: Any, n: Any) -> Any:
    """Return the cells along an axis between two ends, as two ascending intervals, either of which can be empty.

    Parameters
    ----------
    at, low, high
        A coordinate, and the ends relative to it.
    lower, width, period, n
        Start and width of the cells along the axis, its period (0 if open), and the number of cells.
    """
    first = math.floor((at + low - lower) / width - MARGIN)
    last = math.floor((at + high - lower) / width + MARGIN)
    if period == 0.0:
        return max(first, 0), min(last, n - 1), 0, -1
    if last - first + 1 >= n:
        return 0, n - 1, 0, -1
    if first < 0:
        return 0, last, first + n, n - 1
    if last >= n:
        return 0, last - n, first, n - 1
    return first, last, 0, -1


def distance_of_row(at: Any, place: Any, lower: Any, width: Any, period: Any) -> Any:
    """Return the smallest distance along an axis between a coordinate and the neurons of a cell."""
    gap = abs(at - (lower + (place + 0.5) * width))
    if period > 0.0 and gap > 0.5 * period:
        gap = period - gap
    return max(gap - (0.5 + MARGIN) * width, 0.0)


def find_runs(at_x: Any, at_y: Any, at_z: Any, numbers: Any, counts: Any, starts: Any, runs: Any) -> Any:
    """Find the ascending runs of ranks that contain all neurons of a neighbourhood.

    Parameters
    ----------
    at_x, at_y, at_z
        Centre of the neighbourhood.
    numbers, counts, starts
        Attributes of the `Cells`.
    runs
        int64 (maximum number of runs, 2): first rank of each run, and the rank after its last.

    Returns
    -------
    The number of runs.
    """
    found = 0
    z_first, z_last, z_next, z_end = touched(
        at_z, numbers[LOWER + 2], numbers[UPPER + 2], numbers[GRID_LOWER + 2], numbers[WIDTH + 2], numbers[PERIOD + 2],
        counts[2],
    )  # fmt: skip
    y_first, y_last, y_next, y_end = touched(
        at_y, numbers[LOWER + 1], numbers[UPPER + 1], numbers[GRID_LOWER + 1], numbers[WIDTH + 1], numbers[PERIOD + 1],
        counts[1],
    )  # fmt: skip
    square = numbers[BALL] * numbers[BALL]
    for z in range(z_first, max(z_last, z_end) + 1):
        if z_last < z < z_next:
            continue
        to_z = distance_of_row(at_z, z, numbers[GRID_LOWER + 2], numbers[WIDTH + 2], numbers[PERIOD + 2])
        for y in range(y_first, max(y_last, y_end) + 1):
            if y_last < y < y_next:
                continue
            to_y = distance_of_row(at_y, y, numbers[GRID_LOWER + 1], numbers[WIDTH + 1], numbers[PERIOD + 1])
            left = square - to_y * to_y - to_z * to_z
            if left < 0.0:
                continue
            half = math.sqrt(left)
            x_first, x_last, x_next, x_end = touched(
                at_x, max(numbers[LOWER], -half), min(numbers[UPPER], half), numbers[GRID_LOWER], numbers[WIDTH],
                numbers[PERIOD], counts[0],
            )  # fmt: skip
            row = (z * counts[1] + y) * counts[0]
            if x_last >= x_first and starts[row + x_last + 1] > starts[row + x_first]:
                runs[found, 0], runs[found, 1] = starts[row + x_first], starts[row + x_last + 1]
                found += 1
            if x_end >= x_next and starts[row + x_end + 1] > starts[row + x_next]:
                runs[found, 0], runs[found, 1] = starts[row + x_next], starts[row + x_end + 1]
                found += 1
    return found
