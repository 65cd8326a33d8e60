"""Determines which ranks hold targets of which neurons, for the directed exchange."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from simcore.backends.cpu.build import distinct
from simcore.comm.communicator import Communicator, Routing
from simcore.placement import Placement
from simcore.synapses.rows import Rows

NOBODY = np.zeros(0, dtype=np.int64)


def learn_routing(
    comm: Communicator,
    placement: Placement,
    rows: Rows,
    sources: npt.NDArray[np.int64],
    neurons: npt.NDArray[np.int64] = NOBODY,
) -> Routing:
    """Report to the owner of each source that this rank holds targets of it, and receive the same for the own neurons.

    Parameters
    ----------
    comm
        Communicator; all ranks call this together.
    placement, rows
        Of the network.
    sources
        Rows that have synapses on this rank.
    neurons
        Global ids of neurons that have plastic synapses here.
    """
    ranks = comm.size
    ids = distinct([rows.owners(sources), neurons])
    owners, numbers = placement.owners(ids), placement.numbers(ids)
    order = np.argsort(owners, kind="stable")
    wanted = np.split(numbers[order], np.searchsorted(owners[order], np.arange(1, ranks)))
    others = np.arange(ranks) != comm.rank
    asked = comm.all_to_all([part.astype(np.uint32) for part in wanted])
    origins = np.flatnonzero([len(part) > 0 for part in wanted] & others)
    destinations = np.flatnonzero([len(part) > 0 for part in asked] & others)
    own = [asked[rank].astype(np.int64) for rank in destinations]
    asked_for = np.concatenate([NOBODY, *own])
    slots = np.repeat(np.arange(len(destinations)), [len(part) for part in own])
    order = np.lexsort((slots, asked_for))
    starts = np.searchsorted(asked_for[order], np.arange(placement.size_of_rank(comm.rank) + 1))
    return Routing(
        destinations,
        origins,
        starts.astype(np.int64),
        slots[order].astype(np.int32),
        ids[owners != comm.rank],
    )


def routing_within(routing: Routing, group: range) -> Routing:
    """The part of a routing with the ranks of this rank's group, which are counted from the first of them."""
    near = _restricted(routing, np.isin(routing.destinations, group), np.isin(routing.origins, group))
    return replace(near, destinations=near.destinations - group.start, origins=near.origins - group.start)


def routing_between(routing: Routing, group: range) -> Routing:
    """The part of a routing with the ranks of other groups."""
    return _restricted(routing, ~np.isin(routing.destinations, group), ~np.isin(routing.origins, group))


def _restricted(routing: Routing, to: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> Routing:
    """The routing to these destinations and from these origins; `wanted` stays as it is."""
    kept = to[routing.slots]
    before = np.concatenate([[0], np.cumsum(kept)])
    numbers = (np.cumsum(to) - 1).astype(np.int32)
    return Routing(
        routing.destinations[to],
        routing.origins[of],
        before[routing.starts].astype(np.int64),
        numbers[routing.slots[kept]],
        routing.wanted,
    )
