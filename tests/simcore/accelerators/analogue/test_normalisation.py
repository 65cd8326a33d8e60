"""Adaptation of normalisation: mean and spread of every filter's sums become those of the ideal network."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.accelerators.analogue.evaluator import Driven, IdealReader, ReadMatrix, corrected_sums, evaluate
from simcore.accelerators.analogue.layers import INPUT, LayeredNetwork, NeuronLayer, WeightMatrix
from simcore.accelerators.analogue.normalisation import adapted, fitted, moments


class Distorted:
    """Sums as of crossbars with currents that are too small."""

    def __init__(self, matrix):
        self._ideal = IdealReader(matrix)

    def sums(self, rows, first_sample):
        found = self._ideal.sums(rows, first_sample)
        return np.rint(0.6 * found - 40 + 7 * np.sin(found)).astype(np.int64)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), filters=st.integers(1, 5), gain=st.floats(0.2, 3.0), shift=st.floats(-1e3, 1e3))
def test_the_line_restores_mean_and_spread(seed, filters, gain, shift):
    random = np.random.default_rng(seed)
    wanted = random.integers(-3000, 3000, (50, 4, 2, filters))
    given_sums = np.rint(gain * wanted + shift + random.normal(0, 300, wanted.shape)).astype(np.int64)
    mean, spread = moments(fitted(given_sums, wanted).of(given_sums))
    wanted_mean, wanted_spread = moments(wanted)
    # Rounding to integers moves each sum by at most a half.
    np.testing.assert_allclose(mean, wanted_mean, rtol=0.0, atol=0.5)
    np.testing.assert_allclose(spread, wanted_spread, rtol=1e-3)


def test_sums_that_do_not_vary_get_the_mean():
    wanted = np.array([[1], [5]])
    found = fitted(np.array([[8], [8]]), wanted).of(np.array([[8], [9]]))
    assert found.ravel().tolist() == [3, 4]


@pytest.fixture
def network():
    random = np.random.default_rng(0)
    layers = []
    for size in (12, 4):
        coefficients = np.repeat(np.array([0.0, 1.0, 1.0, 1.0, 1.0, -1.0], np.float32)[:, None], size, axis=1)
        layers.append(NeuronLayer(coefficients, np.zeros((2, size), np.float32), np.zeros(size), 2.0**-7))
    matrices = [
        WeightMatrix(
            "w", source, target, random.integers(-60, 100, (rows, size)), np.arange(rows)[None], np.arange(size)[None]
        )
        for source, target, rows, size in ((INPUT, 0, 15, 12), (0, 1, 12, 4))
    ]
    return LayeredNetwork(15, layers, matrices, 1)


def test_every_layer_is_adapted_behind_the_adapted_layers_before_it(network):
    driven = Driven(0, 10, np.random.default_rng(7).integers(0, 2, (40, 10, 15)), None)
    noisy = [ReadMatrix(one, Distorted(one)) for one in network.matrices]
    ideal = [ReadMatrix(one, IdealReader(one)) for one in network.matrices]
    wanted, after, before = (evaluate(network, one, driven) for one in (ideal, adapted(network, noisy, driven), noisy))
    for read, place in zip(adapted(network, noisy, driven), range(2), strict=True):
        mean, spread = moments(corrected_sums(read, driven, after.spikes))
        wanted_mean, wanted_spread = moments(corrected_sums(ideal[place], driven, wanted.spikes))
        # Few different sums: rounding to integers does not average out.
        np.testing.assert_allclose(mean, wanted_mean, atol=0.5)
        np.testing.assert_allclose(spread, wanted_spread, atol=0.5)
    errors = [np.mean(one.spikes[0] != wanted.spikes[0]) for one in (before, after)]
    assert errors[1] < 0.3 * errors[0]


def test_ideal_crossbars_are_left_as_they_are(network):
    driven = Driven(0, 10, np.random.default_rng(7).integers(0, 2, (40, 10, 15)), None)
    ideal = [ReadMatrix(one, IdealReader(one)) for one in network.matrices]
    after, before = (evaluate(network, one, driven) for one in (adapted(network, ideal, driven), ideal))
    np.testing.assert_array_equal(after.potentials, before.potentials)
