"""Random permutations of which any part can be computed independently."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.random import Purpose, philox

IntArray = npt.NDArray[np.int64]
ROUNDS = 6
"""Rounds of the Feistel network; four random functions suffice for a pseudorandom permutation [1]."""


@dataclass(frozen=True)
class Shuffle:
    """Permutation of 0 to `n` - 1 by a Feistel network over the next power of 4, iterated until it is below `n`.

    References
    ----------
    [1] Luby, Rackoff (1988), How to construct pseudorandom permutations from pseudorandom functions, SIAM J. Comput.
    17:373. Black, Rogaway (2002), Ciphers with arbitrary finite domains, CT-RSA (walking the cycle).
    """

    n: int
    half_bits: int
    tables: Sequence[IntArray]

    @classmethod
    def of(cls, n: int, seed: int, which: int) -> "Shuffle":
        """Return the permutation of `n` items for a seed and a stream number."""
        half_bits = max(1, ((n - 1).bit_length() + 1) // 2)
        halves, mask = np.arange(1 << half_bits), (1 << half_bits) - 1
        tables = [
            (philox((halves, turn, which, 0), (seed, Purpose.SURROGATE))[0] & np.uint32(mask)).astype(np.int64)
            for turn in range(ROUNDS)
        ]
        return cls(n, half_bits, tables)

    def places(self, of: IntArray) -> IntArray:
        """Return the places of items; int64, shape (n,) of their numbers."""
        found = self._once(of)
        outside = np.flatnonzero(found >= self.n)
        while len(outside):
            found[outside] = self._once(found[outside])
            outside = outside[found[outside] >= self.n]
        return found

    def _once(self, numbers: IntArray) -> IntArray:
        left, right = numbers >> self.half_bits, numbers & ((1 << self.half_bits) - 1)
        for table in self.tables:
            left, right = right, left ^ table[right]
        return (left << self.half_bits) | right
