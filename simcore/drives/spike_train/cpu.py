"""Compiled delivery of `spike_train`."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

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
    head = carray(header, 2)
    weight, n_arrivals = head[0], head[1]
    data = carray(header, 2 + 2 * n_arrivals)
    place = entries_up_to(data[2 : 2 + n_arrivals], step) - 1
    if place >= 0 and data[2 + place] == step:
        arrivals = carray(inputs, n)
        amount = data[2 + n_arrivals + place] * weight
        for i in range(n):
            arrivals[i] += amount
    return 0


def kernel_thresholds(thresholds: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the empty array of thresholds unchanged."""
    return thresholds


DELIVER = drive_kernel(_deliver)
