"""Tables of routers against a case by hand, and the reach of messages."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.neuromorphic import load_chip
from simcore.neuromorphic.noc.limits import farthest, network_checks, router_entries
from simcore.neuromorphic.noc.system import make_system
from tests.simcore.neuromorphic.noc.invented import axons_to, networks, sheet, systems, way
from tests.simcore.neuromorphic.ranks_in_threads import Ranks


def mesh(**numbers):
    chip = sheet("mesh", "xy", True, cores_per_router=1, mesh_width=5, mesh_height=3, **numbers)
    return chip, make_system(chip, 15)


def test_routers_hold_an_entry_where_a_tree_begins_ends_forks_or_turns():
    """Neurons 0 and 1 share core 0, at (0, 0), and its tree: to (2, 0), (4, 0) and, turning there, (4, 2)."""
    _, system = mesh()
    entries = router_entries(system, axons_to([2, 4], [14]), np.array([0, 0])).reshape(3, 5)
    assert entries.tolist() == [[1, 0, 1, 0, 1], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]]
    turned = router_entries(system, axons_to([14]), np.array([0])).reshape(3, 5)
    assert turned.tolist() == [[1, 0, 0, 0, 1], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]]
    forked = router_entries(system, axons_to([12, 4]), np.array([0])).reshape(3, 5)
    assert forked.tolist() == [[1, 0, 1, 0, 1], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0]]
    alone = router_entries(system, axons_to([0], []), np.array([0, 3])).reshape(3, 5)
    assert alone.tolist() == [[1, 0, 0, 0, 0], [0] * 5, [0] * 5]


@settings(deadline=None, max_examples=50)
@given(systems(["mesh", "torus", "triangular_torus", "ring", "star", "h_tree"]), st.data())
def test_entries_are_those_of_a_walk_of_each_tree(system, data):
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    trees = {}
    for source, core in enumerate(core_of):
        cores = axons.cores[axons.starts[source] : axons.starts[source + 1]]
        trees.setdefault(int(core), set()).update(system.router_of_core[cores].tolist())
    expected = np.zeros(len(system.chip_of_router), int)
    for core, targets in trees.items():
        origin = system.router_of_core[core]
        links = {link for target in targets for link in way(system, origin, target)}
        for router in {origin, *system.link_target[list(links)]} if targets else ():
            into = [link for link in links if system.link_target[link] == router]
            out = [link for link in links if system.link_origin[link] == router]
            straight = into and out == [system.straight_on[into[0]]] and router not in targets
            expected[router] += not straight
    assert router_entries(system, axons, core_of).tolist() == expected.tolist()


@settings(deadline=None, max_examples=50)
@given(systems(["mesh"]), st.data())
def test_the_reach_is_the_largest_distance_along_an_axis(system, data):
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    position = system.position[system.router_of_core]
    expected = [
        max((np.abs(position[core] - position[home]).max() for core in axons.cores[low:high]), default=0)
        for home, low, high in zip(core_of, axons.starts[:-1], axons.starts[1:], strict=True)
    ]
    assert farthest(system, axons, core_of).tolist() == expected


def test_limits_name_the_worst_router_and_the_neuron_that_sends_too_far():
    chip, system = mesh(reach_routers=3, router_entries_per_router=1, router_entries_per_core=2)
    axons, core_of = axons_to([1], [4], [4]), np.array([0, 0, 1])
    reach, router, core = network_checks(chip, system, axons, core_of)
    assert (reach.allowed, reach.largest, reach.place, reach.over, reach.places) == (3, 4, "neuron 1", 1, 3)
    assert (router.allowed, router.largest, router.place, router.over) == (1, 2, "router 1", 2)
    assert (core.allowed, core.largest, core.violated) == (2, 2, False)


@pytest.mark.parametrize("size", [2, 3])
def test_checks_are_the_same_on_every_rank(size):
    chip, system = mesh(reach_routers=3, router_entries_per_router=1, router_entries_per_core=2)
    destinations, core_of = [[1], [4], [4, 14], [0, 2], []], np.array([0, 0, 1, 7, 2])

    def check(comm):
        own = replace(axons_to(*destinations[comm.rank :: size]), sources=np.arange(comm.rank, 5, size))
        return network_checks(chip, system, own, core_of, comm)

    alone = network_checks(chip, system, axons_to(*destinations), core_of)
    assert alone[0].violated and alone[1].violated
    assert Ranks(size).run(check) == [alone] * size


def test_what_a_sheet_does_not_limit_is_not_counted():
    chip = load_chip("loihi1")
    checks = network_checks(chip, make_system(chip, 8), axons_to([1, 7]), np.array([0]))
    assert [(check.allowed, check.largest, check.reason) for check in checks] == [(None, None, "not in the sheet")] * 3


def test_cores_that_share_a_router_have_no_tables_of_their_own():
    chip = sheet("mesh", "xy", True, cores_per_router=2, router_entries_per_core=1)
    check = network_checks(chip, make_system(chip, 8), axons_to([1, 7]), np.array([0]))[2]
    assert (check.largest, check.reason) == (None, "several cores share a router")


def test_messages_of_truenorth_go_255_routers_far():
    chip = load_chip("truenorth")
    system = make_system(chip, 4096 * 25)
    width = int(system.position[:, 0].max()) + 1
    assert width == 320
    x = system.position[system.router_of_core, 0]
    near, far = (int(np.flatnonzero(x == column)[0]) for column in (255, 256))
    assert not network_checks(chip, system, axons_to([near]), np.array([0]))[0].violated
    assert network_checks(chip, system, axons_to([near, far]), np.array([0]))[0].violated
