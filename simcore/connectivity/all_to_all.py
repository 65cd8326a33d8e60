"""`all_to_all`: every source connects to every target."""

from dataclasses import dataclass

import numpy as np

from simcore.connectivity.draw import edge_words, listed
from simcore.connectivity.rule import Draw, Edges, FloatArray, IntArray, Lists, Rule, Targets, Wiring
from simcore.connectivity.unreached import log_missed, times
from simcore.errors import keywords_known, truth


@keywords_known
@dataclass(frozen=True)
class AllToAll(Rule):
    """Rule with one edge for each pair; array values are ordered by target, then source, like NEST's matrices.

    Parameters
    ----------
    allow_autapses
        Whether a neuron may connect to itself.
    """

    allow_autapses: bool = True
    name = "all_to_all"
    takes_arrays = True

    @property
    def draws_edges(self) -> bool:
        return False

    @classmethod
    def example(cls) -> "AllToAll":
        return cls()

    def check(self, wiring: Wiring, field: str) -> None:
        """Accept any two populations.

        Parameters
        ----------
        wiring
            The projection: its key, and the two populations.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If `allow_autapses` is not True or False.
        """
        truth(self.allow_autapses, f"{field}.allow_autapses")

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(wiring.n_choices(self.allow_autapses)) * wiring.n_target

    def log_unreached(self, wiring: Wiring, targets: IntArray) -> FloatArray | None:
        return times(targets, log_missed(1, 1))

    def largest_in_degree(self, wiring: Wiring) -> int:
        return wiring.n_choices(self.allow_autapses)

    def edges(self, wiring: Wiring) -> Edges:
        n = wiring.n_choices(self.allow_autapses)
        targets, positions = listed(np.full(wiring.n_target, n, dtype=np.int64))
        _, bits = edge_words(wiring, wiring.target_first + targets, positions)
        sources = positions.copy()
        if wiring.recurrent and not self.allow_autapses:
            sources += sources >= targets
        return Edges(sources, targets, bits, targets * n + positions)

    def lists(self, wiring: Wiring, targets: Targets) -> Lists:
        n = wiring.n_choices(self.allow_autapses)
        in_degrees = np.full(targets.count, n, dtype=np.int64)
        return Lists(Draw.IN_ORDER, in_degrees, n, wiring.recurrent and not self.allow_autapses)
