"""A thread's register of recent spikes, which may still have to be delivered or saved to a checkpoint."""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.cpu.arrays import Recent
from simcore.memory import touched_bytes
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.synapses.spike_words import ID_MASK, MULTIPLICITY_BIT

IntArray = npt.NDArray[np.int64]
Words = npt.NDArray[np.unsignedinteger[Any]]

MIN_WORDS = 1 << 16
SPARE_WORDS = 16
"""Additional room for the latest spikes of a partition, beyond those of an interval."""
MAX_STEPS = 10_000
"""Largest number of steps per call of the step loop, which keeps all their spikes until it ends."""


class Register:
    """Words of the spikes since `first_step`, in `words`.

    For step ``first_step + k``, ``ranges[k, 0]`` holds the start and end of those of this rank's neurons,
    ``ranges[k, 1]`` of those of other ranks; int64, shape (steps, columns, 2). If groups of ranks have a separate
    exchange, ``ranges[k, 2]`` is for the spikes of other groups, which are appended later.

    Parameters
    ----------
    room
        Largest number of words that an interval can add from this rank.
    n_steps
        Largest number of steps that are kept.
    dtype
        uint32, or uint64 for words with multiplicities.
    columns
        2, or 3 if spikes are exchanged between groups of ranks separately.
    """

    def __init__(self, room: int, n_steps: int, dtype: npt.DTypeLike = np.uint32, columns: int = 2) -> None:
        self.first_step = 0
        self.words: Words = np.empty(max(MIN_WORDS, 4 * room), dtype=dtype)
        self.ranges = np.zeros((n_steps, columns, 2), dtype=np.int64)

    @property
    def recent(self) -> Recent:
        """The arrays in the form for kernels."""
        return Recent(self.words, self.ranges, self.first_step)

    @property
    def used_bytes(self) -> int:
        """Used bytes of the arrays."""
        return touched_bytes(self.words) + self.ranges.nbytes

    def own(self, begin: int, end: int) -> tuple[IntArray, IntArray, tuple[int, int] | None]:
        """Spikes of this rank's neurons in the steps [begin, end).

        Returns
        -------
        stamps, ids
            Of each, in order of (stamp, id), repeated according to its multiplicity.
        excess
            Stamp and id of the first spike that exceeded the largest multiplicity, if there is one.
        """
        stamps, ids, extra = self._sent(begin, end)
        if self.words.dtype == np.uint32:
            return stamps, ids, None
        late = np.flatnonzero(extra >= MAX_MULTIPLICITY)
        excess = (int(stamps[late[0]]), int(ids[late[0]])) if len(late) else None
        return np.repeat(stamps, 1 + extra), np.repeat(ids, 1 + extra), excess

    def _sent(self, begin: int, end: int) -> tuple[IntArray, IntArray, IntArray]:
        """Stamps and ids of these spikes; with multiplicities also the multiplicity of each minus one."""
        ranges = self.ranges[begin - self.first_step : end - self.first_step, 0]
        if not len(ranges):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        counts = ranges[:, 1] - ranges[:, 0]
        steps = np.repeat(np.arange(end - begin), counts)
        # Spikes of other ranks are between those of two intervals.
        shift = np.repeat(ranges[:, 0] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        words = self.words[shift + np.arange(len(steps))]
        keys = (steps << 32) | (words & ID_MASK).astype(np.int64)
        extra = np.zeros(0, dtype=np.int64)
        if words.dtype == np.uint64:
            order = np.argsort(keys)
            keys, extra = keys[order], (words[order] >> np.uint64(MULTIPLICITY_BIT)).astype(np.int64)
        else:
            keys.sort()
        return (keys >> 32) + (begin + 1), keys & 0xFFFFFFFF, extra

    def _filled(self, step: int) -> int:
        return int(self.ranges[step - 1 - self.first_step, :, 1].max()) if step > self.first_step else 0

    def forget(self, first: int, step: int, room: int) -> None:
        """Remove the spikes of steps before `first`; leave room for three intervals after `step`."""
        first = max(self.first_step, first)
        kept = self.ranges[first - self.first_step : step - self.first_step].copy()
        low = int(kept[0, 0, 0]) if len(kept) else 0
        recent = self.words[low : self._filled(step)].copy()
        self.ranges[: len(kept)] = kept - low
        self.words[: len(recent)] = recent
        self.first_step = first
        self.enlarge(step, 3 * room)

    def enlarge(self, step: int, needed: int) -> None:
        """Make room for `needed` more words after those of the steps before `step`."""
        filled = self._filled(step)
        if filled + needed > len(self.words):
            words = np.empty(2 * (filled + needed), dtype=self.words.dtype)
            words[:filled] = self.words[:filled]
            self.words = words

    def refill(
        self,
        first: int,
        step: int,
        steps: IntArray,
        words: Words,
        own: npt.NDArray[np.bool_],
        room: int,
    ) -> None:
        """Replace all spikes by those of the steps [first, step).

        Parameters
        ----------
        steps, words, own
            Step and word of each spike, and whether it is of one of this rank's neurons; in any order.
        """
        order = np.lexsort((~own, steps))
        keys = 2 * (steps[order] - first) + ~own[order]
        starts = np.searchsorted(keys, np.arange(2 * (step - first) + 1))
        self.first_step = first
        self.words = np.empty(max(MIN_WORDS, len(words) + 4 * room), dtype=self.words.dtype)
        self.words[: len(words)] = words[order]
        bounds = np.stack((starts[:-1], starts[1:]), axis=1)
        self.ranges[: step - first, :2] = bounds.reshape(step - first, 2, 2)
        # Which spikes of other ranks were those of other groups does not matter.
        self.ranges[: step - first, 2:] = self.ranges[: step - first, 1:2, 1:]
