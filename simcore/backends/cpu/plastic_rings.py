"""Rings of the latest postsynaptic spikes: a spike is put first, the oldest one is removed once it is not needed."""

from typing import Any

import numpy as np

from simcore.backends.cpu.arrays import Fresh
from simcore.backends.cpu.columns import PartitionColumn
from simcore.backends.cpu.plastic_arrays import NEVER_STEP, Mark, Plastic, RingedColumn, Rings
from simcore.backends.cpu.plastic_settle import settle
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, kernel
from simcore.plasticity.cpu import trace_after
from simcore.synapses.spike_words import ID_MASK

RINGED, MARK, PARTITION = (plain(columns) for columns in (RingedColumn, Mark, PartitionColumn))
NEVER = np.int32(NEVER_STEP)


@borrowing
def push(steps: Any, traces: Any, step: Any, minus: Any) -> None:
    """Put a spike into the ring of a neuron."""
    trace = 1.0 if steps[0] == NEVER else trace_after(minus, traces[0], np.int64(step) - np.int64(steps[0]))
    for k in range(len(steps) - 1, 0, -1):
        steps[k] = steps[k - 1]
        traces[k] = traces[k - 1]
    steps[0] = np.int32(step)
    traces[0] = trace


@kernel
def longer(rings: Rings) -> Any:
    """The same rings with twice the room."""
    n, length = rings.steps.shape
    steps = np.empty((n, 2 * length), dtype=np.int32)
    traces = np.zeros((n, 2 * length), dtype=np.float64)
    for neuron in range(n):
        for k in range(length):
            steps[neuron, k], traces[neuron, k] = rings.steps[neuron, k], rings.traces[neuron, k]
            steps[neuron, length + k] = NEVER
    return Rings(steps, traces)


@borrowing
def has_room(rings: Rings, ring: Any, settled: Any) -> Any:
    """Whether the oldest spike of a ring can be removed.

    All facilitations with the spikes up to the step `settled` are applied. The one before the oldest is then the
    base of the trace.
    """
    return np.int64(rings.steps[ring, rings.steps.shape[1] - 2]) <= settled


@kernel
def remember(fresh: Fresh, side: Any, start: Any, step: Any, partitions: Any, plastic: Plastic, rings: Rings) -> Any:
    """Put the thread's spikes of the steps [start, step) into the rings, which are lengthened if necessary.

    All spikes up to `start` have been processed. Returns the rings.
    """
    origin = plastic.marks[MARK.ORIGIN]
    for r in range(len(plastic.ringed)):
        ringed = plastic.ringed[r]
        partition = partitions[ringed[RINGED.PARTITION]]
        number, place = partition[PARTITION.RANK_PARTITION], partition[PARTITION.FRESH]
        minus = plastic.numbers[ringed[RINGED.MINUS] : ringed[RINGED.MINUS_END]]
        first, end, depth = ringed[RINGED.FIRST_ID], ringed[RINGED.END_ID], ringed[RINGED.DEPTH]
        for lag in range(step - start):
            low = fresh.ends[side, number, lag - 1] if lag > 0 else 0
            for k in range(place + low, place + fresh.ends[side, number, lag]):
                neuron = np.int64(fresh.words[side, k] & ID_MASK)
                if neuron < first or neuron >= end:
                    continue
                ring = ringed[RINGED.RING] + (neuron - ringed[RINGED.FIRST_OWN]) // ringed[RINGED.STRIDE]
                if not has_room(rings, ring, plastic.marks[MARK.SETTLED] - depth - origin):
                    settle(start, plastic, rings)
                    while not has_room(rings, ring, plastic.marks[MARK.SETTLED] - depth - origin):
                        rings = longer(rings)
                push(rings.steps[ring], rings.traces[ring], start + lag + 1 - origin, minus)
    return rings
