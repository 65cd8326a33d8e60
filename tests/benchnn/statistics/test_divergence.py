"""Divergences by hand, and what they must fulfil."""

import numpy as np
import pytest

from benchnn.statistics.divergence import bin_edges, divergence, divergences


def test_by_hand():
    edges = np.array([0.0, 1.0, 2.0])
    candidate, reference = np.array([0.1, 0.2, 0.3, 1.5]), np.array([0.1, 1.5, 1.6, 1.7])
    # Counts 3 and 1 against 1 and 3, each with a half in addition, of 5.
    expected = 0.7 * np.log(0.7 / 0.3) + 0.3 * np.log(0.3 / 0.7)
    assert divergence(candidate, reference, edges) == pytest.approx(expected)


def test_a_bin_that_the_reference_lacks_leaves_it_finite():
    edges = np.array([0.0, 1.0, 2.0])
    assert divergence(np.array([1.5]), np.array([0.5]), edges) == pytest.approx(0.5 * np.log(3.0))


def test_widths_are_those_of_freedman_and_diaconis():
    sample = np.random.default_rng(1).normal(size=4000)
    assert bin_edges([sample]) == pytest.approx(np.histogram_bin_edges(sample, "fd"))


def test_the_width_is_the_median_of_those_of_the_samples_and_all_values_lie_in_the_bins():
    narrow, wide = np.linspace(0.0, 1.0, 1000), np.linspace(-4.0, 6.0, 1000)
    edges = bin_edges([narrow, narrow, wide])
    assert np.diff(edges) == pytest.approx(0.1, rel=0.01)
    assert (edges[0], edges[-1]) == (-4.0, 6.0)


def test_samples_that_are_nearly_all_equal_have_bins():
    assert len(bin_edges([np.array([0.0] * 99 + [1.0])])) == 11
    assert len(bin_edges([np.ones(5), np.ones(3)])) == 2
    assert len(bin_edges([np.zeros(0)])) == 2


def test_divergences_of_pairs_are_symmetric_and_grow_with_a_shift():
    generator = np.random.default_rng(2)
    samples = [generator.normal(shift, 1.0, 3000) for shift in (0.0, 0.0, 0.3)]
    matrix = divergences(samples)
    assert matrix == pytest.approx(matrix.T)
    assert np.diag(matrix) == pytest.approx(0.0)
    # Of normal distributions of one width: half the square of the shift, plus what the bins fluctuate.
    assert matrix[0, 1] < 0.02 < matrix[0, 2] < 0.1


def test_an_empty_sample_equals_an_empty_one_alone():
    assert divergences([np.zeros(0), np.zeros(0)]).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert divergence(np.ones(1), np.zeros(0), np.array([0.0, 2.0])) == np.inf
