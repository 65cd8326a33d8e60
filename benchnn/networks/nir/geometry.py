"""Weighted nodes of a NIR graph as layers of a workload: shapes, widths, and shares of weights that are not 0."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchnn.networks.nir.file import Graph, Node
from benchnn.networks.nir.layers import SPIKING
from benchnn.networks.nir.linear import Convolution, convolution_of, matrix_of, whole_numbers
from benchnn.networks.nir.signals import Signal
from benchnn.networks.nir.weighted import WeightedNode, weighted_nodes
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, Layer, Pair
from simcore.errors import InputError

VALUE_BITS = 8
"""Width of an input that is not a number of spikes: values of a sample, a bias, or spikes with different weights."""
POOLS = ("SumPool2d", "AvgPool2d")


def workload_layers(graph: Graph) -> list[Layer]:
    """The weighted layers, each after its predecessors; the densities of their inputs are unknown.

    An input that is the sum of at most n spikes has the width of the number n, that is, 1 bit for a single spike.
    Branches and cycles of layers are allowed.

    Raises
    ------
    InputError
        If a layer has a dilation or different padding on both sides, if values do not fit each other, or if there is no
        layer; the message names the node.
    """
    layers = [workload_layer(graph, weighted) for weighted in weighted_nodes(graph)]
    if not layers:
        raise InputError(f"{graph.path} has no weights; a workload needs a Linear, Affine or Conv node")
    return layers


def workload_layer(graph: Graph, weighted: WeightedNode) -> Layer:
    """The layer of a node; see `workload_layers`."""
    node, shape = weighted.node, weighted.given.shape
    if not node.array("weight").size:
        raise node.error("has no weights")
    bits, pooling = _input_bits(weighted.given), _pooling(graph, weighted.after)
    if node.type in ("Linear", "Affine"):
        weight = matrix_of(node, shape)
        filters, channels = weight.shape
        layer = Layer(node.name, LINEAR, channels, filters, pooling=pooling, input_bits=bits)
    else:
        weight, numbers = node.array("weight"), convolution_of(node, shape)
        sides = _pair(shape[1:], 1), _pair(weight.shape[2:], 1), _pair(numbers.stride, 1)
        padding = _pair(_padding(node, numbers), 0)
        groups = numbers.groups
        layer = Layer(node.name, CONVOLUTION, shape[0], len(weight), *sides, padding, groups, pooling, input_bits=bits)
    return replace(layer, weight_density=np.count_nonzero(weight) / weight.size)


def _padding(node: Node, numbers: Convolution) -> list[int]:
    if set(numbers.dilation) != {1}:
        raise node.error(f"has the dilation {numbers.dilation}, which a layer of a workload cannot have")
    if any(before != after for before, after in numbers.pads):
        raise node.error(f"has the padding {numbers.pads}; a layer of a workload must have equal padding on both sides")
    return [before for before, _ in numbers.pads]


def _pair(sides: Sequence[int], single: int) -> Pair:
    """Height and width; a single dimension has the height `single`."""
    height, width = (single, *sides)[-2:]
    return int(height), int(width)


def _input_bits(given: Signal) -> int:
    """Width of the input of a node, bits."""
    size = len(given.bias)
    targets = np.concatenate([found.targets for found in given.maps.values()])
    weights = np.concatenate([found.weights for found in given.maps.values()])
    one = np.zeros(size)
    one[targets] = weights
    if np.any(given.bias) or np.any(weights != one[targets]):
        return VALUE_BITS
    return max(1, int(np.bincount(targets, minlength=size).max()).bit_length())


def _pooling(graph: Graph, after: Sequence[str]) -> int:
    """Side of the squares over which pools after the neurons of a layer sum or average spikes."""
    side = 1
    names = [name for name in after if graph.nodes[name].type in SPIKING]
    while len(names) == 1:
        names = [other for other, sources in graph.before.items() if names[0] in sources]
        own = _square(graph.nodes[names[0]]) if len(names) == 1 else None
        if own is None:
            break
        side *= own
    return side


def _square(node: Node) -> int | None:
    """Side of the squares of a pool without gaps or overlaps; None for other nodes."""
    if node.type not in POOLS:
        return None
    kernel, stride = (whole_numbers(node, name, 2, 1) for name in ("kernel_size", "stride"))
    tiles = kernel == stride and kernel[0] == kernel[1] and not any(whole_numbers(node, "padding", 2, 0))
    return kernel[0] if tiles else None
