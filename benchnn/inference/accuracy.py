"""Shares of correct answers, and their confidence intervals."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054
"""Quantile of the normal distribution for a 95 % interval."""


@dataclass(frozen=True)
class Accuracy:
    """Share of correctly classified samples, with Wilson's (1927) 95 % interval of a binomial share."""

    share: float
    low: float
    high: float
    samples: int


def accuracy(right: int, samples: int) -> Accuracy:
    """Accuracy if `right` of `samples` answers are correct."""
    share, squared = right / samples, Z_95**2 / samples
    middle = (share + squared / 2.0) / (1.0 + squared)
    half = Z_95 / (1.0 + squared) * math.sqrt(share * (1.0 - share) / samples + squared / (4.0 * samples))
    return Accuracy(share, max(0.0, middle - half), min(1.0, middle + half), samples)


def confusion(labels: npt.NDArray[np.int64], answers: npt.NDArray[np.int64], classes: int) -> npt.NDArray[np.int64]:
    """Confusion matrix: number of samples of each class (rows) with each answer (columns), int64 (classes, classes)."""
    return np.bincount(labels * classes + answers, minlength=classes**2).reshape(classes, classes)
