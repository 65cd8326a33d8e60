"""Random choices; those of an input follow from a seed, the name of its reader and its index."""

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Dice:
    """Throws that can be repeated.

    Parameters
    ----------
    seed, reader, index
        Which input the throws are for.
    """

    def __init__(self, seed: int, reader: str, index: int) -> None:
        self._generator = np.random.default_rng([seed, zlib.crc32(reader.encode()), index])

    def below(self, limit: int) -> int:
        """An integer in [0, limit)."""
        return int(self._generator.integers(limit))

    def chance(self, probability: float) -> bool:
        """Whether something happens."""
        return float(self._generator.random()) < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of some choices."""
        return choices[self.below(len(choices))]

    def span(self, length: int, longest: int) -> slice:
        """A slice of 0 to `longest` entries of a sequence of some length."""
        first = self.below(length + 1)
        return slice(first, min(length, first + self.below(longest + 1)))
