"""Poisson distribution as cells of 32-bit words, most of which the upper 16 bits of a word distinguish.

The probability of each count is an integer number P of words out of 2**32. Each count has two cells: a cell of
``P >> 16`` times 2**16 words, which starts and ends at multiples of 2**16, so that the upper half of a word decides,
and a cell with the rest, ``P & 0xFFFF`` words. The cells of all counts are in order, followed by the rests: a word's
lower half is needed only if its upper half is among the rests, with a probability of at most one in 2**16 for each
count.

A *table* is a uint32 array: the number of counts, the number of leading empty cells, and the last word of each other
cell except the last cell.
"""

import numpy as np
import numpy.typing as npt

from simcore.propagators import exp

UInt32Array = npt.NDArray[np.uint32]

MAX_MEAN_COUNT = 128.0
"""Largest mean number of events per neuron and step; beyond it, the counts of a step would exceed a byte."""
NEGLIGIBLE = 2.0**-40
"""Probability that cannot be represented: less than 2**-32, the probability of a word."""


def count_thresholds(mean: float) -> UInt32Array:
    """Return the cumulative Poisson distribution in units of 2**-32, up to the last entry below 1.

    Parameters
    ----------
    mean
        Events per neuron and step, at most `MAX_MEAN_COUNT`.

    Returns
    -------
    uint32 array: entry k is the probability of at most k events.
    """
    thresholds = []
    probability = float(exp(-mean))
    cumulative = probability
    k = 0
    while True:
        threshold = int(cumulative * 2.0**32 + 0.5)
        if threshold >= 2**32 or (k > mean and probability < NEGLIGIBLE):
            break
        thresholds.append(threshold)
        k += 1
        probability = probability * mean / k
        cumulative = cumulative + probability
    return np.array(thresholds, dtype=np.uint32)


def count_table(thresholds: UInt32Array) -> UInt32Array:
    """Return the table of a distribution from its `count_thresholds`; uint32, in the layout described above."""
    words = np.diff(np.concatenate(([0], thresholds.astype(np.int64), [2**32])))
    ends = np.cumsum(np.concatenate((words >> 16 << 16, words & 0xFFFF)))[:-1]
    empty = int(np.count_nonzero(ends == 0))
    return np.concatenate(([len(words), empty], ends[empty:] - 1)).astype(np.uint32)


def counts_of(table: UInt32Array, words: UInt32Array) -> npt.NDArray[np.int64]:
    """Return the count of each word from its cell in `table`; int64, of the shape of `words`."""
    cells = int(table[1]) + np.searchsorted(table[2:], words, side="left")
    return (cells % int(table[0])).astype(np.int64)
