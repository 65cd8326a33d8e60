"""Bins of distance; the table of a kernel has one value for each bin.

Each octave of the squared distance is divided into 4,096 bins: the bin follows from the bits of a float64, and
distances within a bin differ by at most 0.012 %. Distances below 2^-16 of the largest one share a bin, represented by
0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

OCTAVES = 32
BITS = 12
SHIFT = 52 - BITS
N_BINS = (OCTAVES << BITS) + 1
SMALLEST = 1e-12
"""Replacement for a largest distance of 0."""


@dataclass(frozen=True)
class DistanceBins:
    """Bins from `nearest` to `farthest`; distances beyond this range are clipped to it."""

    nearest: float
    farthest: float

    @property
    def first(self) -> int:
        """Leading bits of the squared distance in bin 0."""
        square = np.float64(max(self.farthest, SMALLEST)) ** 2
        return (int(square.view(np.int64)) >> SHIFT) - N_BINS + 1

    def of(self, squares: FloatArray) -> IntArray:
        """Return the bin of each squared distance."""
        return np.clip((squares.view(np.int64) >> SHIFT) - self.first, 0, N_BINS - 1)

    def distances(self) -> FloatArray:
        """Return the distance that represents each bin."""
        edges = ((self.first + np.arange(N_BINS + 1)) << SHIFT).view(np.float64)
        squares = 0.5 * (edges[:-1] + edges[1:])
        squares[0] = 0.0
        found: FloatArray = np.clip(np.sqrt(squares), self.nearest, max(self.farthest, SMALLEST))
        return found
