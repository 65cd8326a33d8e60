"""Splitting of cores that exceed a limit."""

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.axons import count_destinations
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import InEdges
from simcore.neuromorphic.mapping.packing import PackingTable
from simcore.neuromorphic.mapping.room import UNLIMITED, Room

IntArray = npt.NDArray[np.int64]


def split_cores(edges: InEdges, mapping: CoreMapping, room: Room, table: PackingTable) -> CoreMapping:
    """Split every core that exceeds a limit, in order of its neurons: a neuron without room starts a new core.

    A neuron that exceeds the limits of an empty core gets a core without other neurons.

    Parameters
    ----------
    edges
        In-edges of all neurons.
    mapping
        Core of each neuron; cores within the limits are not split.
    room
        Capacity of a core.
    table
        Bits of axons, up to the largest number of neurons of a core and the largest number of synapses of an axon.
    """
    from simcore.neuromorphic.mapping.split_kernels import split_in_order

    order = np.argsort(mapping.core_of, kind="stable")
    limits = np.array([room.neurons, room.synapses, room.memory_bits, room.axons_in, room.axons_out])
    packed = (table.kind_of, table.sparse, table.dense, table.bits_per_neuron)
    destinations = np.zeros(len(order), dtype=np.int64)
    while True:
        core_of = np.empty(len(order), dtype=np.int64)
        cores = split_in_order(
            order, mapping.core_of, edges.starts, edges.sources, destinations, limits, *packed, core_of
        )
        if room.axons_out == UNLIMITED:
            break
        # More cores mean more destinations. Earlier counts are kept, so that the loop terminates.
        counted = count_destinations(edges, core_of)
        over = np.bincount(core_of, counted, minlength=cores) > room.axons_out
        if not np.any(over & (np.bincount(core_of, minlength=cores) > 1)):
            break
        destinations = np.maximum(destinations, counted)
    return CoreMapping(mapping.mapper, cores, core_of)
