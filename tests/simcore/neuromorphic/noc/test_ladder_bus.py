"""Ladder buses: ways along rails and over rungs, and schedule groups against every colouring there is."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc import schedule
from simcore.neuromorphic.noc.schedule import passages, schedule_groups, segments_of, unscheduled, unscheduled_share
from simcore.neuromorphic.noc.system import make_system
from tests.simcore.neuromorphic.noc.invented import sheet, systems, way


def ladder(cores, multicast=False, **numbers):
    return make_system(sheet("ladder_bus", "direct", multicast, cores_per_router=1, **numbers), cores)


def groups_of(system, pairs, lanes=1):
    """Groups of single messages between these tiles."""
    origins, targets = np.array(pairs).reshape(-1, 2).T
    return schedule_groups(passages(system, np.arange(len(pairs)), origins, targets), lanes)


def test_tiles_hang_by_turns_on_two_rails():
    system = ladder(8)
    assert system.position.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1], [3, 0], [3, 1]]
    assert len(system.link_origin) == 2 * (2 * 3 + 4)
    assert len(set(segments_of(system).tolist())) == 2 * 3 + 4
    routers = [0, *(int(system.link_target[link]) for link in way(system, 0, 7))]
    assert routers == [0, 2, 4, 6, 7]


@settings(deadline=None, max_examples=50)
@given(systems(["ladder_bus"]), st.data())
def test_a_way_follows_the_rail_and_crosses_at_the_target(system, data):
    some = st.sampled_from(np.unique(system.router_of_core).tolist())
    origin, target = data.draw(some), data.draw(some)
    apart = np.abs(system.position[origin] - system.position[target])
    links = way(system, origin, target)
    assert len(links) == apart.sum()
    if apart[1]:
        assert {int(system.link_target[links[-1]]), int(system.link_origin[links[-1]])} >= {target}
        assert system.position[system.link_origin[links[-1]]][0] == system.position[target][0]


def test_a_rail_without_a_last_tile_goes_on_into_the_next_chip():
    system = ladder(6, cores_per_chip=3)
    assert len(system.chip_of_router) == 8 and system.chip_of_router[6:].tolist() == [0, 1]
    routers = [int(system.link_target[link]) for link in way(system, 1, 4)]
    assert routers == [6, 4]
    assert "The ladder is assumed to pass through all 2 chips." in system.assumptions


def test_two_disjoint_messages_share_a_step_and_two_crossing_ones_need_two_groups():
    system = ladder(12)
    assert groups_of(system, [(0, 4), (6, 10)]).tolist() == [0, 0]
    assert groups_of(system, [(0, 4), (1, 5)]).tolist() == [0, 0], "one on each rail"
    assert sorted(groups_of(system, [(0, 6), (4, 10)]).tolist()) == [0, 1]
    assert sorted(groups_of(system, [(0, 6), (10, 4)]).tolist()) == [0, 1], "from both sides"
    assert sorted(groups_of(system, [(0, 5), (5, 4)]).tolist()) == [0, 1], "on a rung"
    assert groups_of(system, [(3, 3), (2, 8)]).tolist() == [0, 0], "within a tile"


def test_lanes_let_messages_pass_side_by_side():
    system = ladder(12)
    crossing = [(0, 10), (2, 8), (4, 6)]
    for lanes, groups in ((1, 3), (2, 2), (3, 1)):
        found = groups_of(system, crossing, lanes)
        assert len(set(found.tolist())) == groups
        assert unscheduled(found, 1) == 3 - lanes and unscheduled(found, groups) == 0


def test_the_ways_of_a_multicast_message_do_not_cross_each_other():
    system = ladder(12, multicast=True)
    together = passages(system, np.array([0, 0, 1]), np.array([0, 0, 6]), np.array([4, 5, 2]))
    assert sorted(schedule_groups(together).tolist()) == [0, 1]
    assert len(set(together.segments[: together.starts[1]].tolist())) == together.starts[1] == 3
    assert len(set(groups_of(system, [(0, 4), (0, 5), (6, 2)]).tolist())) == 3


def fewest_groups(taken, lanes):
    """By trying all: no more than `lanes` messages of a group may share a segment, each in a lane of its own."""
    rows = [set(taken.segments[low:high].tolist()) for low, high in zip(taken.starts, taken.starts[1:], strict=False)]
    crossing = [(a, b) for a in range(len(rows)) for b in range(a) if rows[a] & rows[b]]
    for colours in range(1, len(rows) + 1):
        # The first message has the first colour, so that not all names of colours are tried.
        for rest in product(range(colours), repeat=len(rows) - 1):
            tried = (0, *rest)
            if all(tried[a] != tried[b] for a, b in crossing):
                return -(-colours // lanes)
    return 0


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 14), st.integers(1, 2), st.data())
def test_groups_are_the_fewest_of_all_colourings(cores, lanes, data):
    system = ladder(cores)
    tile = st.integers(0, cores - 1)
    pairs = data.draw(st.lists(st.tuples(tile, tile), min_size=1, max_size=8))
    origins, targets = np.array(pairs).T
    taken = passages(system, np.arange(len(pairs)), origins, targets)
    groups = schedule_groups(taken, lanes)
    assert int(groups.max()) + 1 == fewest_groups(taken, lanes)


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 30), st.integers(1, 3), st.integers(1, 60), st.integers(0, 99))
def test_no_group_has_more_messages_in_a_segment_than_lanes(cores, lanes, messages, seed):
    system = ladder(cores)
    origins, targets = np.random.default_rng(seed).integers(0, cores, (2, messages))
    taken = passages(system, np.arange(messages), origins, targets)
    groups = schedule_groups(taken, lanes)
    owner = np.repeat(np.arange(messages), np.diff(taken.starts))
    held = np.zeros((int(groups.max()) + 1, max(taken.n_segments, 1)), int)
    np.add.at(held, (groups[owner], taken.segments), 1)
    assert held.max() <= lanes
    assert int(groups.max()) + 1 >= -(-int(np.bincount(taken.segments, minlength=1).max()) // lanes)


def test_a_search_finds_what_the_greedy_colouring_misses(monkeypatch):
    pairs = [(3, 4), (4, 6), (4, 7), (1, 3), (1, 6)]
    system = ladder(8)
    assert int(groups_of(system, pairs).max()) + 1 == 2
    monkeypatch.setattr(schedule, "MOST_EXACT", 0)
    assert int(groups_of(system, pairs).max()) + 1 == 3


@pytest.mark.parametrize("messages", [0, 1])
def test_a_step_of_few_messages(messages):
    taken = passages(ladder(4), np.arange(messages), np.zeros(messages, int), np.zeros(messages, int))
    assert schedule_groups(taken).tolist() == [0] * messages


def axons_of(pairs):
    """A synapse from the neuron of each first core to the second one."""
    cores = np.array([target for _, target in pairs], dtype=np.int32)
    n = len(pairs)
    return Axons(np.arange(n), np.arange(n + 1), cores, np.ones(n, dtype=np.int32), np.zeros(n, dtype=bool))


@pytest.mark.parametrize(
    ("pairs", "groups", "share"),
    [
        # Two that cross need two groups; of three that cross, one group has room for one.
        ([(0, 6), (4, 10)], 2, 0.0),
        ([(0, 6), (4, 10)], 1, 0.5),
        ([(0, 8), (2, 10), (4, 6)], 1, 2 / 3),
        ([(0, 4), (6, 10)], 1, 0.0),
    ],
)
def test_messages_without_a_group_are_a_share_of_those_that_pass_links(pairs, groups, share):
    system, core_of = ladder(12), np.array([origin for origin, _ in pairs])
    always = np.ones(len(pairs))
    assert unscheduled_share(system, axons_of(pairs), core_of, always, groups, 1, seed=1, steps=3) == share
    assert unscheduled_share(system, axons_of(pairs), core_of, 0.0 * always, groups, 1, seed=1) is None
