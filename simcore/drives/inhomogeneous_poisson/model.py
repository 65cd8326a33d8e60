"""Poisson spike trains whose rate changes at given times, independent for each target neuron.

Spikes are drawn as in `poisson`, with the cumulative distribution for the rate of the step.

References
----------
NEST 3.10, models/inhomogeneous_poisson_generator.h. Differences from NEST: a rate applies to spikes with stamps after
its time, from time + h on, as with `poisson`. NEST 3.10 changes the rate one step h earlier, at the stamp that equals
the time. Time 0 is allowed; NEST requires later times, and its first possible stamp is 2 h.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
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
    check_changes,
    listed_numbers,
)
from simcore.drives.each import arrays_among, by_sign, number_or_array
from simcore.drives.poisson.counts import UInt32Array, count_table, count_thresholds, counts_of
from simcore.drives.poisson.words import random_words
from simcore.drives.poisson_rates.model import PoissonRates
from simcore.drives.rates import check_rates
from simcore.errors import keywords_known
from simcore.values import delay_steps


@keywords_known
@dataclass(frozen=True, eq=False)
class InhomogeneousPoisson(EventDrive):
    """Poisson input to each neuron of `target` at the rate ``rates_hz[k]`` (1/s) from ``times_ms[k]`` on.

    Before the first time there are no events. Every event has `weight` (unit of the target's model) and arrives after
    `delay_ms`. Rates of shape (times, neurons) and an array of weights apply to individual neurons.

    Parameters
    ----------
    target
        Name of the driven population, or a selection of its neurons.
    times_ms
        Times of the changes, ms, >= 0, on the time grid and ascending, shape (times,).
    rates_hz
        Rate from each time on, 1/s, >= 0, shape (times,) or (times, neurons).
    weight
        Weight of each event, in the unit of the target's model: a number, or an array of shape (neurons,).
    delay_ms
        Time between a spike and its arrival, ms.
    receptor
        Name of the receptor; by default the sign of the weight selects it.

    Raises
    ------
    InputError
        If times, rates or weights are not numbers.
    """

    target: str
    times_ms: Sequence[float] | npt.NDArray[np.float64]
    rates_hz: Sequence[float] | Sequence[Sequence[float]] | npt.NDArray[np.float64]
    weight: ValueOfEach
    delay_ms: float = 1.0
    receptor: str | None = None
    name = "inhomogeneous_poisson"
    cpu_kernels = "simcore.drives.inhomogeneous_poisson.cpu"
    scratch_bytes_per_neuron = 8

    def __post_init__(self) -> None:
        for field in ("times_ms", "rates_hz"):
            object.__setattr__(self, field, listed_numbers(getattr(self, field), field))
        object.__setattr__(self, "weight", number_or_array(self.weight, f"{self.name}.weight"))

    def check(self, resolution_ms: float, field: str) -> None:
        times, rates = np.asarray(self.times_ms), np.asarray(self.rates_hz)
        check_changes(times, rates, resolution_ms, field, "rates_hz", per_neuron=True)
        check_rates(rates, resolution_ms, f"{field}.rates_hz")

    def arrays(self) -> Mapping[str, FloatArray]:
        rates = np.asarray(self.rates_hz)
        return arrays_among({"weight": self.weight}) | ({"rates_hz": rates} if rates.ndim == 2 else {})

    def parts(self) -> tuple[Drive, ...]:
        found = self.arrays()
        if not found:
            return (self,)
        rates = np.asarray(self.rates_hz)
        n = next(values.shape[-1] for values in found.values())
        each = rates if rates.ndim == 2 else np.broadcast_to(rates[:, np.newaxis], (len(rates), n))
        times = np.asarray(self.times_ms)
        return by_sign(PoissonRates(self.target, times, each, self.weight, self.delay_ms, receptor=self.receptor))

    def prepare(self, weight: int, resolution_ms: float) -> PreparedDrive:
        """Header: weight, delay, number of rates, the first step of each rate.

        Thresholds: for each rate, the number of its thresholds, followed by the thresholds.

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
        steps = delay_steps(self.times_ms, resolution_ms)
        delay = int(delay_steps(self.delay_ms, resolution_ms))
        rates = np.asarray(self.rates_hz).tolist()
        # Thresholds of a rate that occurs several times are computed once.
        known = {rate: count_thresholds(rate * resolution_ms * 1e-3) for rate in set(rates)}
        counted = {rate: np.concatenate((np.array([len(part)], dtype=np.uint32), part)) for rate, part in known.items()}
        header = np.concatenate(([weight, delay, len(steps)], steps)).astype(np.int64)
        thresholds = np.concatenate([np.zeros(0, dtype=np.uint32), *(counted[rate] for rate in rates)])
        return PreparedDrive(header, thresholds, max((len(part) for part in known.values()), default=0))

    def events(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> IntArray:
        emitted = step - int(prepared.header[1])
        latest = int(np.searchsorted(prepared.header[3:], emitted, side="right")) - 1
        if emitted < 0 or latest < 0:
            return np.zeros(len(ids), dtype=np.int64)
        thresholds = next(islice(split_thresholds(prepared.thresholds), latest, None))
        return counts_of(count_table(thresholds), random_words(stream, emitted, ids))


def split_thresholds(listed: UInt32Array) -> Iterator[UInt32Array]:
    """Yield the thresholds of each rate from a list in which their number precedes them."""
    place = 0
    while place < len(listed):
        n = int(listed[place])
        yield listed[place + 1 : place + 1 + n]
        place += 1 + n


def tables_of_rates(listed: UInt32Array, table_of: Callable[[UInt32Array], UInt32Array]) -> UInt32Array:
    """Return the start of the table of each rate, followed by the tables; equal rates share a table.

    Parameters
    ----------
    listed
        Thresholds of all rates, see `split_thresholds`.
    table_of
        Computes the table of a rate from its thresholds.

    Returns
    -------
    uint32 array
    """
    keys = [part.tobytes() for part in split_thresholds(listed)]
    tables = {key: table_of(np.frombuffer(key, dtype=np.uint32)) for key in dict.fromkeys(keys)}
    lengths = [len(table) for table in tables.values()]
    starts = dict(zip(tables, len(keys) + np.cumsum([0, *lengths]), strict=False))
    return np.concatenate([np.array([starts[key] for key in keys], dtype=np.uint32), *tables.values()])
