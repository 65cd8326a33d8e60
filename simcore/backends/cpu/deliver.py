"""Delivery of spikes just in time, and functions shared with the other layouts (`simcore.synapses.layout`)."""

from typing import Any

import numpy as np

from simcore.backends.cpu.arrays import Buffers, Calls, Recent, Synapses
from simcore.backends.cpu.columns import ChannelColumn, PartitionColumn, PieceColumn
from simcore.backends.cpu.resting_loop import mark
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, inlined, overloaded
from simcore.jit.intrinsics import call_kernel, prefetch
from simcore.synapses.spike_words import ID_MASK, MULTIPLICITY_BIT

PIECES = 1024
"""Pieces listed before they are delivered."""
AHEAD = 10
"""Pieces between prefetch and delivery: DRAM latency over the time a piece takes."""
PREFETCHED_LINES = 16
SPIKES_AHEAD = 16
"""Spikes between the prefetch of an entry of the index and its use."""

CHANNEL, PARTITION, PIECE = (plain(columns) for columns in (ChannelColumn, PartitionColumn, PieceColumn))
MULTIPLICITY_SHIFT = np.uint64(MULTIPLICITY_BIT)
LOWER_HALF = np.uint64(0xFFFFFFFF)
OWN, REMOTE, FAR, EVERY = 0, 1, 2, 3
"""Selected spikes of the register: those of this rank, of other ranks, of other groups of ranks with a separate
exchange, or all."""


def have_multiplicities(spikes: Any) -> Any:
    """Whether the words of spikes have multiplicities, which is known at compile time and costs nothing."""
    raise NotImplementedError("compiled only")


@overloaded(have_multiplicities, forceinline=True)
def _overload_have_multiplicities(spikes):  # type: ignore[no-untyped-def] # Numba compares annotations too
    return (lambda spikes: True) if spikes.dtype.bitwidth == 64 else (lambda spikes: False)


def hold_weights(words: Any) -> Any:
    """Whether the words of synapses hold weights, known at compile time."""
    raise NotImplementedError("compiled only")


@overloaded(hold_weights, forceinline=True)
def _overload_hold_weights(words):  # type: ignore[no-untyped-def] # Numba compares annotations too
    return (lambda words: True) if words.dtype.signed else (lambda words: False)


@inlined
def prefetch_piece(words: Any, start: Any, end: Any, line: Any) -> None:
    """Prefetch the first lines of words [start, end), with `line` words per line of memory."""
    position = start
    last = min(end, start + line * np.uint64(PREFETCHED_LINES))
    while position < last:
        prefetch(words, position)
        position += line


@inlined
def columns_of(which: Any, ranges: Any) -> Any:
    """First and last + 1 of the columns of a register's ranges in which these spikes are (`register.Register`)."""
    return (0, ranges.shape[1]) if which == EVERY else (which, which + 1)


@inlined
def range_of(neuron: Any, synapses: Synapses) -> Any:
    """Range of neurons with the same channels that contains a neuron."""
    like = np.int64(synapses.ranges[np.uint64(neuron) >> np.uint64(synapses.format.range_bits)])
    while synapses.range_ends[like] <= neuron:
        like += 1
    return like


@inlined
def poll(calls: Calls) -> None:
    """Advance the exchange, if there is one."""
    if calls.test != 0:
        call_kernel(calls.test, calls.state, 0, 0, 0, 0, 0, 0, 0, 0)


@borrowing
def _deliver_listed(
    pieces: Any, n: Any, index: Any, words: Any, inputs: Any, stride: Any, p_own: Any, buffers: Buffers, spikes: Any
) -> None:
    """Add the listed pieces to the inputs of the partition `p_own`; count the synaptic events of each slot.

    Of `spikes` only the type matters: whether they have multiplicities.
    """
    line = np.uint64(64 // words.itemsize)
    shift, pending = np.int64(words.itemsize * 4), buffers.pending
    mask = (np.uint64(1) << np.uint64(shift)) - np.uint64(1)
    for p in range(min(AHEAD, n)):
        prefetch_piece(words, pieces[p, PIECE.START], pieces[p, PIECE.END], line)
    for p in range(n):
        if p + AHEAD < n:
            prefetch_piece(words, pieces[p + AHEAD, PIECE.START], pieces[p + AHEAD, PIECE.END], line)
        key, slot = pieces[p, PIECE.KEY], pieces[p, PIECE.SLOT]
        times = np.int64(1)
        if have_multiplicities(spikes):
            times += np.int64(pieces[p, PIECE.N_KEYS] >> MULTIPLICITY_SHIFT)
        base, start = pieces[p, PIECE.BASE], pieces[p, PIECE.START]
        for _ in range(pieces[p, PIECE.N_KEYS] & LOWER_HALF):
            key += np.uint64(1)
            end = np.uint64(index[key])
            if hold_weights(words):
                for k in range(start, end):
                    neuron = np.uint64(words[k]) & mask
                    inputs[base + neuron] += inputs.dtype.type(words[k] >> shift) * inputs.dtype.type(times)
                    mark(buffers.touched, p_own, slot, neuron)
            else:
                amount = inputs.dtype.type(np.int64(pieces[p, PIECE.WEIGHT]) * times)
                for k in range(start, end):
                    neuron = np.uint64(words[k])
                    inputs[base + neuron] += amount
                    mark(buffers.touched, p_own, slot, neuron)
            pending[slot] += np.int64(end - start) * times
            slot += np.uint64(1)
            base += stride
            start = end


@borrowing
def deliver_window(
    which: Any, first_origin: Any, end_origin: Any, step: Any, synapses: Synapses, buffers: Buffers, recent: Recent,
    calls: Calls,
) -> None:  # fmt: skip
    """Deliver arrivals from `step` to its window's end of the spikes of steps [first_origin, end_origin)."""
    min_delay, max_delay = synapses.format.min_delay, synapses.format.max_delay
    n_delays = max_delay - min_delay + 1
    n_slots = len(buffers.pending)
    window_end = step - step % n_slots + n_slots
    first_origin = max(first_origin, step - max_delay)
    low_column, end_column = columns_of(which, recent.ranges)
    pieces, channels = buffers.pieces, synapses.channels
    # The groups of a row are contiguous, those of the first partition first.
    row_groups = np.int64(n_delays * len(synapses.partitions))
    n_receptors = synapses.format.n_receptors
    for p in range(len(synapses.partitions)):
        partition = synapses.partitions[p]
        n_neurons = np.uint64(partition[PARTITION.N_NEURONS])
        own_index = synapses.group_starts[partition[PARTITION.INDEX] :]
        own_words = synapses.words[partition[PARTITION.WORDS] :]
        own_inputs = buffers.inputs[
            partition[PARTITION.INPUTS] : partition[PARTITION.INPUTS]
            + n_receptors * n_slots * partition[PARTITION.N_NEURONS]
        ]
        stride = np.uint64(n_receptors) * n_neurons
        fetches = p == 0
        n = 0
        for origin in range(end_origin - 1, first_origin - 1, -1):
            # Delays, counted from the smallest, with which these spikes arrive in time.
            low = max(step - origin - min_delay, 0)
            high = min(window_end - origin - min_delay, n_delays)
            if low >= high:
                continue
            slot = np.uint64((origin + min_delay + low) % n_slots)
            ranges = recent.ranges[origin - recent.first_step]
            for column in range(low_column, end_column):
                for r in range(ranges[column, 0], ranges[column, 1]):
                    entry = recent.words[np.uint64(r)]
                    neuron = np.int64(entry & ID_MASK)
                    like = range_of(neuron, synapses)
                    first_channel, end_channel = synapses.channel_starts[like], synapses.channel_starts[like + 1]
                    if fetches and first_channel < end_channel and r + SPIKES_AHEAD < ranges[column, 1]:
                        # Usually of a neuron with the same channels; the groups of the other partitions are next to it.
                        later = np.int64(recent.words[np.uint64(r + SPIKES_AHEAD)] & ID_MASK)
                        prefetch(
                            own_index, np.uint64((later + channels[first_channel, CHANNEL.SHIFT]) * row_groups + low)
                        )
                    for c in range(first_channel, end_channel):
                        key = np.uint64((neuron + channels[c, CHANNEL.SHIFT]) * row_groups + low)
                        start = np.uint64(own_index[key])
                        end = np.uint64(own_index[key + np.uint64(high - low)])
                        if end > start:
                            receptor = np.uint64(channels[c, CHANNEL.RECEPTOR])
                            extra = np.uint64(entry) >> MULTIPLICITY_SHIFT
                            pieces[n, PIECE.KEY] = key
                            pieces[n, PIECE.N_KEYS] = np.uint64(high - low) | extra << MULTIPLICITY_SHIFT
                            pieces[n, PIECE.SLOT] = slot
                            pieces[n, PIECE.BASE] = stride * slot + receptor * n_neurons
                            pieces[n, PIECE.START], pieces[n, PIECE.END] = start, end
                            if not hold_weights(own_words):
                                pieces[n, PIECE.WEIGHT] = np.uint64(channels[c, CHANNEL.WEIGHT])
                            n += 1
                            if n == PIECES:
                                _deliver_listed(
                                    pieces, n, own_index, own_words, own_inputs, stride, p, buffers, recent.words
                                )
                                poll(calls)
                                n = 0
        _deliver_listed(pieces, n, own_index, own_words, own_inputs, stride, p, buffers, recent.words)
        poll(calls)
