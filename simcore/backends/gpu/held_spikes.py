"""Spikes in the form of the kernels: a spike's word and its step in 64 bits (see ``kernels/delivery.cuh``)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.gpu.device import Device, Held
from simcore.synapses.spike_words import MULTIPLICITY_BIT

IntArray = npt.NDArray[np.int64]
Words = npt.NDArray[np.unsignedinteger[Any]]

STEP_BIT, EXTRA_BIT = np.uint64(32), np.uint64(48)
LARGEST_STEP = 0xFFFF
"""With multiplicities steps have 16 bits."""
SPARE_ENTRIES = 1 << 20
"""Room beyond that for a step in which all neurons fire; a launch ends when it is used up."""
CURSOR_BYTES = 8


class SpikeList:
    """Room on the device for held spikes, and for their cursors if there are any (``kernels/deliver_rows.cuh``).

    Parameters
    ----------
    device
        Device of the list.
    room
        Number of spikes, beyond the held ones, for which the list must have room.
    cursors
        Number of cursors of each spike.
    """

    def __init__(self, device: Device, room: int, cursors: int) -> None:
        self._device, self._room, self._cursors = device, room, cursors
        self._spare = SPARE_ENTRIES // max(1, cursors)
        self._allocate(0)

    def _allocate(self, n_held: int) -> None:
        self.capacity = 2 * n_held + self._room + self._spare
        self.spikes: Held = self._device.zeros(self.capacity, np.uint64)
        self.cursors: Held = self._device.zeros(self.capacity * self._cursors, np.uint64)

    @property
    def nbytes(self) -> int:
        """Memory on the device."""
        return self.spikes.nbytes + self.cursors.nbytes

    def arguments(self) -> dict[str, int]:
        """Members of `simcore.backends.gpu.tables.Arguments`."""
        return {"capacity": self.capacity, "spikes": self.spikes.address, "cursors": self.cursors.address}

    def make_room(self, n_held: int) -> None:
        """Enlarge the list if the held spikes leave too little room; its contents are then lost."""
        if n_held + self._room > self.capacity:
            self._allocate(n_held)


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
