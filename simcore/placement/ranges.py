"""Ranges of the global ids of neurons that belong to a group of ranks, or to one rank."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class RankGroup:
    """Ranks that share the neurons of some ranges of global ids.

    Parameters
    ----------
    ranks
        Number of ranks.
    ranges
        First global id and the id after the last of each range, ascending; ranges are not adjacent.
    """

    ranks: int
    ranges: tuple[tuple[int, int], ...]

    @property
    def n_neurons(self) -> int:
        """Number of neurons of all ranges."""
        return sum(end - first for first, end in self.ranges)


@dataclass(frozen=True, eq=False)
class RankRanges:
    """The neurons of a rank, for compiled code.

    Parameters
    ----------
    ranges
        First id, the id after the last, and a shift of each range of the rank's group, int64 of shape (ranges, 3),
        ascending.
    ranks, remainder
        The neuron `id` of a range is one of the rank if ``(id + shift) % ranks == remainder``; it is number
        ``(id + shift) // ranks`` among the neurons of the rank.
    """

    ranges: npt.NDArray[np.int64]
    ranks: int
    remainder: int


def merged(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges of ids in ascending order, with adjacent ranges merged."""
    result: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if result and result[-1][1] == first:
            result[-1] = (result[-1][0], end)
        else:
            result.append((first, end))
    return tuple(result)
