"""Constant current into every neuron of a population: adds to its I_e."""

from dataclasses import dataclass

from simcore.drives.drive import Drive, check_current
from simcore.errors import keywords_known


@keywords_known
@dataclass(frozen=True)
class Dc(Drive):
    """`amplitude_pa` into each neuron of `target`, for the whole simulation."""

    target: str
    amplitude_pa: float
    name = "dc"

    def check(self, resolution_ms: float, field: str) -> None:
        check_current(self.amplitude_pa, f"{field}.amplitude_pa")

    def constant_current(self) -> float:
        return self.amplitude_pa
