"""Tables of routers: a walk through them brings every key to the cores of its core's targets."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.neuromorphic.noc.limits import merged_entries, network_checks, router_entries
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.noc.tables import make_keys, make_tables
from tests.simcore.neuromorphic.noc.invented import axons_to, networks, sheet, systems
from tests.simcore.neuromorphic.noc.test_limits import Ranks


def cores_reached(system, tables, origin, key):
    """Cores that a message enters, each as often as it does."""
    reached, ways = [], [(origin, -1)]
    while ways:
        router, came_by = ways.pop()
        table = tables[router]
        match = np.flatnonzero(table.keys == key & table.masks)
        if len(match):
            links, cores = np.split(table.routes[match[0]], [len(table.links)])
            reached += table.cores[cores].tolist()
            ways += [(system.link_target[link], link) for link in table.links[links]]
        elif came_by >= 0:
            ahead = system.straight_on[came_by]
            assert ahead >= 0, "a message without an entry cannot go straight on"
            ways.append((system.link_target[ahead], ahead))
        assert len(reached) <= len(system.router_of_core)
    return sorted(reached)


def trees(axons, core_of):
    """Cores to which the neurons of each core send."""
    found = {int(core): set() for core in core_of}
    for source, core in enumerate(core_of):
        found[int(core)].update(axons.cores[axons.starts[source] : axons.starts[source + 1]].tolist())
    return found


def assert_all_keys_arrive(system, axons, core_of):
    keys = make_keys(system, core_of)
    tables = list(make_tables(system, axons, core_of))
    assert [table.router for table in tables] == list(range(len(system.chip_of_router)))
    for core, targets in trees(axons, core_of).items():
        if targets:
            neurons = range(np.count_nonzero(core_of == core))
            sent = [(int(keys.block_of_core[core]) << keys.neuron_bits) + neuron for neuron in neurons]
            for key in {sent[0], sent[-1]}:
                assert cores_reached(system, tables, system.router_of_core[core], key) == sorted(targets)


@settings(deadline=None, max_examples=60)
@given(systems(["mesh", "torus", "triangular_torus", "ring", "star", "h_tree"]), st.data())
def test_every_key_enters_the_same_cores_as_before(system, data):
    assert_all_keys_arrive(system, *data.draw(networks(len(system.router_of_core))))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.95])
def test_dense_traffic_arrives_through_merged_entries(share):
    chip = sheet("triangular_torus", "table", True, cores_per_router=4, cores_per_chip=4, router_entries_per_router=9)
    system = make_system(chip, 90)
    rng = np.random.default_rng(1)
    axons = axons_to(*(np.flatnonzero(row) for row in rng.random((180, 90)) < share))
    core_of = np.arange(180) // 2
    assert_all_keys_arrive(system, axons, core_of)
    entries, unmerged, different = merged_entries(system, axons, core_of)
    assert unmerged.tolist() == router_entries(system, axons, core_of).tolist()
    assert np.all(different <= entries) and entries.sum() < (0.95 if share > 0.1 else 1.0) * unmerged.sum()
    check = network_checks(chip, system, axons, core_of)[1]
    worst = int(np.argmax(entries))
    assert (check.largest, check.place) == (entries[worst], f"router {worst}")
    assert (check.merging.unmerged, check.merging.different_routes) == (unmerged[worst], different[worst])
    assert f"({unmerged[worst]} before merging" in str(check)


@settings(deadline=None, max_examples=30)
@given(systems(["mesh", "triangular_torus"]), st.data())
def test_without_merging_there_is_an_entry_where_a_tree_begins_ends_forks_or_turns(system, data):
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    assert merged_entries(system, axons, core_of)[1].tolist() == router_entries(system, axons, core_of).tolist()


def test_all_to_all_needs_an_entry_for_each_way_round():
    """16 cores a router, each sending to all: keys of whole routers merge, and only those of other ways differ."""
    chip = sheet("mesh", "table", True, cores_per_router=16, cores_per_chip=16 * 9, mesh_width=3, mesh_height=3)
    system = make_system(chip, 144)
    axons = axons_to(*[range(144)] * 144)
    entries, unmerged, different = merged_entries(system, axons, np.arange(144))
    assert set(unmerged) == {144} and entries.max() <= different.max() + 1 < 12


def test_keys_of_a_router_are_an_aligned_block():
    chip = sheet("ring", "table", True, cores_per_router=3, cores_per_chip=6)
    keys = make_keys(make_system(chip, 8), np.repeat(np.arange(8), 5))
    assert keys.neuron_bits == 3 and keys.block_of_core.tolist() == [0, 1, 2, 4, 5, 6, 8, 9]


@pytest.mark.parametrize("size", [2, 3])
def test_tables_are_the_same_on_any_ranks(size):
    chip = sheet("mesh", "table", True, cores_per_router=2, cores_per_chip=12, mesh_width=3, mesh_height=2)
    system = make_system(chip, 12)
    rng = np.random.default_rng(2)
    destinations = [np.flatnonzero(row) for row in rng.random((24, 12)) < 0.4]
    core_of = rng.permutation(24) % 12

    def count(comm):
        own = replace(axons_to(*destinations[comm.rank :: size]), sources=np.arange(comm.rank, 24, size))
        return np.array(merged_entries(system, own, core_of, comm)).tolist()

    alone = np.array(merged_entries(system, axons_to(*destinations), core_of)).tolist()
    assert Ranks(size).run(count) == [alone] * size


def test_only_a_sheet_with_tables_counts_merged_entries():
    """Four cores that send along a row alike: one entry for all in a table, else one for each."""
    destinations, core_of = axons_to([4], [4], [4], [4]), np.arange(4)
    for routing, largest, merging in (("table", 1, 4), ("xy", 4, None)):
        numbers = {"cores_per_router": 4, "mesh_width": 2, "mesh_height": 1, "router_entries_per_router": 9}
        chip = sheet("mesh", routing, True, **numbers)
        check = network_checks(chip, make_system(chip, 5), destinations, core_of)[1]
        assert check.largest == largest
        assert (check.merging and check.merging.unmerged) == merging
