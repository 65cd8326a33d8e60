"""Recorded spikes in memory."""

import numpy as np
import numpy.typing as npt

from simcore.network import Network, SpikeRecorder
from simcore.network.recorders import recorded_neurons
from simcore.recording.spikes import Spikes, mask_of

IntArray = npt.NDArray[np.int64]


class SpikeLog:
    """Recorded spikes of this rank's neurons, in blocks as a backend yields them.

    Parameters
    ----------
    network
        The description.
    """

    def __init__(self, network: Network) -> None:
        self._sizes = {population.name: population.size for population in network.populations}
        self._first_ids, self._resolution_ms = dict(network.first_ids), network.resolution_ms
        self._records = any(isinstance(recorder, SpikeRecorder) for recorder in network.recorders)
        self._recorded = recorded_neurons(network.recorders, self._sizes)
        self._mask = None if self._recorded is None else mask_of(self._recorded, network.first_ids, network.n_neurons)
        self._stamps: list[IntArray] = []
        self._ids: list[IntArray] = []

    @property
    def ids(self) -> tuple[IntArray, ...]:
        """Return the ids of the stored spikes in blocks, without copying."""
        return tuple(self._ids)

    def keep(self, stamps: IntArray, ids: IntArray) -> None:
        """Store the spikes of some steps."""
        if self._records:
            own = slice(None) if self._mask is None else self._mask[ids]
            self._stamps.append(stamps[own])
            self._ids.append(ids[own])

    def forget(self) -> None:
        """Discard all spikes."""
        self._stamps, self._ids = [], []

    def spikes(self, step: int) -> Spikes:
        """Return all stored spikes, `step` steps after the beginning."""
        empty = [np.zeros(0, dtype=np.int64)]
        return Spikes(
            np.concatenate(empty + self._stamps),
            np.concatenate(empty + self._ids),
            dict(self._first_ids),
            dict(self._sizes),
            self._resolution_ms,
            step,
            recorded=self._recorded,
        )
