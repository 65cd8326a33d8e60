"""Sources that draw their spikes: a Poisson or Bernoulli train with a separate rate for each neuron."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import ValueOfEach, check_changes, listed_numbers
from simcore.drives.each import check_one_dimension, number_or_array
from simcore.drives.poisson.counts import MAX_MEAN_COUNT
from simcore.drives.poisson_rates.model import PoissonRates
from simcore.drives.rates import check_rates, check_window, window_of_rates
from simcore.errors import keywords_known
from simcore.sources.source import IntArray, Source
from simcore.values import check_length

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _RateTrains(Source):
    """Base class of sources with a train of constant rate for each neuron."""

    rate_hz: ValueOfEach
    start_ms: float = 0.0
    stop_ms: float = math.inf
    random = True
    _most_per_step: ClassVar[float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate_hz", number_or_array(self.rate_hz, f"{self.name}.rate_hz"))

    def check(self, size: int, resolution_ms: float, field: str) -> None:
        check_rates(self.rate_hz, resolution_ms, f"{field}.rate_hz", self._most_per_step)
        _check_shape(np.asarray(self.rate_hz), size, f"{field}.rate_hz")
        check_window(self.start_ms, self.stop_ms, resolution_ms, field)

    def input(self, population: str, size: int) -> PoissonRates:
        times, rates = window_of_rates(np.broadcast_to(self.rate_hz, size), self.start_ms, self.stop_ms)
        return PoissonRates(population, times, rates, delay_ms=0.0, at_most_one=self.at_most_one)

    def example(self) -> Source:
        return type(self)(0.0)

    def summary(self) -> str:
        return f"{self.name} {_span(np.asarray(self.rate_hz))}"

    def _partly(self, name: str, value: Any, ids: IntArray, size: int, field: str) -> Any:
        if name != "rate_hz":
            return super()._partly(name, value, ids, size, field)
        given = np.asarray(number_or_array(value, f"{field}.{name}"))
        if given.ndim:
            check_length(given, len(ids), f"{field}.{name}")
        rates = np.array(np.broadcast_to(self.rate_hz, size), dtype=np.float64)
        rates[ids] = given
        return rates


@keywords_known
@dataclass(frozen=True, eq=False)
class PoissonTrains(_RateTrains):
    """Independent Poisson trains, one for each neuron.

    Parameters
    ----------
    rate_hz
        Spikes per second: a number, or an array of shape (neurons,).
    start_ms, stop_ms
        Spike times are in (`start_ms`, `stop_ms`].
    """

    name = "poisson"
    at_most_one = False
    _most_per_step = MAX_MEAN_COUNT


@keywords_known
@dataclass(frozen=True, eq=False)
class BernoulliTrains(_RateTrains):
    """Independent Bernoulli trains, one for each neuron, with a spike in a step with probability rate times step.

    Parameters
    ----------
    rate_hz
        Spikes per second, at most one per step: a number, or an array of shape (neurons,).
    start_ms, stop_ms
        Spike times are in (`start_ms`, `stop_ms`].
    """

    name = "bernoulli"
    at_most_one = True
    _most_per_step = 1.0


@keywords_known
@dataclass(frozen=True, eq=False)
class InhomogeneousPoissonTrains(Source):
    """Independent Poisson trains, one for each neuron, with rates that change at given times.

    Parameters
    ----------
    times_ms
        Times >= 0 on the grid, ascending, shape (times,).
    rates_hz
        ``rates_hz[k]`` is the rate (1/s) for spike times after ``times_ms[k]``, up to the next time: shape (times,) for
        all neurons, or (times, neurons). There are no spikes before the first time.

    Raises
    ------
    InputError
        If times or rates are not numbers.
    """

    times_ms: Sequence[float] | FloatArray
    rates_hz: Sequence[float] | Sequence[Sequence[float]] | FloatArray
    name = "inhomogeneous_poisson"
    random = True
    at_most_one = False

    def __post_init__(self) -> None:
        for name in ("times_ms", "rates_hz"):
            object.__setattr__(self, name, listed_numbers(getattr(self, name), f"{self.name}.{name}"))

    def check(self, size: int, resolution_ms: float, field: str) -> None:
        times, rates = np.asarray(self.times_ms), np.asarray(self.rates_hz)
        check_changes(times, rates, resolution_ms, field, "rates_hz", per_neuron=True)
        check_rates(rates, resolution_ms, f"{field}.rates_hz")
        if rates.ndim == 2:
            _check_shape(rates[0] if len(rates) else np.zeros(size), size, f"{field}.rates_hz")

    def input(self, population: str, size: int) -> PoissonRates:
        rates = np.asarray(self.rates_hz)
        each = rates if rates.ndim == 2 else np.broadcast_to(rates[:, np.newaxis], (len(rates), size))
        return PoissonRates(population, np.asarray(self.times_ms), each, delay_ms=0.0)

    def example(self) -> Source:
        return InhomogeneousPoissonTrains([], [])

    def summary(self) -> str:
        return f"{self.name} {_span(np.asarray(self.rates_hz))}"


def _check_shape(rates: FloatArray, size: int, field: str) -> None:
    check_one_dimension(rates, field)
    if rates.ndim:
        check_length(rates, size, field)


def _span(rates: FloatArray) -> str:
    low, high = (float(rates.min()), float(rates.max())) if rates.size else (0.0, 0.0)
    return f"{low:g} 1/s" if low == high else f"{low:g} to {high:g} 1/s"
