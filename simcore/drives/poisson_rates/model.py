"""Poisson or Bernoulli spike trains with a rate for each neuron, which can change at given times.

Poisson counts are drawn from the same words as in `poisson`, with the distribution for the neuron's rate. A Bernoulli
train has at most one spike in a step.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import DriveStream, EventDrive, IntArray, PreparedDrive, ValueOfEach
from simcore.drives.each import largest_weight
from simcore.drives.poisson.counts import counts_of
from simcore.drives.poisson.words import random_words
from simcore.drives.poisson_rates.tables import bernoulli_cumulative, count_tables, joined, poisson_cumulative
from simcore.values import delay_steps

FloatArray = npt.NDArray[np.float64]

FIRST_STEP = 5
"""Number of header entries before the steps."""


@dataclass(frozen=True, eq=False)
class PoissonRates(EventDrive):
    """Events to neuron i of `target` at the rate ``rates_hz[k, i]`` (1/s) after ``times_ms[k]``; none before the first.

    Drives and sources with arrays of rates or weights are simulated in this form; they have checked the values.

    Parameters
    ----------
    target
        Name of the population.
    times_ms
        Times of changes, ms, shape (times,), ascending.
    rates_hz
        Rates, 1/s, shape (times, neurons).
    weight
        A number, or an array with one value for each neuron.
    delay_ms
        Delay of all events, ms.
    at_most_one
        Whether a step has at most one event, with probability rate times step.
    receptor
        Name of a receptor of the target's model; None selects it by the sign of a weight.
    """

    target: str
    times_ms: FloatArray
    rates_hz: FloatArray
    weight: ValueOfEach = 1.0
    delay_ms: float = 1.0
    at_most_one: bool = False
    receptor: str | None = None
    name = "poisson_rates"
    cpu_kernels = "simcore.drives.poisson_rates.cpu"
    scratch_bytes_per_neuron = 8

    def check(self, resolution_ms: float, field: str) -> None:
        """Accept the values, which are checked earlier."""

    def example(self) -> EventDrive:
        return PoissonRates(self.target, np.zeros(1), np.zeros((1, 1)), receptor=self.receptor)

    def _cumulative(self, rates_hz: FloatArray, resolution_ms: float) -> tuple[IntArray, IntArray]:
        """Return the distributions of the counts for some rates."""
        means = rates_hz * resolution_ms * 1e-3
        return (bernoulli_cumulative if self.at_most_one else poisson_cumulative)(means)

    def largest_count(self, resolution_ms: float) -> int:
        return int(self._cumulative(self.rates_hz.max(initial=0.0).reshape(1), resolution_ms)[1][0])

    def prepare(self, weight: Any, resolution_ms: float) -> PreparedDrive:
        """Header: weight, delay, numbers of times and neurons, whether each neuron has a weight; steps of the times.

        For each time, the starts of the neurons' tables follow, and then the neurons' weights. Thresholds: their
        number, and the tables of all rates.
        """
        n_times, n = self.rates_hz.shape
        # Without times, there are no rates.
        rates, place = np.unique(np.append(self.rates_hz, 0.0), return_inverse=True)
        cumulative, lengths = self._cumulative(rates, resolution_ms)
        tables, starts = count_tables(cumulative, lengths)
        weighted = np.ndim(weight) > 0
        delay = int(delay_steps(self.delay_ms, resolution_ms))
        head = [largest_weight(weight), delay, n_times, n, int(weighted)]
        steps, begins = delay_steps(self.times_ms, resolution_ms), 1 + starts[place[:-1]]
        header = np.concatenate([head, steps, begins, weight if weighted else []]).astype(np.int64)
        thresholds = np.concatenate([[1 + len(tables)], tables]).astype(np.uint32)
        first_weight = FIRST_STEP + n_times * (1 + n) if weighted else -1
        return PreparedDrive(header, thresholds, int(lengths.max(initial=0)), first_weight=first_weight)

    def selected(self, prepared: PreparedDrive, neurons: range) -> PreparedDrive:
        """Return the part for some neurons, with the tables of their rates only."""
        n_times, n, weighted = prepared.header[2:FIRST_STEP].tolist()
        own = slice(neurons.start, neurons.stop, neurons.step)
        steps, begins = np.split(prepared.header[FIRST_STEP : FIRST_STEP + n_times * (1 + n)], [n_times])
        used, place = np.unique(begins.reshape(n_times, n)[:, own], return_inverse=True)
        tables, starts = joined(prepared.thresholds, np.unique(begins), used)
        head = [*prepared.header[:3].tolist(), len(neurons), weighted]
        weights = prepared.weights(n)[own] if weighted else np.zeros(0, dtype=np.int64)
        header = np.concatenate([head, steps, 1 + starts[place.ravel()], weights]).astype(np.int64)
        thresholds = np.concatenate([[1 + len(tables)], tables]).astype(np.uint32)
        first_weight = FIRST_STEP + n_times * (1 + len(neurons)) if weighted else -1
        return replace(prepared, header=header, thresholds=thresholds, first_weight=first_weight)

    def events(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> IntArray:
        n_times, n = prepared.header[2:4].tolist()
        emitted = step - int(prepared.header[1])
        steps = prepared.header[FIRST_STEP : FIRST_STEP + n_times]
        latest = int(np.searchsorted(steps, emitted, side="right")) - 1
        counts = np.zeros(len(ids), dtype=np.int64)
        if emitted < 0 or latest < 0:
            return counts
        words = random_words(stream, emitted, ids)
        begins = prepared.header[FIRST_STEP + n_times + latest * n :][:n]
        for begin in np.unique(begins).tolist():
            n_counts, empty = prepared.thresholds[begin : begin + 2].tolist()
            table = prepared.thresholds[begin : begin + 2 + 2 * n_counts - 1 - empty]
            counts[begins == begin] = counts_of(table, words[begins == begin])
        return counts
