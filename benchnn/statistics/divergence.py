"""Kullback-Leibler divergence of two samples by histograms.

References
----------
Kullback, Leibler (1951), Ann. Math. Stat. 22:79. Freedman, Diaconis (1981), Z. Wahrsch. verw. Geb. 57:453: the width
of the bins. Krichevsky, Trofimov (1981), IEEE Trans. Inf. Theory 27:199: the additional half in each bin.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MOST_BINS = 10_000
"""Maximum number of bins; a sample with a tiny interquartile range would need more, nearly all of them empty."""


def bin_edges(samples: Sequence[FloatArray]) -> FloatArray:
    """Return edges of bins for all samples, whose width is the median of the widths of Freedman and Diaconis.

    The width for a sample of n is twice its interquartile range divided by the cube root of n. If it is 0, for example
    because most values are equal, the number of bins is the square root of n. The bins contain all values.
    """
    filled = [sample for sample in samples if len(sample)]
    if not filled:
        return np.array([0.0, 1.0])
    low, high = min(float(sample.min()) for sample in filled), max(float(sample.max()) for sample in filled)
    if low == high:
        return np.array([low - 0.5, high + 0.5])
    widths = []
    for sample in filled:
        first, third = np.quantile(sample, [0.25, 0.75])
        widths.append(2.0 * (third - first) / np.cbrt(len(sample)) or (high - low) / np.sqrt(len(sample)))
    bins = int(np.clip(np.ceil((high - low) / np.median(widths)), 1, MOST_BINS))
    return np.linspace(low, high, bins + 1)


def divergence(candidate: FloatArray, reference: FloatArray, edges: FloatArray) -> float:
    """Return the divergence of the candidate from the reference, in nats.

    Each bin counts half a value in addition, so that the divergence is finite. Two empty samples have the divergence 0;
    the divergence of an empty and another sample is infinite.
    """
    if len(candidate) == 0 or len(reference) == 0:
        return 0.0 if len(candidate) == len(reference) else float("inf")
    shares = [np.histogram(sample, edges)[0] + 0.5 for sample in (candidate, reference)]
    p, q = (counts / counts.sum() for counts in shares)
    return float(np.sum(p * np.log(p / q)))


def divergences(samples: Sequence[FloatArray]) -> FloatArray:
    """Return, for all pairs of samples, the mean of the divergences in both directions, shape (samples, samples)."""
    edges = bin_edges(samples)
    matrix = np.array([[divergence(one, other, edges) for other in samples] for one in samples])
    return np.asarray(0.5 * (matrix + matrix.T))
