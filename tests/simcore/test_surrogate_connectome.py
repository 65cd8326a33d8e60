"""A surrogate connectome has exactly the counts that it is given, and the same edges however they are asked for."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simcore.connectivity import listed, surrogate
from simcore.connectivity.long_tail import numbers_at_least, numbers_of
from simcore.connectivity.shuffle import Shuffle
from simcore.errors import InputError
from simcore.network import Column, Network, Population, Projection, SurrogateConnectome
from simcore.tables import make_tables

COUNTS = (300, 4000, 2700, 14_000, 10_500, 200, 90)
CONTACTS = Column("contacts")


def all_edges(rule, columns=(CONTACTS,)):
    blocks = list(rule.blocks(columns))
    values = [np.concatenate([block.values[column] for block in blocks]) for column in columns]
    return *(np.concatenate([getattr(block, side) for block in blocks]) for side in ("sources", "targets")), *values


@given(st.integers(1, 3000), st.integers(0, 2**32 - 1), st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_a_shuffle_lands_everything_on_a_place_of_its_own(n, seed, which):
    places = Shuffle.of(n, seed, which).places(np.arange(n))
    assert np.array_equal(np.sort(places), np.arange(n))


def test_shuffles_of_different_seeds_and_things_differ():
    orders = [Shuffle.of(1000, seed, which).places(np.arange(1000)) for seed, which in ((1, 0), (2, 0), (1, 1))]
    for k in range(3):
        # About one thing of a random order stays where another one has it.
        assert np.count_nonzero(orders[k] == orders[k - 1]) < 10


@given(st.integers(3, 2000), st.integers(1, 300), st.floats(0.0, 1.0))
@settings(max_examples=100, deadline=None)
def test_long_tails_have_their_sum_and_their_largest_value(n, largest, share):
    most = n * largest // 3
    total = round(largest + share * (most - largest))
    at_least = numbers_at_least(n, total, largest, "total")
    numbers = numbers_of(at_least, np.arange(n))
    assert int(numbers.sum()) == total and numbers[0] == largest and numbers[-1] >= 0
    assert np.all(np.diff(numbers) <= 0)


@pytest.mark.parametrize("total", [9, 10 * 100 // 3 + 1])
def test_an_impossible_sum_is_refused(total):
    with pytest.raises(InputError, match=f"total = {total} .*must be in"):
        numbers_at_least(100, total, 10, "total")


def test_all_counts_are_those_that_are_given():
    neurons, excitatory, inhibitory, *sums, degree, most = COUNTS
    sources, targets, contacts = all_edges(SurrogateConnectome(*COUNTS))
    for sign, edges, total in ((1, excitatory, sums[0]), (-1, inhibitory, sums[1])):
        own = sign * contacts[sign * contacts > 0]
        assert (len(own), own.sum(), own.min(), own.max()) == (edges, total, 1, most)
    for ids in (sources, targets):
        assert np.bincount(ids, minlength=neurons).max() == degree
    # A neuron excites or inhibits.
    assert not set(sources[contacts > 0]) & set(sources[contacts < 0])


def test_excitatory_neurons_are_those_whose_contacts_are_positive():
    rule = SurrogateConnectome(*COUNTS)
    sources, _, contacts = all_edges(rule)
    assert set(sources[contacts > 0]) <= set(rule.excitatory_ids.tolist())
    assert len(rule.excitatory_ids) == round(300 * 4000 / 6700)


def test_edges_come_by_target_and_do_not_depend_on_the_pieces(monkeypatch):
    whole = all_edges(SurrogateConnectome(*COUNTS))
    assert np.all(np.diff(whole[1]) >= 0)
    monkeypatch.setattr(surrogate, "BLOCK", 1000)
    rule = SurrogateConnectome(*COUNTS)
    assert len(list(rule.blocks())) == 7 and listed.BLOCK > 6700
    for found, expected in zip(all_edges(rule), whole, strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.concatenate(list(rule.values(CONTACTS))), whole[2])
    for found, expected in zip(rule.whole(), whole, strict=False):
        np.testing.assert_array_equal(found, expected)


def test_targets_and_contacts_are_independent_of_sources():
    sources, targets, contacts = all_edges(SurrogateConnectome(*COUNTS))
    for first, second in ((sources, targets), (targets, np.abs(contacts))):
        assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


def test_another_seed_has_other_edges_of_the_same_counts():
    first, second = (all_edges(SurrogateConnectome(*COUNTS, seed=seed)) for seed in (1, 2))
    assert np.count_nonzero(first[0] == second[0]) < 400
    assert np.abs(first[2]).sum() == np.abs(second[2]).sum()


@pytest.mark.parametrize(
    ("changed", "size", "message"),
    [
        ({"neurons": 1}, 300, "neurons = 1"),
        ({"seed": -1}, 300, "seed = -1"),
        ({"excitatory_edges": 2.5}, 300, "excitatory_edges = 2.5"),
        ({"largest_degree": 5000}, 300, "excitatory_edges = 4000 .*must be in"),
        ({"inhibitory_contacts": 2700}, 300, r"inhibitory_contacts - edges = 0 .*must be in"),
        ({}, 299, "neurons = 300 .*size of the source population, 299"),
    ],
)
def test_counts_that_no_network_has_are_refused(changed, size, message):
    names = SurrogateConnectome.__dataclass_fields__
    values = {**dict(zip(names, COUNTS, strict=False)), **changed}
    with pytest.raises(InputError, match=message):
        Network([Population("N", size)], [Projection("N", "N", SurrogateConnectome(**values), CONTACTS)])


def test_it_has_one_column():
    with pytest.raises(InputError, match="the only column of surrogate_connectome is 'contacts'"):
        Network([Population("N", 300)], [Projection("N", "N", SurrogateConnectome(*COUNTS), Column("weight"))])


@given(
    st.integers(2, 400), st.integers(60, 3000), st.integers(60, 3000), st.integers(20, 200), st.integers(0, 2**32 - 1)
)
@settings(max_examples=60, deadline=None)
def test_every_edge_comes_from_the_neuron_in_whose_range_it_lies(neurons, excitatory, inhibitory, degree, seed):
    """Also where many neurons have no edges, and where few have many."""
    counts = (neurons, excitatory, inhibitory, 3 * excitatory, 3 * inhibitory, degree, 50)
    rule = SurrogateConnectome(*counts, seed=seed)
    places = np.arange(rule.edge_count)
    try:
        ends = rule._source_ends
    except InputError:
        assume(False)
    np.testing.assert_array_equal(rule._source_ranks(places), np.searchsorted(ends, places, side="right"))


@pytest.mark.parametrize(("scale", "looks"), [(1.0, 1), (0.25, 1), (0.3, 2)])
def test_weights_on_the_grid_are_not_looked_at_once_more(monkeypatch, scale, looks):
    """They are made once, for the digest of the tables; others are compared with the grid, too."""
    made = []
    values = SurrogateConnectome.values

    def counted(self, value):
        made.append(value)
        return values(self, value)

    monkeypatch.setattr(SurrogateConnectome, "values", counted)
    projection = Projection("N", "N", SurrogateConnectome(*COUNTS), Column("contacts", scale), 1.0)
    make_tables(Network([Population("N", COUNTS[0])], [projection]))
    assert len(made) == looks
