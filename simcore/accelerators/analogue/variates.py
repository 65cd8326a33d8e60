"""Random numbers of cells and reads: each a function of the seed, the purpose, the array and its place only.

They are NumPy's Philox4x64-10 with the key (seed, purpose) and the counter (place / 4, array, 0, 0), whose raw integers
NumPy keeps from version to version. Nothing draws "the next number", so that arrays can be made in any order.

Bit for bit the same on every machine: the integers, uniform numbers (their upper 53 bits), and what follows from them
by + - x / and comparison. Normal numbers come from a table of 65,536 quantiles, computed once and rounded to multiples
of 2^-30; a test pins its digest. Not promised to the bit: powers (drift), sums over rows (matrix products) and
solutions by LAPACK (wires), whose last digits depend on the machine; an ADC's code can differ where a current falls on
the border of two codes.
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
    """Second word of a key: streams of different purpose never overlap."""

    DEVICE = 1
    STUCK = 2
    READ = 3
    DRIFT = 4
    ENDURANCE = 5
    STUDY_LEVELS = 6
    STUDY_INPUTS = 7


def integers(seed: int, purpose: Purpose, array: int, first: int, count: int) -> npt.NDArray[np.uint64]:
    """Raw integers of the places `first` to ``first + count - 1`` of an array, uint64, shape (count,)."""
    skipped = first % 4
    source = Philox(key=[seed, int(purpose)], counter=[first // 4, array, 0, 0])
    return source.random_raw(skipped + count)[skipped:]


def uniforms(seed: int, purpose: Purpose, array: int, count: int) -> FloatArray:
    """Numbers in [0, 1) of the first places of an array, float64, shape (count,)."""
    return np.asarray((integers(seed, purpose, array, 0, count) >> np.uint64(11)) * 2.0**-53, np.float64)


def normals(seed: int, purpose: Purpose, array: int, count: int, first: int = 0) -> FloatArray:
    """Normal numbers of mean 0 and standard deviation 1, within 4.33 of 0, float64, shape (count,)."""
    places = integers(seed, purpose, array, first, count) >> np.uint64(64 - TABLE_BITS)
    return np.take(quantiles(), places.astype(np.intp))


@cache
def quantiles() -> FloatArray:
    """The normal distribution in the middle of each of 65,536 equal shares, float64, which cannot be written to."""
    size, half = 2**TABLE_BITS, 2 ** (TABLE_BITS - 1)
    inverse = NormalDist().inv_cdf
    upper = np.array([inverse((half + place + 0.5) / size) for place in range(half)])
    upper = np.round(upper * TABLE_GRID) / TABLE_GRID
    table = np.concatenate((-upper[::-1], upper))
    table.flags.writeable = False
    return table
