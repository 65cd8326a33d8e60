"""Logarithms of probabilities that synapses miss a target, as `Rule.log_unreached` needs them."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def log_missed(part: npt.ArrayLike, whole: npt.ArrayLike) -> FloatArray:
    """Logarithm of the probability that a random one of `whole` is none of `part`; -inf if all are."""
    chosen, of = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(-np.minimum(chosen / np.maximum(of, 1.0), 1.0)))


def times(number: npt.ArrayLike, logarithm: npt.ArrayLike) -> FloatArray:
    """So many times a logarithm, which may be -inf; 0 if it is to happen no time."""
    count, log = np.asarray(number, dtype=np.float64), np.asarray(logarithm, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(count == 0.0, 0.0, count * log)
