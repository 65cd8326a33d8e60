"""Spikes in the form of the kernels: a spike's word and its step in 64 bits (see ``kernels/propagate.cu``)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.synapses.spike_words import MULTIPLICITY_BIT

IntArray = npt.NDArray[np.int64]
Words = npt.NDArray[np.unsignedinteger[Any]]

STEP_BIT, EXTRA_BIT = np.uint64(32), np.uint64(48)
LARGEST_STEP = 0xFFFF
"""With multiplicities steps have 16 bits."""


def held_spikes(words: Words, steps: IntArray) -> npt.NDArray[np.uint64]:
    """Spikes from their words, uint32 or with multiplicities uint64, and their steps, counted from the earliest."""
    held = words.astype(np.uint32).astype(np.uint64)
    held |= steps.astype(np.uint64) << STEP_BIT
    held |= extra_spikes(words).astype(np.uint64) << EXTRA_BIT
    return held


def words_and_steps(spikes: npt.NDArray[np.uint64], dtype: npt.DTypeLike) -> tuple[Words, IntArray]:
    """Words of type `dtype`, and steps, of spikes."""
    if np.dtype(dtype) == np.uint32:
        return spikes.astype(np.uint32), (spikes >> STEP_BIT).astype(np.int64)
    steps = (spikes >> STEP_BIT & np.uint64(LARGEST_STEP)).astype(np.int64)
    return spikes.astype(np.uint32) | spikes >> EXTRA_BIT << np.uint64(MULTIPLICITY_BIT), steps


def extra_spikes(words: Words) -> IntArray:
    """Multiplicity of each spike minus one."""
    return (words.astype(np.uint64) >> np.uint64(MULTIPLICITY_BIT)).astype(np.int64)
