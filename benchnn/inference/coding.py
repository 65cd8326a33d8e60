"""Coding of samples as input: constant currents, or spikes by rate, by latency or as recorded.

The input of a sample depends only on the sample, not on its batch or rank.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchnn.inference.samples import FloatArray, IntArray, Samples
from simcore.random import Purpose, philox

DIRECT, RATE, LATENCY, EVENTS = "direct", "rate", "latency", "events"
CODINGS = (DIRECT, RATE, LATENCY, EVENTS)


@dataclass(frozen=True, eq=False)
class CodedSpikes:
    """Input spikes of some samples, in order of (sample, input, step).

    Parameters
    ----------
    sample, neuron, step
        Index of the sample among these samples, index of the input, and step from 1, int64 (spikes,).
    """

    sample: IntArray
    neuron: IntArray
    step: IntArray


def coded(samples: Samples, first: int, coding: str, steps: int, seed: int) -> CodedSpikes:
    """Input spikes of samples.

    Parameters
    ----------
    samples
        Some of a data set.
    first
        Index of the first of them in the data set.
    coding
        ``rate``: a spike in each step, with a probability equal to the value, at most 1. ``latency``: one spike,
        earlier for larger values; no spike for 0. ``events``: as recorded, with several events in a step as one spike.
    steps
        Steps of a sample.
    seed
        Seed of random spikes.
    """
    if coding == RATE:
        return _by_rate(samples.values, first, steps, seed)
    if coding == LATENCY:
        return _by_latency(samples.values, steps)
    sample, step, neuron = np.nonzero(samples.values[:, :steps] > 0.0)
    return _ordered(sample, neuron, step + 1)


def _by_rate(values: FloatArray, first: int, steps: int, seed: int) -> CodedSpikes:
    chances = np.clip(values, 0.0, 1.0)
    sample, neuron = np.nonzero(chances > 0.0)
    # A Philox call yields four numbers, for four steps.
    groups = np.arange(-(-steps // 4))
    counter = (groups[None, :], neuron[:, None], (first + sample)[:, None], 0)
    words = np.stack(philox(counter, (seed, Purpose.INFERENCE_INPUT)), axis=-1).reshape(len(sample), -1)[:, :steps]
    fired = words < (chances[sample, neuron].astype(np.float64) * 2.0**32)[:, None]
    row, step = np.nonzero(fired)
    return CodedSpikes(sample[row], neuron[row], step + 1)


def _by_latency(values: FloatArray, steps: int) -> CodedSpikes:
    level = np.clip(values, 0.0, 1.0)
    sample, neuron = np.nonzero(level > 0.0)
    step = 1 + np.rint((1.0 - level[sample, neuron]) * (steps - 1)).astype(np.int64)
    return CodedSpikes(sample, neuron, step)


def _ordered(sample: IntArray, neuron: IntArray, step: IntArray) -> CodedSpikes:
    order = np.lexsort((step, neuron, sample))
    return CodedSpikes(sample[order], neuron[order], step[order])


def with_noise(samples: Samples, first: int, sigma: float, seed: int) -> Samples:
    """Samples with normal noise of standard deviation `sigma` on each value; the same objects for 0."""
    if sigma == 0.0:
        return samples
    shape = samples.values.shape
    counter = (np.arange(int(np.prod(shape[1:])))[None, :], (first + np.arange(shape[0]))[:, None], 0, 0)
    a, b, _, _ = philox(counter, (seed, Purpose.INFERENCE_NOISE))
    # Box and Muller (1958).
    radius = np.sqrt(-2.0 * np.log((a.astype(np.float64) + 0.5) * 2.0**-32))
    normal = radius * np.cos(2.0 * np.pi * b.astype(np.float64) * 2.0**-32)
    noisy: npt.NDArray[np.float32] = (samples.values + sigma * normal.reshape(shape)).astype(np.float32)
    return Samples(noisy, samples.labels, samples.events)
