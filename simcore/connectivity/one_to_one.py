"""`one_to_one`: neuron i of the source connects to neuron i of the target."""

from dataclasses import dataclass

import numpy as np

from simcore.connectivity.draw import edge_words
from simcore.connectivity.rule import Draw, Edges, Lists, Rule, Targets, Wiring
from simcore.errors import keywords_known, require


@keywords_known
@dataclass(frozen=True)
class OneToOne(Rule):
    """Rule with one edge for each index; both populations have the same size."""

    name = "one_to_one"
    takes_arrays = True

    @property
    def draws_edges(self) -> bool:
        return False

    @classmethod
    def example(cls) -> "OneToOne":
        return cls()

    def check(self, wiring: Wiring, field: str) -> None:
        allowed = f"must equal the number of sources, {wiring.n_source}, for one_to_one"
        require(wiring.n_source == wiring.n_target, f"{field}: target size", wiring.n_target, allowed)

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(wiring.n_target)

    def largest_in_degree(self, wiring: Wiring) -> int:
        return 1

    def edges(self, wiring: Wiring) -> Edges:
        index = np.arange(wiring.n_target)
        _, bits = edge_words(wiring, wiring.target_first + index, np.zeros_like(index))
        return Edges(index, index, bits, index)

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        own = targets.first + targets.stride * np.arange(targets.count)
        return Lists(Draw.GIVEN, np.ones(targets.count, dtype=np.int64), wiring.n_source, partners=own, index=own)
