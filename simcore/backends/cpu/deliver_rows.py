"""Delivery of spikes by source: all synapses of a spike at once, into a ring buffer that covers all delays."""

from typing import Any

import numpy as np

from simcore.backends.cpu.arrays import Buffers, Calls, Format, Recent, Synapses
from simcore.backends.cpu.columns import PartitionColumn, RowColumn
from simcore.backends.cpu.deliver import columns_of, have_multiplicities, hold_weights, poll
from simcore.backends.cpu.look_up import AHEAD, BATCH, ask_for_row, ask_for_words, find_words, list_rows, most_channels
from simcore.backends.cpu.resting_loop import mark
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, inlined

PARTITION, ROW = (plain(columns) for columns in (PartitionColumn, RowColumn))


@inlined
def _amount(word: Any, shift: Any, shared: Any, times: Any, words: Any) -> Any:
    """Amount that a word adds to an input: its own weight or the common weight of its row."""
    if hold_weights(words):
        return np.int64(word >> shift) * times
    return shared


@borrowing
def _deliver_rows(
    found: Any, n: Any, origin: Any, first_arrival: Any, format: Format, n_neurons: Any, index: Any, offsets: Any,
    words: Any, inputs: Any, p_own: Any, buffers: Buffers, spikes: Any,
) -> None:  # fmt: skip
    """Add the rows listed for spikes of the step `origin` to the ring, except arrivals before `first_arrival`.

    Of `spikes` only the type matters: whether they have multiplicities.
    """
    pending = buffers.pending
    n_slots = np.uint64(len(pending))
    earliest = np.uint64(max(first_arrival - origin - format.min_delay, 0))
    first_slot = np.uint64((origin + format.min_delay) % len(pending))
    target_mask = (np.uint64(1) << np.uint64(format.target_bits)) - np.uint64(1)
    delay_mask = (np.uint64(1) << np.uint64(format.weight_shift - format.target_bits)) - np.uint64(1)
    shift, stride = np.uint64(format.target_bits), np.uint64(format.n_receptors) * n_neurons
    weight_shift = np.int64(format.weight_shift)
    for k in range(min(2 * AHEAD, n)):
        ask_for_row(found, np.uint64(k), index, offsets, format)
    for k in range(min(AHEAD, n)):
        find_words(found, np.uint64(k), index, offsets, format)
        ask_for_words(found, np.uint64(k), words)
    for k in range(n):
        p = np.uint64(k)
        if k + 2 * AHEAD < n:
            ask_for_row(found, p + np.uint64(2 * AHEAD), index, offsets, format)
        if k + AHEAD < n:
            find_words(found, p + np.uint64(AHEAD), index, offsets, format)
            ask_for_words(found, p + np.uint64(AHEAD), words)
        base = found[p, ROW.RECEPTOR] * n_neurons
        times = np.int64(1)
        if have_multiplicities(spikes):
            times = np.int64(found[p, ROW.TIMES])
        shared = np.int64(found[p, ROW.WEIGHT]) * times
        start, end = found[p, ROW.START], found[p, ROW.END]
        if delay_mask == np.uint64(0):
            # All delays are equal: counted once, as otherwise each count would wait for the previous one.
            if earliest == np.uint64(0):
                base += stride * first_slot
                for w in range(start, end):
                    neuron = np.uint64(words[w]) & target_mask
                    inputs[base + neuron] += inputs.dtype.type(_amount(words[w], weight_shift, shared, times, words))
                    mark(buffers.touched, p_own, first_slot, neuron)
                pending[first_slot] += np.int64(end - start) * times
            continue
        for w in range(start, end):
            word = words[w]
            delay = (np.uint64(word) >> shift) & delay_mask
            if delay < earliest:
                continue
            slot = first_slot + delay
            if slot >= n_slots:
                slot -= n_slots
            neuron = np.uint64(word) & target_mask
            inputs[stride * slot + base + neuron] += inputs.dtype.type(
                _amount(word, weight_shift, shared, times, words)
            )
            mark(buffers.touched, p_own, slot, neuron)
            pending[slot] += times


@borrowing
def deliver_by_source(
    which: Any, first_origin: Any, end_origin: Any, step: Any, synapses: Synapses, buffers: Buffers, recent: Recent,
    calls: Calls,
) -> None:  # fmt: skip
    """Deliver all arrivals from `step` on of the spikes of steps [first_origin, end_origin)."""
    n_slots = len(buffers.pending)
    first_origin = max(first_origin, step - synapses.format.max_delay)
    low_column, end_column = columns_of(which, recent.ranges)
    n_ordinals = most_channels(synapses.channel_starts)
    for p in range(len(synapses.partitions)):
        partition = synapses.partitions[p]
        index = synapses.group_starts[partition[PARTITION.INDEX] :]
        offsets = synapses.offsets[partition[PARTITION.OFFSETS] :]
        words = synapses.words[partition[PARTITION.WORDS] :]
        inputs = buffers.inputs[
            partition[PARTITION.INPUTS] : partition[PARTITION.INPUTS]
            + synapses.format.n_receptors * n_slots * partition[PARTITION.N_NEURONS]
        ]
        n_neurons = np.uint64(partition[PARTITION.N_NEURONS])
        for origin in range(first_origin, end_origin):
            ranges = recent.ranges[origin - recent.first_step]
            for column in range(low_column, end_column):
                for low in range(ranges[column, 0], ranges[column, 1], BATCH):
                    entries = recent.words[low : min(low + BATCH, ranges[column, 1])]
                    for ordinal in range(n_ordinals):
                        n = list_rows(entries, ordinal, 1, 0, synapses, buffers.pieces)
                        _deliver_rows(
                            buffers.pieces, n, origin, step, synapses.format, n_neurons, index, offsets, words, inputs,
                            p, buffers, entries,
                        )  # fmt: skip
                    poll(calls)
