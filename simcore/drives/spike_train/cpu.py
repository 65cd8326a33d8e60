"""Compiled delivery of `spike_train`."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

from simcore.jit.compilation import drive_kernel


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
    head = carray(header, 2)
    weight, n_arrivals = head[0], head[1]
    data = carray(header, 2 + 2 * n_arrivals)
    low, high = 0, n_arrivals
    while low < high:
        middle = (low + high) // 2
        if data[2 + middle] < step:
            low = middle + 1
        else:
            high = middle
    if low < n_arrivals and data[2 + low] == step:
        arrivals = carray(inputs, n)
        amount = data[2 + n_arrivals + low] * weight
        for i in range(n):
            arrivals[i] += amount
    return 0


def kernel_thresholds(thresholds: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """A spike train has no thresholds; the kernel gets the empty array as it is."""
    return thresholds


DELIVER = drive_kernel(_deliver)
