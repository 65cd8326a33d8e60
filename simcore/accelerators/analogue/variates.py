"""Random numbers of cells and reads, each a function of seed, purpose, array and position only.

They are from NumPy's Philox4x64-10 with the key (seed, purpose) and the counter (position / 4, array, 0, 0), whose raw
integers do not change between versions of NumPy. Numbers do not depend on earlier numbers, so that arrays can be
created in any order.

The integers, uniform numbers (their upper 53 bits), and all results of + - x / and comparison are identical on every
machine. Normal numbers come from a table of 65,536 quantiles, computed once and rounded to multiples of 2^-30; a test
pins its digest. Powers (drift), sums over rows (matrix products) and solutions by LAPACK (wires) are not guaranteed to
the bit: their last digits depend on the machine, and the code of an ADC can differ if a current is on the border of two
codes.
"""

from enum import IntEnum, unique
from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from numpy.random import Philox

FloatArray = npt.NDArray[np.float64]
MAX_SEED = 2**32 - 1
MAX_ARRAY = 2**63 - 1
TABLE_BITS, TABLE_GRID = 16, 2.0**30


@unique
class Purpose(IntEnum):
    """Second word of a key, so that streams of different purposes never overlap."""

    DEVICE = 1
    STUCK = 2
    READ = 3
    DRIFT = 4
    ENDURANCE = 5
    STUDY_LEVELS = 6
    STUDY_INPUTS = 7


def integers(seed: int, purpose: Purpose, array: int, first: int, count: int) -> npt.NDArray[np.uint64]:
    """Raw integers for the positions `first` to ``first + count - 1`` of an array, uint64, shape (count,)."""
    skipped = first % 4
    source = Philox(key=[seed, int(purpose)], counter=[first // 4, array, 0, 0])
    return source.random_raw(skipped + count)[skipped:]


def uniforms(seed: int, purpose: Purpose, array: int, count: int) -> FloatArray:
    """Numbers in [0, 1) for the first positions of an array, float64, shape (count,)."""
    return np.asarray((integers(seed, purpose, array, 0, count) >> np.uint64(11)) * 2.0**-53, np.float64)


def normals(seed: int, purpose: Purpose, array: int, count: int, first: int = 0) -> FloatArray:
    """Normal numbers with mean 0 and standard deviation 1, within 4.33 of 0, float64, shape (count,)."""
    places = integers(seed, purpose, array, first, count) >> np.uint64(64 - TABLE_BITS)
    return np.take(quantiles(), places.astype(np.intp))


@cache
def quantiles() -> FloatArray:
    """The normal distribution in the middle of each of 65,536 equal shares, float64, read-only."""
    size, half = 2**TABLE_BITS, 2 ** (TABLE_BITS - 1)
    inverse = NormalDist().inv_cdf
    upper = np.array([inverse((half + place + 0.5) / size) for place in range(half)])
    upper = np.round(upper * TABLE_GRID) / TABLE_GRID
    table = np.concatenate((-upper[::-1], upper))
    table.flags.writeable = False
    return table
