"""Recorders of a network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcore.errors import integer, keywords_known, printable, require
from simcore.selection import Selection
from simcore.values import plain_text

NOT_NAMED: Sequence[int] = range(0)
"""Ids of a recorder that were not given, which an empty list is not."""


@keywords_known
@dataclass(frozen=True)
class SpikeRecorder:
    """Records the spikes of all neurons."""


@keywords_known
@dataclass(frozen=True)
class TraceRecorder:
    """Records state variables of some neurons in every step.

    Parameters
    ----------
    population
        Name of the population, or a selection of its neurons.
    ids
        Population-local ids; those of the selection by default.
    variables
        Names of state variables, such as ``("V_m", "I_syn_ex")``.
    """

    population: str
    ids: Sequence[int] = NOT_NAMED
    variables: Sequence[str] = ("V_m",)

    def __post_init__(self) -> None:
        chosen = self.population if isinstance(self.population, Selection) else None
        allowed = "name ids, or give a selection" if chosen is None else "the selection says which neurons"
        require((self.ids is NOT_NAMED) == (chosen is not None), f"recorder {printable(str(self.population))}.ids",
                self.ids, allowed)  # fmt: skip
        if chosen is not None:
            object.__setattr__(self, "ids", chosen.array)
        for name in ("ids", "variables"):
            value = getattr(self, name)
            listed = isinstance(value, Sequence) and not isinstance(value, str)
            listed = listed or (isinstance(value, np.ndarray) and value.ndim == 1)
            require(listed, printable(f"recorder {self.population}.{name}"), value, "use a list")
            object.__setattr__(self, name, tuple(plain_text(one) if isinstance(one, str) else one for one in value))
        if isinstance(self.population, str):
            object.__setattr__(self, "population", plain_text(self.population))
        where = printable(f"recorder {self.population}")
        for name in self.variables:
            require(isinstance(name, str), f"{where}.variables", name, "use names")
        where = f"{where}.ids"
        object.__setattr__(self, "ids", tuple(integer(neuron, where, 0) for neuron in self.ids))


Recorder = SpikeRecorder | TraceRecorder
