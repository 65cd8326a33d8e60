"""The compiled part of `cutting` and `balanced`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel

ROUNDING = 1e-12
"""Relative error of sums of costs."""


@kernel
def first_neurons(sums: Any, limits: Any, starts: Any) -> Any:
    """Write the first neuron of each core, and return their number; `sums` are cumulative, one row for each limit."""
    n = sums.shape[1] - 1
    start, cores = np.int64(0), np.int64(0)
    while start < n:
        starts[cores] = start
        cores += 1
        end = n
        for row in range(len(limits)):
            bound = (sums[row, start] + limits[row]) * (1.0 + ROUNDING)
            end = min(end, np.int64(np.searchsorted(sums[row], bound, side="right")) - 1)
        start = max(end, start + 1)
    return cores


@kernel
def add_events(starts: Any, sources: Any, rates: Any, events: Any) -> None:
    """Add the events per second that each neuron receives."""
    for target in range(len(events)):
        for source in sources[starts[target] : starts[target + 1]]:
            events[target] += rates[source]
