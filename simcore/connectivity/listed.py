"""Rules with listed edges, in memory or in files, which are read in blocks as often as needed."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from simcore.connectivity.column import Column
from simcore.connectivity.draw import edge_words
from simcore.connectivity.rule import Draw, Edges, IntArray, Lists, Rule, Targets, Wiring

BLOCK = 1 << 17
"""Edges of a block: enough for efficient files and threads, but with small arrays compared with a network's."""


@dataclass(frozen=True)
class Block:
    """Consecutive edges of a list.

    Parameters
    ----------
    first
        Position of the first edge in the list.
    sources, targets
        Population-local ids, integers.
    values
        Values of the requested columns, float64.
    """

    first: int
    sources: npt.NDArray[np.integer[Any]]
    targets: npt.NDArray[np.integer[Any]]
    values: Mapping[Column, npt.NDArray[np.float64]] = field(default_factory=dict)

    def of(self, value: npt.NDArray[np.float64] | Column) -> npt.NDArray[np.float64]:
        """Return the values of these edges from a column, or from an array with one value for each listed edge."""
        if isinstance(value, Column):
            return self.values[value]
        return value[self.first : self.first + len(self.sources)]


class ListedRule(Rule):
    """Base class of rules with listed edges."""

    takes_arrays = True

    @property
    def draws_edges(self) -> bool:
        return False

    @abstractmethod
    def blocks(self, columns: Sequence[Column] = ()) -> Iterator[Block]:
        """Yield the edges in order, at most `BLOCK` at a time, with the values of some columns.

        Parameters
        ----------
        columns
            Columns whose values are read too.

        Yields
        ------
        Block
            Consecutive edges of the list.
        """

    def values(self, value: npt.NDArray[np.float64] | Column) -> Iterator[npt.NDArray[np.float64]]:
        """Yield the values of a column or an array in pieces, without the edges.

        Parameters
        ----------
        value
            A column, or an array with one value for each edge, float64 of shape (edges,).

        Yields
        ------
        ndarray of float64
            Values of consecutive edges, shape (edges,).
        """
        array = cast(npt.NDArray[np.float64], value)
        for first in range(0, len(array), BLOCK):
            yield array[first : first + BLOCK]

    def unit(self, column: Column) -> float | None:
        """Return a number of which all values of a column are integer multiples; None if unknown.

        Parameters
        ----------
        column
            A column of the files.

        Returns
        -------
        float or None
            The unit of the values.
        """
        return None

    @abstractmethod
    def whole(self) -> tuple[IntArray, IntArray]:
        """Return sources and targets of all edges, int64.

        Returns
        -------
        tuple of ndarray
            Population-local ids of the sources and of the targets, int64 of shape (edges,) each.
        """

    def largest_in_degree(self, wiring: Wiring) -> int:
        counts = np.zeros(wiring.n_target, dtype=np.int64)
        for block in self.blocks():
            counts += np.bincount(block.targets, minlength=wiring.n_target)
        return int(counts.max(initial=0))

    def edges(self, wiring: Wiring) -> Edges:
        sources, targets = self.whole()
        _, bits = edge_words(wiring, wiring.target_first + targets, positions_in_lists(targets))
        return Edges(sources, targets, bits, np.arange(len(sources)))

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        sources, ids = self.whole()
        relative = ids - targets.first
        mine = np.flatnonzero((relative >= 0) & (relative % targets.stride == 0))
        mine = mine[np.argsort(ids[mine], kind="stable")]
        in_degrees = np.bincount(relative[mine] // targets.stride, minlength=targets.count)
        return Lists(Draw.GIVEN, in_degrees, wiring.n_source, partners=sources[mine], index=mine)


def positions_in_lists(targets: IntArray) -> IntArray:
    """Return the position of each edge among the edges of its target, in the order of the list."""
    order = np.argsort(targets, kind="stable")
    ordered = targets[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    positions = np.empty(len(targets), dtype=np.int64)
    positions[order] = np.arange(len(targets)) - starts
    return positions
