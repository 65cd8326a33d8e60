"""The share of spikes in bursts.

A burst is a sequence of two or more spikes of a neuron at 100 1/s or more: each spike follows the previous one after at
most 10 ms.

References
----------
de Kock, Sakmann (2008), High frequency action potential bursts (>= 100 Hz) in L2/3 and L5B thick tufted neurons in
anaesthetized and awake rat primary somatosensory cortex, J. Physiol. 586:3353.
"""

import numpy as np

from simcore.recording.spikes import IntArray, Spikes

LONGEST_INTERVAL_MS = 10.0
"""Longest interval between two spikes of a burst, ms."""


def burst_share(stamps: IntArray, ids: IntArray, longest_steps: int) -> float | None:
    """Return the share of spikes that are part of a burst; None without spikes.

    Parameters
    ----------
    stamps, ids
        End step and id of each spike.
    longest_steps
        Longest interval between two spikes of a burst, in steps.
    """
    if len(ids) == 0:
        return None
    order = np.lexsort((stamps, ids))
    stamps, ids = stamps[order], ids[order]
    follows = (np.diff(stamps) <= longest_steps) & (ids[1:] == ids[:-1])
    return float(np.mean(np.append(follows, False) | np.insert(follows, 0, False)))


def burst_shares(spikes: Spikes) -> dict[str, float | None]:
    """Return the share of spikes that are part of a burst, by population."""
    longest = round(LONGEST_INTERVAL_MS / spikes.resolution_ms)
    return {name: burst_share(stamps, ids, longest) for name, stamps, ids in spikes.by_population()}
