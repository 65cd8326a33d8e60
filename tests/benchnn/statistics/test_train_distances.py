"""Distances between spike trains: known values, what holds for all trains, and their intervals."""

import math
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.statistics.train_distances import (
    COINCIDENT,
    MOST_PAIRS,
    VAN_ROSSUM,
    VICTOR_PURPURA,
    DistanceSettings,
    coincident_shares,
    coincident_spikes,
    estimate,
    train_distances,
    window_ms,
)
from simcore.errors import InputError
from simcore.recording.spikes import Spikes, spike_order

NEURONS = 3
needs_elephant = pytest.mark.skipif(find_spec("elephant") is None, reason="Elephant is not installed")


def of_neurons(*trains):
    """Stamps in ascending order and ids of the spikes of several neurons."""
    stamps = np.array([stamp for train in trains for stamp in train], dtype=np.int64)
    ids = np.array([neuron for neuron, train in enumerate(trains) for _ in train], dtype=np.int64)
    order = spike_order(stamps, ids)
    return stamps[order], ids[order]


def recording(*trains, stop_step=10_000, start_step=0):
    """A recording of one population, steps of 0.1 ms."""
    stamps, ids = of_neurons(*trains)
    return Spikes(stamps, ids, {"A": 0}, {"A": len(trains)}, 0.1, stop_step, start_step)


def means(left, right, **chosen):
    """Mean of each measure."""
    estimates = train_distances(left, right, DistanceSettings(**chosen))["A"].estimates
    return {name: value and value.mean for name, value in estimates.items()}


def matched(left, right, steps):
    return coincident_spikes(of_neurons(*left), of_neurons(*right), len(left), steps).tolist()


@pytest.mark.parametrize(
    ("left", "right", "steps", "expected"),
    [
        ([[5, 9, 30]], [[5, 9, 30]], 0, [3]),
        ([[5, 9, 30]], [[8, 12, 33]], 3, [3]),
        ([[5, 9, 30]], [[9, 13, 34]], 3, [1]),
        ([[5, 20]], [[8, 23]], 2, [0]),
        ([[5], []], [[], [5]], 10, [0, 0]),
        ([[10]], [[8, 12]], 2, [1]),
        # The earliest is matched, or one would be left over: 12 takes 10, 14 takes 12.
        ([[10, 12]], [[12, 14]], 2, [2]),
        # Several spikes in one step, as of neurons that relay.
        ([[7, 7, 7]], [[7, 7]], 0, [2]),
        # The last spike of one neuron and the first of the next.
        ([[5, 100], [1]], [[5], [2]], 99, [1, 1]),
        ([[], []], [[], []], 5, [0, 0]),
    ],
)
def test_matched_spikes_of_known_trains(left, right, steps, expected):
    assert matched(left, right, steps) == expected


def test_silent_neurons_have_no_share():
    left, right = of_neurons([5], [], [7, 8]), of_neurons([5], [], [7])
    assert coincident_shares(left, right, NEURONS, 0).tolist() == [1.0, 2.0 / 3.0]


@needs_elephant
def test_equal_trains_have_no_distance():
    found = means(recording([5, 80], [9]), recording([5, 80], [9]))
    assert found == {COINCIDENT: 1.0, VAN_ROSSUM: 0.0, VICTOR_PURPURA: 0.0}


@needs_elephant
def test_one_spike_against_none():
    found = means(recording([50]), recording([]))
    assert found == {COINCIDENT: 0.0, VAN_ROSSUM: pytest.approx(1.0), VICTOR_PURPURA: pytest.approx(1.0)}


@needs_elephant
@pytest.mark.parametrize(("shift", "coincident", "cost"), [(10, 1.0, 0.1), (11, 0.0, 0.11), (500, 0.0, 2.0)])
def test_a_spike_that_is_shifted(shift, coincident, cost):
    found = means(recording([50]), recording([50 + shift]))
    # Of the filtered trains the squared norms are 1 and the product is the exponential of the shift.
    distance = math.sqrt(2.0 - 2.0 * math.exp(-shift * 0.1 / 10.0))
    assert found == {COINCIDENT: coincident, VAN_ROSSUM: pytest.approx(distance), VICTOR_PURPURA: pytest.approx(cost)}


@needs_elephant
def test_time_constant_and_cost_are_those_that_were_chosen():
    chosen = {"van_rossum_tau_ms": 5.0, "victor_purpura_cost_hz": 20.0}
    found = means(recording([50]), recording([100]), **chosen)
    assert found[VAN_ROSSUM] == pytest.approx(math.sqrt(2.0 - 2.0 * math.exp(-1.0)))
    assert found[VICTOR_PURPURA] == pytest.approx(0.1)


TRAIN = st.lists(st.integers(1, 40), max_size=6)
TRAINS = st.lists(TRAIN, min_size=NEURONS, max_size=NEURONS)


def best_matching(left, right, steps):
    """The largest number of pairs, by trying all."""
    if not left:
        return 0
    head, *rest = left
    near = [place for place, stamp in enumerate(right) if abs(stamp - head) <= steps]
    tried = [1 + best_matching(rest, right[:place] + right[place + 1 :], steps) for place in near]
    return max([best_matching(rest, right, steps), *tried])


@given(TRAINS, TRAINS, st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_no_other_matching_has_more_pairs(left, right, steps):
    short = [[train[:5] for train in side] for side in (left, right)]
    assert matched(*short, steps) == [best_matching(*trains, steps) for trains in zip(*short, strict=True)]


@given(TRAINS, TRAINS, st.integers(0, 20))
@settings(max_examples=150, deadline=None)
def test_shares_lie_between_0_and_1_are_symmetric_and_grow_with_the_window(left, right, steps):
    own, other = of_neurons(*left), of_neurons(*right)
    shares = coincident_shares(own, other, NEURONS, steps)
    assert np.all((shares >= 0.0) & (shares <= 1.0))
    assert shares.tolist() == coincident_shares(other, own, NEURONS, steps).tolist()
    assert np.all(coincident_shares(own, other, NEURONS, steps + 1) >= shares)
    assert np.all(coincident_shares(own, own, NEURONS, steps) == 1.0)


@needs_elephant
@given(TRAINS, TRAINS)
@settings(max_examples=20, deadline=None)
def test_distances_are_symmetric_and_0_for_equal_trains_only(left, right):
    own, other = recording(*left), recording(*right)
    found, mirrored = means(own, other), means(other, own)
    for measure in (VAN_ROSSUM, VICTOR_PURPURA):
        assert found[measure] == pytest.approx(mirrored[measure])
        equal = [sorted(train) for train in left] == [sorted(train) for train in right]
        assert (found[measure] < 1e-3) == equal
    spikes = sum(map(len, [*left, *right]))
    assert found[VICTOR_PURPURA] <= spikes / NEURONS + 1e-9


@needs_elephant
def test_only_the_first_10_s_count_for_distances_but_all_for_coincidences():
    late = 100_001
    left, right = recording([5, late], [7], stop_step=200_000), recording([5], [7], stop_step=200_000)
    assert window_ms(left) == 10_000.0
    found = means(left, right)
    assert found[COINCIDENT] == pytest.approx((2.0 / 3.0 + 1.0) / 2.0)
    assert (found[VAN_ROSSUM], found[VICTOR_PURPURA]) == (0.0, 0.0)


@needs_elephant
def test_the_window_begins_after_the_warm_up():
    both = [recording([900_000 + stamp], start_step=900_000, stop_step=901_000) for stamp in (5, 10)]
    assert means(*both)[VICTOR_PURPURA] == pytest.approx(0.05)


@needs_elephant
def test_of_a_large_population_250_neurons_have_distances():
    n = 600
    left = recording(*[[3 + neuron % 5] for neuron in range(n)])
    right = recording(*[[3 + neuron % 5] if neuron % 50 else [] for neuron in range(n)])
    estimates = train_distances(left, right)["A"].estimates
    assert [value.neurons for value in estimates.values()] == [600, 250, 250]
    assert estimates[COINCIDENT].mean == pytest.approx(0.98)
    chosen = np.random.default_rng(0).permutation(n)[:250]
    assert estimates[VICTOR_PURPURA].mean == pytest.approx(np.mean(chosen % 50 == 0))


@needs_elephant
def test_a_silent_population_has_distances_but_no_share():
    found = train_distances(recording([], []), recording([], []))["A"]
    assert found.estimates[COINCIDENT] is None and "silent" in found.reasons[COINCIDENT]
    assert found.estimates[VICTOR_PURPURA].mean == 0.0


@needs_elephant
def test_too_many_spikes_of_a_neuron_have_no_victor_purpura_distance():
    n = math.isqrt(MOST_PAIRS) + 1
    found = train_distances(recording(range(1, 1 + n)), recording(range(2, 2 + n)))["A"]
    assert found.estimates[VICTOR_PURPURA] is None and "pairs of spikes of a neuron" in found.reasons[VICTOR_PURPURA]
    assert found.estimates[VAN_ROSSUM].mean > 0.0


@pytest.mark.parametrize("missing", ["elephant", "quantities"])
def test_without_elephant_it_says_what_to_install(monkeypatch, missing):
    for module in (missing, f"{missing}.spike_train_dissimilarity"):
        monkeypatch.setitem(sys.modules, module, None)
    found = train_distances(recording([5], [7]), recording([5], [9]))["A"]
    assert found.estimates[COINCIDENT].mean == 1.0
    for measure in (VAN_ROSSUM, VICTOR_PURPURA):
        assert found.estimates[measure] is None
        assert "pip install 'benchnn[elephant]'" in found.reasons[measure]


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (recording([5], [6]), "sizes"),
        (recording([5], stop_step=9_000), "stop_step"),
        (recording([5], start_step=1), "start_step"),
    ],
)
def test_recordings_of_other_networks_or_windows_are_refused(other, what):
    with pytest.raises(InputError, match=what):
        train_distances(other, recording([5]))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("coincidence_steps", -1),
        ("coincidence_steps", 1.0),
        ("van_rossum_tau_ms", 0.0),
        ("van_rossum_tau_ms", math.inf),
        ("victor_purpura_cost_hz", -1.0),
        ("victor_purpura_cost_hz", "fast"),
    ],
)
def test_settings_that_are_not_allowed(field, value):
    with pytest.raises(InputError, match=f"{field} = "):
        DistanceSettings(**{field: value})


def test_the_interval_covers_the_mean_as_often_as_it_says():
    generator = np.random.default_rng(1)
    trials, covered = 150, 0
    for _ in range(trials):
        low, high = estimate(generator.poisson(3.0, 100) / 8.0).interval
        covered += low <= 3.0 / 8.0 <= high
    # 95 % less the bias of 100 values, and three standard deviations of the trials.
    assert 0.88 * trials <= covered < trials


def test_the_interval_is_that_of_drawing_neurons_again():
    values = np.random.default_rng(2).gamma(2.0, 1.0, 60)
    found = estimate(values)
    draws = np.random.default_rng(3).choice(values, (4000, 60)).mean(axis=1)
    assert found.mean == values.mean()
    assert found.interval == pytest.approx(np.percentile(draws, [2.5, 97.5]), abs=0.05)
    assert estimate(values) == found


def test_one_value_has_no_interval_and_none_no_mean():
    assert estimate(np.array([0.5])).interval is None
    assert estimate(np.array([])) is None
