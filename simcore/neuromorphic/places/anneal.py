"""The place `anneal`: swaps of cores, and moves to free slots, are accepted by simulated annealing.

The cost is that of single messages, the sum over all pairs of cores of their messages times the links between them;
the change that a proposal makes is exact. Where routers copy messages, that is not what counts: `trees` starts from it.

References
----------
Kirkpatrick, Gelatt, Vecchi (1983), Optimization by simulated annealing, Science 220, 671-680.
"""

import numpy as np

from simcore.neuromorphic.places.core_traffic import CoreTraffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import IntArray, PlaceOptions
from simcore.random import Purpose

MOST_VISITS = 1 << 30
"""Of cores, by all proposals: about a second."""
PROPOSALS_OF_A_SLOT = 10_000
STAGES = 64
"""Of equal temperature, and one at the end in which only what is not worse is accepted."""
COOLING = 0.90625
"""From one stage to the next; no logarithm or power, so that temperatures are the same on every machine."""
SAMPLE = 256
"""Proposals whose mean change of cost is the first temperature."""


def place_cores(traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions) -> IntArray:
    """Slot of each core."""
    from simcore.neuromorphic.places.anneal_kernels import propose, sampled_change

    between, distance = traffic.between, geometry.distance.astype(np.int64)
    slots = np.arange(traffic.cores, dtype=np.int64)
    core_at = np.full(geometry.slots, -1, np.int64)
    core_at[: traffic.cores] = slots
    tile_of_slot, tile_of_core = geometry.tile_of_slot, geometry.tile_of_slot[slots]
    seed, purpose = np.uint32(options.seed), np.uint32(Purpose.PLACE_ANNEAL)
    state = slots, core_at, tile_of_core
    effort = default_effort(traffic, geometry) if options.effort is None else options.effort
    temperature = sampled_change(min(SAMPLE, effort), between, distance, tile_of_slot, *state, seed, purpose)
    bounds = [effort * stage // (STAGES + 1) for stage in range(STAGES + 2)]
    for stage in range(STAGES + 1):
        heat = temperature if stage < STAGES else 0.0
        propose(bounds[stage], bounds[stage + 1], heat, between, distance, tile_of_slot, *state, seed, purpose)
        temperature *= COOLING
    return slots


def default_effort(traffic: CoreTraffic, geometry: Geometry) -> int:
    """Proposals in about a second at most."""
    return min(PROPOSALS_OF_A_SLOT * geometry.slots, MOST_VISITS // traffic.cores)
