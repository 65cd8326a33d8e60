"""Loads of links against a walk of every message from link to link, and the sums that they must yield."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.neuromorphic.noc import routes as module
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import TOPOLOGIES, make_system
from tests.simcore.neuromorphic.noc.invented import axons_to, link_loads, networks, sheet, systems, way

WITHOUT_BUS = [name for name in TOPOLOGIES if name != "bus"]


def loads_of(system, routes):
    return [link_loads(routes, source, len(system.link_origin)) for source in range(len(routes.hops))]


def walked(system, origin, targets):
    """Loads of messages from a router to others, each walked on its own; with multicast a link is passed once."""
    loads = np.zeros(len(system.link_origin), int)
    for target in targets:
        for link in way(system, origin, target):
            loads[link] = 1 if system.multicast else loads[link] + 1
    return loads


@pytest.mark.parametrize("chunk", [1, 7, module.CHUNK])
@settings(deadline=None, max_examples=50)
@given(systems(), st.data())
def test_loads_are_those_of_the_messages_one_by_one(chunk, system, data):
    """However many axons are treated at a time."""
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        routes = make_routes(system, axons, core_of)
    routers = system.router_of_core
    for source, loads in enumerate(loads_of(system, routes)):
        targets = routers[axons.cores[axons.starts[source] : axons.starts[source + 1]]]
        origin = routers[core_of[source]]
        assert loads.tolist() == walked(system, origin, targets).tolist()
        assert routes.hops[source] == loads.sum()
        assert routes.within_tile[source] == np.count_nonzero(targets == origin)
        assert routes.injected[source] == (min(len(targets), 1) if system.multicast else len(targets))


@settings(deadline=None, max_examples=50)
@given(systems(), st.data())
def test_entries_of_a_source_are_merged_and_ascend(system, data):
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    routes = make_routes(system, axons, core_of)
    assert routes.positions.dtype == routes.changes.dtype == routes.injected.dtype == np.int32
    assert routes.starts[-1] == len(routes.positions) == len(routes.changes)
    assert np.all(routes.changes != 0)
    for low, high in zip(routes.starts[:-1], routes.starts[1:], strict=True):
        assert np.all(np.diff(routes.positions[low:high]) > 0)
        assert routes.changes[low:high].sum() == 0


@settings(deadline=None, max_examples=50)
@given(systems(), st.data())
def test_loads_of_spikes_are_the_sum_of_their_differences(system, data):
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    routes = make_routes(system, axons, core_of)
    spikes = data.draw(st.lists(st.integers(0, len(core_of) - 1), max_size=30))
    n_links = len(system.link_origin)
    differences = np.zeros(n_links + 1, int)
    for source in spikes:
        entries = slice(routes.starts[source], routes.starts[source + 1])
        np.add.at(differences, routes.positions[entries], routes.changes[entries])
    loads = np.cumsum(differences)[:-1]
    single = [link_loads(routes, source, n_links) for source in spikes]
    assert loads.tolist() == np.sum([np.zeros(n_links, int), *single], axis=0).tolist()


@settings(deadline=None, max_examples=50)
@given(systems(WITHOUT_BUS), st.data())
def test_what_enters_routers_leaves_them_or_arrives(system, data):
    """Unicast messages are as many at the targets as were sent; copies of a multicast message are made at forks."""
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    routes = make_routes(system, axons, core_of)
    n, routers = len(system.chip_of_router), system.router_of_core
    for source, loads in enumerate(loads_of(system, routes)):
        cores = axons.cores[axons.starts[source] : axons.starts[source + 1]]
        entering = np.bincount(system.link_target, loads, n)
        leaving = np.bincount(system.link_origin, loads, n)
        origin = routers[core_of[source]]
        if system.multicast:
            assert np.all(loads <= 1) and np.all(entering <= 1)
            assert np.all(entering[routers[cores]] + (routers[cores] == origin) == 1)
            assert np.all(entering[(leaving > 0) & (np.arange(n) != origin)] == 1)
            continue
        arriving = np.bincount(routers[cores], minlength=n)
        injected = np.zeros(n)
        injected[origin] = routes.injected[source]
        assert (injected + entering).tolist() == (arriving + leaving).tolist()
        assert routes.injected[source] == arriving.sum()


@settings(deadline=None, max_examples=50)
@given(systems(), st.data())
def test_a_tree_passes_no_more_links_than_single_messages(system, data):
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    routes = make_routes(system, axons, core_of)
    single = [
        sum(len(way(system, system.router_of_core[core_of[source]], system.router_of_core[core]))
            for core in axons.cores[axons.starts[source] : axons.starts[source + 1]])
        for source in range(len(core_of))
    ]  # fmt: skip
    assert np.all(routes.hops <= single) if system.multicast else routes.hops.tolist() == single


@pytest.mark.parametrize(("multicast", "loads"), [(False, [3, 2, 1, 1, 1]), (True, [1, 1, 1, 1, 1])])
def test_three_messages_share_the_beginning_of_their_ways(multicast, loads):
    """From (0, 0) to (2, 1), (2, 2) and (3, 0)."""
    chip = sheet("mesh", "xy", multicast, cores_per_router=1, mesh_width=4, mesh_height=3)
    system = make_system(chip, 12)
    routes = make_routes(system, axons_to([3, 6, 10]), np.zeros(1, int))
    passed = {
        (tuple(system.position[a].astype(int)), tuple(system.position[b].astype(int))): load
        for a, b, load in zip(system.link_origin, system.link_target, link_loads(routes, 0, 34), strict=True)
        if load
    }
    up = 1 if multicast else 2
    assert passed == {
        ((0, 0), (1, 0)): loads[0],
        ((1, 0), (2, 0)): loads[0],
        ((2, 0), (3, 0)): loads[2],
        ((2, 0), (2, 1)): up,
        ((2, 1), (2, 2)): loads[4],
    }
    assert len(routes.positions) == (4 if multicast else 6) or multicast


def test_a_chip_of_one_tile_has_no_links():
    system = make_system(sheet("mesh", "xy", False, cores_per_chip=3, cores_per_router=3), 3)
    routes = make_routes(system, axons_to([0, 1], [], [0, 1, 2]), np.array([0, 1, 2]))
    assert len(system.link_origin) == len(routes.positions) == 0
    assert routes.hops.tolist() == [0, 0, 0]
    assert routes.injected.tolist() == routes.within_tile.tolist() == [2, 0, 3]
