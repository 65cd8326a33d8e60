"""The place `trees`: swaps and moves by simulated annealing with the cost of the multicast trees.

Neurons of a core with the same destinations share a tree. The change by a proposal is exact, because the number of
destinations behind each link is known for each tree. The initial placement is the best of the other places. If routers
do not copy messages, `anneal` is already exact and is the result.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError
from simcore.memory import require_memory
from simcore.neuromorphic.places import anneal, in_order, space_filling, spectral
from simcore.neuromorphic.places.core_traffic import CoreTraffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import IntArray, PlaceOptions

MOST_CORES = 1024
MOST_VISITS = 1 << 27
"""Largest number of visits of links by all proposals: about a second."""
PROPOSALS_OF_A_SLOT = 2_000
STAGES, COOLING, SAMPLE = 48, 0.875, 128
"""See `simcore.neuromorphic.places.anneal`; the initial place is already good, so that the temperature is lower."""
FIRST_HEAT = 0.2


@dataclass(frozen=True, eq=False)
class Trees:
    """The trees of all sets of destinations, and their links for cores in given slots.

    Parameters
    ----------
    core, rate
        Core and rate of the sources of each set, int64, with rates in units of the traffic.
    starts, cores
        Destinations of the sets.
    member_starts, members
        The inverse: sets that have core c as a destination.
    sent_starts, sent
        Sets that are sent by core c.
    first, end
        Runs between tiles; see `Geometry.runs`.
    behind
        Number of destinations of a set behind each link, uint16 (sets, links).
    """

    core: IntArray
    rate: IntArray
    starts: IntArray
    cores: IntArray
    member_starts: IntArray
    members: IntArray
    sent_starts: IntArray
    sent: IntArray
    first: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    behind: npt.NDArray[np.uint16]

    @property
    def columns(self) -> tuple[npt.NDArray[np.generic], ...]:
        """The arguments of kernels."""
        return (
            *(self.core, self.rate, self.starts, self.cores, self.member_starts, self.members),
            *(self.sent_starts, self.sent, self.first, self.end, self.behind),
        )


def place_cores(traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions) -> IntArray:
    """Slot of each core.

    Raises
    ------
    InputError
        If there are more cores than `MOST_CORES`.
    ResourceError
        If one number per tree and link does not fit into memory.
    """
    from simcore.neuromorphic.places.tree_kernels import propose, sampled_change

    if traffic.cores > MOST_CORES:
        raise InputError(f"place = 'trees' supports at most {MOST_CORES:,} cores, not {traffic.cores:,}; use 'anneal'")
    slots = anneal.place_cores(traffic, geometry, PlaceOptions(options.seed, options.objective))
    if not geometry.system.multicast:
        return slots
    first = [in_order, space_filling, spectral]
    starts: list[IntArray] = [place.place_cores(traffic, geometry, options) for place in first]
    cost, best = min((grown(traffic, geometry, each)[0], k) for k, each in enumerate([*starts, slots]))
    start: IntArray = [*starts, slots][best]
    slots, trees = start.copy(), grown(traffic, geometry, start)[1]
    core_at = np.full(geometry.slots, -1, np.int64)
    core_at[slots] = np.arange(traffic.cores)
    state = slots, core_at, geometry.tile_of_slot[slots], geometry.tile_of_slot
    seed = np.uint32(options.seed)
    effort = _default_effort(traffic, geometry) if options.effort is None else options.effort
    heat = FIRST_HEAT * sampled_change(min(SAMPLE, effort), *trees.columns, *state, seed)
    cost_now = cost
    bounds = [effort * stage // (STAGES + 1) for stage in range(STAGES + 2)]
    for stage in range(STAGES + 1):
        now = heat if stage < STAGES else 0.0
        cost_now += propose(bounds[stage], bounds[stage + 1], now, *trees.columns, *state, seed)
        heat *= COOLING
    return slots if cost_now < cost else start


def grown(traffic: CoreTraffic, geometry: Geometry, slots: IntArray) -> tuple[int, Trees]:
    """Hops of all trees, in units of the traffic, and the trees, for cores at these slots."""
    from simcore.neuromorphic.places.tree_kernels import grow

    sets, n_links = traffic.sets, len(geometry.system.link_origin)
    require_memory({"trees": 2.0 * len(sets.core) * n_links}, "the multicast trees of a mapped network")
    owners = np.repeat(np.arange(len(sets.core)), np.diff(sets.starts))
    members, member_starts = _by_core(sets.cores, owners, traffic.cores)
    sent, sent_starts = _by_core(sets.core, np.arange(len(sets.core)), traffic.cores)
    rate = np.rint(sets.rate_hz / traffic.unit_hz).astype(np.int64)
    behind = np.zeros((len(sets.core), n_links), np.uint16)
    trees = Trees(
        sets.core, rate, sets.starts, sets.cores, member_starts, members, sent_starts, sent, *geometry.runs, behind
    )
    return int(grow(*trees.columns, geometry.tile_of_slot[slots])), trees


def _by_core(cores: IntArray, values: IntArray, n: int) -> tuple[IntArray, IntArray]:
    """Values in order of their core, and the index of the first value of each core."""
    order = np.argsort(cores, kind="stable")
    return values[order], np.concatenate(([0], np.cumsum(np.bincount(cores, minlength=n))))


def _default_effort(traffic: CoreTraffic, geometry: Geometry) -> int:
    """Number of proposals for at most about a second: each visits the links of the trees to and from two cores."""
    links = 1.0 + float(geometry.distance.mean())
    visits = 8.0 * links * len(traffic.sets.cores) / traffic.cores
    return int(min(PROPOSALS_OF_A_SLOT * geometry.slots, MOST_VISITS / max(visits, 1.0)))
