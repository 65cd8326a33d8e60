"""Shares of spikes in bursts, of hand-made trains and against a plain count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.statistics.bursts import burst_share, burst_shares
from simcore.recording.spikes import Spikes


@pytest.mark.parametrize(
    ("trains", "expected"),
    [
        ([[10]], 0.0),
        ([[10, 110]], 1.0),
        ([[10, 111]], 0.0),
        ([[10, 60, 90, 400]], 0.75),
        # Spikes of two neurons make no burst.
        ([[10], [20]], 0.0),
        ([[10, 10]], 1.0),
        ([[0, 100, 300, 500], [7, 8, 9]], 5 / 7),
    ],
)
def test_spikes_at_most_10_ms_apart_are_a_burst(trains, expected):
    stamps = np.array([stamp for train in trains for stamp in train])
    ids = np.array([neuron for neuron, train in enumerate(trains) for _ in train])
    assert burst_share(stamps, ids, 100) == pytest.approx(expected)


def test_without_spikes_there_is_no_share():
    assert burst_share(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 100) is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), min_size=1, max_size=40))
def test_the_share_is_that_of_spikes_with_a_near_neighbour(events):
    stamps, ids = (np.array(column) for column in zip(*events, strict=True))
    near = [
        any(k != j and ids[k] == ids[j] and abs(stamps[k] - stamps[j]) <= 5 for k in range(len(ids)))
        for j in range(len(ids))
    ]
    assert burst_share(stamps, ids, 5) == pytest.approx(np.mean(near))


def test_each_population_has_its_share():
    stamps, ids = np.array([5, 30, 90, 400]), np.array([0, 2, 2, 2])
    spikes = Spikes(stamps, ids, {"A": 0, "B": 2, "C": 3}, {"A": 2, "B": 1, "C": 1}, 0.1, 500)
    assert burst_shares(spikes) == {"A": 0.0, "B": pytest.approx(2 / 3), "C": None}
