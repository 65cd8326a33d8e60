"""`fixed_outdegree`: each source has the same number of random targets.

The list of a source is a pure function of the source. Each partition therefore draws all lists and keeps the edges to
its own targets, at the cost of the whole projection.
"""

from dataclasses import dataclass

import numpy as np

from simcore.connectivity.draw import draw_partners, edge_words, listed
from simcore.connectivity.rule import Draw, Edges, FloatArray, IntArray, Lists, Rule, Targets, Wiring
from simcore.connectivity.unreached import log_missed, times
from simcore.errors import integer, keywords_known, require, truth


@keywords_known
@dataclass(frozen=True)
class FixedOutdegree(Rule):
    """Rule with `outdegree` random targets for each source.

    Parameters
    ----------
    outdegree
        Number of synapses from each source, >= 0.
    allow_autapses
        Whether a neuron may connect to itself.
    allow_multapses
        Whether several synapses may connect the same two neurons.
    """

    outdegree: int
    allow_autapses: bool = True
    allow_multapses: bool = True
    name = "fixed_outdegree"

    def _n_choices(self, wiring: Wiring) -> int:
        return wiring.n_target - (1 if wiring.recurrent and not self.allow_autapses else 0)

    @classmethod
    def example(cls) -> "FixedOutdegree":
        return cls(2)

    def check(self, wiring: Wiring, field: str) -> None:
        for name in ("allow_autapses", "allow_multapses"):
            truth(getattr(self, name), f"{field}.{name}")
        choices = self._n_choices(wiring)
        integer(self.outdegree, f"{field}.outdegree", 0)
        if self.outdegree > 0:
            require(choices > 0, field, self, "no target remains to draw from")
        if not self.allow_multapses:
            allowed = f"must be at most {choices} without multapses"
            require(self.outdegree <= choices, f"{field}.outdegree", self.outdegree, allowed)

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(self.outdegree) * wiring.n_source

    def log_unreached(self, wiring: Wiring, targets: IntArray) -> FloatArray | None:
        choices = self._n_choices(wiring)
        if self.allow_multapses:
            return times(self.outdegree, log_missed(targets, choices))
        # All synapses miss one target after the other.
        missed = log_missed(self.outdegree, choices - np.arange(choices, dtype=np.float64))
        table = np.concatenate(([0.0], np.cumsum(missed)))
        reached: FloatArray = table[np.minimum(targets, choices)]
        return reached

    def largest_in_degree(self, wiring: Wiring) -> int:
        return wiring.n_source * (self.outdegree if self.allow_multapses else 1)

    def edges(self, wiring: Wiring) -> Edges:
        sources, positions = listed(np.full(wiring.n_source, self.outdegree, dtype=np.int64))
        words, bits = edge_words(wiring, wiring.source_first + sources, positions, stream=1)
        targets = draw_partners(words, sources, self._n_choices(wiring), self.allow_multapses)
        if wiring.recurrent and not self.allow_autapses:
            targets += targets >= sources
        return Edges(sources, targets, bits, np.arange(len(sources)))

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        lengths = np.full(wiring.n_source if targets.count else 0, self.outdegree, dtype=np.int64)
        draw = Draw.WITH_REPLACEMENT if self.allow_multapses else Draw.DISTINCT
        excludes_self = wiring.recurrent and not self.allow_autapses
        return Lists(draw, lengths, self._n_choices(wiring), excludes_self, of_sources=True)
