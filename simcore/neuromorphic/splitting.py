"""Splits cores that hold too much."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.cpu.compilation import kernel
from simcore.neuromorphic.axons import count_destinations
from simcore.neuromorphic.in_edges import InEdges
from simcore.neuromorphic.mapping import CoreMapping
from simcore.neuromorphic.packing import PackingTable

IntArray = npt.NDArray[np.int64]
UNLIMITED = 2**62


@dataclass(frozen=True)
class Room:
    """The most that a core can hold; what is not limited is `UNLIMITED`."""

    neurons: int = UNLIMITED
    synapses: int = UNLIMITED
    memory_bits: int = UNLIMITED
    axons_in: int = UNLIMITED
    axons_out: int = UNLIMITED


def split_cores(edges: InEdges, mapping: CoreMapping, room: Room, table: PackingTable) -> CoreMapping:
    """Divide every core that holds too much, in order of its neurons: a new core begins where the next has no room.

    A neuron that has no room in a core of its own is alone there.

    Parameters
    ----------
    edges
        In-edges of all neurons.
    mapping
        Core of each neuron; cores that have room stay whole.
    room
        Of a core.
    table
        Bits of axons, up to the most neurons that a core has or can hold, and the most synapses of an axon.
    """
    order = np.argsort(mapping.core_of, kind="stable")
    limits = np.array([room.neurons, room.synapses, room.memory_bits, room.axons_in, room.axons_out])
    packed = (table.kind_of, table.sparse, table.dense, table.bits_per_neuron)
    destinations = np.zeros(len(order), dtype=np.int64)
    while True:
        core_of = np.empty(len(order), dtype=np.int64)
        cores = _split(order, mapping.core_of, edges.starts, edges.sources, destinations, limits, *packed, core_of)
        if room.axons_out == UNLIMITED:
            break
        # More cores are more destinations. What was once counted is kept, so that this comes to an end.
        counted = count_destinations(edges, core_of)
        over = np.bincount(core_of, counted, minlength=cores) > room.axons_out
        if not np.any(over & (np.bincount(core_of, minlength=cores) > 1)):
            break
        destinations = np.maximum(destinations, counted)
    return CoreMapping(mapping.mapper, cores, core_of)


@kernel
def _split(
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
    """Visit neurons in `order`, write the core of each; returns the number of cores."""
    # Of each source in the present core: synapses, its latest target, and whether it has reached one twice.
    counts = np.zeros(len(order), dtype=np.int64)
    latest = np.full(len(order), -1, dtype=np.int64)
    repeated = np.zeros(len(order), dtype=np.int64)
    present = np.empty(len(order), dtype=np.int64)
    # Axons of the present core by repetition and synapses.
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
            # The table of bits ends with the most neurons that a core may have.
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
