"""An explicit list of edges."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.connectivity.draw import edge_words
from simcore.connectivity.rule import Draw, Edges, IntArray, Lists, Rule, Targets, Wiring
from simcore.errors import InputError, keywords_known, require, shown
from simcore.values import plain_numbers

IdsLike = Sequence[int] | npt.NDArray[np.integer]


def _ids(values: IdsLike, field: str) -> IntArray:
    allowed = "use a list of integer neuron ids"
    given = plain_numbers(values, field, allowed)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise InputError(f"{field} = {shown(values)} is not allowed: {allowed}", field, values)
    # Larger ids than any population has; they must not become negative.
    array = np.minimum(given, 2**62).astype(np.int64) if given.dtype == np.uint64 else given.astype(np.int64)
    array.flags.writeable = False
    return array


def positions_in_lists(targets: IntArray) -> IntArray:
    """Position of each edge among the edges of its target, in the order of the list."""
    order = np.argsort(targets, kind="stable")
    ordered = targets[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    positions = np.empty(len(targets), dtype=np.int64)
    positions[order] = np.arange(len(targets)) - starts
    return positions


@keywords_known
@dataclass(frozen=True, eq=False)
class Explicit(Rule):
    """Edges from `sources[k]` to `targets[k]` (population-local ids, arrays of equal length)."""

    sources: IdsLike
    targets: IdsLike
    name = "explicit"
    takes_arrays = True

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
                require(bool(0 <= value < n), f"{field}.{side}", int(value), f"ids must lie in [0, {n - 1}]")

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(len(self.sources))

    def largest_in_degree(self, wiring: Wiring) -> int:
        return int(np.bincount(np.asarray(self.targets)).max(initial=0))

    def edges(self, wiring: Wiring) -> Edges:
        sources, targets = np.asarray(self.sources), np.asarray(self.targets)
        _, bits = edge_words(wiring, wiring.target_first + targets, positions_in_lists(targets))
        return Edges(sources, targets, bits, np.arange(len(sources)))

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        ids = np.asarray(self.targets)
        relative = ids - targets.first
        mine = np.flatnonzero((relative >= 0) & (relative % targets.stride == 0))
        mine = mine[np.argsort(ids[mine], kind="stable")]
        in_degrees = np.bincount(relative[mine] // targets.stride, minlength=targets.count)
        return Lists(Draw.GIVEN, in_degrees, wiring.n_source, partners=np.asarray(self.sources)[mine], index=mine)
