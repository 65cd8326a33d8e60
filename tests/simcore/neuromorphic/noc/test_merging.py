"""Merged entries of tables: every block keeps its route, and few are needed."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simcore.neuromorphic.noc.merging import merged

NONE = -1


def routes_of(entries, blocks):
    """What an associative memory finds: the route of the first entry that matches each block, -1 without one."""
    matching = (blocks[:, np.newaxis] ^ entries.keys) & ~entries.spans == 0
    padded = np.append(entries.routes, NONE)
    return padded[np.where(matching.any(axis=1), matching.argmax(axis=1) if len(entries.keys) else 0, -1)]


def merge(routes, passes=()):
    """Entries for blocks 0, 1, ...; those of route -1 do not come to the router."""
    routes = np.array(routes, np.int64)
    blocks = np.flatnonzero(routes >= 0)
    passing = np.isin(blocks, list(passes))
    return merged(blocks, routes[blocks], passing), blocks, routes[blocks], passing


TABLES = st.lists(st.integers(NONE, 4), max_size=64)


@settings(deadline=None, max_examples=300)
@given(TABLES, st.sets(st.integers(0, 63), max_size=20))
@example([], set())
@example([0, 0, 0, 0], {0, 1, 2, 3})
def test_every_block_keeps_its_route(routes, passes):
    entries, blocks, expected, passing = merge(routes, passes)
    found = routes_of(entries, blocks)
    assert np.array_equal(found[~passing], expected[~passing])
    # What passes needs no entry, but has its own route if it matches one.
    assert np.all((found[passing] == expected[passing]) | (found[passing] == NONE))
    assert len(np.unique(expected[~passing])) <= len(entries.keys) <= np.count_nonzero(~passing)


def test_the_route_of_most_blocks_needs_one_entry_at_the_bottom():
    routes = np.full(1024, 7)
    routes[[5, 77, 600]] = 1, 2, 3
    entries, *_ = merge(routes)
    assert len(entries.keys) == 4 and entries.routes[-1] == 7 and entries.spans[-1] == 1023


def test_blocks_of_no_message_are_left_out_of_account():
    entries, *_ = merge([0, NONE, NONE, 0, 1, NONE, NONE, 1])
    assert entries.spans.tolist() == [3, 7] or entries.spans.tolist() == [3, 3]


def test_an_entry_does_not_match_what_goes_straight_on():
    free, *_ = merge([0, 1, 0, 0])
    held, *_ = merge([0, 1, 0, 0], passes={1})
    assert len(free.keys) == 2 and sorted(free.routes) == [0, 1]
    assert len(held.keys) == 2 and set(held.routes) == {0}


@pytest.mark.parametrize("order", ["checkerboard", "halves", "stripes"])
def test_regular_tables_need_as_few_entries_as_there_are_routes(order):
    block = np.arange(256)
    routes = {"checkerboard": (block & 1), "halves": block >> 7, "stripes": (block >> 3) & 3}[order]
    assert len(merge(routes)[0].keys) == len(np.unique(routes))


def test_random_tables_need_few_entries():
    """43 of 64 blocks with one of two routes at random: a pin, so that merging does not get worse."""
    rng = np.random.default_rng(1)
    tables = [merge(rng.integers(NONE, 2, 64))[0] for _ in range(20)]
    assert np.mean([len(table.keys) for table in tables]) <= 10.25
