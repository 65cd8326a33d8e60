"""Conversion of trained networks: rates of neurons stand for activations, and one spike a step for the scale."""

import numpy as np
import pytest

from benchnn.networks.conversion.layers import AveragePool2d, Conv2d, Dense, Flatten, Relu, network_of
from benchnn.networks.conversion.normalisation import clip_scales, percentile_scales
from benchnn.networks.conversion.spiking import classes_over_steps, converted
from simcore.errors import InputError


def dense_network(clip=None, levels=None, seed=3):
    """Two hidden layers."""
    random = np.random.default_rng(seed)
    sizes = [(12, 6), (9, 12), (4, 9)]
    layers = []
    for rows, columns in sizes:
        weight = random.normal(size=(rows, columns)) / columns**0.5
        layers += [Dense(weight, random.uniform(0.0, 0.5, size=rows)), Relu(clip, levels)]
    return network_of((6,), layers[:-1], "net.npz")


def samples(*shape):
    return np.random.default_rng(8).uniform(-1.0, 1.0, size=shape)


def test_percentiles_are_those_of_the_rectified_activations_of_each_stage():
    network, x = dense_network(), samples(700, 6)
    hidden = network.stages[0].apply(x)
    found = percentile_scales(network, x, 90.0, True)
    assert found[0] == pytest.approx(np.percentile(hidden, 90.0), rel=1e-6)
    assert found[1] == pytest.approx(np.percentile(network.stages[1].apply(hidden), 90.0), rel=1e-6)
    assert found[2] == pytest.approx(np.percentile(np.maximum(network.apply(x), 0.0), 90.0), rel=1e-6)
    assert percentile_scales(network, x, 90.0, False) == [*found[:2], 1.0]


def test_a_stage_without_activity_is_refused():
    silent = network_of((2,), [Dense(-np.ones((2, 2)), np.zeros(2)), Relu(), Dense(np.eye(2), np.zeros(2))], "n")
    with pytest.raises(InputError, match="weighted layer 1 is 0 for"):
        percentile_scales(silent, np.ones((5, 2)), 99.9, False)


def test_weights_and_biases_are_scaled_so_that_linear_stages_keep_their_output():
    """The stages of the spiking network, taken for linear ones, yield the activations divided by the scales."""
    random = np.random.default_rng(2)
    conv = Conv2d(random.normal(size=(2, 1, 3, 3)), random.normal(size=2))
    middle = Conv2d(random.normal(size=(3, 2, 2, 2)), random.normal(size=3))
    dense = Dense(random.normal(size=(4, 12)), random.normal(size=4))
    layers = [
        conv,
        AveragePool2d((2, 2), (2, 2)),
        Relu(),
        AveragePool2d((2, 2), (1, 1)),
        middle,
        Relu(),
        Flatten(),
        dense,
    ]
    network = network_of((1, 10, 10), layers, "net.npz")
    spiking = converted(network, [2.0, 5.0, 9.0], fires=True)
    x = samples(3, 1, 10, 10)
    plain, scaled = x, x
    for stage, own, scale in zip(network.stages, spiking.stages, [2.0, 5.0, 9.0], strict=True):
        plain, scaled = stage.input(plain), own.input(scaled)
        assert np.allclose(scaled, plain / scale, rtol=1e-5, atol=1e-6)
    summing = converted(network, [2.0, 5.0, 1.0], fires=False)
    assert np.allclose(
        summing.stages[2].input(np.ones((1, 3, 2, 2)) / 5.0), network.stages[2].input(np.ones((1, 3, 2, 2)))
    )


@pytest.mark.parametrize("steps", [1, 5, 32])
def test_a_neuron_fires_as_often_as_its_input_rounded_to_the_steps(steps):
    """One layer: counts are floor(T x + 1/2), and at most T."""
    x = np.array([[0.0, 0.07, 0.31, 0.52, 0.93, 1.6, -0.4]])
    network = network_of((7,), [Dense(np.eye(7), np.zeros(7))], "net.npz")
    spiking = converted(network, [1.0], fires=True)
    (found,) = classes_over_steps(spiking, x, [steps])
    assert found.spikes == np.clip(np.floor(steps * x + 0.5), 0, steps).sum()


def test_with_as_many_steps_as_levels_one_hidden_layer_is_exact():
    random = np.random.default_rng(4)
    layers = [Dense(random.normal(size=(30, 6)), random.normal(size=30)), Relu(1.5, 8)]
    network = network_of((6,), [*layers, Dense(random.normal(size=(4, 30)), random.normal(size=4))], "net.npz")
    x = samples(400, 6)
    (found,) = classes_over_steps(converted(network, clip_scales(network, False), False), x, [8])
    hidden = network.stages[0].apply(x)
    assert found.spikes == round(float(hidden.sum() / (1.5 / 8)))
    assert np.array_equal(found.classes, network.apply(x).argmax(axis=1))


@pytest.mark.parametrize("fires", [True, False])
def test_with_more_steps_the_classes_become_those_of_the_trained_network(fires):
    network, x = dense_network(), samples(500, 6)
    # Neurons that count cannot tell which of some negative outputs is the largest.
    x = x[network.apply(x).max(axis=1) > 0.01]
    scales = percentile_scales(network, x, 100.0, fires)
    wanted = network.apply(x).argmax(axis=1)
    found = classes_over_steps(converted(network, scales, fires), x, [1, 8, 512])
    agreement = [float((one.classes == wanted).mean()) for one in found]
    assert agreement[0] < agreement[1] < agreement[2] and agreement[2] > 0.97
    assert [one.steps for one in found] == [1, 8, 512]


def test_a_convolution_network_with_averages_is_converted():
    random = np.random.default_rng(11)
    conv = Conv2d(random.normal(size=(4, 1, 3, 3)), 0.1 * random.normal(size=4), (1, 1), (1, 1))
    dense = Dense(random.normal(size=(3, 64)), np.zeros(3))
    layers = [conv, Relu(), AveragePool2d((2, 2), (2, 2)), Flatten(), dense]
    network = network_of((1, 8, 8), layers, "net.npz")
    x = samples(200, 1, 8, 8)
    spiking = converted(network, percentile_scales(network, x, 99.9, False), False)
    (found,) = classes_over_steps(spiking, x, [256])
    assert (found.classes == network.apply(x).argmax(axis=1)).mean() > 0.97


def test_units_without_a_clip_have_no_scale_of_their_own():
    assert clip_scales(dense_network(2.0), False) == [2.0, 2.0, 1.0]
    with pytest.raises(InputError, match="weighted layer 1 has no clip"):
        clip_scales(dense_network(), False)
    with pytest.raises(InputError, match="weighted layer 3 has no clip"):
        clip_scales(dense_network(2.0), True)
