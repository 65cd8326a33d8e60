"""Distances between the distributions of a statistic in two recordings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchnn.validation.statistics import PopulationStatistics

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
    from scipy.stats import ks_2samp, wasserstein_distance

    if len(left) == 0 or len(right) == 0:
        same = len(left) == len(right)
        return 0.0 if same else 1.0 if metric == "KS" else float("inf")
    if metric == "KS":
        return float(ks_2samp(left, right, method="asymp").statistic)
    return float(wasserstein_distance(left, right))


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
    for k, feature in enumerate(listed):
        name = DISTRIBUTIONS[feature.statistic]
        samples = [np.sort(getattr(recording[feature.population], name)) for recording in recordings]
        for i in range(n):
            for j in range(i):
                matrices[k, i, j] = matrices[k, j, i] = distance(feature.metric, samples[i], samples[j])
    return matrices
