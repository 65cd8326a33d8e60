"""NIR graphs as stacks of convolutions, and ``benchnn map`` on a chip of layers."""

import itertools
import json

import numpy as np
import pytest

from benchnn.cli import main
from benchnn.networks.nir.stack import convolution_layers
from simcore.errors import InputError

CONV = {"stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 1}


def neurons(*shape):
    return "IF", {name: np.full(shape, value) for name, value in (("r", 1.0), ("v_threshold", 1.0), ("v_reset", 0.0))}


def stack(**changes):
    nodes = {
        "input": ("Input", {"shape": [2, 8, 8]}),
        "conv": ("Conv2d", {"weight": np.ones((4, 2, 3, 3)), "bias": np.zeros(4), **CONV}),
        "first": neurons(4, 8, 8),
        "pool": ("SumPool2d", {"kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0]}),
        "flat": ("Flatten", {"start_dim": 0, "end_dim": -1}),
        "dense": ("Affine", {"weight": np.ones((10, 64)), "bias": np.ones(10)}),
        "second": neurons(10),
        "output": ("Output", {"shape": [10]}),
    }
    return {name: changes.get(name, node) for name, node in nodes.items()}


def edges(nodes):
    return list(itertools.pairwise(nodes))


def test_convolutions_and_dense_layers_are_layers(nir_file):
    first, second = convolution_layers(nir_file(stack(), edges(stack())))
    assert (first.channels, first.filters, first.kernel, first.padding) == (2, 4, (3, 3), (1, 1))
    assert first.input_sides == first.output_sides == (8, 8) and first.pooling == 2 and not first.biased
    assert first.kernel_words == 2 * 2 ** (4 + 2) and first.neuron_words == 256
    assert (second.channels, second.filters, second.output_sides) == (64, 10, (1, 1)) and second.biased
    assert second.kernel_words == 64 * 16 and second.bias_words == 10


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"conv": ("Conv2d", {"weight": np.ones((4, 1, 3, 3)), "bias": np.zeros(4), **CONV, "groups": 2})}, "'conv'"),
        ({"pool": ("SumPool2d", {"kernel_size": [2, 2], "stride": [1, 1], "padding": [0, 0]})}, "'pool'"),
        ({"flat": ("Scale", {"scale": np.ones((4, 4, 4))})}, "'flat' (Scale) is not supported by chips"),
    ],
)
def test_what_no_core_can_do_is_refused_with_the_node(nir_file, changes, refusal):
    with pytest.raises(InputError) as refused:
        convolution_layers(nir_file(stack(**changes), edges(stack())))
    assert refusal in str(refused.value)


def test_branches_are_refused(nir_file):
    nodes = stack()
    with pytest.raises(InputError, match="branches"):
        convolution_layers(nir_file(nodes, [*edges(nodes), ("second", "dense")]))


def test_map_gives_layers_of_the_published_network_to_cores(published, capsys):
    assert main(["map", str(published("cnn_sinabs.nir")), "--chip", "speck", "--json"]) == 0
    layers = json.loads(capsys.readouterr().out)["layers"]
    assert [(layer["filters"], *layer["output_sides"]) for layer in layers] == [
        (16, 16, 16), (16, 16, 16), (8, 8, 8), (256, 1, 1), (10, 1, 1)
    ]  # fmt: skip
    assert sum(layer["neuron_words"] for layer in layers) == 8970
    assert len({layer["core"] for layer in layers}) == 5 and not any(layer["forbids"] for layer in layers)


def test_map_names_what_forbids_a_layer(nir_file, capsys):
    large = stack(conv=("Conv2d", {"weight": np.ones((4, 2, 17, 17)), "bias": np.zeros(4), **CONV, "padding": [8, 8]}))
    assert main(["map", str(nir_file(large, edges(large))), "--chip", "speck"]) == 1
    message = capsys.readouterr().out
    assert (
        "17 weights per side of the kernel, more than the limit of 16; 8 rows of padding, more than the limit of 7"
        in message
    )
    assert message.endswith("no core for first\n")
