"""The place `anneal`: swaps of cores, and moves to free slots, by simulated annealing.

The cost is that of single messages: the sum over all pairs of cores of their messages times the links between them; the
change by a proposal is exact. If routers copy messages, this is not the true cost, and `trees` starts from the result.
With the objective ``link``, the cost is the sum of the squares of the loads of all links, so that a busy link costs
more than several idle links. The initial place is then the one with few hops.

References
----------
Kirkpatrick, Gelatt, Vecchi (1983), Optimization by simulated annealing, Science 220, 671-680.
"""

import numpy as np

from simcore.neuromorphic.places.core_traffic import CoreTraffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import IntArray, PlaceOptions

MOST_VISITS = 1 << 30
"""Largest number of visits of cores by all proposals: about a second."""
PROPOSALS_OF_A_SLOT = 10_000
STAGES = 64
"""Number of stages of constant temperature; a final stage accepts only proposals that are not worse."""
COOLING = 0.90625
"""Cooling factor between stages, without logarithms or powers, so that temperatures are equal on every machine."""
LOAD_BITS = 26
"""Bits of the sum of all messages; the square of the load of a link has twice as many."""
VISITS_OF_A_FLOW = 20
"""Links that a proposal visits for each core, if loads are to be even."""
FIRST_HEAT_OF_LOADS = 0.25
"""Initial temperature relative to the mean change of cost; it is low because the initial place is good."""
SAMPLE = 256
"""Number of proposals whose mean change of cost determines the initial temperature."""


def place_cores(traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions) -> IntArray:
    """Slot of each core."""
    slots = _with_few_hops(traffic, geometry, options)
    return slots if options.objective == "hops" else _with_even_loads(traffic, geometry, options, slots)


def _with_few_hops(traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions) -> IntArray:
    from simcore.neuromorphic.places.anneal_kernels import propose, sampled_change

    between, distance = traffic.between, geometry.distance.astype(np.int64)
    slots = np.arange(traffic.cores, dtype=np.int64)
    core_at = np.full(geometry.slots, -1, np.int64)
    core_at[: traffic.cores] = slots
    tile_of_slot, tile_of_core = geometry.tile_of_slot, geometry.tile_of_slot[slots]
    seed = np.uint32(options.seed)
    state = slots, core_at, tile_of_core
    effort = default_effort(traffic, geometry) if options.effort is None else options.effort
    temperature = sampled_change(min(SAMPLE, effort), between, distance, tile_of_slot, *state, seed)
    bounds = [effort * stage // (STAGES + 1) for stage in range(STAGES + 2)]
    for stage in range(STAGES + 1):
        heat = temperature if stage < STAGES else 0.0
        propose(bounds[stage], bounds[stage + 1], heat, between, distance, tile_of_slot, *state, seed)
        temperature *= COOLING
    return slots


def _with_even_loads(traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions, slots: IntArray) -> IntArray:
    from simcore.neuromorphic.places.link_kernels import load_links, propose

    flows, loads = small_flows(traffic), np.zeros(len(geometry.system.link_origin), np.int64)
    core_at = np.full(geometry.slots, -1, np.int64)
    core_at[slots] = np.arange(traffic.cores)
    tile_of_core = geometry.tile_of_slot[slots]
    load_links(flows, *geometry.runs, tile_of_core, loads)
    how = flows, *geometry.runs, loads, geometry.tile_of_slot, slots, core_at, tile_of_core
    seed = np.uint32(options.seed)
    effort = default_effort(traffic, geometry) // VISITS_OF_A_FLOW if options.effort is None else options.effort
    sample = min(SAMPLE, effort)
    temperature = FIRST_HEAT_OF_LOADS * propose(0, sample, -1.0, *how, seed)[1] / max(sample, 1)
    bounds = [effort * stage // (STAGES + 1) for stage in range(STAGES + 2)]
    for stage in range(STAGES + 1):
        propose(bounds[stage], bounds[stage + 1], temperature if stage < STAGES else 0.0, *how, seed)
        temperature *= COOLING
    return slots


def small_flows(traffic: CoreTraffic) -> IntArray:
    """Messages from core to core in a unit for which sums of squares of loads are exact, int64 (cores, cores)."""
    total = float(traffic.flows_hz.sum())
    if total == 0.0:
        return np.zeros(traffic.flows_hz.shape, np.int64)
    return np.asarray(np.rint(traffic.flows_hz * (2.0**LOAD_BITS / total)).astype(np.int64))


def default_effort(traffic: CoreTraffic, geometry: Geometry) -> int:
    """Number of proposals for at most about a second."""
    return min(PROPOSALS_OF_A_SLOT * geometry.slots, MOST_VISITS // traffic.cores)
