"""Interface of drives: input from outside the network to every neuron of one population."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, number, require
from simcore.values import delay_steps, on_grid, plain_numbers

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

ValueOfEach = float | Sequence[float] | npt.NDArray[np.floating[Any]]
"""One number, or one number for each neuron."""

MAX_CURRENT_PA = 1e30


@dataclass(frozen=True)
class DriveStream:
    """Key of the random numbers of a drive: seed and index of the drive.

    Parameters
    ----------
    seed
        Seed of the simulation.
    drive
        Index of the drive in the network.
    """

    seed: int
    drive: int


@dataclass(frozen=True)
class PreparedDrive:
    """A drive on the time grid, in integers, the same on every rank.

    Kernels read `header`, `thresholds` and `values`, which the `prepare` of each drive describes. `first_weight` is the
    index in the header of the neurons' integer weights, or -1 if all neurons have the header's first entry as their
    weight. With one weight for each neuron, the first entry is the weight of the largest magnitude.

    Parameters
    ----------
    header
        Integers, int64 of shape (entries,); the `prepare` of each drive describes them.
    thresholds
        Thresholds of the random numbers, uint32 of shape (thresholds,).
    largest_count
        Maximum number of events at a neuron in one step.
    values
        Real numbers, float64 of shape (entries,).
    first_weight
        Index in `header` of the weight of the first neuron, or -1.
    """

    header: npt.NDArray[np.int64]
    thresholds: npt.NDArray[np.uint32]
    largest_count: int
    values: FloatArray = field(default_factory=lambda: np.zeros(0))
    first_weight: int = -1

    def weights(self, n: int) -> IntArray:
        """Return the integer weight of the events of each of the `n` neurons.

        Parameters
        ----------
        n
            Number of neurons.

        Returns
        -------
        ndarray of int64
            In units of the receptor's lsb, shape (n,).
        """
        if self.first_weight < 0:
            return np.broadcast_to(self.header[0], n)
        return self.header[self.first_weight : self.first_weight + n]


class Drive(ABC):
    """Base class of drives, which are frozen dataclasses with a `target` population."""

    name: ClassVar[str]
    target: str

    @abstractmethod
    def check(self, resolution_ms: float, field: str) -> None:
        """Raise InputError if a field is out of range.

        Parameters
        ----------
        resolution_ms
            Time step of the network, ms.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If a field is out of range; names the field.
        """

    def arrays(self) -> Mapping[str, FloatArray]:
        """Return the fields with arrays, which have one entry for each neuron along the last axis.

        Returns
        -------
        mapping
            Name of the field -> float64 of shape (neurons,) or (times, neurons).
        """
        return {}

    def parts(self) -> "tuple[Drive, ...]":
        """Return the drives that are simulated: a drive with arrays is replaced by one or several of another kind.

        Returns
        -------
        tuple of Drive
            The drives that are simulated.
        """
        return (self,)

    def example(self) -> "Drive":
        """Return a drive that is simulated by the same kernel, for any population.

        Returns
        -------
        Drive
            A small drive, with which backends compile.
        """
        return self

    def constant_current(self) -> float | FloatArray:
        """Return the current that adds to I_e, pA, shape () or (neurons,).

        Returns
        -------
        float or ndarray of float64
            Current, pA, an array of shape (neurons,); 0 for a drive of spikes.
        """
        return 0.0


class CurrentDrive(Drive):
    """Base class of drives that add a current to the I_e of each neuron, constant within a step.

    The current reaches the neurons after the delay, as in NEST: the current of time t is integrated in the step that
    starts at t + delay.
    """

    delay_ms: float
    cpu_kernels: ClassVar[str]
    """Module with the compiled kernel, which only the cpu backend imports."""
    per_neuron: ClassVar[bool]
    """Whether each neuron has a separate current."""

    @abstractmethod
    def prepare(self, resolution_ms: float) -> PreparedDrive:
        """Put times on the grid.

        Parameters
        ----------
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        PreparedDrive
            The drive in integers.
        """

    @abstractmethod
    def currents(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> FloatArray:
        """Return the current (pA) in `step` into neurons with given global ids, for the oracle.

        Parameters
        ----------
        prepared
            The drive on the time grid, from `prepare`.
        stream
            Seed and index of the drive, from which it draws.
        step
            Number of the step, counted from 0.
        ids
            Global ids of neurons, shape (neurons,).

        Returns
        -------
        ndarray of float64
            Currents, pA, shape () or (neurons,).
        """


class EventDrive(Drive):
    """Base class of drives that add events to the input of each neuron, with one weight or one for each neuron."""

    weight: ValueOfEach
    delay_ms: float
    receptor: str | None = None
    """Name of a receptor of the target's model; by default the sign of the weight selects it."""
    cpu_kernels: ClassVar[str]
    """Module with the compiled kernel, which only the cpu backend imports."""
    scratch_bytes_per_neuron: ClassVar[int] = 0

    @abstractmethod
    def prepare(self, weight: Any, resolution_ms: float) -> PreparedDrive:
        """Put times on the grid.

        Parameters
        ----------
        weight
            Integer weight in units of the receptor's lsb, or int64 of shape (neurons,).
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        PreparedDrive
            The drive in integers.
        """

    def largest_count(self, resolution_ms: float) -> int:
        """Return the maximum number of events that arrive at a neuron in a step.

        Parameters
        ----------
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        int
            Maximum number of events.
        """
        return self.prepare(1, resolution_ms).largest_count

    def selected(self, prepared: PreparedDrive, neurons: range) -> PreparedDrive:
        """Return the part of `prepared` that the kernel of some neurons of the population reads.

        Parameters
        ----------
        prepared
            The drive on the time grid, from `prepare`.
        neurons
            Population-local ids.

        Returns
        -------
        PreparedDrive
            The part of `prepared` that belongs to these neurons.
        """
        return prepared

    @abstractmethod
    def events(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> IntArray:
        """Return the number of events that arrive in `step` at neurons with given global ids, for the oracle.

        Parameters
        ----------
        prepared
            The drive on the time grid, from `prepare`.
        stream
            Seed and index of the drive, from which it draws.
        step
            Number of the step, counted from 0.
        ids
            Global ids of neurons, shape (neurons,).

        Returns
        -------
        ndarray of int64
            Number of events, shape (neurons,).
        """


def listed_numbers(values: Sequence[float] | FloatArray, field: str) -> FloatArray:
    """Return times, currents or rates as a read-only float64 array.

    Raises
    ------
    InputError
        If they are not a list of numbers.
    """
    numbers = np.array(plain_numbers(values, field, "use a list of numbers"), dtype=np.float64)
    numbers.flags.writeable = False
    return numbers


def check_current(current_pa: float, field: str) -> None:
    """Require a current in the range of the parameter I_e.

    Raises
    ------
    InputError
        Naming the field.
    """
    current_pa = number(current_pa, field)
    allowed = f"its magnitude must be at most {MAX_CURRENT_PA:g} pA, which float32 can represent"
    require(abs(current_pa) <= MAX_CURRENT_PA, field, current_pa, allowed)


def check_changes(
    times_ms: FloatArray, values: FloatArray, resolution_ms: float, field: str, name: str, per_neuron: bool = False
) -> None:
    """Require that values change at ascending times >= 0 on the grid.

    Each time has one value or, if `per_neuron`, one value for each neuron: shape (times, neurons).

    Raises
    ------
    InputError
        Naming the field.
    """
    for entries, label in ((times_ms, f"{field}.times_ms"), (values, f"{field}.{name}")):
        listed = entries.ndim == 1 or (per_neuron and entries is values and entries.ndim == 2)
        if not listed or not np.all(np.isfinite(entries)):
            raise InputError(f"{label} is not allowed: use a list of finite numbers")
    allowed = f"must equal the number of times, {len(times_ms)}"
    require(len(values) == len(times_ms), f"len({field}.{name})", len(values), allowed)
    off_grid = times_ms[~on_grid(times_ms, resolution_ms)]
    if len(off_grid):
        allowed = f"must be a multiple of the resolution {resolution_ms} ms"
        require(False, f"{field}.times_ms", float(off_grid[0]), allowed)
    if len(times_ms):
        require(times_ms[0] >= 0.0, f"{field}.times_ms", float(times_ms[0]), "must be >= 0")
    steps = delay_steps(times_ms, resolution_ms)
    for early in times_ms[1:][np.diff(steps) <= 0][:1]:
        require(False, f"{field}.times_ms", float(early), "must be later than the preceding time")
