"""Histories of postsynaptic spikes on the host, for saving and restoring snapshots."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan, Snapshot
from simcore.backends.gpu.plastic_tables import Histories
from simcore.backends.gpu.ranks import ids_of_rank
from simcore.plasticity.changes import trace_after
from simcore.synapses.plastic import NEVER, History, trace_decays

Array = npt.NDArray[Any]
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def widened(entries: Array, length: int) -> Array:
    """Entries of histories, shape (histories, any), enlarged to `length` each."""
    wide = np.zeros((len(entries), length), dtype=entries.dtype)
    wide[:, : entries.shape[1]] = entries[:, :length]
    return wide


def older_spikes(
    populations: Mapping[int, Histories], step: int, held: Array, stamps: IntArray, traces: FloatArray
) -> dict[int, History]:
    """Older spikes of settled histories, for a snapshot of a step.

    Parameters
    ----------
    populations
        Histories of each population that has any, on any rank.
    step
        Step of the snapshot.
    held, stamps, traces
        Number of entries of each history, shape (histories,), and the entries, shape (histories, entries).
    """
    kept = {}
    for number, own in populations.items():
        part = slice(own.first, own.first + own.n)
        # The first entry is the newest of the older spikes, if there are any.
        older = (held[part] > 0) & (stamps[part, 0] <= step - own.depth)
        kept[number] = History(np.where(older, stamps[part, 0], NEVER), np.where(older, traces[part, 0], 0.0))
    return kept


def kept_histories(
    plan: Plan, populations: Sequence[Histories], older: Mapping[int, History], snapshot: Snapshot
) -> tuple[IntArray, IntArray, FloatArray]:
    """Number of entries of each history, their stamps and traces, from older and recent spikes of a snapshot."""
    minus = trace_decays(plan.network, plan.tables)
    n, depth = sum(own.n for own in populations), max((own.depth for own in populations), default=0)
    recent = snapshot.ids[snapshot.stamps > snapshot.step - depth]
    # More than needed if a neuron sends several spikes in a step.
    width = 1 + int(np.unique(recent, return_counts=True)[1].max(initial=0))
    held = np.zeros(n, dtype=np.int64)
    stamps, traces = np.zeros((n, width), dtype=np.int64), np.zeros((n, width))
    for number, history in older.items():
        own, ids = populations[number], ids_of_rank(plan, number)
        fired = np.flatnonzero(history.last != NEVER)
        held[own.first + fired] = 1
        stamps[own.first + fired, 0] = history.last[fired]
        traces[own.first + fired, 0] = history.trace[fired]
        for stamp in range(snapshot.step - own.depth + 1, snapshot.step + 1):
            here = own.first + np.flatnonzero(np.isin(ids, snapshot.ids[snapshot.stamps == stamp]))
            latest = np.maximum(held[here] - 1, 0)
            after = trace_after(minus[number], traces[here, latest], stamp - stamps[here, latest])
            stamps[here, held[here]] = stamp
            traces[here, held[here]] = np.where(held[here] > 0, after, 1.0)
            held[here] += 1
    return held, stamps, traces
