"""Compiled current of `noise`: one value for each neuron and interval."""

from typing import Any

import numpy as np
from numba import carray

from simcore.jit.compilation import current_kernel, kernel
from simcore.jit.philox import philox_block
from simcore.random import Purpose

NOISE = np.uint32(Purpose.NOISE)
SHIFT = np.uint32(16)


@kernel
def _draw(current: Any, table: Any, drive: Any, first_id: Any, id_stride: Any, interval: Any, seed: Any) -> None:
    block = interval >> 2
    low, high = np.uint32(block), np.uint32(block >> 32)
    word = interval & 3
    for i in range(len(current)):
        gid = np.uint32(first_id + id_stride * i)
        w0, w1, w2, w3 = philox_block(drive, gid, low, high, seed, NOISE)
        chosen = w0
        if word == 1:
            chosen = w1
        elif word == 2:
            chosen = w2
        elif word == 3:
            chosen = w3
        current[i] = table[np.int64(chosen >> SHIFT)]


def _provide(
    step: Any,
    n: Any,
    first_id: Any,
    id_stride: Any,
    stream: Any,
    unused: Any,
    header: Any,
    values: Any,
    scratch: Any,
) -> Any:
    head = carray(header, 3)
    held = carray(scratch, 3 + n)
    off = step < head[1] or step >= head[2]
    interval = np.int64(-1) if off else (step - head[1]) // head[0]
    # The value is 0 before the first call.
    if held[0] != interval + 2:
        current = held[3:].view(np.float64)
        if off:
            current[:] = 0.0
        else:
            seed, drive = np.uint32(stream), np.uint32(stream >> np.uint64(32))
            _draw(current, carray(values, 65536), drive, first_id, id_stride, interval, seed)
        held[0] = interval + 2
        held[1] += 1
    return 0


PROVIDE = current_kernel(_provide)
