"""The compiled part of `cutting` and `balanced`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel

ROUNDING = 1e-12
"""Relative error of sums of costs."""


@inlined
def _end(sums: Any, limits: Any, start: Any) -> Any:
    """The neuron after the last neuron for which a core that begins at `start` has room; at least one neuron."""
    end = sums.shape[1] - 1
    for row in range(len(limits)):
        bound = (sums[row, start] + limits[row]) * (1.0 + ROUNDING)
        end = min(end, np.int64(np.searchsorted(sums[row], bound, side="right")) - 1)
    return max(end, start + 1)


@inlined
def _start(sums: Any, limits: Any, end: Any) -> Any:
    """The first neuron of a core that ends before `end`, as far as it has room; at least one neuron."""
    start = np.int64(0)
    for row in range(len(limits)):
        bound = sums[row, end] * (1.0 + ROUNDING) - limits[row]
        start = max(start, np.int64(np.searchsorted(sums[row], bound, side="left")))
    return min(start, end - 1)


@kernel
def first_neurons(sums: Any, limits: Any, starts: Any) -> Any:
    """Write the first neuron of each core, and return their number; `sums` are cumulative, one row for each limit."""
    start, cores = np.int64(0), np.int64(0)
    while start < sums.shape[1] - 1:
        starts[cores] = start
        cores += 1
        start = _end(sums, limits, start)
    return cores


@kernel
def even_neurons(sums: Any, limits: Any, wanted: Any, starts: Any) -> None:
    """Write the first neuron of each core: the wanted neuron, or the nearest with which all cores have room."""
    n, cores = sums.shape[1] - 1, len(starts)
    earliest = np.zeros(cores + 1, dtype=np.int64)
    earliest[cores] = n
    for core in range(cores - 1, 0, -1):
        earliest[core] = max(core, _start(sums, limits, max(earliest[core + 1], 1)))
    starts[0] = 0
    for core in range(1, cores):
        latest = min(_end(sums, limits, starts[core - 1]), n - cores + core)
        start = max(wanted[core - 1], earliest[core], starts[core - 1] + 1)
        starts[core] = min(start, latest)


@kernel
def add_events(starts: Any, sources: Any, rates: Any, events: Any) -> None:
    """Add up the events per second of each neuron as target."""
    for target in range(len(events)):
        for source in sources[starts[target] : starts[target + 1]]:
            events[target] += rates[source]
