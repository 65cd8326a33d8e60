"""Compiled delivery of `poisson_rates`: the words of `poisson`, with the table of each neuron's rate."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

from simcore.drives.poisson import cpu as poisson
from simcore.drives.poisson_rates.model import FIRST_STEP
from simcore.jit.compilation import drive_kernel, inlined, kernel
from simcore.jit.philox import philox_block
from simcore.jit.searching import entries_up_to
from simcore.random import Purpose

HEADER_BYTES = 16
"""The scratch starts with the origin of its counts: the block of eight steps plus one, and the time of the rates."""

BLOCK, PAIRS, SIGNS = poisson.BLOCK, poisson.PAIRS, poisson.SIGNS
POISSON_LOW = np.uint32(Purpose.POISSON_LOW)
_draw_words = poisson.draw_words
_add_counts = poisson.add_counts
_first_count = poisson.first_count


@inlined
def _cells_below(ends: Any, last: Any, upper: Any) -> Any:
    """Count the ends among the first `last` with an upper half below `upper`."""
    low, high = np.int64(0), last
    while low < high:
        middle = (low + high) >> 1
        if upper > ends[middle] >> np.uint32(16):
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _rest_count(ends: Any, cell: Any, word: Any) -> Any:
    """Return the cell of a word among the rests, counted from the empty cells on."""
    while cell < len(ends) and word > ends[cell]:
        cell += 1
    return cell


@kernel
def _fill_counts(
    counts: Any, starts: Any, tables: Any, drive: Any, first_id: Any, id_stride: Any, block: Any, seed: Any, n: Any
) -> None:
    """Draw the counts of eight steps for all `n` neurons, in the layout of `poisson`."""
    words = np.empty(PAIRS * BLOCK, dtype=np.uint32)
    early, late = np.uint32(block), np.uint32(block >> 32)
    for low in range(0, n, BLOCK):
        m = min(BLOCK, n - low)
        first = np.uint32(first_id + id_stride * low)
        _draw_words(words, drive, first, np.uint32(id_stride), block, seed, m)
        for i in range(m):
            start = starts[low + i]
            n_counts, empty = np.int64(tables[start]), np.int64(tables[start + 1])
            ends = tables[start + 2 : start + 2 + 2 * n_counts - 1 - empty]
            leading = n_counts - empty
            bound = ends[0] >> np.uint32(16)
            for k in range(2 * PAIRS):
                pair, shift = k >> 1, np.uint32(16 * (k & 1))
                upper = ((words[pair * BLOCK + i] ^ SIGNS) >> shift) & np.uint32(0xFFFF)
                count = empty
                if leading == 0 or upper > bound:
                    cell = _cells_below(ends, leading, upper)
                    if cell == leading:
                        gid = np.uint32(first + id_stride * np.uint32(i))
                        lower = philox_block(drive, gid, early, late, seed, POISSON_LOW)[pair]
                        word = upper << np.uint32(16) | ((lower >> shift) & np.uint32(0xFFFF))
                        cell = _rest_count(ends, cell, word) - n_counts
                    count = cell + empty
                counts[2 * (pair * n + low + i) + (k & 1)] = np.uint8(count)


@kernel
def _add_weighted(arrivals: Any, pairs: Any, odd: Any, weights: Any) -> None:
    """Add events to the input of each neuron, with the neuron's weight."""
    shift = np.int32(8 * odd)
    for i in range(len(arrivals)):
        count = (np.int64(pairs[i]) >> shift) & np.int64(0xFF)
        arrivals[i] = arrivals.dtype.type(arrivals[i] + count * weights[i])


def _deliver(
    step: Any,
    n: Any,
    first_id: Any,
    id_stride: Any,
    stream: Any,
    inputs: Any,
    header: Any,
    thresholds: Any,
    scratch: Any,
) -> Any:
    head = carray(header, FIRST_STEP)
    emitted, n_times = step - head[1], head[2]
    first_weight = FIRST_STEP + n_times * (1 + n)
    numbers = carray(header, first_weight + head[4] * n)
    time = entries_up_to(numbers[FIRST_STEP : FIRST_STEP + n_times], emitted) - 1
    if emitted < 0 or time < 0:
        return 0
    block = emitted >> 3
    counts = carray(scratch, HEADER_BYTES + 2 * PAIRS * n)
    held = counts[:HEADER_BYTES].view(np.int64)
    if held[0] != block + 1 or held[1] != time:
        starts = numbers[FIRST_STEP + n_times + time * n : FIRST_STEP + n_times + (time + 1) * n]
        tables = carray(thresholds, np.int64(carray(thresholds, 1)[0]))
        seed, drive = np.uint32(stream), np.uint32(stream >> np.uint64(32))
        _fill_counts(counts[HEADER_BYTES:], starts, tables, drive, first_id, id_stride, block, seed, n)
        held[0] = block + 1
        held[1] = time
    first = HEADER_BYTES + _first_count(emitted, n)
    pairs = counts[first : first + 2 * n].view(np.uint16)
    if head[4] == 0:
        _add_counts(carray(inputs, n), pairs, emitted & 1, head[0])
    else:
        _add_weighted(carray(inputs, n), pairs, emitted & 1, numbers[first_weight:])
    return 0


def kernel_thresholds(thresholds: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the tables unchanged."""
    return thresholds


DELIVER = drive_kernel(_deliver)
