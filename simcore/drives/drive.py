"""What a drive is: input from outside the network that acts on every neuron of one population."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DriveStream:
    """Key and ids from which a drive draws: seed, index of the drive."""

    seed: int
    drive: int


@dataclass(frozen=True)
class PreparedDrive:
    """A drive on the time grid, in integers, the same on every rank.

    `header` and `thresholds` are what the kernels read: see each drive's `prepare`.
    """

    header: npt.NDArray[np.int64]
    thresholds: npt.NDArray[np.uint32]
    largest_count: int


class Drive(ABC):
    """Base of the drives; a drive is a frozen dataclass with a `target` population."""

    name: ClassVar[str]
    target: str

    @abstractmethod
    def check(self, resolution_ms: float, field: str) -> None:
        """Raise InputError if a field is out of its range."""

    def constant_current(self) -> float:
        """Current in pA that adds to I_e."""
        return 0.0


class EventDrive(Drive):
    """A drive that adds counted events of one weight to the input of each neuron."""

    weight: float
    delay_ms: float
    cpu_kernels: ClassVar[str]
    """Module with the compiled kernel, imported by the cpu backend alone."""
    scratch_bytes_per_neuron: ClassVar[int] = 0

    @abstractmethod
    def prepare(self, weight: int, resolution_ms: float) -> PreparedDrive:
        """Put times on the grid; `weight` is the integer weight in units of the receptor's lsb."""

    @abstractmethod
    def events(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> IntArray:
        """Number of events that arrive in `step` at the neurons with the given global ids (the oracle)."""
