"""A random order of many things, of which any part can be computed without the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.random import Purpose, philox

IntArray = npt.NDArray[np.int64]
ROUNDS = 6
"""Of the Feistel network; four random functions already give what cannot be told apart from a random order [1]."""


@dataclass(frozen=True)
class Shuffle:
    """A permutation of 0 to `n` - 1: a Feistel network over the next power of 4, followed until it lands below `n`.

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
        """The permutation of `n` things that belongs to a seed and to the number of what is shuffled."""
        half_bits = max(1, ((n - 1).bit_length() + 1) // 2)
        halves, mask = np.arange(1 << half_bits), (1 << half_bits) - 1
        tables = [
            (philox((halves, turn, which, 0), (seed, Purpose.SURROGATE))[0] & np.uint32(mask)).astype(np.int64)
            for turn in range(ROUNDS)
        ]
        return cls(n, half_bits, tables)

    def places(self, of: IntArray) -> IntArray:
        """Where things land; int64, of the shape (n,) of their numbers."""
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
