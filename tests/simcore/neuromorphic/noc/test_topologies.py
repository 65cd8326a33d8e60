"""Ways of messages against the geometry of each topology, step by step."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.neuromorphic import chip_names, load_chip
from simcore.neuromorphic.noc.layout import near_square
from simcore.neuromorphic.noc.system import TOPOLOGIES, make_system
from tests.simcore.neuromorphic.noc.invented import sheet, systems, tiles, way


def pairs(system, data):
    some = st.sampled_from(tiles(system).tolist())
    return data.draw(st.lists(st.tuples(some, some), min_size=1, max_size=20))


def distances(system, origin):
    """Fewest links to each router."""
    links = [[] for _ in system.chip_of_router]
    for link, router in enumerate(system.link_origin):
        links[router].append(link)
    found = {origin: 0}
    queue = deque([origin])
    while queue:
        router = queue.popleft()
        for link in links[router]:
            reached = int(system.link_target[link])
            if reached not in found:
                found[reached] = found[router] + 1
                queue.append(reached)
    return found


def shape(system):
    return (system.position.max(axis=0) + 1).astype(int)


@settings(deadline=None, max_examples=50)
@given(systems([name for name in TOPOLOGIES if name != "bus"]), st.data())
def test_a_way_leads_from_link_to_link_and_is_a_shortest_one(system, data):
    for origin, target in pairs(system, data):
        links, router = way(system, origin, target), origin
        for link in links:
            assert system.link_origin[link] == router
            router = system.link_target[link]
        assert router == target
        assert len(links) == distances(system, origin)[target]


@settings(deadline=None, max_examples=50)
@given(systems(["mesh", "torus"]), st.data())
def test_lengths_in_meshes_and_tori_are_those_of_manhattan(system, data):
    sides = shape(system)
    for origin, target in pairs(system, data):
        apart = np.abs(system.position[origin] - system.position[target])
        if system.topology == "torus":
            apart = np.minimum(apart, sides - apart)
        assert len(way(system, origin, target)) == apart.sum()


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_lengths_in_triangular_tori_are_hexagonal(width, height, data):
    chip = sheet("triangular_torus", "table", cores_per_router=1, mesh_width=width, mesh_height=height)
    system = make_system(chip, width * height)
    for origin, target in pairs(system, data):
        (x, y), (other_x, other_y) = divmod(origin, width)[::-1], divmod(target, width)[::-1]
        copies = [(other_x - x + a * width, other_y - y + b * height) for a in range(-9, 10) for b in range(-9, 10)]
        shortest = min(max(abs(a), abs(b), abs(a - b)) for a, b in copies)
        assert len(way(system, origin, target)) == shortest


@settings(deadline=None, max_examples=50)
@given(systems(["ring"]), st.data())
def test_a_ring_is_passed_the_shorter_way_round(system, data):
    n = len(system.chip_of_router)
    for origin, target in pairs(system, data):
        assert len(way(system, origin, target)) == min((target - origin) % n, (origin - target) % n)


@settings(deadline=None, max_examples=50)
@given(systems(["h_tree", "star"]), st.data())
def test_in_trees_a_message_climbs_to_the_first_common_router(system, data):
    parent = {}
    for origin, target in zip(system.link_origin, system.link_target, strict=True):
        if origin < target:
            assert origin not in parent
            parent[int(origin)] = int(target)

    def ancestors(router):
        return [router, *ancestors(parent[router])] if router in parent else [router]

    for origin, target in pairs(system, data):
        common = next(router for router in ancestors(origin) if router in ancestors(target))
        climb = ancestors(origin).index(common)
        assert climb == ancestors(target).index(common)
        assert len(way(system, origin, target)) == 2 * climb


@pytest.mark.parametrize(("cores", "depth"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (64, 6)])
def test_the_depth_of_an_h_tree_is_a_logarithm(cores, depth):
    system = make_system(sheet("h_tree", cores_per_router=1), cores)
    assert len(way(system, 0, cores - 1)) == 2 * depth


def test_the_tree_of_chips_stands_on_the_trees_of_tiles():
    system = make_system(sheet("h_tree", cores_per_chip=4, cores_per_router=1), 12)
    assert [len(way(system, 0, target)) for target in (1, 2, 4, 8)] == [2, 4, 6, 8]
    assert system.chip_of_router.tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [0, 0, 1, 1, 2, 2, 0, 1, 2, -1, 2, -1]
    assert system.link_kind[way(system, 0, 8)].tolist() == [0, 1, 0, 1, 1, 0, 1, 0]


def test_a_message_passes_each_bus_between_it_and_its_target():
    system = make_system(sheet("bus", cores_per_chip=4, cores_per_router=1), 10)
    assert system.link_crosses_chip.tolist() == [False, False, False, True]
    assert [way(system, 0, target) for target in (0, 3, 9)] == [[], [0], [0, 3, 2]]
    for bus in range(3):
        ends = (system.link_origin[bus], system.link_target[bus])
        assert ends == (4 * bus, 4 * bus + 3)


@pytest.mark.parametrize(("routing", "turn"), [("xy", (3, 0)), ("yx", (0, 2))])
def test_messages_of_a_mesh_turn_where_the_sheet_says(routing, turn):
    chip = sheet("mesh", routing, cores_per_router=1, mesh_width=4, mesh_height=3)
    system = make_system(chip, 12)
    passed = [tuple(system.position[system.link_target[link]].astype(int)) for link in way(system, 0, 11)]
    assert turn in passed
    assert all(x in (0, turn[0], 3) or y in (0, 2) for x, y in passed)


@settings(deadline=None, max_examples=50)
@given(systems([name for name in TOPOLOGIES if name != "bus"]), st.data())
def test_ways_from_one_router_form_a_tree(system, data):
    """No router is entered by two links, so copies of a message never meet again."""
    origin = data.draw(st.sampled_from(tiles(system).tolist()))
    entered = {}
    for target in tiles(system):
        for link in way(system, origin, target):
            assert entered.setdefault(system.link_target[link], link) == link
    assert origin not in entered


@settings(deadline=None, max_examples=50)
@given(systems(["mesh", "torus", "triangular_torus", "ring"]))
def test_what_leads_straight_on_has_the_same_direction_and_the_next_number(system):
    straight_on = system.straight_on
    ends = np.flatnonzero(straight_on < 0)
    assert (system.topology == "mesh") or len(ends) == 0
    links = np.flatnonzero(straight_on >= 0)
    following = straight_on[links]
    assert np.array_equal(system.link_origin[following], system.link_target[links])
    assert np.array_equal(system.link_kind[following], system.link_kind[links])
    assert len(np.unique(following)) == len(following)
    assert np.all((following == links + 1) | (following < links))


@settings(deadline=None, max_examples=50)
@given(systems())
def test_cores_fill_one_chip_after_the_other(system):
    chips = system.chip_of_router[system.router_of_core]
    assert np.all(np.diff(chips) >= 0)
    assert np.unique(chips).tolist() == list(range(system.chips))
    assert len(np.unique(np.bincount(chips)[:-1])) <= 1
    assert system.tiles == len(tiles(system))
    assert len(system.position) == len(system.chip_of_router)
    assert len(np.unique(system.position[tiles(system)].round(6), axis=0)) == system.tiles


@settings(deadline=None, max_examples=50)
@given(systems(["mesh", "ring", "star", "h_tree", "bus"]), st.data())
def test_a_message_to_another_chip_crosses_borders(system, data):
    for origin, target in pairs(system, data):
        chips = system.chip_of_router[[origin, target]]
        crossings = int(system.link_crosses_chip[way(system, origin, target)].sum())
        assert (crossings > 0) == (chips[0] != chips[1])
        if system.topology != "mesh" and system.topology != "ring":
            assert crossings <= 1


def test_several_chips_of_loihi_join_their_meshes():
    system = make_system(load_chip("loihi1"), 6 * 128)
    assert system.chips == 6 and shape(system).tolist() == [3 * 8, 2 * 4]
    links = way(system, system.router_of_core[0], system.router_of_core[6 * 128 - 1])
    assert len(links) == 23 + 7
    assert system.link_crosses_chip[links].sum() == 3
    assert np.bincount(system.link_kind[links]).tolist() == [23, 7]
    assert system.link_crosses_chip.sum() == 2 * (2 * 2 * 4 + 3 * 8)
    assert system.assumptions == ("6 chips are assumed to form a grid of 3 x 2, joined at their borders.",)


def test_chips_without_neurons_fill_the_grid():
    system = make_system(load_chip("truenorth"), 4096 * 12 + 1)
    assert system.chips == 13 and system.tiles == 4096 * 12 + 1
    assert len(system.chip_of_router) == 4096 * 15
    assert "2 places of the grid hold chips without neurons" in system.assumptions[0]


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 10**6))
def test_grids_are_nearly_square_and_hold_all(places):
    width, height = near_square(places)
    assert height <= width <= 2 * height
    assert places <= width * height <= places + width


TILES, GRID, WAY, COPIES = "The number of cores", "The grid of a chip's", "The route of a message", "Multicast"
ASSUMED = {
    "akida1000": [TILES, GRID, WAY, COPIES],
    "darwin3": [WAY, COPIES],
    "loihi1": [],
    "loihi1_sanafe": [],
    "loihi2": [COPIES],
    "speck": [TILES, COPIES],
    "spinnaker1": [WAY],
    "tianjic": [TILES, GRID, WAY, COPIES],
    "truenorth": [],
}


@pytest.mark.parametrize("name", ASSUMED)
def test_a_sheet_gives_a_system_that_says_what_is_assumed(name):
    chip = load_chip(name)
    per_chip = chip.count("cores_per_chip")
    system = make_system(chip, per_chip)
    assert (system.topology, system.chips) == (chip.word("topology"), 1)
    assert [
        sentence[: len(start)] for sentence, start in zip(system.assumptions, ASSUMED[name], strict=True)
    ] == ASSUMED[name]
    several = make_system(chip, 2 * per_chip + 1)
    assert several.chips == 3 and any(" chips are assumed" in sentence for sentence in several.assumptions)


@pytest.mark.parametrize("name", sorted({*chip_names()} - {*ASSUMED}))
def test_a_sheet_without_topology_has_one_core_or_says_why_not(name):
    system = make_system(load_chip(name), 1)
    assert (system.topology, len(system.link_origin), len(system.chip_of_router)) == ("none", 0, 1)
    with pytest.raises(
        InputError, match=rf"{name}: messages between 2 cores cannot be routed: the topology is unknown"
    ):
        make_system(load_chip(name), 2)


def test_a_router_of_spinnaker_is_a_chip():
    system = make_system(load_chip("spinnaker1"), 16 * 12)
    assert system.chips == system.tiles == len(system.chip_of_router) == 12 and system.multicast
    assert len(system.link_origin) == 6 * 12 and system.link_crosses_chip.all()
    assert np.bincount(system.link_kind).tolist() == [24, 24, 24]


@pytest.mark.parametrize(
    ("topology", "routing", "allowed"),
    [
        ("star", "xy", "use direct or table"),
        ("mesh", "direct", "use xy or yx or table"),
        ("triangular_torus", "xy", "use table"),
        ("ring", "direct", "use table"),
    ],
)
def test_a_routing_that_does_not_fit_is_refused(topology, routing, allowed):
    with pytest.raises(InputError, match=f"mine: routing = '{routing}' does not fit topology {topology}: {allowed}"):
        make_system(sheet(topology, routing), 4)


def test_a_mesh_that_is_too_small_for_the_cores_of_its_chip_is_refused():
    with pytest.raises(InputError, match="a mesh of 3 x 2 routers with 2 cores each does not have the 13 cores"):
        make_system(sheet("mesh", cores_per_chip=13, cores_per_router=2, mesh_width=3, mesh_height=2), 1)


def test_a_mesh_beyond_all_memory_is_refused():
    with pytest.raises(
        InputError, match="mine: routers of all chips = 1000000000000 is not allowed: must be at most 16,777,216"
    ):
        make_system(sheet("mesh", mesh_width=10**6, mesh_height=10**6), 1)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_chip_of_many_cores_has_few_routers_or_is_refused(topology):
    with pytest.raises(InputError, match="mine: routers of all chips = 9007199254740992 is not allowed"):
        make_system(sheet(topology, cores_per_chip=2**53), 3)
    system = make_system(sheet(topology, cores_per_chip=2**53, cores_per_router=2**50), 3)
    assert system.router_of_core.tolist() == [0, 0, 0] and len(system.chip_of_router) >= 8


def test_a_sheet_without_sizes_is_one_chip_with_all_cores():
    system = make_system(sheet("mesh", "xy", False), 30)
    assert (system.chips, shape(system).tolist()) == (1, [6, 5])
    assert len(system.assumptions) == 3
    with pytest.raises(InputError, match="cores = 0"):
        make_system(sheet("mesh"), 0)
