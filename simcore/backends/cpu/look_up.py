"""Look-ups of the rows of spikes in tables that are sorted by row (`simcore.synapses.row_index`).

A look-up waits for memory twice, for the offset of the row and for its words, so both are prefetched.
"""

from typing import Any

import numpy as np

from simcore.backends.cpu.arrays import Format, Synapses
from simcore.backends.cpu.columns import ChannelColumn, RowColumn
from simcore.backends.cpu.deliver import MULTIPLICITY_SHIFT, have_multiplicities, prefetch_piece, range_of
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, inlined
from simcore.jit.intrinsics import prefetch
from simcore.synapses.spike_words import ID_MASK

BATCH = 512
"""Number of spikes whose rows are listed together."""
AHEAD = 24
"""Rows between the prefetch of an offset and its use, and between that of the words and theirs."""

CHANNEL, ROW = (plain(columns) for columns in (ChannelColumn, RowColumn))
ONE = np.uint64(1)


@inlined
def most_channels(starts: Any) -> Any:
    """Largest number of channels of a neuron, from the starts of those of each range of neurons."""
    most = np.int64(0)
    for like in range(len(starts) - 1):
        most = max(most, starts[like + 1] - starts[like])
    return most


@borrowing
def list_rows(entries: Any, ordinal: Any, n_groups: Any, group: Any, synapses: Synapses, found: Any) -> Any:
    """List the rows of the spikes in their neurons' channels of that ordinal number; return their number.

    If rows have `n_groups` groups each, the one with that number is listed.
    """
    channels, n = synapses.channels, np.uint64(0)
    for k in range(len(entries)):
        neuron = np.int64(entries[k] & ID_MASK)
        like = range_of(neuron, synapses)
        c = synapses.channel_starts[like] + ordinal
        if c < synapses.channel_starts[like + 1]:
            found[n, ROW.START] = np.uint64((neuron + channels[c, CHANNEL.SHIFT]) * n_groups + group)
            found[n, ROW.RECEPTOR] = np.uint64(channels[c, CHANNEL.RECEPTOR])
            found[n, ROW.WEIGHT] = np.uint64(channels[c, CHANNEL.WEIGHT])
            if have_multiplicities(entries):
                found[n, ROW.TIMES] = ONE + (np.uint64(entries[k]) >> MULTIPLICITY_SHIFT)
            n += ONE
    return np.int64(n)


@inlined
def ask_for_row(found: Any, k: Any, index: Any, offsets: Any, format: Format) -> None:
    """Prefetch the position of the words of a listed row."""
    row = found[k, ROW.START]
    prefetch(index, row >> np.uint64(format.block_bits))
    if not format.sparse:
        prefetch(offsets, row)


@inlined
def find_words(found: Any, k: Any, index: Any, offsets: Any, format: Format) -> None:
    """Find the start and end of the words of a listed row."""
    row, shift = found[k, ROW.START], np.uint64(format.block_bits)
    block, after = row >> shift, row + ONE
    if format.sparse:
        start, end = np.uint64(index[block]), np.uint64(index[block + ONE])
        start, end = _equal(offsets, start, end, row - (block << shift))
    else:
        start = np.uint64(index[block]) + np.uint64(offsets[row])
        end = np.uint64(index[after >> shift]) + np.uint64(offsets[after])
    found[k, ROW.START], found[k, ROW.END] = start, end


@borrowing
def _equal(offsets: Any, start: Any, end: Any, row: Any) -> Any:
    """Start and end of the entries equal to `row` among the ascending offsets [start, end)."""
    low, high = start, end
    while low < high:
        middle = (low + high) >> ONE
        if np.uint64(offsets[middle]) < row:
            low = middle + ONE
        else:
            high = middle
    last = low
    while last < end and np.uint64(offsets[last]) == row:
        last += ONE
    return low, last


@inlined
def ask_for_words(found: Any, k: Any, words: Any) -> None:
    """Prefetch the words of a row that was found."""
    prefetch_piece(words, found[k, ROW.START], found[k, ROW.END], np.uint64(64 // words.itemsize))
