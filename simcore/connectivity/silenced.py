"""Listed edges without the edges from some neurons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.column import Column
from simcore.connectivity.explicit import Explicit, IdsLike
from simcore.connectivity.listed import Block, ListedRule
from simcore.connectivity.rule import IntArray, Rule, Wiring
from simcore.errors import InputError, keywords_known, require, shown
from simcore.values import plain_numbers


@keywords_known
@dataclass(frozen=True, eq=False)
class Silenced(ListedRule):
    """Edges of a listed `rule` without the edges from the neurons `sources`, as if their weights were 0.

    The neurons themselves fire as before. The range of weights, which determines their unit, remains the range of all
    edges, so that the silenced and the original network have the same weights.

    Parameters
    ----------
    rule
        Rule with listed edges, such as `EdgeFiles` or `SurrogateConnectome`.
    sources
        Population-local ids without duplicates, integers of shape (neurons,).

    Raises
    ------
    InputError
        If the rule or the ids are not allowed.
    """

    rule: ListedRule
    sources: IdsLike
    name = "silenced"

    def __post_init__(self) -> None:
        listed = isinstance(self.rule, ListedRule) and not isinstance(self.rule, Silenced)
        require(listed, f"{self.name}.rule", self.rule, "use a rule with listed edges, such as Explicit or EdgeFiles")
        allowed = "use a list of integer neuron ids without duplicates"
        given = plain_numbers(self.sources, f"{self.name}.sources", allowed)
        whole = given.ndim == 1 and (given.dtype.kind in "iu" or not given.size)
        if not whole or len(np.unique(given)) < len(given):
            raise InputError(f"{self.name}.sources = {shown(self.sources)} is not allowed: {allowed}")
        ids = np.sort(given).astype(np.int64)
        ids.flags.writeable = False
        object.__setattr__(self, "sources", ids)

    @classmethod
    def example(cls) -> Rule:
        return Explicit([0], [0])

    @property
    def ids(self) -> IntArray:
        """The silenced neurons, ascending."""
        return np.asarray(self.sources)

    def check(self, wiring: Wiring, field: str) -> None:
        self.rule.check(wiring, field)
        for value in self.ids[[0, -1]].tolist() if len(self.ids) else ():
            require(0 <= value < wiring.n_source, f"{field}.sources", value, f"must be in [0, {wiring.n_source - 1}]")

    def look(self, columns: Sequence[Column], field: str) -> None:
        self.rule.look(columns, field)

    def ends(self, column: Column) -> tuple[float, float]:
        return self.rule.ends(column)

    def place(self, column: Column, value: float) -> str:
        return self.rule.place(column, value)

    def unit(self, column: Column) -> float | None:
        return self.rule.unit(column)

    @cached_property
    def _count(self) -> int:
        return sum(len(block.sources) for block in self.blocks())

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(self._count)

    def blocks(self, columns: Sequence[Column] = ()) -> Iterator[Block]:
        first = 0
        for block in self.rule.blocks(columns):
            kept = ~np.isin(block.sources, self.ids)
            values = {column: given[kept] for column, given in block.values.items()}
            found = Block(first, block.sources[kept], block.targets[kept], values)
            if len(found.sources):
                yield found
            first += len(found.sources)

    def values(self, value: Column | npt.NDArray[np.float64]) -> Iterator[npt.NDArray[np.float64]]:
        if not isinstance(value, Column):
            yield from super().values(value)
            return
        for block in self.blocks((value,)):
            yield block.values[value]

    def whole(self) -> tuple[IntArray, IntArray]:
        none: Any = np.zeros(0, dtype=np.int64)
        pairs = [(none, none), *((block.sources, block.targets) for block in self.blocks())]
        sources, targets = zip(*pairs, strict=True)
        return np.concatenate(sources).astype(np.int64), np.concatenate(targets).astype(np.int64)
