"""Distances between the distributions of a statistic in two recordings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchnn.statistics.statistics import PopulationStatistics

FloatArray = npt.NDArray[np.float64]
Recording = dict[str, PopulationStatistics]

DISTRIBUTIONS = {"FR": "rates_hz", "CV": "cv_isi", "CC": "correlations"}
"""The protocol's names of the distributions that are compared."""
METRICS = ("KS", "EMD")


@dataclass(frozen=True)
class Feature:
    """What is compared: a distribution of a population by one metric."""

    population: str
    statistic: str
    metric: str


def distance(metric: str, left: FloatArray, right: FloatArray) -> float:
    """Two-sample Kolmogorov-Smirnov statistic, or earth mover's distance (unit of the values), of two samples.

    Two empty samples have the distance 0, an empty and another one the largest there is: 1, or infinity.
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
    # Between neighbours that are equal a distribution has no value.
    gaps = np.diff(values[order])
    differences = np.abs(np.cumsum(steps)[:-1])
    return float(np.max(differences[gaps > 0.0], initial=0.0)), float(differences @ gaps)


def features(recordings: Sequence[Recording]) -> list[Feature]:
    """All pairs of distribution and metric of every population."""
    return [
        Feature(population, statistic, metric)
        for population in recordings[0]
        for statistic in DISTRIBUTIONS
        for metric in METRICS
    ]


def distance_matrices(recordings: Sequence[Recording]) -> FloatArray:
    """Distances of all pairs of recordings, shape (features, recordings, recordings); symmetric, 0 on the diagonal."""
    n = len(recordings)
    listed = features(recordings)
    matrices = np.zeros((len(listed), n, n))
    for k in range(0, len(listed), len(METRICS)):
        name = DISTRIBUTIONS[listed[k].statistic]
        samples = [getattr(recording[listed[k].population], name) for recording in recordings]
        matrices[k : k + len(METRICS)] = sample_distances(samples)
    return matrices


def sample_distances(samples: Sequence[FloatArray]) -> FloatArray:
    """Distances of all pairs of samples, shape (`METRICS`, samples, samples); symmetric, 0 on the diagonal."""
    ordered = [np.sort(sample) for sample in samples]
    matrices = np.zeros((len(METRICS), len(samples), len(samples)))
    for i in range(len(samples)):
        for j in range(i):
            matrices[:, i, j] = matrices[:, j, i] = _distances(ordered[i], ordered[j])
    return matrices
