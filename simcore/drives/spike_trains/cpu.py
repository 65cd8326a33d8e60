"""Compiled delivery of `spike_trains`."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

from simcore.drives.spike_trains.model import COUNT_BITS, FIRST_ENTRY, MAX_COUNT
from simcore.jit.compilation import drive_kernel
from simcore.jit.searching import entries_up_to


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
    head = carray(header, FIRST_ENTRY)
    n_entries, weighted = head[2], head[3]
    first_weight = FIRST_ENTRY + 2 * n_entries
    numbers = carray(header, first_weight + weighted * n)
    steps = numbers[FIRST_ENTRY : FIRST_ENTRY + n_entries]
    # The entry after the last one that was read; after a restart, the entry is searched for.
    held = carray(scratch, 16).view(np.int64)
    entry = held[0]
    if (entry > 0 and steps[entry - 1] >= step) or (entry < n_entries and steps[entry] < step):
        entry = entries_up_to(steps, step - 1)
    arrivals = carray(inputs, n)
    while entry < n_entries and steps[entry] == step:
        packed = numbers[FIRST_ENTRY + n_entries + entry]
        neuron, count = packed >> COUNT_BITS, packed & MAX_COUNT
        weight = numbers[first_weight + neuron] if weighted else head[0]
        arrivals[neuron] = arrivals.dtype.type(arrivals[neuron] + count * weight)
        entry += 1
    held[0] = entry
    return 0


def kernel_thresholds(thresholds: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the empty array of thresholds unchanged."""
    return thresholds


DELIVER = drive_kernel(_deliver)
