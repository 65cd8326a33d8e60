"""The compiled part of `splitting`."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel


@kernel
def split_in_order(
    order: Any,
    core_before: Any,
    edge_starts: Any,
    sources: Any,
    destinations: Any,
    limits: Any,
    kind_of: Any,
    sparse: Any,
    dense: Any,
    bits_per_neuron: Any,
    core_of: Any,
) -> Any:
    """Visit neurons in `order`, write the core of each, and return the number of cores."""
    # For each source in the current core: synapses, its latest target, and whether it has reached a target twice.
    counts = np.zeros(len(order), dtype=np.int64)
    latest = np.full(len(order), -1, dtype=np.int64)
    repeated = np.zeros(len(order), dtype=np.int64)
    present = np.empty(len(order), dtype=np.int64)
    # Axons of the current core by repetition and synapses.
    axons = np.zeros((2, len(dense)), dtype=np.int64)
    n, n_present, synapses, axons_out, most = 0, 0, 0, 0, 0
    core, first = -1, 0
    for position in range(len(order)):
        target = order[position]
        begins = position == 0 or core_before[target] != core_before[order[position - 1]]
        fits = False
        while not fits:
            if begins:
                for k in range(n_present):
                    source = present[k]
                    counts[source], latest[source], repeated[source] = 0, -1, 0
                axons[:, : most + 1] = 0
                n, n_present, synapses, axons_out, most = 0, 0, 0, 0, 0
                core, first = core + 1, position
            n += 1
            axons_out += destinations[target]
            for source in sources[edge_starts[target] : edge_starts[target + 1]]:
                count = counts[source]
                if count == 0:
                    present[n_present] = source
                    n_present += 1
                else:
                    axons[repeated[source], count] -= 1
                repeated[source] |= np.int64(latest[source] == target)
                latest[source] = target
                counts[source] = count + 1
                axons[repeated[source], count + 1] += 1
                most = max(most, count + 1)
            synapses += edge_starts[target + 1] - edge_starts[target]
            # The table of bits ends with the maximum number of neurons per core.
            fits = n <= limits[0] and synapses <= limits[1] and n_present <= limits[3] and axons_out <= limits[4]
            if fits:
                bits = bits_per_neuron * n * n_present
                for count in range(1, most + 1):
                    bits += axons[0, count] * (dense[count] if count == n else sparse[kind_of[n], count])
                    bits += axons[1, count] * sparse[kind_of[n], count]
                fits = bits <= limits[2]
            fits = fits or position == first
            begins = True
        core_of[target] = core
    return core + 1
