"""Distances between samples: by hand, and what a distance must fulfil."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.statistics.distances import METRICS, distance, distance_matrices, features

# A grid on which shifts are exact.
samples = st.lists(st.integers(-1000, 1000).map(lambda value: value / 8.0), min_size=1, max_size=30).map(np.array)


@pytest.mark.parametrize(
    ("left", "right", "ks", "emd"),
    [
        ([0.0, 1.0], [0.0, 1.0], 0.0, 0.0),
        ([0.0, 1.0, 2.0], [0.0, 1.0, 5.0], 1 / 3, 1.0),
        ([0.0, 0.0, 0.0, 4.0], [0.0, 4.0], 0.25, 1.0),
        ([1.0], [3.0, 5.0], 1.0, 3.0),
    ],
)
def test_by_hand(left, right, ks, emd):
    assert distance("KS", np.array(left), np.array(right)) == pytest.approx(ks)
    assert distance("EMD", np.array(left), np.array(right)) == pytest.approx(emd)


@settings(deadline=None)
@given(samples, st.integers(-800, 800).map(lambda value: value / 8.0))
def test_a_shifted_sample_is_as_far_as_the_shift(sample, shift):
    assert distance("EMD", sample, sample + shift) == pytest.approx(abs(shift), abs=1e-9)


@settings(deadline=None)
@given(samples, samples, st.randoms(use_true_random=False))
def test_order_and_repetition_of_values_and_direction_do_not_matter(left, right, generator):
    shuffled = list(left)
    generator.shuffle(shuffled)
    for metric in METRICS:
        expected = distance(metric, left, right)
        assert distance(metric, np.repeat(shuffled, 3), right) == pytest.approx(expected, abs=1e-9)
        assert distance(metric, right, left) == pytest.approx(expected, abs=1e-9)
        assert distance(metric, left, left) == pytest.approx(0.0, abs=1e-12)


@settings(deadline=None)
@given(samples, samples)
def test_distances_are_those_of_scipy(left, right):
    stats = pytest.importorskip("scipy.stats")
    assert distance("KS", left, right) == pytest.approx(stats.ks_2samp(left, right, method="asymp").statistic)
    assert distance("EMD", left, right) == pytest.approx(stats.wasserstein_distance(left, right))


def test_an_empty_sample_equals_an_empty_one_alone():
    empty, one = np.zeros(0), np.ones(1)
    assert [distance(metric, empty, empty) for metric in METRICS] == [0.0, 0.0]
    assert [distance(metric, empty, one) for metric in METRICS] == [1.0, np.inf]


def test_matrices_hold_the_distances_of_all_pairs(recordings):
    drawn = recordings(3)
    matrices = distance_matrices(drawn)
    listed = features(drawn)
    assert matrices.shape == (len(listed), 3, 3) and len(listed) == 2 * 3 * 2
    assert np.array_equal(matrices, matrices.transpose(0, 2, 1))
    names = {"FR": "rates_hz", "CV": "cv_isi", "CC": "correlations"}
    for feature, matrix in zip(listed, matrices, strict=True):
        values = [getattr(recording[feature.population], names[feature.statistic]) for recording in drawn]
        assert matrix[0, 2] == pytest.approx(distance(feature.metric, values[0], values[2]))
        assert np.all(np.diag(matrix) == 0.0)
