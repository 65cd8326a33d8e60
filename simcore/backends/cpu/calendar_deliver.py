"""Delivery of the register's spikes with any layout: `calendar` here, the others in `deliver`."""

from typing import Any

import numpy as np
from numba import types

from simcore.backends.cpu.arrays import NOBODY, Buffers, Calls, Format, Recent, Synapses
from simcore.backends.cpu.calendar import BLOCK_BITS, CLASS_DELAYS, ENTRY_SHIFT, IN_BLOCK, most_blocks, with_room
from simcore.backends.cpu.columns import PartitionColumn, RowColumn
from simcore.backends.cpu.deliver import (
    EVERY,
    columns_of,
    deliver_window,
    have_multiplicities,
    hold_weights,
    poll,
)
from simcore.backends.cpu.deliver_rows import deliver_by_source
from simcore.backends.cpu.look_up import BATCH, ask_for_row, ask_for_words, find_words, list_rows, most_channels
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, inlined, kernel, overloaded

PARTITION, ROW = (plain(columns) for columns in (PartitionColumn, RowColumn))
BITS = np.uint64(BLOCK_BITS)
ROWS_AHEAD = 6
"""Rows between the prefetch of words and their use; they are longer than those of `by_source`."""


@borrowing
def _enter_rows(
    found: Any, n: Any, first: Any, first_arrival: Any, first_list: Any, format: Format, words: Any, late: Any,
    pool: Any, links: Any, free: Any, n_free: Any, ends: Any, pending: Any, spikes: Any,
) -> None:  # fmt: skip
    """Enter the rows found into a calendar that has room, except arrivals before `first_arrival`.

    `first` is the step in which the smallest delay of the rows ends, `first_list` the first list of the partition. Of
    `spikes` only the type matters: whether they have multiplicities.
    """
    n_slots = np.uint64(len(pending))
    earliest, first_slot = np.uint64(max(first_arrival - first, 0)), np.uint64(first % len(pending))
    for k in range(min(ROWS_AHEAD, n)):
        ask_for_words(found, np.uint64(k), words)
        ask_for_words(found, np.uint64(k), late)
    for number in range(n):
        p = np.uint64(number)
        if number + ROWS_AHEAD < n:
            ask_for_words(found, p + np.uint64(ROWS_AHEAD), words)
            ask_for_words(found, p + np.uint64(ROWS_AHEAD), late)
        start, end = found[p, ROW.START], found[p, ROW.END]
        lists = first_list + found[p, ROW.RECEPTOR] * n_slots
        times = np.int64(1)
        if have_multiplicities(spikes):
            times = np.int64(found[p, ROW.TIMES])
        amount = np.int64(found[p, ROW.WEIGHT]) * times << np.int64(ENTRY_SHIFT)
        for k in range(start, end):
            delay = np.uint64(late[k])
            if delay < earliest:
                continue
            slot = first_slot + delay
            if slot >= n_slots:
                slot -= n_slots
            word = np.int64(words[k])
            if hold_weights(words):
                if have_multiplicities(spikes):
                    word = (word >> np.int64(ENTRY_SHIFT)) * times << np.int64(ENTRY_SHIFT) | word & np.int64(0xFFFF)
            else:
                word |= amount
            listed = lists + slot
            position = ends[listed]
            if position & IN_BLOCK == np.uint64(0):
                # Inlined: passing the arrays of each entry to another kernel doubles its time.
                n_free[0] -= 1
                block = free[n_free[0]]
                links[block] = np.int32((position >> BITS) - np.uint64(position > np.uint64(0)))
                position = np.uint64(block) << BITS
            pool[position] = pool.dtype.type(word)
            ends[listed] = position + np.uint64(1)
            if have_multiplicities(spikes):
                pending[slot] += times - 1


@inlined
def _find_all(found: Any, n: Any, index: Any, offsets: Any, format: Format) -> Any:
    """Find the words of all listed rows; return the number of blocks that they may need."""
    for k in range(n):
        ask_for_row(found, np.uint64(k), index, offsets, format)
    needed = np.int64(0)
    for k in range(n):
        find_words(found, np.uint64(k), index, offsets, format)
        needed += most_blocks(np.int64(found[k, ROW.END] - found[k, ROW.START]))
    return needed


@kernel
def _enter_spikes(
    which: Any, first_origin: Any, end_origin: Any, step: Any, synapses: Synapses, buffers: Buffers, recent: Recent,
    calls: Calls,
) -> Any:  # fmt: skip
    """Enter all arrivals from `step` on of the spikes of steps [first_origin, end_origin); return the buffers."""
    calendar, format, n_slots = buffers.calendar, synapses.format, len(buffers.pending)
    n_classes = (format.max_delay - format.min_delay) // CLASS_DELAYS + 1
    first_origin = max(first_origin, step - format.max_delay)
    low_column, end_column = columns_of(which, recent.ranges)
    n_ordinals = most_channels(synapses.channel_starts)
    for p in range(len(synapses.partitions)):
        partition = synapses.partitions[p]
        offsets = synapses.offsets[partition[PARTITION.OFFSETS] :]
        index = synapses.group_starts[partition[PARTITION.INDEX] :]
        words, late = synapses.words[partition[PARTITION.WORDS] :], synapses.late[partition[PARTITION.WORDS] :]
        first_list = np.uint64(p * n_slots * format.n_receptors)
        for origin in range(first_origin, end_origin):
            ranges = recent.ranges[origin - recent.first_step]
            for column in range(low_column, end_column):
                for low in range(ranges[column, 0], ranges[column, 1], BATCH):
                    entries = recent.words[low : min(low + BATCH, ranges[column, 1])]
                    for part in range(n_ordinals * n_classes):
                        ordinal, one = part // n_classes, part % n_classes
                        n = list_rows(entries, ordinal, n_classes, one, synapses, buffers.pieces)
                        needed = _find_all(buffers.pieces, n, index, offsets, format)
                        calendar = with_room(calendar, needed)
                        _enter_rows(
                            buffers.pieces, n, origin + format.min_delay + one * CLASS_DELAYS, step, first_list, format,
                            words, late, calendar.pool, calendar.links, calendar.free, calendar.n_free, calendar.ends,
                            buffers.pending, entries,
                        )  # fmt: skip
                    poll(calls)
    return Buffers(
        buffers.inputs, buffers.pending, buffers.pieces, buffers.input_slots, calendar, buffers.touched
    )  # fmt: skip


@kernel
def _deliver_at_once(
    which: Any, first_origin: Any, end_origin: Any, step: Any, synapses: Synapses, buffers: Buffers, recent: Recent,
    calls: Calls,
) -> Any:  # fmt: skip
    """Deliver into the input buffers; return them."""
    if synapses.format.windowed:
        deliver_window(which, first_origin, end_origin, step, synapses, buffers, recent, calls)
    else:
        deliver_by_source(which, first_origin, end_origin, step, synapses, buffers, recent, calls)
    return buffers


def deliver_spikes(
    which: Any, first_origin: Any, end_origin: Any, step: Any, synapses: Any, buffers: Any, recent: Any, calls: Any,
    calendar: Any,
) -> Any:  # fmt: skip
    """Deliver spikes of the steps [first_origin, end_origin): arrivals from `step` on, all or those in its window.

    Returns the buffers, whose calendar may have become larger.

    Parameters
    ----------
    which
        OWN, REMOTE, FAR or EVERY.
    synapses, buffers, recent
        See `arrays`.
    calls
        Of an exchange that is polled meanwhile, or NOBODY.
    calendar
        That of the buffers: its type selects the code.
    """
    raise NotImplementedError("compiled only")


@overloaded(deliver_spikes)
def _overload_deliver(  # type: ignore[no-untyped-def] # Numba compares annotations too
    which, first_origin, end_origin, step, synapses, buffers, recent, calls, calendar
):
    if not isinstance(calendar, types.Integer):
        return lambda which, first_origin, end_origin, step, synapses, buffers, recent, calls, calendar: _enter_spikes(
            which, first_origin, end_origin, step, synapses, buffers, recent, calls
        )

    return lambda which, first_origin, end_origin, step, synapses, buffers, recent, calls, calendar: _deliver_at_once(
        which, first_origin, end_origin, step, synapses, buffers, recent, calls
    )


@kernel
def redeliver(first_origin: Any, step: Any, synapses: Synapses, buffers: Buffers, recent: Recent) -> Any:
    """Deliver all arrivals from `step` on of the spikes from `first_origin` on; return the buffers."""
    return deliver_spikes(EVERY, first_origin, step, step, synapses, buffers, recent, NOBODY, buffers.calendar)
