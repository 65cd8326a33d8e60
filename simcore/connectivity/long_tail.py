"""Integers with a long tail, a given largest value and a given sum: degrees and contacts of a connectome."""

import numpy as np
import numpy.typing as npt

from simcore.errors import require

IntArray = npt.NDArray[np.int64]
BISECTIONS = 200
"""Number of bisections, sufficient for any interval of float64."""


def numbers_at_least(n: int, total: int, largest: int, field: str) -> IntArray:
    """Return how many of `n` integers from 0 to `largest` with sum `total` are at least 1, 2, ..., `largest`.

    The share that is at least k decreases as a (a + 1) / ((k + a) (k + a + 1)), with the inverse square of k, and is
    cut at `largest`, which at least one number reaches. Only + - * / of float64 are used, so that results are the same
    on every machine.

    Parameters
    ----------
    n, total, largest
        As above; `total` is at most a third of n times `largest`.
    field
        Name of the total, for the message.

    Returns
    -------
    int64, descending, shape (largest,); their sum is `total`.

    Raises
    ------
    InputError
        If the sum is not possible.
    """
    most = n * largest // 3
    allowed = f"must be in [{largest}, {most}], as the sum of {n} numbers of at most {largest}"
    require(largest <= total <= most, field, total, allowed)
    low, high = 0.0, float(largest)
    while _cut(n, high, largest).sum() < total:
        high *= 2.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _cut(n, middle, largest).sum() <= total else (low, middle)
    found = _cut(n, low, largest)
    # The remainder of rounding is added to the smallest numbers that can be larger.
    while (missing := total - int(found.sum())) > 0:
        above = np.concatenate(([n], found[:-1]))
        found[np.flatnonzero(found < above)[:missing]] += 1
    return found


def _cut(n: int, a: float, largest: int) -> IntArray:
    k = np.arange(1, largest + 2, dtype=np.float64)
    shares = (a / (k + a)) * ((a + 1.0) / (k + a + 1.0))
    counts: IntArray = np.floor(n * ((shares[:-1] - shares[-1]) / (1.0 - shares[-1])) + 0.5).astype(np.int64)
    return np.maximum(counts, 1)


def numbers_of(at_least: IntArray, ranks: IntArray) -> IntArray:
    """Return the numbers of these ranks, with rank 0 for the largest; int64, of the shape of `ranks`."""
    return len(at_least) - np.searchsorted(at_least[::-1], ranks, side="right")
