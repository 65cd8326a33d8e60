"""Distances between the distributions of a statistic in two recordings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchnn.statistics.divergence import divergences
from benchnn.statistics.measures import MICROCIRCUIT, Measures
from benchnn.statistics.statistics import PopulationStatistics

FloatArray = npt.NDArray[np.float64]
Recording = dict[str, PopulationStatistics]

METRICS = ("KS", "EMD")
"""Distances of pairs of samples; the third metric, KL, uses bins that follow from all samples."""


@dataclass(frozen=True)
class Feature:
    """A comparison: a distribution of a population by one metric."""

    population: str
    statistic: str
    metric: str


def distance(metric: str, left: FloatArray, right: FloatArray) -> float:
    """Return the two-sample Kolmogorov-Smirnov statistic, or the earth mover's distance (unit of the values).

    Two empty samples have the distance 0; an empty and another sample have the largest distance: 1, or infinity.
    """
    return _distances(np.sort(left), np.sort(right))[METRICS.index(metric)]


def _distances(left: FloatArray, right: FloatArray) -> tuple[float, float]:
    """Largest difference of, and area between, the cumulative distributions of two samples in ascending order."""
    if len(left) == 0 or len(right) == 0:
        return (0.0, 0.0) if len(left) == len(right) else (1.0, float("inf"))
    values = np.concatenate([left, right])
    # Stable: two ascending runs are merged, not sorted.
    order = np.argsort(values, kind="stable")
    steps = np.where(order < len(left), 1.0 / len(left), -1.0 / len(right))
    # A distribution has no value between equal neighbours.
    gaps = np.diff(values[order])
    differences = np.abs(np.cumsum(steps)[:-1])
    return float(np.max(differences[gaps > 0.0], initial=0.0)), float(differences @ gaps)


def features(recordings: Sequence[Recording], measures: Measures = MICROCIRCUIT) -> list[Feature]:
    """Return all pairs of distribution and metric of every population."""
    return [
        Feature(population, statistic, metric)
        for population in recordings[0]
        for statistic in measures.distributions
        for metric in measures.metrics
    ]


def distance_matrices(recordings: Sequence[Recording], measures: Measures = MICROCIRCUIT) -> FloatArray:
    """Return distances of all pairs of recordings, shape (features, recordings, recordings); the diagonal is 0."""
    matrices = [
        sample_distances([getattr(recording[population], name) for recording in recordings], measures.metrics)
        for population in recordings[0]
        for name in measures.distributions.values()
    ]
    return np.concatenate(matrices)


def sample_distances(samples: Sequence[FloatArray], metrics: Sequence[str] = METRICS) -> FloatArray:
    """Return distances of all pairs of samples, shape (metrics, samples, samples); symmetric, 0 on the diagonal."""
    ordered = [np.sort(sample) for sample in samples]
    found = np.zeros((len(METRICS), len(samples), len(samples)))
    for i in range(len(samples)):
        for j in range(i):
            found[:, i, j] = found[:, j, i] = _distances(ordered[i], ordered[j])
    return np.array([divergences(ordered) if name == "KL" else found[METRICS.index(name)] for name in metrics])
