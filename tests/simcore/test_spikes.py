"""Recorded spikes in memory: their order, and those of each population."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.errors import UnavailableError
from simcore.recording.spikes import Spikes, spike_order

LATE = 10**10


@st.composite
def some_spikes(draw):
    pairs = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 6)), max_size=30))
    shift = draw(st.sampled_from([0, 2**31 - 5, 2**32 - 5, LATE]))
    return tuple(np.array([pair[k] + (shift if k == 0 else 0) for pair in pairs], dtype=np.int64) for k in (0, 1))


@given(some_spikes())
def test_order_is_that_of_time_and_id(spikes):
    stamps, ids = spikes
    order = spike_order(stamps, ids)
    expected = np.lexsort((ids, stamps))
    assert np.array_equal(stamps[order], stamps[expected]) and np.array_equal(ids[order], ids[expected])


def test_spikes_in_order_are_not_sorted_again():
    assert spike_order(np.array([1, 1, 2, LATE]), np.array([0, 3, 1, 1])) == slice(None)
    assert spike_order(np.zeros(0, np.int64), np.zeros(0, np.int64)) == slice(None)


def test_populations_one_after_the_other_are_merged():
    stamps, ids = np.array([1, 4, 4, 1, 2, 4]), np.array([0, 0, 1, 5, 4, 4])
    assert np.asarray(spike_order(stamps, ids)).tolist() == [0, 3, 4, 1, 2, 5]


@pytest.mark.parametrize("sizes", [{"A": 7}, {"A": 2, "B": 1, "C": 4}, {f"P{k}": 1 for k in range(7)}])
@given(spikes=some_spikes())
def test_spikes_are_dealt_out_as_a_look_at_each_population_finds_them(sizes, spikes):
    stamps, ids = spikes
    first_ids = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    order = spike_order(stamps, ids)
    recorded = Spikes(stamps[order], ids[order], first_ids, sizes, 0.1, 2 * LATE)
    found = {name: (own, local) for name, own, local in recorded.by_population()}
    assert list(found) == list(sizes)
    for name, (own, local) in found.items():
        mine = (recorded.ids >= first_ids[name]) & (recorded.ids < first_ids[name] + sizes[name])
        assert np.array_equal(own, recorded.stamps[mine])
        assert np.array_equal(local, recorded.ids[mine] - first_ids[name])


def test_spikes_become_a_table_with_all_populations():
    pytest.importorskip("pandas")
    stamps, ids = np.array([21, 40, 40, 41, 100]), np.array([1, 2, 3, 1, 1])
    spikes = Spikes(stamps, ids, {"A": 0, "B": 3, "C": 6}, {"A": 3, "B": 3, "C": 2}, 0.125, 100, 20)
    table = spikes.to_pandas()
    assert table["time_ms"].tolist() == [2.625, 5.0, 5.0, 5.125, 12.5]
    assert table["population"].tolist() == ["A", "A", "B", "A", "A"]
    assert table["id"].tolist() == [1, 2, 0, 1, 1]
    assert table.groupby("population", observed=False).size().to_dict() == {"A": 4, "B": 1, "C": 0}


@pytest.mark.parametrize(("package", "method"), [("pandas", "to_pandas"), ("neo", "to_neo")])
def test_a_missing_package_is_named_with_how_to_get_it(monkeypatch, package, method):
    monkeypatch.setitem(sys.modules, package, None)
    nothing = np.zeros(0, dtype=np.int64)
    spikes = Spikes(nothing, nothing, {"A": 0}, {"A": 1}, 0.1, 1)
    with pytest.raises(UnavailableError, match=rf"pip install 'benchnn\[{package}\]'"):
        getattr(spikes, method)()
