"""Rates of single neurons over trials, and how they differ between two experiments.

Intervals are Student's: of a mean over n trials mean +- t sd / sqrt(n), with n - 1 degrees of freedom. Differences of
experiments whose trials belong together in pairs are those of the pairs. Otherwise they are Welch's, whose degrees of
freedom follow from both variances.

Many neurons are tested at once. Of those that do not differ, 5 % have an interval without 0 by chance. The procedure of
Benjamini and Hochberg marks neurons so that of those that it marks at most 5 % do not differ, in the mean, where tests
are independent or depend on each other positively.

References
----------
B. L. Welch (1947), Biometrika 34:28, doi:10.1093/biomet/34.1-2.28. Y. Benjamini and Y. Hochberg (1995), Journal of the
Royal Statistical Society B 57:289, doi:10.1111/j.2517-6161.1995.tb02031.x.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from benchnn.statistics.student_t import CONFIDENCE, quantile, two_sided_p

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
PAIRED, WELCH = "paired", "Welch"


@dataclass(frozen=True, eq=False)
class NeuronCounts:
    """Spikes of the neurons that fired in any trial.

    Parameters
    ----------
    neurons
        Global ids, int64 (n,), ascending.
    counts
        Spikes, int64 (trials, n).
    seconds
        Model time of a trial, > 0.
    """

    neurons: IntArray
    counts: IntArray
    seconds: float

    @classmethod
    def of(cls, fired: Sequence[IntArray], seconds: float) -> "NeuronCounts":
        """Count the ids of the spikes of each trial."""
        each = [np.unique(ids, return_counts=True) for ids in fired]
        neurons = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(ids for ids, _ in each)]))
        counts = np.zeros((len(fired), len(neurons)), dtype=np.int64)
        for trial, (ids, numbers) in enumerate(each):
            counts[trial, np.searchsorted(neurons, ids)] = numbers
        return cls(neurons, counts, seconds)

    def rates_of(self, neurons: IntArray) -> FloatArray:
        """Rates in 1/s of any neurons, (trials, neurons); 0 of those that never fired."""
        rates = np.zeros((len(self.counts), len(neurons)))
        own = np.isin(neurons, self.neurons)
        rates[:, own] = self.counts[:, np.searchsorted(self.neurons, neurons[own])] / self.seconds
        return rates


@dataclass(frozen=True, eq=False)
class NeuronRates:
    """Rates of neurons, the fastest first; of equal ones the lowest id first.

    Parameters
    ----------
    neurons
        Global ids.
    mean_hz, sd_hz, half_hz
        Mean over trials, standard deviation, and half the 95 % interval of the mean; the last two are NaN of one trial.
    fired
        Share of trials in which the neuron fired.
    """

    neurons: IntArray
    mean_hz: FloatArray
    sd_hz: FloatArray
    half_hz: FloatArray
    fired: FloatArray


def neuron_rates(counts: NeuronCounts) -> NeuronRates:
    """Mean rates over trials, ranked."""
    rates, n = counts.counts / counts.seconds, len(counts.counts)
    mean, sd = rates.mean(axis=0), _sd(rates)
    order = np.lexsort((counts.neurons, -mean))
    half = quantile(n - 1.0) * sd / np.sqrt(n) if n > 1 else np.full(len(mean), np.nan)
    fired = (counts.counts > 0).mean(axis=0)
    return NeuronRates(counts.neurons[order], mean[order], sd[order], half[order], fired[order])


@dataclass(frozen=True, eq=False)
class RateDifferences:
    """The second experiment minus the first, by neuron, the largest difference first.

    Parameters
    ----------
    method
        `PAIRED` or `WELCH`.
    neurons
        Global ids of those that fired in any trial of either.
    first_hz, second_hz
        Mean rates.
    difference_hz, half_hz
        Difference of the means, and half its 95 % interval: infinite where the trials do not suffice; NaN where all
        trials of a neuron are alike, so that they do not tell how much it varies.
    p
        Of the two-sided t test; where all trials are alike of the exact permutation test, which is 1 if nothing
        differs. NaN without two trials of each.
    marked
        Whether the Benjamini-Hochberg procedure marks the neuron.
    """

    method: str
    neurons: IntArray
    first_hz: FloatArray
    second_hz: FloatArray
    difference_hz: FloatArray
    half_hz: FloatArray
    p: FloatArray
    marked: BoolArray

    @property
    def excludes_zero(self) -> BoolArray:
        """Whether the 95 % interval excludes 0 (where there is none, whether p is at most 5 %)."""
        return np.asarray(self.p <= 1.0 - CONFIDENCE)

    @property
    def by_chance(self) -> float:
        """Most intervals without 0 that are expected if no neuron differs."""
        return (1.0 - CONFIDENCE) * len(self.neurons)


def rate_differences(first: NeuronCounts, second: NeuronCounts, paired: bool) -> RateDifferences:
    """Compare two experiments neuron by neuron.

    Parameters
    ----------
    first, second
        Of the same network.
    paired
        Whether trial k of both belong together; there are then as many of each.
    """
    neurons = np.union1d(first.neurons, second.neurons)
    a, b = first.rates_of(neurons), second.rates_of(neurons)
    difference = b.mean(axis=0) - a.mean(axis=0)
    error, degrees, least = _paired_error(b - a) if paired else _welch_error(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0.0, difference / error, 0.0)
        # Most neurons have the same degrees in pairs, and few have them otherwise.
        different, places = np.unique(degrees, return_inverse=True)
        half = np.where(error > 0.0, quantile(different)[places] * error, np.nan)
    alike = np.where(difference != 0.0, least, 1.0)
    enough = min(len(a), len(b)) > 1
    p = np.where(error > 0.0, two_sided_p(t, np.maximum(degrees, 1e-9)), alike) if enough else np.full(len(t), np.nan)
    order = np.lexsort((neurons, p, -np.abs(difference)))
    parts = (neurons, a.mean(axis=0), b.mean(axis=0), difference, half, p, benjamini_hochberg(p))
    return RateDifferences(PAIRED if paired else WELCH, *(part[order] for part in parts))


def benjamini_hochberg(p: FloatArray) -> BoolArray:
    """Which tests the procedure marks at a false discovery rate of 5 %; none with a NaN."""
    order = np.argsort(p, kind="stable")
    ranked, n = p[order], len(p)
    below = np.flatnonzero(ranked <= (1.0 - CONFIDENCE) * np.arange(1, n + 1) / max(n, 1))
    marked = np.zeros(n, dtype=np.bool_)
    marked[order[: below[-1] + 1 if len(below) else 0]] = True
    return marked


def _sd(rates: FloatArray) -> FloatArray:
    """Standard deviation of a sample along the trials; exactly 0 where all are equal."""
    if len(rates) < 2:
        return np.full(rates.shape[1], np.nan)
    return np.where(np.ptp(rates, axis=0) > 0.0, rates.std(axis=0, ddof=1), 0.0)


def _paired_error(differences: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Standard error of the mean, degrees of freedom, and the least p of the exact test by swapping pairs."""
    n, sd = len(differences), _sd(differences)
    # Rates are quotients: equal differences of counts may differ in the last bits.
    scale = np.abs(differences).max(axis=0, initial=0.0)
    error = np.where(sd > 1e-9 * scale, sd / np.sqrt(n), 0.0)
    return error, np.full(len(error), n - 1.0), 2.0**-n * 2.0


def _welch_error(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Likewise; the exact test exchanges trials between the experiments."""
    n, m = len(a), len(b)
    u, v = _sd(a) ** 2 / n, _sd(b) ** 2 / m
    least = min(1.0, 2.0 / comb(n + m, n))
    if min(n, m) < 2:
        return np.zeros(a.shape[1]), np.ones(a.shape[1]), least
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = np.where(u + v > 0.0, (u + v) ** 2 / (u**2 / (n - 1) + v**2 / (m - 1)), 1.0)
    return np.sqrt(u + v), degrees, least
