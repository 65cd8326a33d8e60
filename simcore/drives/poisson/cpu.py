"""Compiled delivery of `poisson`.

Every eight steps, one Philox block for each neuron yields the counts of these eight steps, which are stored as bytes.
Half a word, 16 bits, decides each count, unless it is among the rests of the distribution (see `counts`).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

from simcore.drives.poisson.counts import count_table
from simcore.jit.compilation import borrowing, drive_kernel, inlined, kernel
from simcore.jit.philox import philox_block
from simcore.random import Purpose

BLOCK = 256
POISSON = np.uint32(Purpose.POISSON)
POISSON_LOW = np.uint32(Purpose.POISSON_LOW)
PAIRS = 4
"""Number of words in a Philox block, each of which serves a pair of steps."""
GROUP = 8
"""Number of thresholds that are compared in one pass."""
CHUNK = 64
"""Number of halves that are searched together for rests."""
NEVER = np.uint32(0xFFFF)
SIGN = np.uint32(0x8000)
SIGNS = np.uint32(0x80008000)
"""Mask that flips the top bits of both halves, because processors compare signed numbers."""
TABLE_HEADER = 4
HEADER_BYTES = 8
"""The scratch starts with the index of its block of eight steps, plus one."""


@borrowing
def draw_words(words: Any, drive: Any, first_id: Any, id_stride: Any, block: Any, seed: Any, n: Any) -> None:
    """Draw the words of eight steps for `n` <= BLOCK neurons, pair by pair."""
    low, high = np.uint32(block), np.uint32(block >> 32)
    gid = first_id
    for i in range(n):
        w0, w1, w2, w3 = philox_block(drive, gid, low, high, seed, POISSON)
        words[i] = w0 ^ SIGNS
        words[i + BLOCK] = w1 ^ SIGNS
        words[i + 2 * BLOCK] = w2 ^ SIGNS
        words[i + 3 * BLOCK] = w3 ^ SIGNS
        gid = np.uint32(gid + id_stride)


@borrowing
def _count(
    halves: Any, totals: Any, base: Any, t0: Any, t1: Any, t2: Any, t3: Any, t4: Any, t5: Any, t6: Any, t7: Any
) -> Any:
    """Set totals to base plus the number of the eight thresholds below each half; return the largest half.

    Every sum is cast back, because Numba widens it to 64 bits, which would use a quarter of the lanes. Totals are as
    wide as halves, so that comparisons are not packed to bytes.
    """
    largest = np.int16(-0x8000)
    for i in range(len(halves)):
        u = halves[i]
        total = np.int16(base)
        total = np.int16(total + np.int16(u > t0))
        total = np.int16(total + np.int16(u > t1))
        total = np.int16(total + np.int16(u > t2))
        total = np.int16(total + np.int16(u > t3))
        total = np.int16(total + np.int16(u > t4))
        total = np.int16(total + np.int16(u > t5))
        total = np.int16(total + np.int16(u > t6))
        total = np.int16(total + np.int16(u > t7))
        totals[i] = total
        largest = max(largest, u)
    return largest


@borrowing
def _count_more(halves: Any, totals: Any, threshold: Any) -> None:
    for i in range(len(halves)):
        totals[i] = np.int16(totals[i] + np.int16(halves[i] > threshold))


@borrowing
def _pack(totals: Any, counts: Any) -> None:
    for i in range(len(counts)):
        counts[i] = np.uint8(totals[i])


@borrowing
def _largest(halves: Any) -> Any:
    largest = np.int16(-0x8000)
    for i in range(len(halves)):
        largest = max(largest, halves[i])
    return largest


@borrowing
def _count_rests(
    halves: Any, counts: Any, bound: Any, rests: Any, pair: Any, drive: Any, first_id: Any, id_stride: Any, block: Any,
    seed: Any,
) -> None:  # fmt: skip
    """Determine the counts of the halves above `bound`, with the lower halves of their words."""
    low, high = np.uint32(block), np.uint32(block >> 32)
    for start in range(0, len(halves), CHUNK):
        end = min(start + CHUNK, len(halves))
        if _largest(halves[start:end]) <= bound:
            continue
        for k in range(start, end):
            if halves[k] <= bound:
                continue
            gid = np.uint32(first_id + id_stride * np.uint32(k >> 1))
            words = philox_block(drive, gid, low, high, seed, POISSON_LOW)
            lower = (words[pair] >> np.uint32(16 * (k & 1))) & np.uint32(0xFFFF)
            upper = (np.uint32(halves[k]) ^ SIGN) & np.uint32(0xFFFF)
            word = upper << np.uint32(16) | lower
            count = 0
            while count < len(rests) and word > rests[count]:
                count += 1
            counts[k] = np.uint8(count)


@kernel
def fill_counts(
    counts: Any, table: Any, drive: Any, first_id: Any, id_stride: Any, block: Any, seed: Any, n: Any
) -> None:
    """Draw the counts of eight steps for all `n` neurons, pair by pair, with both steps of a neuron adjacent.

    `table` comes from `kernel_thresholds`.
    """
    n_upper, base, bound = np.int64(table[1]), table[2], np.int16(table[3])
    t, rests = table[TABLE_HEADER : TABLE_HEADER + n_upper], table[TABLE_HEADER + n_upper :]
    words, totals = np.empty(PAIRS * BLOCK, dtype=np.uint32), np.empty(2 * BLOCK, dtype=np.int16)
    for low in range(0, n, BLOCK):
        m = min(BLOCK, n - low)
        first = np.uint32(first_id + id_stride * low)
        draw_words(words, drive, first, np.uint32(id_stride), block, seed, m)
        for pair in range(PAIRS):
            halves = words[pair * BLOCK : pair * BLOCK + m].view(np.int16)
            out = counts[2 * (pair * n + low) : 2 * (pair * n + low + m)]
            largest = _count(
                halves, totals, base, np.int16(t[0]), np.int16(t[1]), np.int16(t[2]), np.int16(t[3]), np.int16(t[4]),
                np.int16(t[5]), np.int16(t[6]), np.int16(t[7]),
            )  # fmt: skip
            for j in range(GROUP, n_upper):
                if largest <= np.int16(t[j]):
                    break
                _count_more(halves, totals, np.int16(t[j]))
            _pack(totals, out)
            if largest > bound:
                _count_rests(halves, out, bound, rests, pair, drive, first, np.uint32(id_stride), block, seed)


@inlined
def first_count(emitted: Any, n: Any) -> Any:
    """Return where the pairs of counts of `n` neurons that contain the counts of a step begin."""
    return ((emitted >> 1) & (PAIRS - 1)) * 2 * n


@borrowing
def add_counts(arrivals: Any, pairs: Any, odd: Any, weight: Any) -> None:
    """Add events of one weight to the input of each neuron, from the first or second count of each pair of bytes."""
    w = arrivals.dtype.type(weight)
    shift = np.int32(8 * odd)
    for i in range(len(arrivals)):
        count = np.int32(np.int32(pairs[i]) >> shift) & np.int32(0xFF)
        arrivals[i] = arrivals.dtype.type(arrivals[i] + arrivals.dtype.type(count) * w)


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
    head = carray(header, 4)
    emitted = step - head[1]
    if emitted < head[2] or emitted >= head[3]:
        return 0
    block = emitted >> 3
    counts = carray(scratch, HEADER_BYTES + 2 * PAIRS * n)
    filled = counts[:HEADER_BYTES].view(np.int64)
    if filled[0] != block + 1:
        table = carray(thresholds, np.int64(carray(thresholds, 1)[0]))
        seed, drive = np.uint32(stream), np.uint32(stream >> np.uint64(32))
        fill_counts(counts[HEADER_BYTES:], table, drive, first_id, id_stride, block, seed, n)
        filled[0] = block + 1
    first = HEADER_BYTES + first_count(emitted, n)
    add_counts(carray(inputs, n), counts[first : first + 2 * n].view(np.uint16), emitted & 1, head[0])
    return 0


def kernel_thresholds(thresholds: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the table of counts in the layout of the kernel.

    The table contains its length, the number of thresholds, the count below all of them, the upper half at which the
    rests start, the thresholds, and the thresholds of the rests. Upper halves have their top bits flipped, and there is
    at least one group of thresholds. Thresholds at the start of the rests are omitted, as larger halves count as rests.
    """
    table = count_table(thresholds)
    n_counts, empty, ends = int(table[0]), int(table[1]), table[2:]
    halves = ends[: n_counts - empty] >> np.uint32(16)
    upper = halves[halves < halves[-1]]
    upper = np.concatenate((upper, np.full(max(0, GROUP - len(upper)), NEVER, dtype=np.uint32)))
    rests = ends[n_counts - empty :]
    header = np.array([TABLE_HEADER + len(upper) + len(rests), len(upper), empty, halves[-1] ^ SIGN], dtype=np.uint32)
    return np.concatenate((header, upper ^ SIGN, rests))


DELIVER = drive_kernel(_deliver)
