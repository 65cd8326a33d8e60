"""The compiled part of `greedy`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel


@kernel
def add_traffic(starts: Any, sources: Any, rates: Any, traffic: Any) -> None:
    """Add the expected events per second that reach each neuron."""
    for target in range(len(traffic)):
        for source in sources[starts[target] : starts[target + 1]]:
            traffic[target] += rates[source]


@kernel
def turn(starts: Any, sources: Any, followed: Any, places: Any, targets: Any) -> None:
    """Targets of each source that is followed, from the sources of each target."""
    for target in range(len(starts) - 1):
        for source in sources[starts[target] : starts[target + 1]]:
            if followed[source]:
                targets[places[source]] = target
                places[source] += 1


@kernel
def _follow(source: Any, out_starts: Any, targets: Any, rates: Any, present: Any, saved: Any) -> None:
    """From now on the core has what this neuron sends: targets of it, and itself, would save messages there."""
    if not present[source]:
        present[source] = 1
        saved[source] += rates[source]
        for target in targets[out_starts[source] : out_starts[source + 1]]:
            saved[target] += rates[source]


@kernel
def fill_cores(
    in_starts: Any, sources: Any, out_starts: Any, targets: Any, rates: Any, weight: Any, per_core: Any, core_of: Any
) -> None:
    """Write the core of each neuron; `weight` is one over the messages per second that it may save."""
    n = len(core_of)
    waiting = np.arange(n)
    saved = np.zeros(n)
    present = np.zeros(n, dtype=np.uint8)
    for position in range(n):
        if position % per_core == 0:
            saved[:] = 0.0
            present[:] = 0
        best, largest = 0, -1.0
        for k in range(n - position):
            share = saved[waiting[k]] * weight[waiting[k]]
            if share > largest or (share == largest and waiting[k] < waiting[best]):
                best, largest = k, share
        neuron = waiting[best]
        waiting[best] = waiting[n - position - 1]
        core_of[neuron] = position // per_core
        _follow(neuron, out_starts, targets, rates, present, saved)
        for source in sources[in_starts[neuron] : in_starts[neuron + 1]]:
            _follow(source, out_starts, targets, rates, present, saved)
