"""Layers of trained networks against sums over single inputs, and the shapes that they refuse."""

import numpy as np
import pytest

from benchnn.networks.conversion.layers import AveragePool2d, Conv2d, Dense, Flatten, Relu, network_of
from simcore.errors import InputError


@pytest.fixture
def random():
    return np.random.default_rng(5)


@pytest.mark.parametrize(("stride", "padding"), [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((3, 2), (0, 1))])
def test_a_convolution_is_the_sum_over_the_window_of_each_place(random, stride, padding):
    weight, bias = random.normal(size=(3, 2, 3, 2)), random.normal(size=3)
    x = random.normal(size=(2, 2, 7, 6))
    layer = Conv2d(weight, bias, stride, padding)
    channels, rows, columns = layer.output_shape(x.shape[1:])
    expected = np.zeros((2, channels, rows, columns))
    for sample, channel, row, column in np.ndindex(expected.shape):
        expected[sample, channel, row, column] = bias[channel]
        for source, i, j in np.ndindex(2, 3, 2):
            at = (row * stride[0] + i - padding[0], column * stride[1] + j - padding[1])
            if 0 <= at[0] < 7 and 0 <= at[1] < 6:
                expected[sample, channel, row, column] += weight[channel, source, i, j] * x[sample, source, *at]
    assert np.allclose(layer.apply(x), expected)


def test_an_average_is_that_of_each_window_of_a_channel(random):
    x = random.normal(size=(2, 3, 5, 7))
    layer = AveragePool2d((2, 3), (2, 2))
    assert layer.output_shape(x.shape[1:]) == (3, 2, 3)
    found = layer.apply(x)
    for sample, channel, row, column in np.ndindex(found.shape):
        window = x[sample, channel, 2 * row : 2 * row + 2, 2 * column : 2 * column + 3]
        assert found[sample, channel, row, column] == pytest.approx(window.mean())


def test_units_rectify_clip_and_round():
    x = np.array([-1.0, 0.2, 0.25, 0.6, 1.9, 2.1])
    assert Relu().apply(x).tolist() == [0.0, 0.2, 0.25, 0.6, 1.9, 2.1]
    assert Relu(2.0).apply(x).tolist() == [0.0, 0.2, 0.25, 0.6, 1.9, 2.0]
    assert Relu(2.0, 4).apply(x).tolist() == [0.0, 0.0, 0.5, 0.5, 2.0, 2.0]


def test_layers_between_two_units_are_one_stage(random):
    conv = Conv2d(random.normal(size=(2, 1, 3, 3)), np.zeros(2))
    dense = Dense(random.normal(size=(4, 8)), np.ones(4))
    layers = [conv, AveragePool2d((2, 2), (2, 2)), Relu(), Flatten(), dense]
    network = network_of((1, 6, 6), layers, "net.npz")
    assert [(len(stage.layers), stage.shape) for stage in network.stages] == [(2, (2, 2, 2)), (2, (4,))]
    x = random.normal(size=(3, 1, 6, 6))
    expected = x
    for layer in layers:
        expected = layer.apply(expected)
    assert np.array_equal(network.apply(x), expected)


DENSE = Dense(np.ones((2, 3)), np.zeros(2))
CONV = Conv2d(np.ones((2, 1, 3, 3)), np.zeros(2))
POOL = AveragePool2d((2, 2), (2, 2))


@pytest.mark.parametrize(
    ("shape", "layers", "message"),
    [
        ((4,), [DENSE], "layer 0 (dense): its input has the shape (4,), but must have 3 inputs"),
        ((1, 1, 3), [DENSE], "add a flatten layer before it"),
        ((3,), [Relu()], "it must follow a layer with weights"),
        ((3,), [DENSE, Relu(), Relu()], "layer 2 (relu)"),
        ((3,), [DENSE, CONV], "layer 1 (conv2d): its input has the shape (2,)"),
        ((2, 4, 4), [CONV], "must have 1 channels"),
        ((1, 4, 2), [CONV], "must have at least 3 rows and 3 columns"),
        ((1, 4, 4), [CONV], "one output for each class"),
        ((1, 6, 6), [CONV, Relu(), POOL], "its last layer, avgpool2d, has neither weights nor units"),
        ((3,), [Flatten()], "at least one layer must have weights"),
    ],
)
def test_layers_that_do_not_fit_are_refused_by_number_and_kind(shape, layers, message):
    with pytest.raises(InputError) as caught:
        network_of(shape, layers, "net.npz")
    assert message in str(caught.value)
