"""Placement is arithmetic: every neuron has one owner and one place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.placement import Placement
from simcore.placement.owners import MAX_PARTITION_NEURONS


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


def test_a_partition_holds_at_most_65536_neurons():
    assert Placement(MAX_PARTITION_NEURONS).n_partitions == 1
    assert Placement(MAX_PARTITION_NEURONS + 1).n_partitions == 2
    assert Placement(1_000_000, 1, 3).partitions_per_thread == 6


@pytest.mark.parametrize("field", ["n_neurons", "ranks", "threads"])
def test_counts_below_one_are_refused(field):
    with pytest.raises(InputError, match=f"{field} = 0"):
        Placement(**{"n_neurons": 5, field: 0})
