"""`fixed_indegree`: each target has the same number of random sources."""

from dataclasses import dataclass

import numpy as np

from simcore.connectivity.draw import draw_edges
from simcore.connectivity.rule import Draw, Edges, FloatArray, IntArray, Lists, Rule, Targets, Wiring, drawn_lists
from simcore.connectivity.unreached import log_missed, times
from simcore.errors import integer, keywords_known, require, truth


@keywords_known
@dataclass(frozen=True)
class FixedIndegree(Rule):
    """Rule with `indegree` random sources for each target.

    Parameters
    ----------
    indegree
        Number of synapses onto each target, >= 0.
    allow_autapses
        Whether a neuron may connect to itself.
    allow_multapses
        Whether several synapses may connect the same two neurons.
    """

    indegree: int
    allow_autapses: bool = True
    allow_multapses: bool = True
    name = "fixed_indegree"

    @classmethod
    def example(cls) -> "FixedIndegree":
        return cls(2)

    def check(self, wiring: Wiring, field: str) -> None:
        for name in ("allow_autapses", "allow_multapses"):
            truth(getattr(self, name), f"{field}.{name}")
        choices = wiring.n_choices(self.allow_autapses)
        integer(self.indegree, f"{field}.indegree", 0)
        if self.indegree > 0:
            require(choices > 0, field, self, "no source remains to draw from")
        if not self.allow_multapses:
            allowed = f"must be at most {choices} without multapses"
            require(self.indegree <= choices, f"{field}.indegree", self.indegree, allowed)

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(self.indegree) * wiring.n_target

    def log_unreached(self, wiring: Wiring, targets: IntArray) -> FloatArray | None:
        choices = wiring.n_choices(self.allow_autapses)
        if self.allow_multapses:
            return times(self.indegree * targets, log_missed(1, choices))
        return times(targets, log_missed(self.indegree, choices))

    def largest_in_degree(self, wiring: Wiring) -> int:
        return self.indegree

    def edges(self, wiring: Wiring) -> Edges:
        in_degrees = np.full(wiring.n_target, self.indegree, dtype=np.int64)
        return draw_edges(wiring, in_degrees, self.allow_autapses, self.allow_multapses)

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        in_degrees = np.full(targets.count, self.indegree, dtype=np.int64)
        draw = Draw.WITH_REPLACEMENT if self.allow_multapses else Draw.DISTINCT
        return drawn_lists(draw, wiring, in_degrees, self.allow_autapses)
