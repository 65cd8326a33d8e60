"""An explicit list of edges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.column import Column
from simcore.connectivity.listed import BLOCK, Block, ListedRule
from simcore.connectivity.rule import IntArray, Wiring
from simcore.errors import InputError, keywords_known, require, shown
from simcore.values import plain_numbers

IdsLike = Sequence[int] | npt.NDArray[np.integer]
LARGEST_ID = 2**31 - 1
"""Ids are 31-bit; see `simcore.network.population.MAX_NEURONS`."""


def _ids(values: IdsLike, field: str) -> npt.NDArray[np.integer[Any]]:
    allowed = "use a list of integer neuron ids"
    given = plain_numbers(values, field, allowed)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise InputError(f"{field} = {shown(values)} is not allowed: {allowed}", field, values)
    if isinstance(values, np.ndarray) and not values.flags.writeable:
        return given
    small = not given.size or (given.min() >= 0 and given.max() <= LARGEST_ID)
    # Ids beyond any population are refused with the projection; they must not become negative.
    array = given.astype(np.int32) if small else np.minimum(given, 2**62).astype(np.int64)
    array.flags.writeable = False
    return array


@keywords_known
@dataclass(frozen=True, eq=False)
class Explicit(ListedRule):
    """Listed edges from `sources[k]` to `targets[k]` (population-local ids, arrays of equal length).

    Weights and delays can be arrays with one value for each edge. Arrays are copied, except read-only arrays
    (``array.flags.writeable = False``) of ids, and of weights and delays in float64, which take no further memory.

    Parameters
    ----------
    sources
        Population-local id of the source of each edge, integers of shape (edges,).
    targets
        Population-local id of the target of each edge, integers of shape (edges,).

    Raises
    ------
    InputError
        If the ids are not lists of integers.
    """

    sources: IdsLike
    targets: IdsLike
    name = "explicit"

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", _ids(self.sources, "sources"))
        object.__setattr__(self, "targets", _ids(self.targets, "targets"))

    @classmethod
    def example(cls) -> "Explicit":
        return cls([0], [0])

    def check(self, wiring: Wiring, field: str) -> None:
        allowed = f"must equal len(sources) = {len(self.sources)}"
        require(len(self.sources) == len(self.targets), f"len({field}.targets)", len(self.targets), allowed)
        for side, ids, n in (("sources", self.sources, wiring.n_source), ("targets", self.targets, wiring.n_target)):
            for value in (np.min(ids), np.max(ids)) if len(ids) else ():
                require(bool(0 <= value < n), f"{field}.{side}", int(value), f"ids must be in [0, {n - 1}]")

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(len(self.sources))

    def blocks(self, columns: Sequence[Column] = ()) -> Iterator[Block]:
        sources, targets = np.asarray(self.sources), np.asarray(self.targets)
        for first in range(0, len(sources), BLOCK):
            yield Block(first, sources[first : first + BLOCK], targets[first : first + BLOCK])

    def whole(self) -> tuple[IntArray, IntArray]:
        return np.asarray(self.sources, dtype=np.int64), np.asarray(self.targets, dtype=np.int64)
