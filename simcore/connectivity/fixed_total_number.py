"""`fixed_total_number`: N edges with both ends drawn at random with replacement; multapses are required, as in NEST."""

from dataclasses import dataclass

from simcore.connectivity.draw import draw_edges, split_total
from simcore.connectivity.rule import Draw, Edges, FloatArray, IntArray, Lists, Rule, Targets, Wiring, drawn_lists
from simcore.connectivity.unreached import log_missed, times
from simcore.errors import integer, keywords_known, require, truth


@keywords_known
@dataclass(frozen=True)
class FixedTotalNumber(Rule):
    """Rule with exactly `n` edges between random pairs.

    Parameters
    ----------
    n
        Number of synapses, >= 0.
    allow_autapses
        Whether a neuron may connect to itself.
    """

    n: int
    allow_autapses: bool = True
    name = "fixed_total_number"

    @classmethod
    def example(cls) -> "FixedTotalNumber":
        return cls(4)

    def check(self, wiring: Wiring, field: str) -> None:
        truth(self.allow_autapses, f"{field}.allow_autapses")
        integer(self.n, f"{field}.n", 0)
        if self.n > 0:
            require(wiring.n_choices(self.allow_autapses) > 0, field, self, "no source remains to draw from")

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(self.n)

    def log_unreached(self, wiring: Wiring, targets: IntArray) -> FloatArray | None:
        pairs = float(wiring.n_choices(self.allow_autapses)) * wiring.n_target
        return times(self.n, log_missed(targets, pairs))

    def largest_in_degree(self, wiring: Wiring) -> int:
        return self.n

    def edges(self, wiring: Wiring) -> Edges:
        return draw_edges(wiring, split_total(wiring, self.n), self.allow_autapses, multapses=True)

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        from simcore.connectivity.cpu import split_total_compiled

        in_degrees = split_total_compiled(wiring, targets, self.n)
        return drawn_lists(Draw.WITH_REPLACEMENT, wiring, in_degrees, self.allow_autapses)
