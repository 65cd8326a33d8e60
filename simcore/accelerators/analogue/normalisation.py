"""Adaptation of normalisation, which corrects the mean and the spread of sums of non-ideal crossbars for each filter.

Some samples are evaluated with the crossbars and with the ideal network. For each filter, a linear function of the sums
n of all samples, steps and places maps the mean m and the standard deviation s of the crossbars to the values of the
ideal network; weights do not change, and labels are not used::

    n' = round( m_ideal + (n - m) s_ideal / s )

Layers are adapted in order, each after the adapted layers before it. If the sums of the crossbars do not vary, only the
mean is corrected.

The method is the adaptation of batch normalisation of Bhattacharjee, Yin, Moitra, Panda, arXiv 2309.03388, Section IV,
in which the running mean and variance of each normalisation are replaced by the values on the noisy crossbars. Networks
here have no normalisations, because trained or converted networks contain them in their weights: the linear function
after the converters replaces them.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simcore.accelerators.analogue.evaluator import (
    Correction,
    Driven,
    IdealReader,
    ReadMatrix,
    neurons,
    plain_sums,
)
from simcore.accelerators.analogue.layers import BoolArray, FloatArray, IntArray, LayeredNetwork


def adapted(network: LayeredNetwork, read: Sequence[ReadMatrix], driven: Driven) -> list[ReadMatrix]:
    """The matrices with corrections that restore the mean and spread of the ideal network.

    Parameters
    ----------
    network
        Layers and matrices.
    read
        Readers of each matrix of the network; existing corrections are replaced.
    driven
        The samples.
    """
    found = list(read)
    noisy: list[BoolArray] = []
    ideal: list[BoolArray] = []
    for number in range(len(network.layers)):
        after, without = [], []
        for place in network.into(number):
            matrix = network.matrices[place]
            wanted = plain_sums(ReadMatrix(matrix, IdealReader(matrix)), driven, ideal)
            found[place] = replace(read[place], correction=None)
            given = plain_sums(found[place], driven, noisy)
            correction = fitted(given, wanted)
            found[place] = replace(found[place], correction=correction)
            after.append((matrix, correction.of(given)))
            without.append((matrix, wanted))
        noisy.append(neurons(network, number, after, driven)[0])
        ideal.append(neurons(network, number, without, driven)[0])
    return found


def fitted(given: IntArray, wanted: IntArray) -> Correction:
    """Linear functions that give sums, int64 (..., filters), the mean and standard deviation of the wanted sums."""
    mean, spread = moments(given)
    wanted_mean, wanted_spread = moments(wanted)
    gain = np.divide(wanted_spread, spread, out=np.ones_like(spread), where=spread > 0.0)
    return Correction(gain, wanted_mean - gain * mean)


def moments(sums: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of the sums of each filter."""
    by_filter = sums.reshape(-1, sums.shape[-1])
    return by_filter.mean(axis=0), by_filter.std(axis=0)
