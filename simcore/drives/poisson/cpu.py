"""Compiled delivery of `poisson`.

Every four steps one Philox block for each neuron yields the counts of these four steps, kept as bytes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

from simcore.jit.compilation import drive_kernel, kernel
from simcore.jit.philox import philox_block
from simcore.random import Purpose

BLOCK = 256
POISSON = np.uint32(Purpose.POISSON)
GROUP = 8
NEVER = np.uint32(0xFFFFFFFF)
HEADER_BYTES = 8
"""The scratch starts with the index of the block of four steps whose counts it holds, plus one."""


@kernel
def _draw(words: Any, drive: Any, first_id: Any, id_stride: Any, block: Any, seed: Any, n: Any) -> None:
    """Words of four steps for `n` <= BLOCK neurons, step after step."""
    low, high = np.uint32(block), np.uint32(block >> 32)
    for i in range(n):
        gid = np.uint32(first_id + id_stride * np.uint32(i))
        w0, w1, w2, w3 = philox_block(drive, gid, low, high, seed, POISSON)
        words[i] = w0
        words[i + BLOCK] = w1
        words[i + 2 * BLOCK] = w2
        words[i + 3 * BLOCK] = w3


@kernel
def _count(
    words: Any, counts: Any, base: Any, t0: Any, t1: Any, t2: Any, t3: Any, t4: Any, t5: Any, t6: Any, t7: Any
) -> None:
    """Set counts to base plus the number of the eight thresholds that each word lies above."""
    for i in range(len(counts)):
        u = words[i]
        total = (
            base
            + np.uint32(u > t0)
            + np.uint32(u > t1)
            + np.uint32(u > t2)
            + np.uint32(u > t3)
            + np.uint32(u > t4)
            + np.uint32(u > t5)
            + np.uint32(u > t6)
            + np.uint32(u > t7)
        )
        counts[i] = np.uint8(total)


@kernel
def _count_more(words: Any, counts: Any, threshold: Any) -> None:
    for i in range(len(counts)):
        counts[i] = np.uint8(counts[i] + np.uint8(words[i] > threshold))


@kernel
def _largest(words: Any) -> Any:
    largest = np.uint32(0)
    for i in range(len(words)):
        largest = max(largest, words[i])
    return largest


@kernel
def fill_counts(
    counts: Any, base: Any, t: Any, drive: Any, first_id: Any, id_stride: Any, block: Any, seed: Any, n: Any
) -> None:
    """Counts of four steps for all `n` neurons, one step after the other."""
    words = np.empty(4 * BLOCK, dtype=np.uint32)
    for low in range(0, n, BLOCK):
        m = min(BLOCK, n - low)
        _draw(words, drive, np.uint32(first_id + id_stride * low), np.uint32(id_stride), block, seed, m)
        for k in range(4):
            part = words[k * BLOCK : k * BLOCK + m]
            out = counts[k * n + low : k * n + low + m]
            _count(part, out, base, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7])
            if len(t) > GROUP:
                largest = _largest(part)
                for j in range(GROUP, len(t)):
                    if largest <= t[j]:
                        break
                    _count_more(part, out, t[j])


@kernel
def add_counts(arrivals: Any, counts: Any, weight: Any) -> None:
    """Add events of one weight to the input of each neuron."""
    w = arrivals.dtype.type(weight)
    for i in range(len(arrivals)):
        arrivals[i] = arrivals.dtype.type(arrivals[i] + arrivals.dtype.type(counts[i]) * w)


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
    block = emitted >> 2
    counts = carray(scratch, HEADER_BYTES + 4 * n)
    filled = counts[:HEADER_BYTES].view(np.int64)
    if filled[0] != block + 1:
        sizes = carray(thresholds, 2)
        strict = carray(thresholds, 2 + np.int64(sizes[0]))[2:]
        seed, drive = np.uint32(stream), np.uint32(stream >> np.uint64(32))
        fill_counts(counts[HEADER_BYTES:], sizes[1], strict, drive, first_id, id_stride, block, seed, n)
        filled[0] = block + 1
    first = HEADER_BYTES + (emitted & 3) * n
    add_counts(carray(inputs, n), counts[first : first + n], head[0])
    return 0


def kernel_thresholds(thresholds: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Thresholds as the kernel reads them: number, how many are always reached, then the rest for ``word > t``.

    The rest is one less than the oracle's, which are for ``word >= t``, and padded to a group with one never reached.
    """
    always = int(np.count_nonzero(thresholds == 0))
    strict = thresholds[always:] - np.uint32(1)
    padded = np.concatenate((strict, np.full(max(0, GROUP - len(strict)), NEVER, dtype=np.uint32)))
    return np.concatenate((np.array([len(padded), always], dtype=np.uint32), padded))


DELIVER = drive_kernel(_deliver)
