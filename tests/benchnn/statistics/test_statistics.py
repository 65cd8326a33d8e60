"""Statistics of spike trains, against NumPy applied to one neuron or one pair at a time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.statistics import statistics as statistics_module
from benchnn.statistics.measures import MULTI_AREA
from benchnn.statistics.statistics import (
    SUBSET,
    correlations,
    cv_isi,
    interval_counts,
    lvr,
    means_of,
    rates_hz,
    statistics_of,
    synchrony,
)
from simcore.recording.spikes import Spikes

N = 6
STEPS = 400


@st.composite
def spike_trains(draw):
    """Stamps in (0, STEPS] and ids of N neurons, at most one spike of a neuron in a step, in any order."""
    pairs = draw(st.sets(st.tuples(st.integers(1, STEPS), st.integers(0, N - 1)), max_size=60))
    listed = draw(st.permutations(sorted(pairs)))
    stamps, ids = (np.array([pair[place] for pair in listed], dtype=np.int64) for place in (0, 1))
    return stamps, ids


def recorded(stamps, ids, sizes, start_step=0, stop_step=STEPS, resolution_ms=0.1):
    first_ids = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    order = np.lexsort((ids, stamps))
    return Spikes(stamps[order], ids[order], first_ids, sizes, resolution_ms, stop_step, start_step)


def trains_of(stamps, ids):
    return [np.sort(stamps[ids == neuron]) for neuron in range(N)]


def test_rates_count_silent_neurons():
    assert rates_hz(np.array([0, 2, 2]), 4, 500.0).tolist() == [2.0, 0.0, 4.0, 0.0]


@settings(deadline=None)
@given(spike_trains())
def test_cv_is_that_of_each_neuron_with_three_spikes(trains):
    stamps, ids = trains
    intervals = [np.diff(train) for train in trains_of(stamps, ids) if len(train) >= 3]
    expected = [np.std(values, ddof=0) / np.mean(values) for values in intervals]
    np.testing.assert_allclose(cv_isi(stamps, ids, N), expected, rtol=1e-12, atol=1e-12)


def test_cv_of_a_regular_train_is_0_and_two_spikes_have_none():
    assert cv_isi(np.array([10, 20, 30, 5, 7]), np.array([0, 0, 0, 1, 1]), 2).tolist() == [0.0]


@settings(deadline=None)
@given(spike_trains(), st.integers(1, 50))
def test_correlations_are_pearsons_of_binned_counts(trains, bin_steps):
    stamps, ids = trains
    n_bins = STEPS // bin_steps
    # The step from s - 1 to s belongs to the bin that contains it: edges at stamps lie half a step below.
    edges = 0.5 + np.arange(n_bins + 1) * bin_steps
    counts = np.array([np.histogram(train, edges)[0] for train in trains_of(stamps, ids)])
    varying = counts[counts.std(axis=1) > 0.0]
    expected = np.corrcoef(varying)[np.triu_indices(len(varying), 1)] if len(varying) > 1 else []
    found = correlations(stamps, ids, N, 0, n_bins, bin_steps, np.arange(N))
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-9)


def test_correlations_are_of_a_seeded_subset():
    n = SUBSET + 50
    generator = np.random.default_rng(1)
    ids = np.repeat(np.arange(n), 20)
    stamps = generator.integers(1, 2001, len(ids))
    found = [
        statistics_of(recorded(stamps, ids, {"A": n}, stop_step=2000), seed)["A"].correlations for seed in (0, 0, 1)
    ]
    assert len(found[0]) == SUBSET * (SUBSET - 1) // 2
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_correlations_of_equal_and_opposite_trains():
    stamps = np.array([1, 3, 1, 3, 2, 4])
    ids = np.array([0, 0, 1, 1, 2, 2])
    assert correlations(stamps, ids, 3, 0, 4, 1, np.arange(3)) == pytest.approx([1.0, -1.0, -1.0])


def test_the_first_bin_begins_at_the_start_and_later_spikes_are_left_out():
    stamps = np.array([101, 103, 101, 103, 105, 99])
    ids = np.array([0, 0, 1, 1, 1, 1])
    assert correlations(stamps, ids, 2, 100, 4, 1, np.arange(2)) == pytest.approx([1.0])


def test_local_variation_by_hand():
    # Intervals 10, 30 and 10 of neuron 0; neuron 1 has two spikes, and neuron 2 is regular.
    stamps, ids = np.array([5, 15, 45, 55, 1, 9, 10, 20, 30]), np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])
    pair = (1.0 - 4.0 * 300.0 / 40.0**2) * (1.0 + 4.0 * 20.0 / 40.0)
    assert lvr(stamps, ids, 3, 20.0, 0) == pytest.approx([3.0 / 2.0 * 2.0 * pair, 0.0])


def test_local_variation_of_a_poisson_train_is_one_without_refractoriness():
    stamps = np.sort(np.random.default_rng(3).integers(1, 10**8, 20_000))
    assert lvr(stamps, np.zeros(len(stamps), dtype=np.int64), 1, 0.0, 0) == pytest.approx([1.0], abs=0.02)


@settings(deadline=None)
@given(spike_trains())
def test_local_variation_is_that_of_each_neuron(trains):
    stamps, ids = trains
    expected = []
    for train in trains_of(stamps, ids):
        i = np.diff(train).astype(float)
        if len(i) >= 2:
            terms = (1.0 - 4.0 * i[:-1] * i[1:] / (i[:-1] + i[1:]) ** 2) * (1.0 + 4.0 * 20.0 / (i[:-1] + i[1:]))
            expected.append(3.0 * terms.mean())
    np.testing.assert_allclose(lvr(stamps, ids, N, 20.0, 0), expected, rtol=1e-12, atol=1e-12)


def test_the_multi_area_protocol_has_local_variation_and_bins_of_one_ms():
    stamps, ids = np.array([5, 95, 105, 205, 15, 115]), np.array([0, 0, 0, 0, 2, 2])
    spikes = recorded(stamps, ids, {"A": 4})
    found, plain = statistics_of(spikes, measures=MULTI_AREA)["A"], statistics_of(spikes)["A"]
    assert found.lvr == pytest.approx(lvr(stamps, ids, 4, 20.0, 0)) and len(plain.lvr) == 0
    assert found.correlations == pytest.approx(correlations(stamps, ids, 4, 0, 40, 10, np.array([0, 2])))
    assert found.correlations != pytest.approx(plain.correlations)


def test_neurons_whose_correlations_are_computed_are_chosen_among_active_ones():
    few = replace(MULTI_AREA, correlated=3)
    stamps, ids = np.array([5, 25, 45, 65, 85]), np.array([10, 20, 30, 40, 50])
    assert len(statistics_of(recorded(stamps, ids, {"A": 1000}), measures=few)["A"].correlations) == 3
    among_all = replace(few, of_active=False)
    assert len(statistics_of(recorded(stamps, ids, {"A": 1000}), measures=among_all)["A"].correlations) < 3


def test_many_correlations_keep_their_distribution(monkeypatch):
    generator = np.random.default_rng(4)
    ids = np.repeat(np.arange(60), 20)
    spikes = recorded(generator.integers(1, 2001, len(ids)), ids, {"A": 60}, stop_step=2000)
    whole = statistics_of(spikes)["A"].correlations
    monkeypatch.setattr(statistics_module, "MOST_CORRELATIONS", 300)
    fewer = statistics_of(spikes)["A"].correlations
    assert len(whole) == 60 * 59 // 2 and len(fewer) == 300
    assert np.quantile(fewer, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(whole, [0.1, 0.5, 0.9]), abs=0.01)


@pytest.mark.parametrize(("train", "expected"), [([1, 3, 5, 7], 0.0), ([1, 1, 1, 1], 3.0)])
def test_synchrony_is_variance_over_mean_of_the_population_count(train, expected):
    assert synchrony(np.array(train), 0, 4, 2) == pytest.approx(expected)


def test_synchrony_of_independent_neurons_is_one_and_of_none_undefined():
    stamps = np.random.default_rng(1).integers(1, 300_001, 100_000)
    assert synchrony(stamps, 0, 10_000, 30) == pytest.approx(1.0, abs=0.05)
    assert np.isnan(synchrony(np.zeros(0, dtype=np.int64), 0, 10, 30))


@given(spike_trains())
def test_intervals_are_counted_by_their_length(trains):
    stamps, ids = trains
    intervals = np.concatenate([np.diff(train) for train in trains_of(stamps, ids)])
    counts = interval_counts(stamps, ids, 30)
    assert counts.tolist() == [*(np.sum(intervals == length) for length in range(31)), np.sum(intervals > 30)]


@settings(deadline=None)
@given(spike_trains(), st.integers(0, 10_000))
def test_statistics_of_a_population_do_not_depend_on_where_it_is_or_when_it_started(trains, shift):
    stamps, ids = trains
    alone = statistics_of(recorded(stamps, ids, {"A": N}))["A"]
    others = np.array([1, 2, 3], dtype=np.int64) + shift
    stamps_of_all = np.concatenate([stamps + shift, others])
    ids_of_all = np.concatenate([ids + 3, [0, 1, 2]])
    among = recorded(stamps_of_all, ids_of_all, {"B": 3, "A": N, "C": 4}, shift, shift + STEPS)
    found = statistics_of(among)["A"]
    for name in ("rates_hz", "cv_isi", "correlations", "synchrony", "interval_counts"):
        np.testing.assert_array_equal(getattr(found, name), getattr(alone, name), name)


def test_means_are_none_where_nothing_is_defined():
    stamps, ids = np.array([1, 100, 300]), np.array([0, 0, 0])
    means = means_of(recorded(stamps, ids, {"A": 2, "B": 2}))
    assert means["A"]["rate (1/s)"] == pytest.approx(3 / 2 / 0.04)
    assert means["A"]["CV of ISI"] == pytest.approx(np.std([99, 200]) / np.mean([99, 200]))
    assert means["A"]["correlation"] is None
    assert means["B"] == {"rate (1/s)": 0.0, "CV of ISI": None, "correlation": None}


# --- few spikes, none, and very long recordings ------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("stamps", "n", "steps", "rate", "cv", "synchronous"),
    [
        ([], 1, STEPS, 0.0, None, None),
        ([], 3, 1, 0.0, None, None),
        ([1], 1, STEPS, 25.0, None, 12 / 13),
        ([1], 1, 1, 1e4, None, None),
        ([3, 9], 1, STEPS, 50.0, None, 24 / 13),
        ([10, 20, 30], 1, STEPS, 75.0, 0.0, None),
        ([10, 20, 30], 4, STEPS, 18.75, 0.0, None),
        ([], 2, 0, None, None, None),
    ],
)
def test_statistics_of_hardly_anything(stamps, n, steps, rate, cv, synchronous):
    spikes = recorded(np.array(stamps, dtype=np.int64), np.zeros(len(stamps), np.int64), {"A": n}, stop_step=steps)
    means = means_of(spikes)["A"]
    assert means["rate (1/s)"] == (None if rate is None else pytest.approx(rate))
    assert means["CV of ISI"] == cv and means["correlation"] is None
    found = statistics_of(spikes)["A"]
    if synchronous is not None:
        assert found.synchrony == pytest.approx(synchronous)
    assert np.isnan(found.synchrony) == (not stamps or steps < 30)
    assert found.interval_counts.sum() == max(0, len(stamps) - 1)


def test_a_recording_of_the_longest_time_takes_memory_for_its_spikes_alone():
    last = 10**10
    stamps = np.array([1, 25, 26, 2**31, 2**32 + 1, 2**32 + 2, last - 30, last])
    spikes = recorded(stamps, np.array([0, 0, 1, 1, 0, 1, 0, 1]), {"A": 2}, stop_step=last)
    found = statistics_of(spikes)["A"]
    assert found.rates_hz == pytest.approx([4e-6, 4e-6])
    # Bins of 2 ms: 0 0, 1 1 and the two around 2**32 together, of 5e8; of 3 ms: counts 3, 1, 2, 1 and 1, of 333333333.
    n, together = 5 * 10**8, 2
    own = [4, 4]
    expected = (n * together - own[0] * own[1]) / np.sqrt(
        (n * sum(c * c for c in (1, 1, 1, 1)) - 16) * (n * sum(c * c for c in (1, 1, 1, 1)) - 16)
    )
    assert found.correlations == pytest.approx([expected])
    bins = 10**10 // 30
    # The last spike lies behind the last whole bin.
    assert found.synchrony == pytest.approx((bins * (9 + 1 + 4 + 1) - 49) / (bins * 7))


@settings(deadline=None)
@given(spike_trains())
def test_bins_that_are_held_and_those_that_are_not_give_the_same(trains):
    stamps, ids = trains
    expected = synchrony(stamps, 0, 40, 10), correlations(stamps, ids, N, 0, 80, 5, np.arange(N))
    held = statistics_module.BINS_HELD
    statistics_module.BINS_HELD = 4
    try:
        assert synchrony(stamps, 0, 40, 10) == pytest.approx(expected[0], nan_ok=True)
    finally:
        statistics_module.BINS_HELD = held
    counts = np.zeros((N, 80))
    np.add.at(counts, (ids, (stamps - 1) // 5), 1.0)
    active = counts[counts.var(axis=1) > 0.0]
    if len(active) > 1:
        np.testing.assert_allclose(expected[1], np.corrcoef(active)[np.triu_indices(len(active), 1)], atol=1e-12)


def test_a_thousand_populations_are_dealt_out_once(monkeypatch):
    looked = []
    search = np.searchsorted
    monkeypatch.setattr(np, "searchsorted", lambda a, v, **how: looked.append(np.size(v)) or search(a, v, **how))
    n = 1000
    spikes = recorded(np.arange(1, n + 1), np.arange(n), {f"P{k}": 1 for k in range(n)}, stop_step=n)
    monkeypatch.setattr(Spikes, "of", None)
    assert len(statistics_of(spikes)) == n
    assert looked.count(n) == 1
