"""Sources with listed spikes: one train for each neuron."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import listed_numbers
from simcore.drives.spike_trains.model import MAX_COUNT, EachTrain
from simcore.errors import InputError, integer, keywords_known, number, require
from simcore.sources.source import IntArray, Source
from simcore.values import LONGEST_MS, delay_steps, on_grid, plain_numbers

FloatArray = npt.NDArray[np.float64]


@keywords_known
@dataclass(frozen=True, eq=False)
class SpikeTrains(Source):
    """Listed spikes: neuron ``ids[k]`` sends a spike with stamp ``times_ms[k]``.

    Parameters
    ----------
    times_ms
        Spike times, at least one step after 0 and on the grid of the network, shape (spikes,), in any order.
    ids
        Population-local id of the neuron of each spike, shape (spikes,).
    most_per_step
        Maximum number of spikes of a neuron with the same time; by default the largest number that occurs. It also
        limits trains that are set later. A maximum of 1 takes less memory and time.

    Raises
    ------
    InputError
        If times and ids do not belong together, a time is out of range, or a neuron has too many spikes with the same
        time.
    """

    times_ms: Sequence[float] | FloatArray
    ids: Sequence[int] | IntArray
    most_per_step: int | None = None
    name = "spike_trains"
    random = False

    def __post_init__(self) -> None:
        times = listed_numbers(self.times_ms, "times_ms")
        ids = plain_numbers(self.ids, "ids", "use a list of integers")
        for given, name in ((times, "times_ms"), (ids, "ids")):
            require(given.ndim == 1, f"{name}.shape", given.shape, "use a list")
        require(len(times) == len(ids), "len(ids)", len(ids), f"must equal the number of times, {len(times)}")
        require(ids.dtype.kind in "iu" or not len(ids), "ids", str(ids.dtype), "use integers")
        if not np.all(np.abs(times) <= LONGEST_MS):
            wrong = float(times[~(np.abs(times) <= LONGEST_MS)][0])
            require(False, "times_ms", wrong, f"use finite numbers of at most {LONGEST_MS:g} ms")
        owners = ids.astype(np.int64)
        order = _order(times, owners)
        times, owners = times[order], owners[order]
        times.flags.writeable = owners.flags.writeable = False
        object.__setattr__(self, "times_ms", times)
        object.__setattr__(self, "ids", owners)
        found = _most_repeats(times, owners)
        allowed = f"must be at least {found}, because a neuron has {found} spikes at one time"
        most = found if self.most_per_step is None else integer(self.most_per_step, "most_per_step", 1, MAX_COUNT)
        require(found <= most, "most_per_step", most, allowed)
        allowed = f"at most {MAX_COUNT} times of a neuron can be equal"
        require(most <= MAX_COUNT, "times_ms", f"{most} equal times of a neuron", allowed)
        object.__setattr__(self, "most_per_step", most)

    @classmethod
    def by_neuron(cls, trains: Iterable[Sequence[float] | FloatArray]) -> "SpikeTrains":
        """Create a source from the trains of neurons 0, 1, ...; an empty list is a silent neuron.

        Parameters
        ----------
        trains
            Spike times of each neuron, ms, shape (spikes,) each.

        Returns
        -------
        SpikeTrains
            The source of a population of as many neurons.

        Raises
        ------
        InputError
            If a train is not a list of numbers.
        """
        listed = [listed_numbers(train, f"trains[{neuron}]") for neuron, train in enumerate(trains)]
        for neuron, train in enumerate(listed):
            require(train.ndim == 1, f"trains[{neuron}].shape", train.shape, "use a list of times in ms")
        ids = np.repeat(np.arange(len(listed)), [len(train) for train in listed])
        return cls(np.concatenate([np.zeros(0), *listed]), ids)

    def on_grid(self, resolution_ms: float) -> "SpikeTrains":
        """Return the spikes with the stamps of their steps; times of a finer grid are rounded up.

        Parameters
        ----------
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        SpikeTrains
            The same spikes on the time grid.

        Raises
        ------
        InputError
            If the resolution is out of range.
        """
        h = number(resolution_ms, "resolution_ms")
        require(0.001 <= h <= 1000.0, "resolution_ms", resolution_ms, "must be in [0.001, 1000] ms")
        times = np.asarray(self.times_ms)
        nearest = delay_steps(times, h)
        steps = np.where(on_grid(times, h), nearest, np.ceil(times / h).astype(np.int64))
        return SpikeTrains(steps * round(h * 1000.0) / 1000.0, self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def at_most_one(self) -> bool:
        return self.most_per_step == 1

    def check(self, size: int, resolution_ms: float, field: str) -> None:
        times, ids = np.asarray(self.times_ms), np.asarray(self.ids)
        for neuron in ids[(ids < 0) | (ids >= size)][:1]:
            require(False, f"{field}.ids", int(neuron), f"must be in [0, {size - 1}]")
        off = ~on_grid(times, resolution_ms)
        for time in times[off][:1]:
            allowed = f"must be a multiple of the resolution {resolution_ms} ms; see SpikeTrains.on_grid"
            require(False, f"{field}.times_ms", float(time), allowed)
        for time in times[delay_steps(times, resolution_ms) < 1][:1]:
            require(False, f"{field}.times_ms", float(time), "must be at least one step after 0")

    def input(self, population: str, size: int) -> EachTrain:
        most = self.most_per_step or 1
        return EachTrain(population, size, np.asarray(self.times_ms), np.asarray(self.ids), delay_ms=0.0, most=most)

    def example(self) -> Source:
        return SpikeTrains([], [], self.most_per_step)

    def summary(self) -> str:
        return f"{len(self.ids):,} spikes"

    def changeable(self) -> list[str]:
        return ["times_ms", "ids"]

    def changed(self, values: Mapping[str, Any], ids: IntArray | None, size: int, field: str) -> "SpikeTrains":
        """Return the source with other trains; `times_ms` and `ids` are changed together.

        Parameters
        ----------
        values
            `times_ms` and `ids`.
        ids
            Must be None instead of ids of shape (neurons,): trains are changed for all neurons together.
        size
            Number of neurons of the population.
        field
            Name of the field, for messages.

        Returns
        -------
        SpikeTrains
            The source with the other trains.

        Raises
        ------
        InputError
            If one of the two is missing.
        """
        both = set(values) == {"times_ms", "ids"} and ids is None
        if not both:
            raise InputError(f"{field} is not allowed: give times_ms and ids of all spikes of the population together")
        return replace(self, **values)


def _tics(times_ms: FloatArray) -> IntArray:
    """Convert times to units of 0.001 ms, of which every resolution is a multiple."""
    return np.rint(times_ms * 1000.0).astype(np.int64)


def _order(times_ms: FloatArray, ids: IntArray) -> IntArray | slice:
    """Return the index that sorts spikes by (id, time)."""
    tics = _tics(times_ms)
    span = int(tics.max(initial=0)) + 1
    if tics.min(initial=0) < 0 or ids.min(initial=0) < 0 or (int(ids.max(initial=0)) + 1) * span >= 2**63:
        return np.asarray(np.lexsort((tics, ids)))
    # Sorting one combined number takes a tenth of the time.
    keys = ids * span + tics
    order: IntArray = np.argsort(keys)
    return slice(None) if np.all(keys[1:] >= keys[:-1]) else order


def _most_repeats(times_ms: FloatArray, ids: IntArray) -> int:
    """Return the maximum number of spikes of a neuron with the same time, at least 1; input in order of (id, time)."""
    tics = _tics(times_ms)
    first = np.flatnonzero(np.concatenate([[True], (np.diff(tics) != 0) | (np.diff(ids) != 0)]))
    return int(np.diff(np.append(first, len(ids))).max(initial=1))
