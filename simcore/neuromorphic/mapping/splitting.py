"""Splits cores that hold too much."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.axons import count_destinations
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import InEdges
from simcore.neuromorphic.mapping.limits import crossbar
from simcore.neuromorphic.mapping.packing import PackingTable
from simcore.neuromorphic.sheets.sheet import Chip

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


def room_of_core(chip: Chip, exceeded: Collection[str], delay_steps: int) -> Room:
    """What a core of a chip can hold.

    Parameters
    ----------
    chip
        The sheet.
    exceeded
        Limits of what the cores of a chip share that a network exceeds: of these each core gets an even share.
    delay_steps
        Longest delay of the network: for long ones, a core may have to hold less neurons than it can.
    """
    rows, columns = crossbar(chip)
    neurons, longest = chip.count("neurons_per_core"), chip.count("delay_steps_full_core")
    if neurons is not None and longest is not None and delay_steps > longest:
        neurons -= 1

    def share(key: str) -> int | None:
        whole, cores = chip.count(key), chip.count("cores_per_chip")
        return whole // cores if key in exceeded and whole is not None and cores is not None else None

    return Room(
        _least(neurons, columns, share("neurons_per_chip")),
        _least(chip.count("synapses_per_core"), share("synapses_per_chip")),
        _least(chip.count("synapse_memory_bits_per_core"), share("synapse_memory_bits_per_chip")),
        _least(chip.count("axons_in_per_core"), rows),
        _least(chip.count("axons_out_per_core")),
    )


def _least(*limits: int | None) -> int:
    return min((limit for limit in limits if limit is not None), default=UNLIMITED)


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
        # More cores are more destinations. What was once counted is kept, so that this comes to an end.
        counted = count_destinations(edges, core_of)
        over = np.bincount(core_of, counted, minlength=cores) > room.axons_out
        if not np.any(over & (np.bincount(core_of, minlength=cores) > 1)):
            break
        destinations = np.maximum(destinations, counted)
    return CoreMapping(mapping.mapper, cores, core_of)
