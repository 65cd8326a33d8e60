"""Rates of single neurons over trials, and their differences between two experiments.

Intervals use Student's t: for the mean over n trials, mean +- t sd / sqrt(n) with n - 1 degrees of freedom. If the
trials of two experiments belong together in pairs, the differences of the pairs are used. Otherwise Welch's t is used,
whose degrees of freedom follow from both variances.

Many neurons are tested at once. For 5 % of the neurons that do not differ, the interval excludes 0 by chance. The
procedure of Benjamini and Hochberg marks neurons so that on average at most 5 % of the marked neurons do not differ, if
tests are independent or depend on each other positively.

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
        """Count spikes by neuron from the ids of the spikes of each trial."""
        each = [np.unique(ids, return_counts=True) for ids in fired]
        neurons = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(ids for ids, _ in each)]))
        counts = np.zeros((len(fired), len(neurons)), dtype=np.int64)
        for trial, (ids, numbers) in enumerate(each):
            counts[trial, np.searchsorted(neurons, ids)] = numbers
        return cls(neurons, counts, seconds)

    def rates_of(self, neurons: IntArray) -> FloatArray:
        """Return rates of any neurons in 1/s, shape (trials, neurons); 0 for neurons that never fired."""
        rates = np.zeros((len(self.counts), len(neurons)))
        own = np.isin(neurons, self.neurons)
        rates[:, own] = self.counts[:, np.searchsorted(self.neurons, neurons[own])] / self.seconds
        return rates


@dataclass(frozen=True, eq=False)
class NeuronRates:
    """Rates of neurons in descending order; equal rates in ascending order of ids.

    Parameters
    ----------
    neurons
        Global ids.
    mean_hz, sd_hz, half_hz
        Mean over trials, standard deviation, and half the 95 % interval of the mean; the last two are NaN for a trial.
    fired
        Share of trials in which the neuron fired.
    """

    neurons: IntArray
    mean_hz: FloatArray
    sd_hz: FloatArray
    half_hz: FloatArray
    fired: FloatArray


def neuron_rates(counts: NeuronCounts) -> NeuronRates:
    """Return ranked mean rates over trials."""
    rates, n = counts.counts / counts.seconds, len(counts.counts)
    mean, sd = rates.mean(axis=0), _sd(rates)
    order = np.lexsort((counts.neurons, -mean))
    half = quantile(n - 1.0) * sd / np.sqrt(n) if n > 1 else np.full(len(mean), np.nan)
    fired = (counts.counts > 0).mean(axis=0)
    return NeuronRates(counts.neurons[order], mean[order], sd[order], half[order], fired[order])


@dataclass(frozen=True, eq=False)
class RateDifferences:
    """The second minus the first experiment, by neuron, in descending order of differences.

    Parameters
    ----------
    method
        `PAIRED` or `WELCH`.
    neurons
        Global ids of the neurons that fired in any trial of either experiment.
    first_hz, second_hz
        Mean rates.
    difference_hz, half_hz
        Difference of the means, and half its 95 % interval: infinite if there are too few trials; NaN if all trials of
        a neuron are equal, so that its variability is unknown.
    p
        P value of the two-sided t test or, if all trials are equal, of the exact permutation test, which is 1 without
        differences. NaN with fewer than two trials of each.
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
        """Whether the 95 % interval excludes 0; without an interval, whether p is at most 5 %."""
        return np.asarray(self.p <= 1.0 - CONFIDENCE)

    @property
    def by_chance(self) -> float:
        """Maximum expected number of intervals that exclude 0 if no neuron differs."""
        return (1.0 - CONFIDENCE) * len(self.neurons)


def rate_differences(first: NeuronCounts, second: NeuronCounts, paired: bool) -> RateDifferences:
    """Compare two experiments neuron by neuron.

    Parameters
    ----------
    first, second
        Counts of two experiments with the same network.
    paired
        Whether the k-th trials of both belong together; both must then have the same number of trials.
    """
    neurons = np.union1d(first.neurons, second.neurons)
    a, b = first.rates_of(neurons), second.rates_of(neurons)
    difference = b.mean(axis=0) - a.mean(axis=0)
    error, degrees, least = _paired_error(b - a) if paired else _welch_error(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0.0, difference / error, 0.0)
        # Degrees of freedom are equal for most neurons in pairs, and rarely otherwise.
        different, places = np.unique(degrees, return_inverse=True)
        half = np.where(error > 0.0, quantile(different)[places] * error, np.nan)
    alike = np.where(difference != 0.0, least, 1.0)
    enough = min(len(a), len(b)) > 1
    p = np.where(error > 0.0, two_sided_p(t, np.maximum(degrees, 1e-9)), alike) if enough else np.full(len(t), np.nan)
    order = np.lexsort((neurons, p, -np.abs(difference)))
    parts = (neurons, a.mean(axis=0), b.mean(axis=0), difference, half, p, benjamini_hochberg(p))
    return RateDifferences(PAIRED if paired else WELCH, *(part[order] for part in parts))


def benjamini_hochberg(p: FloatArray) -> BoolArray:
    """Return the tests that the procedure marks at a false discovery rate of 5 %; tests with NaN are not marked."""
    order = np.argsort(p, kind="stable")
    ranked, n = p[order], len(p)
    below = np.flatnonzero(ranked <= (1.0 - CONFIDENCE) * np.arange(1, n + 1) / max(n, 1))
    marked = np.zeros(n, dtype=np.bool_)
    marked[order[: below[-1] + 1 if len(below) else 0]] = True
    return marked


def _sd(rates: FloatArray) -> FloatArray:
    """Sample standard deviation over trials; exactly 0 if all are equal."""
    if len(rates) < 2:
        return np.full(rates.shape[1], np.nan)
    return np.where(np.ptp(rates, axis=0) > 0.0, rates.std(axis=0, ddof=1), 0.0)


def _paired_error(differences: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Standard error of the mean, degrees of freedom, and the smallest p of the exact test by swapping pairs."""
    n, sd = len(differences), _sd(differences)
    # Rates are quotients: equal differences of counts may differ in the last bits.
    scale = np.abs(differences).max(axis=0, initial=0.0)
    error = np.where(sd > 1e-9 * scale, sd / np.sqrt(n), 0.0)
    return error, np.full(len(error), n - 1.0), 2.0**-n * 2.0


def _welch_error(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """The same for Welch's t; the exact test exchanges trials between the experiments."""
    n, m = len(a), len(b)
    u, v = _sd(a) ** 2 / n, _sd(b) ** 2 / m
    least = min(1.0, 2.0 / comb(n + m, n))
    if min(n, m) < 2:
        return np.zeros(a.shape[1]), np.ones(a.shape[1]), least
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = np.where(u + v > 0.0, (u + v) ** 2 / (u**2 / (n - 1) + v**2 / (m - 1)), 1.0)
    return np.sqrt(u + v), degrees, least
