"""The compiled part of `stream`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel
from simcore.neuromorphic.mappers.held_kernels import fits, hold


@kernel
def stream(
    starts: Any,
    sources: Any,
    weight: Any,
    counts: Any,
    most: Any,
    in_starts: Any,
    in_sources: Any,
    limited: Any,
    limits: Any,
    table: Any,
    held: Any,
    core_of: Any,
) -> Any:
    """Write the core of each neuron, and return whether there were enough cores.

    Parameters
    ----------
    starts, sources, weight, counts
        See `Flow`; sources include the neuron itself, counts are zeros.
    most
        Largest number of neurons of a core.
    in_starts, in_sources, limited, limits, table, held
        All sources of each neuron, and the contents of cores, see `Held`.
    core_of
        Output: the core of each neuron.
    """
    n, cores = counts.shape
    size = np.zeros(cores, dtype=np.int64)
    used = 0
    shared = np.zeros(cores)
    for neuron in range(n):
        shared[:used] = 0.0
        received = 0.0
        for source in sources[starts[neuron] : starts[neuron + 1]]:
            rate = np.float64(weight[source])
            received += rate
            for core in range(used):
                if counts[source, core] > 0:
                    shared[core] += rate
        # The remaining cores need one neuron each.
        must_begin = not limited and n - neuron <= cores - used
        chosen = -1
        for core in range(used):
            shared[core] = -1.0 if must_begin or size[core] >= most else shared[core]
        for _ in range(used):
            best, largest = -1, -np.inf
            for core in range(used):
                gain = shared[core] - received * size[core] / most
                if shared[core] >= 0.0 and gain > largest:
                    best, largest = core, gain
            # An empty core shares nothing, and is chosen if the penalty of all other cores exceeds what they share.
            if best < 0 or (largest < 0.0 and used < cores):
                break
            if limited:
                hold(neuron, best, 1, in_starts, in_sources, held)
                if not _still_fits(neuron, best, in_starts, in_sources, limits, table, held):
                    hold(neuron, best, -1, in_starts, in_sources, held)
                    shared[best] = -1.0
                    continue
            chosen = best
            break
        if chosen < 0:
            if used == cores:
                return False
            chosen = used
            used += 1
            if limited:
                hold(neuron, chosen, 1, in_starts, in_sources, held)
        core_of[neuron] = chosen
        size[chosen] += 1
        for source in sources[starts[neuron] : starts[neuron + 1]]:
            counts[source, chosen] += 1
    return True


@kernel
def _still_fits(neuron: Any, core: Any, starts: Any, sources: Any, limits: Any, table: Any, held: Any) -> Any:
    """Whether the core has room, and the cores of the sources have room for their axons."""
    if not fits(core, limits, table, held):
        return False
    by_core, home = held[2], held[6]
    for source in sources[starts[neuron] : starts[neuron + 1]]:
        if home[source] >= 0 and by_core[3, home[source]] > limits[4]:
            return False
    return True
