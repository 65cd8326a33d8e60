"""The compiled part of `greedy`."""

from typing import Any

import numpy as np

from simcore.backends.cpu.compilation import kernel


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
def _follow(source: Any, out_starts: Any, targets: Any, rates: Any, present: Any, shared: Any) -> None:
    """From now on the core has what this neuron sends: other targets of it share that."""
    if not present[source]:
        present[source] = 1
        for target in targets[out_starts[source] : out_starts[source + 1]]:
            shared[target] += rates[source]


@kernel
def fill_cores(
    in_starts: Any,
    sources: Any,
    out_starts: Any,
    targets: Any,
    rates: Any,
    weight: Any,
    neurons_per_core: Any,
    core_of: Any,
) -> None:
    """Write the core of each neuron; `weight` is one over its traffic."""
    n = len(core_of)
    waiting = np.arange(n)
    shared = np.zeros(n)
    present = np.zeros(n, dtype=np.uint8)
    for position in range(n):
        core = position // neurons_per_core
        if position % neurons_per_core == 0:
            shared[:] = 0.0
            present[:] = 0
        best, largest = 0, -1.0
        for k in range(n - position):
            neuron = waiting[k]
            share = shared[neuron] * weight[neuron]
            if share > largest or (share == largest and neuron < waiting[best]):
                best, largest = k, share
        chosen = waiting[best]
        waiting[best] = waiting[n - position - 1]
        core_of[chosen] = core
        _follow(chosen, out_starts, targets, rates, present, shared)
        for source in sources[in_starts[chosen] : in_starts[chosen + 1]]:
            shared[source] += rates[source]
            _follow(source, out_starts, targets, rates, present, shared)
