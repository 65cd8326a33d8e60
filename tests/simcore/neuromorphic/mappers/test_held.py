"""What cores hold while neurons enter and leave is what they hold in the end, and mappers keep to it."""

import numpy as np
import pytest
from chip_of import chip_of, packing_of
from hypothesis import given, settings
from hypothesis import strategies as st
from usable_mappers import USABLE

from simcore.network import FixedIndegree, FixedTotalNumber, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mappers.held import hold_all, split_to_fit
from simcore.neuromorphic.mappers.held_kernels import hold, memory_bits
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import (
    SEE_ROOM,
    CoreLimits,
    CoreMapping,
    DrawnNetwork,
    make_mapping,
)
from simcore.neuromorphic.mapping.demand import core_demand
from simcore.neuromorphic.mapping.room import UNLIMITED, Room

N = 60
NETWORK = Network(
    [Population("E", 45), Population("I", 15)],
    [
        Projection("E", "E", FixedTotalNumber(700), 1.0, 1.5),
        Projection("I", "E", FixedIndegree(5), 1.0, 1.5),
        Projection("E", "I", FixedIndegree(9), 1.0, 1.5),
    ],
)
DRAWN = DrawnNetwork(NETWORK, 2)
CHIPS = {
    "loihi": chip_of(load_chip("loihi1").packing),
    "crossbar": chip_of(packing_of("dense_crossbar", rows=999, columns=999, crosspoint_bits=3)),
}
ROOMS = st.builds(
    Room,
    neurons=st.integers(1, 60),
    synapses=st.integers(60, 2000),
    memory_bits=st.integers(3000, 60000) | st.just(UNLIMITED),
    axons_in=st.integers(30, 90),
    axons_out=st.integers(60, 900) | st.just(UNLIMITED),
)


def demand_of(core_of, cores, chip):
    mapping = CoreMapping("own", cores, core_of)
    return core_demand(NETWORK, DRAWN.in_edges, count_axons(DRAWN.in_edges, mapping), mapping, chip.packing, 8)


@pytest.mark.parametrize("chip", CHIPS)
@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, 3)), max_size=30), st.integers(0, 99))
def test_after_moves_cores_hold_what_the_mapping_demands(chip, moves, seed):
    core_of = np.random.default_rng(seed).integers(0, 4, N)
    room = Room(memory_bits=10**9)
    limits = CoreLimits(4, N, more_cores=True, room=room, chip=CHIPS[chip], delay_steps=15)
    held = hold_all(DRAWN, limits, core_of, 4)
    edges = DRAWN.in_edges
    for neuron, core in moves:
        hold(neuron, core_of[neuron], -1, edges.starts, edges.sources, held.state)
        hold(neuron, core, 1, edges.starts, edges.sources, held.state)
        core_of[neuron] = core
    demand = demand_of(core_of, 4, CHIPS[chip])
    expected = [demand.neurons, demand.synapses, demand.axons_in, demand.axons_out]
    assert held.state[2].tolist() == [each.tolist() for each in expected]
    assert held.state[5].tolist() == demand.destinations.tolist()
    bits = [memory_bits(core, held.table, held.state) for core in range(4)]
    assert bits == demand.memory_bits.tolist()


@pytest.mark.thorough
@settings(deadline=None, max_examples=80)
@given(st.sampled_from([name for name in USABLE if name in SEE_ROOM]), ROOMS, st.sampled_from(sorted(CHIPS)))
def test_what_mappers_that_see_room_return_fits_and_is_not_split(mapper, room, chip):
    made = make_mapping(mapper, DRAWN, N, room=room, chip=CHIPS[chip], delay_steps=15, effort=300)
    limits = CoreLimits(made.cores, N, more_cores=True, room=room, chip=CHIPS[chip], delay_steps=15)
    assert np.array_equal(split_to_fit(DRAWN, limits, made.core_of), made.core_of)
    demand = demand_of(made.core_of, made.cores, CHIPS[chip])
    needed = (demand.neurons, demand.synapses, demand.memory_bits, demand.axons_in, demand.axons_out)
    allowed = (room.neurons, room.synapses, room.memory_bits, room.axons_in, room.axons_out)
    # A neuron for which no core has room is alone in one.
    alone = demand.neurons == 1
    for held, most in zip(needed, allowed, strict=True):
        assert np.all((held <= most) | alone)
