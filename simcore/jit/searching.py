"""Search in ascending numbers."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel


@kernel
def entries_up_to(ascending: Any, limit: Any) -> Any:
    """Count the ascending numbers that are at most `limit`."""
    low, high = np.int64(0), np.int64(len(ascending))
    while low < high:
        middle = (low + high) >> 1
        if ascending[middle] <= limit:
            low = middle + 1
        else:
            high = middle
    return low
