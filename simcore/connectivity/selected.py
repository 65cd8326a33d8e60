"""Rule applied to selected neurons with non-consecutive ids.

The rule's NumPy code draws the edges as in a small network that consists of the selected neurons, and passes them on as
a list: each thread draws all edges and keeps its own.
"""

from dataclasses import dataclass, replace

import numpy as np

from simcore.connectivity.draw import edge_words
from simcore.connectivity.explicit import Explicit
from simcore.connectivity.listed import positions_in_lists
from simcore.connectivity.one_to_one import OneToOne
from simcore.connectivity.rule import Edges, IntArray, Lists, Rule, Targets, Wiring
from simcore.selection import Selection
from simcore.space.bins import DistanceBins


@dataclass(frozen=True, eq=False)
class Selected(Rule):
    """`rule` from the neurons in `source` to the neurons in `target`; None selects all neurons."""

    rule: Rule
    source: Selection | None
    target: Selection | None
    name = "selected"
    takes_arrays = True

    @property
    def draws_edges(self) -> bool:
        return self.rule.draws_edges

    @classmethod
    def example(cls) -> "Selected":
        return cls(OneToOne(), Selection("", 4, np.array([0, 2])), Selection("", 4, np.array([1, 3])))

    def within(self, wiring: Wiring) -> Wiring:
        """Return the wiring of the selected neurons as a separate network."""
        n_source = wiring.n_source if self.source is None else len(self.source)
        n_target = wiring.n_target if self.target is None else len(self.target)
        same = wiring.recurrent and n_source == n_target and np.array_equal(*self._ids(wiring))
        first = 0 if same else n_source
        sheets = None if wiring.sheets is None else wiring.sheets.chosen(*self._ids(wiring))
        return replace(wiring, source_first=0, n_source=n_source, target_first=first, n_target=n_target, sheets=sheets)

    def _ids(self, wiring: Wiring) -> tuple[IntArray, IntArray]:
        """Population-local ids of both sides."""
        source, target = self.source, self.target
        return (
            np.arange(wiring.n_source) if source is None else source.array,
            np.arange(wiring.n_target) if target is None else target.array,
        )

    def _drawn(self, wiring: Wiring) -> tuple[IntArray, IntArray, IntArray]:
        """Population-local sources and targets of all edges, and the index of each in the description."""
        drawn, (sources, targets) = self.rule.edges(self.within(wiring)), self._ids(wiring)
        return sources[drawn.sources], targets[drawn.targets], drawn.index

    def check(self, wiring: Wiring, field: str) -> None:
        self.rule.check(self.within(wiring), field)

    def expected_synapses(self, wiring: Wiring) -> float:
        return self.rule.expected_synapses(self.within(wiring))

    def distances(self, wiring: Wiring) -> DistanceBins | None:
        return self.rule.distances(self.within(wiring))

    def largest_in_degree(self, wiring: Wiring) -> int:
        return self.rule.largest_in_degree(self.within(wiring))

    def edges(self, wiring: Wiring) -> Edges:
        sources, targets, index = self._drawn(wiring)
        # Weights and delays are drawn as for any list.
        _, bits = edge_words(wiring, wiring.target_first + targets, positions_in_lists(targets))
        return Edges(sources, targets, bits, index)

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        sources, drawn_targets, index = self._drawn(wiring)
        listed = Explicit(sources, drawn_targets).lists(wiring, targets)
        return replace(listed, index=index[listed.index])
