"""Recorded spikes in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcore.display.numbers import TEXT
from simcore.display.overview import MAX_ROWS, Columns, Overview, Shown
from simcore.display.words import counted
from simcore.errors import UnavailableError, choice, integer, keywords_known

if TYPE_CHECKING:
    import neo
    import pandas

IntArray = npt.NDArray[np.int64]


@keywords_known
@dataclass(frozen=True, eq=False, repr=False)
class Spikes(Shown):
    """Spikes in order of (time, id).

    Parameters
    ----------
    stamps, ids
        End step and global id of each spike, int64, shape (spikes,).
    first_ids, sizes
        First global id and size of each population.
    resolution_ms
        Duration of a step, ms.
    stop_step
        Number of steps simulated when the spikes were read.
    start_step
        Step after which the spikes were recorded: 0, or the end of a warm-up.
    recorded
        Population -> ascending local ids of the recorded neurons, int64 of shape (neurons,); None if all neurons were
        recorded.
    """

    stamps: IntArray
    ids: IntArray
    first_ids: dict[str, int]
    sizes: dict[str, int]
    resolution_ms: float
    stop_step: int
    start_step: int = 0
    recorded: Mapping[str, IntArray] | None = None

    def __len__(self) -> int:
        return len(self.stamps)

    def overview(self) -> Overview:
        start, stop = step_times_ms(np.array([self.start_step, self.stop_step]), self.resolution_ms).tolist()
        seconds = (stop - start) * 1e-3
        edges = [*self.first_ids.values(), sum(self.sizes.values())]
        numbers = np.histogram(self.ids, edges)[0].tolist() if len(edges) > 1 else []
        rows = []
        for (name, size), number in list(zip(self.sizes.items(), numbers, strict=True))[:MAX_ROWS]:
            n = size if self.recorded is None else len(self.recorded[name])
            rate = number / n / seconds if n and seconds > 0.0 else None
            neurons = f"{size:,}" if n == size else f"{n:,} of {size:,}"
            rows.append((name, neurons, f"{number:,}", TEXT.fixed(rate, 3)))
        left = len(self.sizes) - len(rows)
        more = counted(left, "more population") if left else ""
        table = Columns(("population", "neurons", "spikes", "mean rate (1/s)"), rows, "lrrr", more)
        neurons = counted(sum(self.sizes.values()), "neuron")
        if self.recorded is not None:
            neurons = f"{sum(map(len, self.recorded.values())):,} of {neurons}"
        of = f"{neurons} from {start:g} to {stop:g} ms"
        return Overview(f"{counted(len(self), 'spike')} of {of}", (), [table])

    @property
    def times_ms(self) -> npt.NDArray[np.float64]:
        """Spike times in ms, float64."""
        return step_times_ms(self.stamps, self.resolution_ms)

    def of(self, population: str) -> tuple[npt.NDArray[np.float64], IntArray]:
        """Return times (ms) and population-local ids of the spikes of one population.

        Parameters
        ----------
        population
            Name of the population.

        Returns
        -------
        tuple of ndarray
            Times, float64, and ids, int64, of shape (spikes,) each.

        Raises
        ------
        InputError
            If the population does not exist.
        """
        choice(population, "population", list(self.first_ids))
        first = self.first_ids[population]
        mine = (self.ids >= first) & (self.ids < first + self.sizes[population])
        return step_times_ms(self.stamps[mine], self.resolution_ms), self.ids[mine] - first

    def by_population(self) -> Iterator[tuple[str, IntArray, IntArray]]:
        """Yield name, stamps and population-local ids of the spikes of each population.

        The spikes are sorted only once for all populations.

        Yields
        ------
        tuple
            Name of the population, stamps and ids, int64 of shape (spikes,) each.
        """
        edges = np.array([*self.first_ids.values()], dtype=np.int64)
        # Small integers are sorted by radix.
        owners = (np.searchsorted(edges, self.ids, side="right") - 1).astype(np.min_scalar_type(len(edges)))
        order, ends = np.argsort(owners, kind="stable"), np.cumsum(np.bincount(owners, minlength=len(edges)))
        for (name, first), start, end in zip(self.first_ids.items(), [0, *ends.tolist()], ends.tolist(), strict=False):
            mine = order[start:end]
            yield name, self.stamps[mine], self.ids[mine] - first

    def since(self, step: int) -> "Spikes":
        """Return the spikes with stamps after `step`.

        Parameters
        ----------
        step
            Last omitted step.

        Returns
        -------
        Spikes
            The later spikes; their interval starts after `step`.

        Raises
        ------
        InputError
            If the step is not an integer.
        """
        step = integer(step, "step", -(2**63))
        late = self.stamps > step
        start_step = max(step, self.start_step)
        return replace(self, stamps=self.stamps[late], ids=self.ids[late], start_step=start_step)

    def only(self, recorded: Mapping[str, IntArray] | None) -> "Spikes":
        """Return the spikes of some neurons only, as if only these had been recorded; all spikes for None.

        Parameters
        ----------
        recorded
            Name of a population -> population-local ids of the neurons, ascending, int64 of shape (neurons,).

        Returns
        -------
        Spikes
            The spikes of these neurons.
        """
        if recorded is None:
            return self
        kept = mask_of(recorded, self.first_ids, sum(self.sizes.values()))[self.ids]
        return replace(self, stamps=self.stamps[kept], ids=self.ids[kept], recorded=recorded)

    def of_recorded(self) -> "Spikes":
        """Return the recording with the recorded neurons only, with consecutive new ids.

        Populations without recorded neurons are omitted.

        Returns
        -------
        Spikes
            The same spikes with other ids and sizes.
        """
        if self.recorded is None:
            return self
        sizes = {name: len(ids) for name, ids in self.recorded.items() if len(ids)}
        first_ids = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
        chosen = np.flatnonzero(mask_of(self.recorded, self.first_ids, sum(self.sizes.values())))
        return replace(
            self, ids=np.searchsorted(chosen, self.ids), first_ids=first_ids, sizes=sizes, recorded=None
        )  # fmt: skip

    def to_neo(self) -> "dict[str, list[neo.SpikeTrain]]":
        """Return a `neo.SpikeTrain` for each recorded neuron of each population, including silent neurons.

        Returns
        -------
        dict
            Population -> trains in the order of the population-local ids. Times are in ms, between t_start and t_stop
            of the recording; the annotations are `population` and `id`, the sampling rate is the inverse of the time
            step.

        Raises
        ------
        UnavailableError
            If Neo is not installed.

        References
        ----------
        Garcia et al. (2014), Neo: an object model for handling electrophysiology data in multiple formats, Front.
        Neuroinform. 8:10.
        """
        try:
            from neo import SpikeTrain
            from quantities import ms
        except ImportError as error:
            raise UnavailableError(
                f"Neo spike trains require the package neo ({error}): pip install 'benchnn[neo]'"
            ) from error
        start, stop = step_times_ms(np.array([self.start_step, self.stop_step]), self.resolution_ms).tolist()
        about = {"units": ms, "t_start": start * ms, "t_stop": stop * ms}
        about["sampling_rate"] = 1.0 / (self.resolution_ms * ms)
        return {
            population: [
                SpikeTrain(times, **about, population=population, id=neuron)
                for neuron, times in self._trains(population, size)
            ]
            for population, size in self.sizes.items()
        }

    def _trains(self, population: str, size: int) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
        """Yield local id and times of each recorded neuron of a population."""
        trains = enumerate(by_neuron(*self.of(population), size))
        if self.recorded is None:
            return trains
        chosen = set(self.recorded[population].tolist())
        return ((neuron, times) for neuron, times in trains if neuron in chosen)

    def to_pandas(self) -> "pandas.DataFrame":
        """Convert the spikes to a table in order of (time, id).

        Returns
        -------
        pandas.DataFrame
            Columns `time_ms` (float64), `population` (categories: all populations, silent ones too) and `id`
            (population-local, int64).

        Raises
        ------
        UnavailableError
            If pandas is not installed.
        """
        try:
            from pandas import Categorical, DataFrame
        except ImportError as error:
            remedy = "pip install 'benchnn[pandas]'"
            raise UnavailableError(f"tables of spikes require pandas ({error}): {remedy}") from error
        first_ids = np.array([*self.first_ids.values()], dtype=np.int64)
        owners = np.searchsorted(first_ids, self.ids, side="right") - 1
        names = Categorical.from_codes(owners, categories=[*self.first_ids])
        return DataFrame({"time_ms": self.times_ms, "population": names, "id": self.ids - first_ids[owners]})


def mask_of(recorded: Mapping[str, IntArray], first_ids: Mapping[str, int], n: int) -> npt.NDArray[np.bool_]:
    """Return a mask of `n` neurons by global id, which selects neurons given by population and local id."""
    mask = np.zeros(n, dtype=np.bool_)
    for name, ids in recorded.items():
        mask[first_ids[name] + ids] = True
    return mask


def by_neuron(
    times_ms: npt.NDArray[np.float64], ids: IntArray, size: int
) -> Iterator[npt.NDArray[np.float64]]:  # fmt: skip
    """Yield the ascending times of each of `size` neurons, from times in ascending order."""
    order = np.argsort(ids, kind="stable")
    edges = np.searchsorted(ids[order], np.arange(size + 1))
    return (times_ms[order[low:high]] for low, high in pairwise(edges))


def spike_order(times: npt.NDArray[Any], ids: IntArray) -> slice | IntArray:
    """Return the index that sorts spikes by (time, id), at little cost if they are already sorted by population.

    Parameters
    ----------
    times, ids
        Stamp or time, and id, of each spike, equal lengths.
    """
    if _in_order(times, ids):
        return slice(None)
    # For several ascending runs with ascending ids, a stable sort is a merge that yields this order.
    order = np.argsort(times, kind="stable")
    return order if _in_order(times[order], ids[order]) else np.lexsort((ids, times))


def _in_order(times: npt.NDArray[Any], ids: IntArray) -> bool:
    if np.any(times[1:] < times[:-1]):
        return False
    return not np.any((ids[1:] < ids[:-1]) & (times[1:] == times[:-1]))


def step_times_ms(stamps: IntArray, resolution_ms: float) -> npt.NDArray[np.float64]:
    """Time of each stamp, the float64 closest to stamp x tics / 1000, so that 3 steps of 0.1 ms are 0.3 ms."""
    return stamps * round(resolution_ms * 1000.0) / 1000.0
