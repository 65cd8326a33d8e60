"""The answer of a network from the activity of its output neurons, for every number of steps, and the early exit."""

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
COUNT, POTENTIAL, POTENTIAL_SUM, FIRST_SPIKE = "count", "potential", "potential_sum", "first_spike"
READOUTS = (COUNT, POTENTIAL, POTENTIAL_SUM, FIRST_SPIKE)
OF_POTENTIALS = (POTENTIAL, POTENTIAL_SUM)


def scores(spikes: npt.NDArray[np.bool_], potentials: FloatArray | None, readout: str) -> FloatArray:
    """Scores of each class after each step; the answer is the class with the largest score, or the first of several.

    Parameters
    ----------
    spikes
        Whether each output neuron fired in each step, (samples, steps, classes).
    potentials
        Membrane potentials of the output neurons, float64, of the same shape; None if `readout` does not need them.
    readout
        ``count``: number of spikes so far. ``potential``: current membrane potential. ``potential_sum``: sum of the
        membrane potentials so far. ``first_spike``: larger for an earlier first spike; 0 without a spike.

    Returns
    -------
    float64 (samples, steps, classes).
    """
    if readout in OF_POTENTIALS:
        assert potentials is not None  # noqa: S101 - recorded for this readout
        return potentials if readout == POTENTIAL else np.cumsum(potentials, axis=1)
    if readout == COUNT:
        return np.cumsum(spikes, axis=1, dtype=np.float64)
    steps = spikes.shape[1]
    fired = np.maximum.accumulate(spikes, axis=1)
    first = np.where(spikes.any(axis=1), spikes.argmax(axis=1), steps)[:, None, :]
    return np.where(fired, float(steps) - first, 0.0)


def exit_steps(scored: FloatArray, entropy: float | None) -> IntArray:
    """Step after which each sample is answered, numbered from 1, int64 (samples,).

    DT-SNN (Li, Moitra, Geller, Panda 2023, arXiv 2305.17346) stops at the first step in which the entropy of the
    softmax of the scores, relative to the entropy for equal scores, is below a threshold; other samples stop at the
    last step.

    Parameters
    ----------
    scored
        Result of `scores`.
    entropy
        The threshold, in (0, 1]; None to use all steps.
    """
    samples, steps = scored.shape[:2]
    if entropy is None:
        return np.full(samples, steps, dtype=np.int64)
    sure = normalised_entropy(scored) < entropy
    return np.where(sure.any(axis=1), sure.argmax(axis=1) + 1, steps).astype(np.int64)


def normalised_entropy(scored: FloatArray) -> FloatArray:
    """Entropy of the softmax of the scores over the last axis, 1 if all scores are equal."""
    shifted = scored - scored.max(axis=-1, keepdims=True)
    chances = np.exp(shifted)
    chances /= chances.sum(axis=-1, keepdims=True)
    # x log x is 0 for 0.
    entropy: FloatArray = -np.sum(chances * np.log(np.maximum(chances, 1e-300)), axis=-1)
    return np.asarray(entropy / np.log(scored.shape[-1]))
