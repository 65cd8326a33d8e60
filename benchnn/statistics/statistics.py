"""Statistics of spike trains, as the community's protocol for the cortical microcircuit defines them.

References
----------
Senk et al. (2026), Constructive community race: full-density spiking neural network model drives neuromorphic
computing, Neuromorph. Comput. Eng. 6:012001. Its code: INM-6/microcircuit-PD14-model on GitHub, PyNEST/reference_data.
Shinomoto et al. (2009), Relating neuronal firing patterns to functional differentiation of cerebral cortex, PLoS
Comput. Biol. 5:e1000433: the local variation LvR.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchnn.statistics.measures import MICROCIRCUIT, Measures
from simcore.recording.spikes import IntArray, Spikes

FloatArray = npt.NDArray[np.float64]

RATE, CV, CORRELATION = "rate (1/s)", "CV of ISI", "correlation"
"""Names of means."""
MIN_SPIKES_OF_CV = 3
SUBSET = 250
"""Maximum number of neurons of a population for distances between spike trains and, by default, correlations."""
LVR_SUBSET = 2000
"""Maximum number of neurons of a population for local variation."""
REFRACTORY_MS = 2.0
"""R of the local variation: the refractory period of the neurons (Schmidt et al. 2018, PLOS Comput. Biol.
14:e1006359)."""
MOST_CORRELATIONS = 100_000
"""Maximum number of correlations; more are thinned at equal distances in their order."""
SYNCHRONY_BIN_MS = 3.0
LONGEST_COUNTED_MS = 100.0
"""Longer intervals between spikes, in ms, are counted together."""
BINS_HELD = 1 << 24
"""Maximum number of dense bins; bins of recordings of more than half a day are mostly empty, and only those with
spikes are stored."""
BINS_AT_ONCE = 1 << 14
"""Number of bins in memory at the same time for 250 neurons; fewer for more neurons."""


@dataclass(frozen=True, eq=False)
class PopulationStatistics:
    """Statistics of one population in one recording.

    Parameters
    ----------
    rates_hz
        Rate of each neuron, including silent neurons, 1/s.
    cv_isi
        Coefficient of variation (population standard deviation over mean) of the intervals between the spikes of each
        neuron that has at least three.
    correlations
        Pearson correlation of the spike counts in bins, for every pair of randomly chosen neurons (`Measures`), except
        pairs with a silent neuron.
    synchrony
        Variance over mean of the population's spike count in bins of 3 ms, shape (); NaN without spikes. (Potjans,
        Diesmann 2014, Cereb. Cortex 24:785.)
    interval_counts
        Number of intervals between consecutive spikes of a neuron by their length in steps; the last entry counts all
        intervals longer than 100 ms.
    lvr
        Local variation of at most 2000 randomly chosen neurons with at least three spikes; empty if the protocol does
        not use it.
    """

    rates_hz: FloatArray
    cv_isi: FloatArray
    correlations: FloatArray
    synchrony: FloatArray
    interval_counts: FloatArray
    lvr: FloatArray = field(default_factory=lambda: np.zeros(0))


def rates_hz(ids: IntArray, n: int, duration_ms: float) -> FloatArray:
    """Return rates of `n` neurons, 1/s, from the ids of the spikes in a window of `duration_ms`; empty for 0 ms."""
    return np.bincount(ids, minlength=n) / (duration_ms * 1e-3) if duration_ms > 0.0 else np.zeros(0)


def cv_isi(stamps: IntArray, ids: IntArray, n: int) -> FloatArray:
    """Return coefficients of variation of the intervals of neurons with at least three spikes, in order of id.

    Neurons that only relay spikes can have several in one step; neurons whose intervals are all 0 are omitted.

    Parameters
    ----------
    stamps, ids
        Time (any unit) and id of each spike.
    n
        Number of neurons.
    """
    order = np.lexsort((stamps, ids))
    intervals, owners = _intervals(stamps[order], ids[order])
    counts = np.bincount(owners, minlength=n)
    sums = np.bincount(owners, intervals, minlength=n)
    known = (counts >= MIN_SPIKES_OF_CV - 1) & (sums > 0.0)
    means = np.zeros(n)
    means[known] = sums[known] / counts[known]
    squares = np.bincount(owners, (intervals - means[owners]) ** 2, minlength=n)[known]
    return np.asarray(np.sqrt(squares / counts[known]) / means[known])


def _intervals(stamps: IntArray, ids: IntArray) -> tuple[FloatArray, IntArray]:
    """Intervals between consecutive spikes, and the ids of their neurons; the spikes are in order of (id, time)."""
    same = ids[1:] == ids[:-1]
    return np.diff(stamps)[same].astype(np.float64), ids[1:][same]


def interval_counts(stamps: IntArray, ids: IntArray, longest: int) -> FloatArray:
    """Count the intervals between consecutive spikes of a neuron with 0, 1, ..., `longest` and more steps."""
    order = np.lexsort((stamps, ids))
    intervals = _intervals(stamps[order], ids[order])[0].astype(np.int64)
    return np.bincount(np.minimum(intervals, longest + 1), minlength=longest + 2).astype(np.float64)


def synchrony(stamps: IntArray, start_step: int, n_bins: int, bin_steps: int) -> float:
    """Return variance over mean of the population's spike count in `n_bins` bins of `bin_steps`; NaN without spikes."""
    bins = (stamps - 1 - start_step) // bin_steps
    bins = bins[(bins >= 0) & (bins < n_bins)]
    if n_bins > BINS_HELD:
        _, occupied = np.unique(bins, return_counts=True)
        total, squares = len(bins), int((occupied.astype(object) ** 2).sum()) if len(bins) else 0
        return (n_bins * squares - total**2) / (n_bins * total) if total else float("nan")
    counts = np.bincount(bins, minlength=n_bins)
    mean = float(counts.mean()) if n_bins else 0.0
    return float(counts.var()) / mean if mean > 0.0 else float("nan")


def lvr(stamps: IntArray, ids: IntArray, n: int, refractory: float, seed: int) -> FloatArray:
    """Return the local variation LvR of some neurons with at least three spikes, in order of id.

    LvR is 3 / (m - 1) times the sum, over the m - 1 pairs of neighbouring intervals I and J, of
    (1 - 4 I J / (I + J)^2) (1 + 4 R / (I + J)).

    Parameters
    ----------
    stamps, ids
        Time (any unit) and id of each spike.
    n
        Number of neurons.
    refractory
        R, in the unit of `stamps`.
    seed
        Seed of the choice of at most 2000 neurons.

    References
    ----------
    Shinomoto et al. (2009), PLoS Comput. Biol. 5:e1000433, equation 3.
    """
    chosen = np.zeros(n, dtype=np.bool_)
    chosen[chosen_neurons(n, seed, LVR_SUBSET)] = True
    used = np.flatnonzero(chosen[ids])
    used = used[np.lexsort((stamps[used], ids[used]))]
    intervals, owners = _intervals(stamps[used], ids[used])
    first, second = intervals[:-1], intervals[1:]
    # Intervals between spikes of a relaying neuron in one step are omitted.
    paired = (owners[1:] == owners[:-1]) & (first + second > 0.0)
    first, second, owners = first[paired], second[paired], owners[1:][paired]
    terms = (1.0 - 4.0 * first * second / (first + second) ** 2) * (1.0 + 4.0 * refractory / (first + second))
    counts, sums = np.bincount(owners, minlength=n), np.bincount(owners, terms, minlength=n)
    return np.asarray(3.0 * sums[counts > 0] / counts[counts > 0])


def chosen_neurons(n: int, seed: int, most: int = SUBSET) -> IntArray:
    """Choose at most `most` of `n` neurons by a seed; return them in ascending order."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:most])


def correlations(
    stamps: IntArray, ids: IntArray, n: int, start_step: int, n_bins: int, bin_steps: int, chosen: IntArray
) -> FloatArray:
    """Return correlations of binned spike counts of all pairs of chosen neurons.

    Parameters
    ----------
    stamps, ids
        End step and id of each spike; a stamp s belongs to the bin that contains the step from s - 1 to s.
    n
        Number of neurons.
    start_step, n_bins, bin_steps
        The bins: the first begins at `start_step`. Spikes after the last bin are omitted.
    chosen
        Ids of the neurons, ascending.

    Returns
    -------
    ndarray
        Shape (pairs of neurons with spikes,), float64: the upper triangle, row by row.
    """
    place = np.full(n, -1)
    place[chosen] = np.arange(len(chosen))
    bins = (stamps - 1 - start_step) // bin_steps
    used = np.flatnonzero((place[ids] >= 0) & (bins >= 0) & (bins < n_bins))
    used = used[np.argsort(bins[used], kind="stable")]
    # Empty bins do not contribute to the sums: only bins with spikes are numbered.
    bins, places = np.cumsum(np.diff(bins[used], prepend=bins[used[:1]]) > 0), place[ids[used]]
    occupied = int(bins[-1]) + 1 if len(bins) else 0
    sums, products = np.zeros(len(chosen)), np.zeros((len(chosen), len(chosen)))
    at_once = BINS_AT_ONCE * SUBSET // max(len(chosen), SUBSET)
    for first in range(0, occupied, at_once):
        width = min(at_once, occupied - first)
        block = slice(*np.searchsorted(bins, [first, first + width]))
        cells = places[block] * width + bins[block] - first
        counts = np.bincount(cells, minlength=len(chosen) * width).reshape(len(chosen), width).astype(np.float64)
        sums += counts.sum(axis=1)
        products += counts @ counts.T
    # Sums of integers below 2**53 are exact and do not depend on the blocks and their order.
    covariances = n_bins * products - np.outer(sums, sums)
    varying = np.diag(covariances) > 0.0
    covariances = covariances[varying][:, varying]
    deviations = np.sqrt(np.diag(covariances))
    pairs = np.triu_indices(len(deviations), 1)
    return np.asarray(covariances[pairs] / (deviations[pairs[0]] * deviations[pairs[1]]))


def statistics_of(spikes: Spikes, seed: int = 0, measures: Measures = MICROCIRCUIT) -> dict[str, PopulationStatistics]:
    """Return all statistics of each population in the recorded window.

    Parameters
    ----------
    spikes
        Recorded spikes without the warm-up (see `Spikes.since`). Statistics cover the recorded neurons; populations
        without recorded neurons are omitted.
    seed
        Seed of the choice of neurons for correlations and local variations.
    measures
        The protocol.
    """
    own = spikes.of_recorded()
    return {name: _statistics(own, name, stamps, ids, seed, measures) for name, stamps, ids in own.by_population()}


def _statistics(
    spikes: Spikes, population: str, stamps: IntArray, ids: IntArray, seed: int, measures: Measures
) -> PopulationStatistics:
    """Statistics of the spikes of a population with population-local ids."""
    n, steps = spikes.sizes[population], spikes.stop_step - spikes.start_step
    bin_steps, wide, longest = (
        max(round(duration / spikes.resolution_ms), 1)
        for duration in (measures.bin_ms, SYNCHRONY_BIN_MS, LONGEST_COUNTED_MS)
    )
    candidates = np.unique(ids) if measures.of_active else np.arange(n)
    chosen = candidates[chosen_neurons(len(candidates), seed, measures.correlated)]
    found = correlations(stamps, ids, n, spikes.start_step, steps // bin_steps, bin_steps, chosen)
    local = "lvr" in measures.distributions.values()
    return PopulationStatistics(
        rates_hz(ids, n, steps * spikes.resolution_ms),
        cv_isi(stamps, ids, n),
        _thinned(found),
        np.array(synchrony(stamps, spikes.start_step, steps // wide, wide)),
        interval_counts(stamps, ids, longest),
        lvr(stamps, ids, n, REFRACTORY_MS / spikes.resolution_ms, seed) if local else np.zeros(0),
    )


def _thinned(values: FloatArray) -> FloatArray:
    """At most `MOST_CORRELATIONS` values with nearly the same distribution."""
    if len(values) <= MOST_CORRELATIONS:
        return values
    ranks = (np.arange(MOST_CORRELATIONS) + 0.5) * (len(values) / MOST_CORRELATIONS)
    return np.sort(values)[ranks.astype(np.int64)]


def means_of(spikes: Spikes) -> dict[str, dict[str, float | None]]:
    """Return mean rate, irregularity and correlation of each population; None if undefined."""
    found = statistics_of(spikes)
    return {
        name: {
            RATE: _mean(values.rates_hz),
            CV: _mean(values.cv_isi),
            CORRELATION: _mean(values.correlations),
        }
        for name, values in found.items()
    }


def _mean(values: FloatArray) -> float | None:
    return float(values.mean()) if len(values) else None
