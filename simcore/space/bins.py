"""Bins of distance: tables of a kernel have one value for each of them.

Bins divide each octave of the squared distance into 4,096: a bin is found from the bits of a float64, and within it a
distance changes by at most 0.012 %. Below 2^-16 of the largest distance there is one bin, for which 0 stands.
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
"""A largest distance of 0 counts as this one."""


@dataclass(frozen=True)
class DistanceBins:
    """Bins from `nearest` to `farthest`: distances beyond either are taken for it."""

    nearest: float
    farthest: float

    @property
    def first(self) -> int:
        """The leading bits of the square of a distance in bin 0."""
        square = np.float64(max(self.farthest, SMALLEST)) ** 2
        return (int(square.view(np.int64)) >> SHIFT) - N_BINS + 1

    def of(self, squares: FloatArray) -> IntArray:
        """Bin of each squared distance."""
        return np.clip((squares.view(np.int64) >> SHIFT) - self.first, 0, N_BINS - 1)

    def distances(self) -> FloatArray:
        """The distance that stands for each bin."""
        edges = ((self.first + np.arange(N_BINS + 1)) << SHIFT).view(np.float64)
        squares = 0.5 * (edges[:-1] + edges[1:])
        squares[0] = 0.0
        found: FloatArray = np.clip(np.sqrt(squares), self.nearest, max(self.farthest, SMALLEST))
        return found
