"""Logarithms of the probabilities that synapses miss a target, for `Rule.log_unreached`."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def log_missed(part: npt.ArrayLike, whole: npt.ArrayLike) -> FloatArray:
    """Return the logarithm of the probability that a random item of `whole` is not in `part`; -inf if all are."""
    chosen, of = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(-np.minimum(chosen / np.maximum(of, 1.0), 1.0)))


def times(number: npt.ArrayLike, logarithm: npt.ArrayLike) -> FloatArray:
    """Return `number` times a logarithm, which can be -inf; 0 if `number` is 0."""
    count, log = np.asarray(number, dtype=np.float64), np.asarray(logarithm, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(count == 0.0, 0.0, count * log)
