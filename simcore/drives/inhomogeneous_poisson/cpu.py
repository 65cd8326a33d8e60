"""Compiled delivery of `inhomogeneous_poisson`: like `poisson`, but drawn again when the rate changes."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

from simcore.drives.inhomogeneous_poisson.model import tables_of_rates
from simcore.drives.poisson import cpu as poisson
from simcore.jit.compilation import drive_kernel
from simcore.jit.searching import entries_up_to

HEADER_BYTES = 16
"""The scratch starts with the origin of its counts: the block of eight steps plus one, and the rate."""

PAIRS = poisson.PAIRS
_add_counts = poisson.add_counts
_fill_counts = poisson.fill_counts
_first_count = poisson.first_count


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
    head = carray(header, 3)
    emitted = step - head[1]
    n_rates = head[2]
    rate = entries_up_to(carray(header, 3 + n_rates)[3:], emitted) - 1
    if emitted < 0 or rate < 0:
        return 0
    block = emitted >> 3
    counts = carray(scratch, HEADER_BYTES + 2 * PAIRS * n)
    held = counts[:HEADER_BYTES].view(np.int64)
    if held[0] != block + 1 or held[1] != rate:
        starts = carray(thresholds, n_rates)
        place = np.int64(starts[rate])
        table = carray(thresholds, place + np.int64(carray(thresholds, place + 1)[place]))[place:]
        seed, drive = np.uint32(stream), np.uint32(stream >> np.uint64(32))
        _fill_counts(counts[HEADER_BYTES:], table, drive, first_id, id_stride, block, seed, n)
        held[0] = block + 1
        held[1] = rate
    first = HEADER_BYTES + _first_count(emitted, n)
    _add_counts(carray(inputs, n), counts[first : first + 2 * n].view(np.uint16), emitted & 1, head[0])
    return 0


def kernel_thresholds(thresholds: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the start of the table of each rate, followed by the tables in the layout of `poisson`."""
    return tables_of_rates(thresholds, poisson.kernel_thresholds)


DELIVER = drive_kernel(_deliver)
