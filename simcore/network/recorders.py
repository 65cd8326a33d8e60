"""Recorders of a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.connectivity.sides import population_name
from simcore.errors import integer, keywords_known, printable, require
from simcore.selection import Selection, selected
from simcore.values import plain_text

NOT_NAMED: Sequence[int] = range(0)
"""Marker for omitted ids, as distinct from an empty list."""


@keywords_known
@dataclass(frozen=True)
class SpikeRecorder:
    """Records spikes.

    Parameters
    ----------
    population
        Name of the population whose neurons are recorded, or a selection of them; all neurons of the network by
        default. With several recorders, the neurons of all of them are recorded.
    """

    population: str | None = None

    def __post_init__(self) -> None:
        if self.population is not None:
            object.__setattr__(self, "population", population_name(self.population, "recorder.population"))


@keywords_known
@dataclass(frozen=True)
class TraceRecorder:
    """Records state variables of some neurons in every step.

    Parameters
    ----------
    population
        Name of the population, or a selection of its neurons.
    ids
        Population-local ids; omit them for a selection.
    variables
        Names of state variables, such as ``("V_m", "I_syn_ex")``.

    Raises
    ------
    InputError
        If a field is wrong; names the field, the value and what is allowed.
    """

    population: str
    ids: Sequence[int] = NOT_NAMED
    variables: Sequence[str] = ("V_m",)

    def __post_init__(self) -> None:
        chosen = self.population if isinstance(self.population, Selection) else None
        allowed = "give ids or use a selection" if chosen is None else "omit it for a selection"
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


def recorded_neurons(
    recorders: Sequence[Recorder], sizes: Mapping[str, int]
) -> dict[str, npt.NDArray[np.int64]] | None:
    """Return the recorded neurons: population -> ascending local ids, int64; None if all neurons are recorded."""
    chosen = [recorder.population for recorder in recorders if isinstance(recorder, SpikeRecorder)]
    if None in chosen:
        return None
    masks = {name: np.zeros(size, dtype=np.bool_) for name, size in sizes.items()}
    for name in chosen:
        one = selected(name)
        masks[str(name)][slice(None) if one is None else one.array] = True
    return None if all(map(np.all, masks.values())) else {name: np.flatnonzero(mask) for name, mask in masks.items()}
