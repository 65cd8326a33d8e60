"""Layers of weights of NIR graphs: shapes, widths, order, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest

from benchnn.networks.nir.file import read_graph
from benchnn.networks.nir.geometry import workload_layers
from simcore.accelerators.workloads.workload import Layer
from simcore.errors import InputError

ONE, TWO, ZERO = np.array([1, 1]), np.array([2, 2]), np.array([0, 0])


def spiking(*shape):
    values = {"tau": 0.002, "r": 2.0, "v_leak": 0.0, "v_threshold": 1.0}
    return "LIF", {name: np.full(shape, value) for name, value in values.items()}


def conv(weight, **more):
    usual = {"bias": np.zeros(len(weight)), "stride": ONE, "padding": ZERO, "dilation": ONE, "groups": 1}
    return "Conv2d", {"weight": np.asarray(weight, dtype=float), **usual, **more}


def pool(side, stride=None, kind="SumPool2d"):
    stride = side if stride is None else stride
    return kind, {"kernel_size": np.array([side] * 2), "stride": np.array([stride] * 2), "padding": ZERO}


@pytest.fixture
def layers_of(nir_file):
    def layers(nodes, edges=None):
        return workload_layers(read_graph(nir_file(nodes, list(pairwise(nodes)) if edges is None else edges)))

    return layers


def test_heights_and_widths_groups_strides_and_padding_are_kept(layers_of):
    weight = np.ones((6, 2, 3, 5))
    weight[0, 0, 0, :3] = 0.0
    nodes = {
        "in": ("Input", {"shape": [4, 9, 12]}),
        "conv": conv(weight, groups=2, stride=np.array([1, 2]), padding=np.array([1, 2])),
        "lif": spiking(6, 9, 6),
        "end": ("Output", {"shape": [6, 9, 6]}),
    }
    density = 1.0 - 3 / weight.size
    expected = Layer("conv", "convolution", 4, 6, (9, 12), (3, 5), (1, 2), (1, 2), 2, weight_density=density)
    assert layers_of(nodes) == [expected]
    assert expected.output_size == (9, 6)


def test_a_convolution_of_one_dimension_has_the_height_1(layers_of):
    values = {"weight": np.ones((3, 2, 5)), "bias": np.zeros(3), "stride": 2, "padding": 2, "dilation": 1, "groups": 1}
    nodes = {
        "in": ("Input", {"shape": [2, 11]}),
        "conv": ("Conv1d", values),
        "lif": spiking(3, 6),
        "end": ("Output", {"shape": [3, 6]}),
    }
    (layer,) = layers_of(nodes)
    assert layer == Layer("conv", "convolution", 2, 3, (1, 11), (1, 5), (1, 2), (0, 2))
    assert layer.output_size == (1, 6)


def test_same_padding_is_that_of_both_sides_or_refused(layers_of):
    def nodes(side):
        return {
            "in": ("Input", {"shape": [1, 6, 6]}),
            "conv": conv(np.ones((1, 1, side, side)), padding="same"),
            "lif": spiking(1, 6, 6),
            "end": ("Output", {"shape": [1, 6, 6]}),
        }

    assert layers_of(nodes(3))[0].padding == (1, 1)
    with pytest.raises(InputError, match=r"'conv' \(Conv2d\) has the padding .* equal padding on both sides"):
        layers_of(nodes(4))


def stack(*between):
    """Two convolutions; 8 x 8 spikes of two channels lie between them."""
    nodes = {"in": ("Input", {"shape": [1, 8, 8]}), "c1": conv(np.ones((2, 1, 1, 1))), "lif": spiking(2, 8, 8)}
    nodes |= {f"pool{place}": node for place, node in enumerate(between)}
    nodes["c2"] = conv(np.ones((1, 2, 1, 1)))
    return nodes


@pytest.mark.parametrize(
    ("between", "side", "pooling", "bits"),
    [
        ((), 8, 1, 1),
        ((pool(2),), 4, 2, 3),
        ((pool(2, kind="AvgPool2d"),), 4, 2, 3),
        ((pool(2), pool(2)), 2, 4, 5),
        # Squares that overlap are not those of a layer.
        ((pool(2, 1),), 7, 1, 3),
        ((("Scale", {"scale": np.full((2, 8, 8), 0.5)}),), 8, 1, 1),
    ],
)
def test_pools_behind_spikes_are_those_of_the_layer_before(layers_of, between, side, pooling, bits):
    nodes = stack(*between)
    nodes |= {"last": spiking(1, side, side), "end": ("Output", {"shape": [1, side, side]})}
    first, second = layers_of(nodes)
    assert (first.pooling, second.input_bits) == (pooling, bits)


def test_a_pool_of_one_branch_is_no_pool_of_the_layer(layers_of):
    nodes = stack(pool(2)) | {
        "c3": conv(np.ones((1, 2, 1, 1))),
        "last": spiking(1, 4, 4),
        "other": spiking(1, 8, 8),
        "end": ("Output", {"shape": [1, 4, 4]}),
    }
    edges = [*pairwise(["in", "c1", "lif", "pool0", "c2", "last", "end"]), ("lif", "c3"), ("c3", "other")]
    layers = {layer.name: layer for layer in layers_of(nodes, edges)}
    assert layers["c1"].pooling == 1
    assert (layers["c2"].input_size, layers["c3"].input_size) == ((4, 4), (8, 8))


def test_a_pool_behind_one_of_two_layers_of_neurons_is_none_of_the_weights(layers_of):
    nodes = stack(pool(2)) | {
        "last": spiking(1, 4, 4),
        "other": spiking(2, 8, 8),
        "end": ("Output", {"shape": [1, 4, 4]}),
        "end2": ("Output", {"shape": [2, 8, 8]}),
    }
    edges = [*pairwise(["in", "c1", "lif", "pool0", "c2", "last", "end"]), ("c1", "other"), ("other", "end2")]
    assert [layer.pooling for layer in layers_of(nodes, edges)] == [1, 1]


def test_layers_follow_one_another_whatever_their_names_are(layers_of):
    nodes = {
        "in": ("Input", {"shape": [3]}),
        "z": ("Linear", {"weight": np.ones((2, 3))}),
        "lif": spiking(2),
        "back": ("Linear", {"weight": np.ones((2, 2))}),
        "a": ("Affine", {"weight": np.ones((4, 2)), "bias": np.ones(4)}),
        "out": spiking(4),
        "end": ("Output", {"shape": [4]}),
    }
    edges = [*pairwise(["in", "z", "lif", "a", "out", "end"]), ("lif", "back"), ("back", "lif")]
    names = [layer.name for layer in layers_of(nodes, edges)]
    assert names.index("z") == 0 and set(names[1:]) == {"a", "back"}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"c1": conv(np.ones((2, 1, 2, 2)), dilation=TWO)}, r"'c1' \(Conv2d\) has the dilation \(2, 2\)"),
        ({"c1": conv(np.ones((2, 3, 1, 1)))}, "needs 3 channels of 2 dimensions"),
        ({"c1": conv(np.ones((2, 1, 9, 9)))}, "has a kernel of 9 that does not fit"),
        ({"lif": ("LI", {name: np.ones((2, 8, 8)) for name in ("tau", "r", "v_leak")})}, "sends its potential to 'c2'"),
    ],
)
def test_what_is_no_layer_of_a_workload_is_refused(layers_of, changes, refusal):
    nodes = stack() | changes | {"last": spiking(1, 8, 8), "end": ("Output", {"shape": [1, 8, 8]})}
    with pytest.raises(InputError, match=refusal):
        layers_of(nodes)


def test_a_graph_without_weights_is_refused(layers_of):
    with pytest.raises(InputError, match="has no weights; a workload"):
        layers_of({"in": ("Input", {"shape": [2]}), "lif": spiking(2), "end": ("Output", {"shape": [2]})})
