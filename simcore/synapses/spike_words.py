"""Spikes as numbers: the global id of the neuron and, if neurons can send several spikes in a step, their number.

A word has 32 bits; with multiplicities it has 64 bits and contains, from bit 32 on, the number of spikes minus one.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

MULTIPLICITY_BIT = 32
ID_MASK = np.uint32(0xFFFFFFFF)


def spike_words(
    stamps: IntArray, ids: IntArray, dtype: npt.DTypeLike
) -> tuple[npt.NDArray[np.unsignedinteger[Any]], IntArray, IntArray]:
    """Return words of spikes, uint32 or with multiplicities uint64, and the stamp and id of each word."""
    if np.dtype(dtype) == np.uint32:
        return ids.astype(np.uint32), stamps, ids
    stamps, ids, times = counted(stamps, ids)
    extra = (times - 1).astype(np.uint64) << np.uint64(MULTIPLICITY_BIT)
    return ids.astype(np.uint64) | extra, stamps, ids


def counted(stamps: IntArray, ids: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the distinct (stamp, id) pairs of spikes in order, and the count of each."""
    order = np.lexsort((ids, stamps))
    stamps, ids = stamps[order], ids[order]
    first = np.ones(len(ids), dtype=np.bool_)
    first[1:] = (np.diff(stamps) != 0) | (np.diff(ids) != 0)
    starts = np.flatnonzero(first)
    return stamps[starts], ids[starts], np.diff(np.append(starts, len(ids)))
