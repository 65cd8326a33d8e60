"""Shapes of layers, and which layers and workloads can be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.workloads.workload import Layer, Workload
from simcore.errors import InputError

CONV = Layer("conv", "convolution", 4, 6, (9, 7), (3, 1), (2, 1), (1, 0), pooling=2)
sides = st.integers(1, 6)


@st.composite
def layers(draw):
    groups = draw(st.integers(1, 3))
    kernel = (draw(sides), draw(sides))
    padding = (draw(st.integers(0, 3)), draw(st.integers(0, 3)))
    sizes = [draw(st.integers(max(1, side - 2 * pad), 12)) for side, pad in zip(kernel, padding, strict=True)]
    stride = (draw(sides), draw(sides))
    channels, filters = groups * draw(sides), groups * draw(sides)
    return Layer("any", "convolution", channels, filters, (sizes[0], sizes[1]), kernel, stride, padding, groups)


def windows(size, side, stride, padding):
    """Where a window can stand, counted."""
    return sum(1 for start in range(-padding, size + padding, stride) if start + side <= size + padding)


@given(layers())
def test_an_output_is_a_place_of_the_window(layer):
    height, width = (
        windows(*of_a_side)
        for of_a_side in zip(layer.input_size, layer.kernel, layer.stride, layer.padding, strict=True)
    )
    assert layer.output_size == (height, width)
    assert layer.positions == height * width and layer.outputs == layer.filters * height * width


@given(layers())
def test_each_filter_sees_the_channels_of_its_group(layer):
    seen = [
        (one, other)
        for one in range(layer.filters)
        for other in range(layer.channels)
        if one * layer.groups // layer.filters == other * layer.groups // layer.channels
    ]
    area = layer.kernel[0] * layer.kernel[1]
    assert layer.weights == len(seen) * area
    assert layer.operations == layer.weights * layer.positions == layer.products * layer.outputs


def test_sizes_are_of_height_and_width():
    assert (CONV.output_size, CONV.positions, CONV.products) == ((5, 7), 35, 12)
    assert (CONV.inputs, CONV.outputs, CONV.weights, CONV.operations) == (252, 210, 72, 2520)
    linear = Layer("linear", "linear", 10, 3)
    assert (linear.inputs, linear.outputs, linear.weights, linear.operations) == (10, 3, 30, 30)


def test_numbers_become_those_of_python():
    layer = Layer("a", "convolution", np.int32(1 << 16), np.int64(1 << 16), 8, 3, input_density=np.float32(0.5))
    assert layer.operations == (1 << 32) * 9 * 36 and layer.input_size == (8, 8)
    assert layer.input_density == (0.5,) and type(layer.channels) is int


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": " "}, "name of a layer = ' '"),
        ({"kind": "conv"}, "layer conv: kind = 'conv'.*use convolution or linear"),
        ({"channels": 0}, "layer conv: channels = 0.*in \\[1, 2147483648\\]"),
        ({"filters": (1 << 31) + 1}, "filters = 2147483649.*in \\[1, 2147483648\\]"),
        ({"channels": True}, "channels = True"),
        ({"stride": (1, 0)}, "stride = 0"),
        ({"padding": -1}, "padding = -1"),
        ({"kernel": (3, 3, 3)}, "kernel = \\(3, 3, 3\\).*height and width"),
        ({"kernel": (12, 1)}, "kernel = \\(12, 1\\).*at most 11, the input of 9 with a padding of 1"),
        ({"groups": 3}, "groups = 3.*divide channels = 4"),
        ({"groups": 4}, "groups = 4.*divide filters = 6"),
        ({"pooling": 6}, "pooling = 6.*must be at most 5, the side of the output"),
        ({"weight_bits": 65}, "weight_bits = 65.*in \\[1, 64\\]"),
        ({"input_bits": 0}, "input_bits = 0"),
        ({"input_density": 1.5}, "input_density = 1.5.*in \\[0, 1\\]"),
        ({"input_density": (0.1, float("nan"))}, "input_density = nan"),
        ({"input_density": ()}, "one for each step"),
        ({"weight_density": "all"}, "weight_density = 'all'"),
        ({"kind": "linear"}, "input_size = \\(9, 7\\).*one position"),
        ({"channels": 1 << 31, "filters": 1 << 31}, "operations = .*at most 9,007,199,254,740,992"),
        ({"channels": 1 << 31, "input_size": 1 << 30, "pooling": 1, "stride": 1 << 30}, "inputs = "),
    ],
)
def test_a_layer_that_cannot_be_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(CONV, **change)


def test_densities_are_by_step():
    workload = Workload("a", "A", (replace(CONV, input_density=(0.1, 0.2, 0.3)),), steps=2)
    assert workload.layers[0].densities(2) == (0.1, 0.2)
    with pytest.raises(InputError, match=r"len.*conv: input_density.* = 3.*each of the 4 steps"):
        replace(workload, steps=4)
    with pytest.raises(InputError, match="steps = 0"):
        replace(workload, steps=0)


def test_a_name_stands_for_one_layer():
    with pytest.raises(InputError, match=r"'conv'.*a different name"):
        Workload("a", "A", (CONV, CONV))


def test_sums_are_over_all_layers():
    workload = Workload("a", "A", (CONV, Layer("linear", "linear", 10, 3)))
    assert (workload.operations, workload.weights, workload.data) == (2550, 102, 213)
    empty = Workload("a", "A", ())
    assert (empty.operations, empty.weights, empty.data) == (0, 0, 0)
