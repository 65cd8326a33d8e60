"""`pairwise_bernoulli`: each pair is connected with the same probability.

The number of sources of a target is Binomial(sources, p), and given this number, all sets of sources are equally
likely. Drawing the in-degree and then distinct sources therefore yields the same distribution, at a cost that is
proportional to the number of edges.
"""

from dataclasses import dataclass

import numpy as np

from simcore.connectivity.draw import binomial_in_degrees, draw_edges
from simcore.connectivity.rule import Draw, Edges, FloatArray, IntArray, Lists, Rule, Targets, Wiring, drawn_lists
from simcore.connectivity.unreached import log_missed, times
from simcore.errors import keywords_known, number, require, truth


@keywords_known
@dataclass(frozen=True)
class PairwiseBernoulli(Rule):
    """Rule that connects each pair with probability `p`; multapses cannot occur.

    Parameters
    ----------
    p
        Connection probability, in [0, 1].
    allow_autapses
        Whether a neuron may connect to itself.
    """

    p: float
    allow_autapses: bool = True
    name = "pairwise_bernoulli"

    @classmethod
    def example(cls) -> "PairwiseBernoulli":
        return cls(0.5)

    def check(self, wiring: Wiring, field: str) -> None:
        truth(self.allow_autapses, f"{field}.allow_autapses")
        require(0.0 <= number(self.p, f"{field}.p") <= 1.0, f"{field}.p", self.p, "must be in [0, 1]")

    def expected_synapses(self, wiring: Wiring) -> float:
        return self.p * wiring.n_choices(self.allow_autapses) * wiring.n_target

    def log_unreached(self, wiring: Wiring, targets: IntArray) -> FloatArray | None:
        return times(targets, log_missed(self.p, 1.0))

    def largest_in_degree(self, wiring: Wiring) -> int:
        return wiring.n_choices(self.allow_autapses)

    def edges(self, wiring: Wiring) -> Edges:
        n = wiring.n_choices(self.allow_autapses)
        if self.p == 1.0:
            in_degrees = np.full(wiring.n_target, n, dtype=np.int64)
        else:
            in_degrees = binomial_in_degrees(wiring, n, self.p / (1.0 - self.p))
        return draw_edges(wiring, in_degrees, self.allow_autapses, multapses=False)

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        from simcore.connectivity.cpu import binomial_in_degrees_compiled

        n = wiring.n_choices(self.allow_autapses)
        if self.p == 1.0:
            in_degrees = np.full(targets.count, n, dtype=np.int64)
        else:
            in_degrees = binomial_in_degrees_compiled(wiring, targets, n, self.p / (1.0 - self.p))
        return drawn_lists(Draw.DISTINCT, wiring, in_degrees, self.allow_autapses)
