"""Constant current into every neuron of a population, which adds to I_e."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simcore.drives.drive import Drive, FloatArray, ValueOfEach, check_current
from simcore.drives.each import arrays_among, check_one_dimension, number_or_array
from simcore.errors import keywords_known


@keywords_known
@dataclass(frozen=True)
class Dc(Drive):
    """Constant current `amplitude_pa` into each neuron of `target` for the whole simulation.

    Parameters
    ----------
    target
        Name of the driven population, or a selection of its neurons.
    amplitude_pa
        Current, pA: a number, or an array of shape (neurons,). Its magnitude is at most 1e30.

    Raises
    ------
    InputError
        If the current is not a number or an array of numbers.
    """

    target: str
    amplitude_pa: ValueOfEach
    name = "dc"

    def __post_init__(self) -> None:
        object.__setattr__(self, "amplitude_pa", number_or_array(self.amplitude_pa, f"{self.name}.amplitude_pa"))

    def check(self, resolution_ms: float, field: str) -> None:
        if isinstance(self.amplitude_pa, np.ndarray):
            check_one_dimension(self.amplitude_pa, f"{field}.amplitude_pa")
            # If one of the numbers is NaN, both the smallest and the largest are NaN.
            for current in (self.amplitude_pa.min(initial=0.0), self.amplitude_pa.max(initial=0.0)):
                check_current(float(current), f"{field}.amplitude_pa")
        else:
            check_current(self.amplitude_pa, f"{field}.amplitude_pa")  # type: ignore[arg-type]

    def arrays(self) -> Mapping[str, FloatArray]:
        return arrays_among({"amplitude_pa": self.amplitude_pa})

    def example(self) -> Drive:
        return Dc(self.target, 0.0)

    def constant_current(self) -> float | FloatArray:
        return self.amplitude_pa  # type: ignore[return-value] # checked
