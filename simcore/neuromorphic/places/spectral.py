"""The place `spectral`: cores are placed by the two slowest modes of the Laplacian of their traffic.

The first mode determines the columns and the second the position within a column, or vice versa; in one dimension,
along a curve, only the first mode is used. The result is the placement with the fewest hops.

References
----------
K. M. Hall (1970), An r-dimensional quadratic placement algorithm, Management Science 17, 219-229.
"""

import numpy as np

from simcore.neuromorphic.places.core_traffic import CoreTraffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import FloatArray, IntArray, PlaceOptions, best_of
from simcore.neuromorphic.places.space_filling import along, curves

DIGITS = 9
"""Digits of the modes, which differ slightly between machines."""


def place_cores(traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions) -> IntArray:
    """Slot of each core."""
    slow, next_slow = modes(traffic)
    cores = np.arange(traffic.cores)
    found = curves(geometry)
    candidates = [along(curve, np.lexsort((cores, mode))) for curve in found for mode in (slow, next_slow)]
    if geometry.in_grid:
        candidates += [
            _in_bands(first, second, geometry.position[geometry.tile_of_slot], axis)
            for axis in (0, 1)
            for first, second in ((slow, next_slow), (next_slow, slow))
        ]
    return best_of(traffic, geometry, candidates)


def modes(traffic: CoreTraffic) -> tuple[FloatArray, FloatArray]:
    """The two eigenvectors of the Laplacian with the smallest eigenvalues above 0; their largest entry is positive."""
    between = traffic.between * traffic.unit_hz
    laplacian = np.diag(between.sum(axis=1)) - between
    scale = np.abs(laplacian).max()
    if traffic.cores < 3 or scale == 0.0:
        line = np.arange(traffic.cores, dtype=np.float64)
        return line, np.zeros_like(line)
    vectors = np.round(np.linalg.eigh(laplacian / scale)[1], DIGITS)
    signed = [vector * np.sign(vector[np.abs(vector).argmax()]) for vector in (vectors[:, 1], vectors[:, 2])]
    return signed[0], signed[1]


def _in_bands(first: FloatArray, second: FloatArray, places: FloatArray, axis: int) -> IntArray:
    """Slot of each core: `first` orders the bands along an axis, `second` the cores of a band."""
    cores = len(first)
    order = np.lexsort((np.arange(len(places)), places[:, 1 - axis], places[:, axis]))[:cores]
    by_first = np.lexsort((np.arange(cores), first))
    _, sizes = np.unique(places[order, axis], return_counts=True)
    slots, begin = np.empty(cores, np.int64), 0
    for size in sizes:
        band = by_first[begin : begin + size]
        slots[band[np.lexsort((band, second[band]))]] = order[begin : begin + size]
        begin += size
    return slots
