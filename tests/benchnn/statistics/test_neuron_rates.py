"""Rates of neurons over trials: known spikes, intervals by their formulas, what is marked of neurons that are alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.statistics.neuron_rates import (
    PAIRED,
    WELCH,
    NeuronCounts,
    benjamini_hochberg,
    neuron_rates,
    rate_differences,
)

stats = pytest.importorskip("scipy.stats")


def counts(table, neurons=None, seconds=1.0):
    table = np.array(table)
    return NeuronCounts(np.arange(table.shape[1]) if neurons is None else np.array(neurons), table, seconds)


def test_known_spikes_have_known_rates():
    found = neuron_rates(NeuronCounts.of([np.array([7, 3, 7, 7]), np.array([3, 3]), np.array([9])], 0.5))
    assert found.neurons.tolist() == [3, 7, 9]
    np.testing.assert_allclose(found.mean_hz, [2.0, 2.0, 2.0 / 3.0])
    np.testing.assert_allclose(found.sd_hz, [2.0, np.sqrt(12.0), np.sqrt(4.0 / 3.0)])
    np.testing.assert_allclose(found.half_hz, 4.302653 * found.sd_hz / np.sqrt(3.0), rtol=1e-6)
    np.testing.assert_allclose(found.fired, [2 / 3, 1 / 3, 1 / 3])


def test_the_fastest_come_first_and_equal_ones_by_id():
    found = neuron_rates(counts([[1, 5, 1, 9], [1, 5, 1, 9]], [4, 8, 2, 6]))
    assert found.neurons.tolist() == [6, 8, 2, 4]
    assert found.sd_hz.tolist() == found.half_hz.tolist() == [0.0] * 4


def test_one_trial_has_no_spread():
    found = neuron_rates(counts([[2, 3]]))
    assert np.isnan(found.sd_hz).all()
    assert np.isnan(found.half_hz).all()
    assert np.isnan(rate_differences(counts([[2, 3]]), counts([[1, 3]]), True).p).all()


def test_no_neuron_fired():
    silent = NeuronCounts.of([np.zeros(0, dtype=np.int64)] * 2, 1.0)
    assert len(neuron_rates(silent).neurons) == 0
    found = rate_differences(silent, silent, False)
    assert len(found.neurons) == len(found.marked) == 0


@pytest.mark.filterwarnings("ignore:Precision loss")
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(2, 12), m=st.integers(2, 12))
def test_differences_equal_scipy(seed, n, m):
    random = np.random.default_rng(seed)
    a, b = random.poisson(6.0, (n, 15)), random.poisson(7.0, (m, 15))
    for paired in [False, True] if n == m else [False]:
        found = rate_differences(counts(a, seconds=0.4), counts(b, seconds=0.4), paired)
        order = np.argsort(found.neurons)
        x, y = a / 0.4, b / 0.4
        varies = np.ptp(y - x, axis=0) > 0 if paired else (np.ptp(x, axis=0) > 0) | (np.ptp(y, axis=0) > 0)
        test = stats.ttest_rel(y, x) if paired else stats.ttest_ind(y, x, equal_var=False)
        ends = test.confidence_interval(0.95)
        np.testing.assert_allclose(found.p[order][varies], test.pvalue[varies], rtol=1e-8)
        half = ((ends.high - ends.low) / 2.0)[varies]
        np.testing.assert_allclose(found.half_hz[order][varies], half, rtol=1e-8)
        np.testing.assert_allclose(found.difference_hz[order], y.mean(axis=0) - x.mean(axis=0), atol=1e-12)
        assert found.method == (PAIRED if paired else WELCH)


def test_pairs_take_away_what_trials_have_in_common():
    random = np.random.default_rng(5)
    shared = random.poisson(100.0, (10, 1))
    a, b = shared + random.poisson(2.0, (10, 1)), shared + random.poisson(7.0, (10, 1))
    paired, apart = (rate_differences(counts(a), counts(b), how) for how in (True, False))
    assert paired.marked[0]
    assert paired.half_hz[0] < apart.half_hz[0] / 2.0
    assert not apart.marked[0]


def test_a_silenced_neuron_is_found():
    random = np.random.default_rng(2)
    a, b = (random.poisson(4.0, (12, 200)) for _ in range(2))
    b[:, 17] = 0
    found = rate_differences(counts(a), counts(b), False)
    assert found.neurons[0] == 17
    assert found.marked[0]
    assert found.second_hz[0] == 0.0


def test_trials_that_are_all_alike_are_tested_exactly():
    same = rate_differences(counts([[4, 2, 5]] * 5), counts([[4, 3, 5]] * 5), True)
    assert same.neurons[0] == 1
    assert same.p.tolist() == [2.0 / 2**5, 1.0, 1.0]
    assert np.isnan(same.half_hz).all()
    apart = rate_differences(counts([[4, 2]] * 3), counts([[4, 3]] * 3), False)
    assert apart.p.tolist() == [2.0 / 20.0, 1.0]
    # Two trials cannot show a difference.
    assert not rate_differences(counts([[4]] * 2), counts([[9]] * 2), True).excludes_zero.any()


def test_neurons_that_fire_in_only_one_experiment_have_a_rate_of_0_in_the_other():
    found = rate_differences(counts([[3], [4]], [5]), counts([[6], [8]], [2]), False)
    by_neuron = dict(zip(found.neurons.tolist(), found.difference_hz.tolist(), strict=True))
    assert by_neuron == {5: -3.5, 2: 7.0}


def test_few_of_equal_neurons_are_marked():
    """Where nothing differs 5 % of the intervals exclude 0, and the procedure marks something in 5 % of experiments."""
    random = np.random.default_rng(0)
    excluding, marked = [], 0
    for _ in range(40):
        a, b = random.poisson(30.0, (2, 10, 250))
        found = rate_differences(counts(a), counts(b), True)
        excluding.append(found.excludes_zero.mean())
        marked += bool(found.marked.any())
    assert 0.04 < np.mean(excluding) < 0.06
    assert marked <= 6
    assert found.by_chance == pytest.approx(12.5)


@settings(max_examples=50, deadline=None)
@given(p=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_benjamini_hochberg_equals_scipy(p):
    adjusted = stats.false_discovery_control(np.array(p))
    close = np.abs(adjusted - 0.05) < 1e-12
    np.testing.assert_array_equal(benjamini_hochberg(np.array(p))[~close], (adjusted <= 0.05)[~close])


def test_unknown_probabilities_are_not_marked():
    assert benjamini_hochberg(np.array([np.nan, 0.0, np.nan])).tolist() == [False, True, False]
