"""Places: every core has a slot of its own, no place costs more hops than cores in order, and messages stay."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.noc.link_loads import link_loads
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import TOPOLOGIES, make_system
from simcore.neuromorphic.places.choosing import chosen_slots
from simcore.neuromorphic.places.core_traffic import CoreTraffic, core_traffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import PlaceOptions, flow_hops, make_place, places
from simcore.neuromorphic.places.trees import grown
from simcore.random import Purpose
from tests.simcore.neuromorphic.noc.invented import axons_to, networks, sheet
from tests.simcore.neuromorphic.noc.test_link_loads import dealt
from tests.simcore.neuromorphic.ranks_in_threads import Ranks

SIDES = st.integers(1, 4)
QUICK = PlaceOptions(seed=3, effort=300)


@st.composite
def chips(draw):
    """A chip, and a number of cores on it, or on several."""
    width, height, per_router = draw(SIDES), draw(SIDES), draw(st.integers(1, 3))
    per_chip = width * height * per_router
    numbers = {"cores_per_chip": per_chip, "cores_per_router": per_router, "mesh_width": width, "mesh_height": height}
    chip = sheet(draw(st.sampled_from(list(TOPOLOGIES))), None, draw(st.booleans()), **numbers)
    return chip, draw(st.integers(1, min(3 * per_chip, 30)))


@st.composite
def traffics(draw, cores):
    """Traffic between cores, of which nothing but the flows is known."""
    values = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 9, (cores, cores)).astype(float)
    values[draw(st.integers(0, cores - 1)) :] = 0.0
    np.fill_diagonal(values, 0.0)
    return CoreTraffic(values, 1.0, np.zeros(0, int), np.zeros(0), np.zeros(1, int), np.zeros(0, np.int32))


def mapped(data, cores):
    """Axons of a few neurons, and the core of each; every core has a neuron."""
    axons, core_of = data.draw(networks(cores))
    return axons, CoreMapping("drawn", cores, core_of)


@settings(deadline=None, max_examples=60)
@given(chips(), st.data())
def test_distances_are_equal_both_ways_and_those_of_the_ways(drawn, data):
    geometry = Geometry(make_system(*drawn))
    np.testing.assert_array_equal(geometry.distance, geometry.distance.T)
    first, end = geometry.runs
    np.testing.assert_array_equal((end - first).sum(axis=2), geometry.distance)
    assert geometry.distance.diagonal().sum() == 0


@settings(deadline=None, max_examples=80)
@given(chips(), st.sampled_from(["in_order", "space_filling", "spectral", "anneal", "trees"]), st.data())
def test_every_core_has_a_slot_of_its_own(drawn, place, data):
    chip, cores = drawn
    geometry = Geometry(make_system(chip, cores))
    slots = make_place(place, data.draw(traffics(cores)), geometry, QUICK)
    assert slots.shape == (cores,) and slots.dtype == np.int64
    assert len(set(slots.tolist())) == cores and slots.min() >= 0 and slots.max() < geometry.slots


@settings(deadline=None, max_examples=60)
@given(chips(), st.data())
def test_the_change_of_a_proposal_is_that_of_the_whole_cost(drawn, data):
    from simcore.neuromorphic.places.anneal_kernels import change, exchange

    chip, cores = drawn
    geometry = Geometry(make_system(chip, cores))
    traffic = data.draw(traffics(cores))
    slots = np.random.default_rng(data.draw(st.integers(0, 99))).permutation(geometry.slots)[:cores]
    core_at = np.full(geometry.slots, -1)
    core_at[slots] = np.arange(cores)
    tile_of_core = geometry.tile_of_slot[slots]
    for _ in range(5):
        core, slot = data.draw(st.integers(0, cores - 1)), data.draw(st.integers(0, geometry.slots - 1))
        here, there = tile_of_core[core], geometry.tile_of_slot[slot]
        before, other = flow_hops(traffic, geometry, slots), core_at[slot]
        if other == core:
            continue
        more = change(core, other, here, there, traffic.between, geometry.distance.astype(np.int64), tile_of_core)
        exchange(core, slot, slots, core_at, tile_of_core, geometry.tile_of_slot)
        assert flow_hops(traffic, geometry, slots) == before + more
        np.testing.assert_array_equal(core_at[slots], np.arange(cores))
        assert np.count_nonzero(core_at >= 0) == cores
        np.testing.assert_array_equal(tile_of_core, geometry.tile_of_slot[slots])


@settings(deadline=None, max_examples=80)
@given(chips(), st.sampled_from(places.names()), st.data())
def test_hops_are_never_above_those_in_order_and_messages_stay(drawn, place, data):
    chip, cores = drawn
    axons, mapping = mapped(data, cores)
    rates = np.array([data.draw(st.floats(0.0, 100.0)) for _ in mapping.core_of])
    slots = chosen_slots(place, chip, axons, mapping, rates, QUICK)
    ordered, moved = make_system(chip, cores), make_system(chip, cores, slots)
    before, after = (link_loads(system, axons, mapping.core_of, rates) for system in (ordered, moved))
    assert after.hops <= before.hops
    assert slots is None or after.hops < before.hops
    sent, then = (make_routes(system, axons, mapping.core_of) for system in (ordered, moved))
    np.testing.assert_array_equal(sent.injected, then.injected)
    # What neither passes a link nor stays within a tile would be lost.
    arrived = [np.isin(axons.cores, mapping.core_of[source]) for source in range(len(mapping.core_of))]
    assert all((then.within_tile[k] >= 0) and (then.within_tile[k] <= len(own)) for k, own in enumerate(arrived))
    np.testing.assert_array_equal(then.hops == 0, then.within_tile == np.diff(axons.starts))


@settings(deadline=None, max_examples=12)
@given(chips(), st.sampled_from(places.names()), st.integers(2, 3), st.data())
def test_a_place_does_not_depend_on_ranks(drawn, place, size, data):
    chip, cores = drawn
    axons, mapping = mapped(data, cores)
    rates = np.array([data.draw(st.floats(0.0, 100.0)) for _ in mapping.core_of])
    alone = chosen_slots(place, chip, axons, mapping, rates, QUICK)
    for found in Ranks(size).run(
        lambda comm: chosen_slots(place, chip, dealt(axons, comm.rank, size), mapping, rates, QUICK, comm)
    ):
        np.testing.assert_array_equal(found, alone)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 9), st.data(), st.integers(1, 3))
def test_traffic_is_that_of_the_neurons_on_any_ranks(cores, data, size):
    axons, mapping = mapped(data, cores)
    rates = np.array([data.draw(st.integers(0, 50)) for _ in mapping.core_of], float)
    expected, sets = np.zeros((cores, cores)), {}
    for source, core in enumerate(mapping.core_of):
        reached = axons.cores[axons.starts[source] : axons.starts[source + 1]]
        others = tuple(reached[reached != core].tolist())
        expected[core, list(others)] += rates[source]
        if rates[source] and others:
            sets[core, others] = sets.get((core, others), 0.0) + rates[source]
    root, *rest = Ranks(size).run(lambda comm: core_traffic(dealt(axons, comm.rank, size), mapping, rates, comm))
    assert rest == [None] * (size - 1)
    np.testing.assert_array_equal(root.flows_hz, expected)
    rows = [root.sets.cores[low:high] for low, high in zip(root.sets.starts, root.sets.starts[1:], strict=False)]
    found = {
        (core, tuple(row.tolist())): rate
        for core, row, rate in zip(root.sets.core, rows, root.sets.rate_hz, strict=True)
    }
    assert found == sets


def ring_of_friends(cores):
    """Core k exchanges with k + 1 and k - 1, but they are numbered as in a shuffled deck."""
    deck = np.random.default_rng(1).permutation(cores)
    values = np.zeros((cores, cores))
    values[deck, np.roll(deck, 1)] = 1.0
    return CoreTraffic(values, 1.0, np.zeros(0, int), np.zeros(0), np.zeros(1, int), np.zeros(0, np.int32))


@pytest.mark.parametrize(("place", "most"), [("space_filling", 24), ("spectral", 24), ("anneal", 16)])
def test_neighbours_of_a_shuffled_ring_come_together_again(place, most):
    """In order they cost 46 hops on a mesh of 4 x 4; 16 is the fewest."""
    geometry = Geometry(make_system(sheet("mesh", "xy", False, cores_per_router=1, mesh_width=4, mesh_height=4), 16))
    traffic = ring_of_friends(16)
    assert flow_hops(traffic, geometry, np.arange(16)) == 46
    assert flow_hops(traffic, geometry, make_place(place, traffic, geometry, PlaceOptions())) <= most


def test_the_curve_of_hilbert_goes_from_neighbour_to_neighbour():
    from simcore.neuromorphic.places.space_filling import curves

    geometry = Geometry(make_system(sheet("mesh", "xy", False, cores_per_router=1, mesh_width=8, mesh_height=8), 64))
    for curve in curves(geometry):
        steps = np.abs(np.diff(geometry.position[curve], axis=0)).sum(axis=1)
        assert (steps == 1).all()


def test_free_slots_are_taken_where_they_save_hops():
    """In order, the hub, core 0, stands in a corner of 3 x 3 routers; it belongs between its four partners."""
    geometry = Geometry(make_system(sheet("mesh", "xy", False, cores_per_chip=9, cores_per_router=1), 5))
    values = np.zeros((5, 5))
    values[0, 1:] = 1.0
    traffic = CoreTraffic(values, 1.0, np.zeros(0, int), np.zeros(0), np.zeros(1, int), np.zeros(0, np.int32))
    slots = make_place("anneal", traffic, geometry, PlaceOptions())
    assert flow_hops(traffic, geometry, slots) == 4 < flow_hops(traffic, geometry, np.arange(5))


def test_a_seed_has_proposals_of_its_own_and_no_effort_changes_nothing():
    geometry = Geometry(make_system(sheet("mesh", "xy", False, cores_per_router=1, mesh_width=6, mesh_height=6), 36))
    traffic = ring_of_friends(36)
    first, again, other = (
        make_place("anneal", traffic, geometry, PlaceOptions(seed, effort=3000)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(make_place("anneal", traffic, geometry, PlaceOptions(effort=0)), np.arange(36))
    assert Purpose.PLACE_ANNEAL != Purpose.PLACE_TREES


@pytest.mark.parametrize("returned", [[0, 0, 1], [0, 1], [0, 1, 9], [-1, 0, 1], [0.0, 1.0, 2.0], [[0], [1, 2]]])
def test_what_is_no_place_is_refused(tmp_path, returned):
    (tmp_path / "mine.py").write_text(f"def put(traffic, geometry, options):\n    return {returned}\n")
    geometry = Geometry(make_system(sheet("mesh", cores_per_router=1, mesh_width=3, mesh_height=3), 3))
    with pytest.raises(InputError, match=r"mine\.py"):
        make_place(f"{tmp_path}/mine.py:put", ring_of_friends(3), geometry, PlaceOptions())


def test_an_unknown_place_is_refused():
    with pytest.raises(InputError, match="place = 'best'"):
        places.get("best")


@settings(deadline=None, max_examples=60)
@given(chips(), st.data())
def test_the_cost_of_trees_is_that_of_multicast_and_its_changes_add_up(drawn, data):
    from simcore.neuromorphic.places.tree_kernels import propose

    chip, cores = drawn
    chip = replace(
        chip, words=tuple(replace(word, value=True) if word.key == "multicast" else word for word in chip.words)
    )
    axons, mapping = mapped(data, cores)
    rates = np.array([data.draw(st.integers(0, 50)) for _ in mapping.core_of], float)
    traffic = core_traffic(axons, mapping, rates)
    geometry = Geometry(make_system(chip, cores))
    slots = np.random.default_rng(data.draw(st.integers(0, 99))).permutation(geometry.slots)[:cores]
    before, trees = grown(traffic, geometry, slots)
    core_at = np.full(geometry.slots, -1)
    core_at[slots] = np.arange(cores)
    state = slots, core_at, geometry.tile_of_slot[slots], geometry.tile_of_slot
    more = propose(0, 40, 20.0 / traffic.unit_hz, *trees.columns, *state, np.uint32(1))
    after, again = grown(traffic, geometry, slots)
    assert after == before + more
    np.testing.assert_array_equal(again.behind, trees.behind)
    loads = link_loads(make_system(chip, cores, slots), axons, mapping.core_of, rates)
    assert after * traffic.unit_hz == pytest.approx(loads.hops * loads.unit_hz)


def test_trees_find_shared_ways_that_single_messages_do_not_show():
    """Forty neurons on 20 cores, each with 8 destinations."""
    chip = sheet("mesh", "xy", True, cores_per_router=1, mesh_width=5, mesh_height=5)
    random = np.random.default_rng(5)
    axons = axons_to(*(np.sort(random.permutation(20)[:8]).tolist() for _ in range(40)))
    mapping = CoreMapping("drawn", 20, np.arange(40) % 20)
    hops = {}
    for place in ("in_order", "anneal", "trees"):
        slots = chosen_slots(place, chip, axons, mapping, np.ones(40), PlaceOptions(effort=20_000))
        loads = link_loads(make_system(chip, 20, slots), axons, mapping.core_of, np.ones(40))
        hops[place] = loads.hops * loads.unit_hz
    assert hops["trees"] < 0.98 * hops["anneal"] and hops["anneal"] <= hops["in_order"]


def test_trees_are_for_a_thousand_cores():
    geometry = Geometry(make_system(sheet("mesh", "xy", True, cores_per_router=1), 1025))
    with pytest.raises(InputError, match=r"place = 'trees' supports at most 1,024 cores, not 1,025"):
        make_place("trees", ring_of_friends(1025), geometry, PlaceOptions())


@settings(deadline=None, max_examples=40)
@given(chips(), st.data())
def test_the_change_of_loads_is_that_of_all_links(drawn, data):
    from simcore.neuromorphic.places.link_kernels import load_links, propose

    chip, cores = drawn
    geometry = Geometry(make_system(chip, cores))
    flows = data.draw(traffics(cores)).flows_hz.astype(np.int64)
    slots = np.random.default_rng(data.draw(st.integers(0, 99))).permutation(geometry.slots)[:cores]
    core_at = np.full(geometry.slots, -1)
    core_at[slots] = np.arange(cores)
    tile_of_core = geometry.tile_of_slot[slots]
    loads, again = np.zeros((2, len(geometry.system.link_origin)), np.int64)
    before = load_links(flows, *geometry.runs, tile_of_core, loads)
    assert before == (loads**2).sum()
    state = loads, geometry.tile_of_slot, slots, core_at, tile_of_core
    more, size = propose(0, 30, 50.0, flows, *geometry.runs, *state, np.uint32(1))
    assert load_links(flows, *geometry.runs, geometry.tile_of_slot[slots], again) == before + more
    np.testing.assert_array_equal(loads, again)
    assert size >= abs(more)
    assert propose(0, 30, -1.0, flows, *geometry.runs, *state, np.uint32(1))[0] == 0
    np.testing.assert_array_equal(loads, again)


def test_the_busiest_link_can_be_the_aim():
    chip = sheet("mesh", "xy", False, cores_per_router=1, mesh_width=5, mesh_height=5)
    random = np.random.default_rng(5)
    axons = axons_to(*(np.sort(random.permutation(20)[:8]).tolist() for _ in range(40)))
    mapping, largest = CoreMapping("drawn", 20, np.arange(40) % 20), {}
    for objective in ("hops", "link"):
        slots = chosen_slots("anneal", chip, axons, mapping, np.ones(40), PlaceOptions(objective=objective))
        assert slots is not None
        largest[objective] = link_loads(make_system(chip, 20, slots), axons, mapping.core_of, np.ones(40)).largest
    ordered = link_loads(make_system(chip, 20), axons, mapping.core_of, np.ones(40)).largest
    assert largest["link"] < largest["hops"] < ordered
