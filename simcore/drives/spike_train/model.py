"""Spikes at given times, the same for every neuron of a population.

References
----------
NEST 3.10, models/spike_generator.h: a spike with time stamp t arrives after the delay, like a neuron's spike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import (
    Drive,
    DriveStream,
    EventDrive,
    FloatArray,
    IntArray,
    PreparedDrive,
    ValueOfEach,
    listed_numbers,
)
from simcore.drives.each import arrays_among, by_sign, number_or_array
from simcore.drives.spike_trains.model import MAX_COUNT, EachTrain
from simcore.errors import InputError, keywords_known, require
from simcore.values import delay_steps, on_grid


@keywords_known
@dataclass(frozen=True, eq=False)
class SpikeTrain(EventDrive):
    """Spikes at `times_ms` with `weight` to each neuron; repeated times give several spikes.

    An array of weights has one value for each neuron; each spike then takes 16 bytes per neuron.

    Parameters
    ----------
    target
        Name of the driven population, or a selection of its neurons.
    times_ms
        Spike times, ms, at least one step after 0 and on the time grid, shape (spikes,).
    weight
        Weight of each spike, in the unit of the target's model: a number, or an array of shape (neurons,).
    delay_ms
        Time between a spike and its arrival, ms.
    receptor
        Name of the receptor; by default the sign of the weight selects it.

    Raises
    ------
    InputError
        If times or weights are not numbers.
    """

    target: str
    times_ms: Sequence[float] | npt.NDArray[np.float64]
    weight: ValueOfEach
    delay_ms: float = 1.0
    receptor: str | None = None
    name = "spike_train"
    cpu_kernels = "simcore.drives.spike_train.cpu"

    def __post_init__(self) -> None:
        times = listed_numbers(self.times_ms, "times_ms")
        if times.ndim == 1:
            times = np.sort(times)
            times.flags.writeable = False
        object.__setattr__(self, "times_ms", times)
        object.__setattr__(self, "weight", number_or_array(self.weight, f"{self.name}.weight"))

    def arrays(self) -> Mapping[str, FloatArray]:
        return arrays_among({"weight": self.weight})

    def parts(self) -> tuple[Drive, ...]:
        found = self.arrays()
        if not found:
            return (self,)
        n, times = len(found["weight"]), np.asarray(self.times_ms)
        ids = np.repeat(np.arange(n), len(times))
        numbers = (np.tile(times, n), ids, self.weight, self.delay_ms, self._most(), self.receptor)
        return by_sign(EachTrain(self.target, n, *numbers))

    def _most(self) -> int:
        """Return the maximum number of equal times, at least 1."""
        tics = np.rint(np.asarray(self.times_ms) * 1000.0).astype(np.int64)
        return int(np.unique(tics, return_counts=True)[1].max(initial=1))

    def _stamps(self, resolution_ms: float) -> IntArray:
        return delay_steps(self.times_ms, resolution_ms)

    def check(self, resolution_ms: float, field: str) -> None:
        times = np.asarray(self.times_ms)
        if times.ndim != 1 or not np.all(np.isfinite(times)):
            raise InputError(f"{field}.times_ms is not allowed: use a list of finite times in ms")
        stamps = self._stamps(resolution_ms)
        off_grid = ~on_grid(times, resolution_ms)
        if np.any(off_grid):
            allowed = f"must be a multiple of the resolution {resolution_ms} ms"
            require(False, f"{field}.times_ms", float(times[off_grid][0]), allowed)
        if len(stamps):
            require(bool(stamps[0] >= 1), f"{field}.times_ms", float(times[0]), "must be at least one step after 0")
        if self.arrays():
            allowed = f"at most {MAX_COUNT} times can be equal if each neuron has its own weight"
            require(self._most() <= MAX_COUNT, f"{field}.times_ms", f"{self._most()} equal times", allowed)

    def prepare(self, weight: int, resolution_ms: float) -> PreparedDrive:
        """Header: weight, number n of arrival steps, the n steps ascending, the n counts.

        Parameters
        ----------
        weight
            Integer weight in units of the receptor's lsb.
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        PreparedDrive
            The drive in integers.
        """
        delay = int(delay_steps(self.delay_ms, resolution_ms))
        arrivals, counts = np.unique(self._stamps(resolution_ms) - 1 + delay, return_counts=True)
        header = np.concatenate(([weight, len(arrivals)], arrivals, counts)).astype(np.int64)
        return PreparedDrive(header, np.zeros(0, dtype=np.uint32), int(counts.max(initial=0)))

    def events(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> IntArray:
        n = int(prepared.header[1])
        arrivals, counts = prepared.header[2 : 2 + n], prepared.header[2 + n :]
        return np.full(len(ids), int(counts[arrivals == step].sum()), dtype=np.int64)
