"""Placement is arithmetic: every neuron has one owner and one place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import Network, Population
from simcore.placement import Placement, RankGroup
from simcore.placement.loads import neurons_of_ranks
from simcore.placement.owners import MAX_PARTITION_NEURONS
from simcore.placement.ranges import merged


@given(st.integers(1, 400), st.integers(1, 5), st.integers(1, 5))
def test_every_neuron_lies_in_one_partition_of_one_thread(n, ranks, threads):
    placement = Placement(n, ranks, threads)
    owned = [p for rank in range(ranks) for thread in range(threads) for p in placement.partitions(rank, thread)]
    assert sorted(owned) == list(range(placement.n_partitions))
    ids = np.concatenate([placement.global_ids(p, 0, n) for p in owned])
    assert sorted(ids.tolist()) == list(range(n))
    assert sum(placement.size(p) for p in owned) == n


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(1, 9))
def test_local_indices_are_dense_and_ascend_over_populations(sizes, threads):
    placement = Placement(sum(sizes), 1, threads)
    for partition in range(placement.n_partitions):
        expected = 0
        first = 0
        for size in sizes:
            targets = placement.targets(partition, first, size)
            ids = placement.global_ids(partition, first, size)
            assert len(ids) == targets.count
            if targets.count:
                assert targets.local_first == expected
                assert ids[0] == first + targets.first
                assert np.all(ids % placement.n_partitions == partition)
                assert ids[-1] < first + size
            expected += targets.count
            first += size
        assert expected == placement.size(partition)


@st.composite
def grouped(draw):
    """A placement whose groups of ranks have populations that need not be neighbours, and sizes of the populations."""
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    group_of = draw(st.lists(st.integers(0, 2), min_size=len(sizes), max_size=len(sizes)))
    bounds = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    groups = []
    for number in dict.fromkeys(group_of):
        members = [k for k, own in enumerate(group_of) if own == number]
        ranges = merged([(bounds[k], bounds[k + 1]) for k in members])
        groups.append(RankGroup(draw(st.integers(1, 3)), ranges))
    ranks = sum(group.ranks for group in groups)
    placement = Placement(sum(sizes), ranks, draw(st.integers(1, 3)), tuple(groups))
    return placement, list(zip(bounds[:-1], sizes, strict=True))


@given(grouped())
def test_groups_of_ranks_own_every_neuron_once(case):
    placement, populations = case
    ids = np.arange(placement.n_neurons)
    owners, numbers = placement.owners(ids), placement.numbers(ids)
    found = []
    for rank in range(placement.ranks):
        partitions = [p for thread in range(placement.threads) for p in placement.partitions(rank, thread)]
        of_partitions = [placement.global_ids(p, *population) for p in partitions for population in populations]
        of_rank = [placement.targets_of_rank(rank, *one).global_ids(one[0]) for one in populations]
        own = np.flatnonzero(owners == rank)
        assert np.sort(np.concatenate(of_partitions)).tolist() == np.concatenate(of_rank).tolist() == own.tolist()
        assert numbers[own].tolist() == list(range(placement.size_of_rank(rank)))
        found += partitions
    assert sorted(found) == list(range(placement.n_partitions))


@given(grouped())
def test_local_indices_of_groups_are_dense_and_ascend_over_populations(case):
    placement, populations = case
    for partition in range(placement.n_partitions):
        expected = 0
        for first, size in populations:
            targets = placement.targets(partition, first, size)
            assert targets.count == len(targets.range_of_ids(first)) <= placement.most_targets(first, size)
            assert targets.first < targets.stride
            if targets.count:
                assert targets.local_first == expected
                expected += targets.count
            else:
                # Neither is any neuron taken for a target by arithmetic.
                relative = np.arange(size) - targets.first
                assert not np.any((relative >= 0) & (relative % targets.stride == 0))
        assert expected == placement.size(partition) <= placement.largest_partition


@given(grouped())
def test_compiled_code_finds_the_neurons_of_a_rank(case):
    placement, _ = case
    ids = np.arange(placement.n_neurons)
    for rank in range(placement.ranks):
        own = placement.ranges_of_rank(rank)
        found = {}
        for first, end, shift in own.ranges.tolist():
            here = ids[first:end][(ids[first:end] + shift) % own.ranks == own.remainder]
            found |= {int(neuron): (int(neuron) + shift) // own.ranks for neuron in here}
        expected = ids[placement.owners(ids) == rank]
        assert found == dict(zip(expected.tolist(), placement.numbers(expected).tolist(), strict=True))


@given(grouped())
def test_neurons_of_each_population_are_counted_without_listing_them(case):
    placement, populations = case
    network = Network([Population(f"P{k}", size) for k, (_, size) in enumerate(populations)], [])
    counts = neurons_of_ranks(network, placement)
    for rank in range(placement.ranks):
        assert counts[rank].tolist() == [placement.targets_of_rank(rank, *one).count for one in populations]


@pytest.mark.parametrize(
    "groups",
    [
        (RankGroup(1, ((0, 5),)), RankGroup(1, ((6, 10),))),
        (RankGroup(1, ((0, 6),)), RankGroup(1, ((5, 10),))),
        (RankGroup(2, ((0, 10),)), RankGroup(1, ())),
    ],
)
def test_groups_that_leave_out_or_double_a_neuron_or_a_rank_are_refused(groups):
    with pytest.raises(InputError, match="groups"):
        Placement(10, 2, groups=groups)


def test_a_partition_holds_at_most_65536_neurons():
    assert Placement(MAX_PARTITION_NEURONS).n_partitions == 1
    assert Placement(MAX_PARTITION_NEURONS + 1).n_partitions == 2
    assert Placement(1_000_000, 1, 3).partitions_per_thread == 6


@pytest.mark.parametrize("field", ["n_neurons", "ranks", "threads"])
def test_counts_below_one_are_refused(field):
    with pytest.raises(InputError, match=f"{field} = 0"):
        Placement(**{"n_neurons": 5, field: 0})
