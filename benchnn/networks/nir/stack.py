"""NIR graphs as stacks of convolutions, for chips whose cores run layers."""

import math
from dataclasses import replace

import numpy as np

from benchnn.networks.nir.file import Graph, Node, read_graph
from benchnn.networks.nir.layers import SPIKING
from benchnn.networks.nir.linear import Shape, linear_node, stated_shape
from simcore.errors import InputError
from simcore.neuromorphic.mapping.layered import ConvolutionLayer
from simcore.recording.files import PathLike

WEIGHTED = ("Conv2d", "Linear", "Affine")
POOLS = ("SumPool2d", "AvgPool2d")


def convolution_layers(path: PathLike) -> list[ConvolutionLayer]:
    """The layers of a network without branches, from its input to its last spiking layer.

    Each layer is a convolution or a dense matrix followed by spiking neurons; pools and Flatten nodes may be between.

    Raises
    ------
    InputError
        If the file cannot be read or the graph is not such a stack; the message names the node.
    """
    graph = read_graph(path)
    if len(graph.inputs) != 1:
        raise InputError(f"{graph.path} has {len(graph.inputs)} inputs, but a chip whose cores run layers needs one")
    after = _after(graph)
    name = graph.inputs[0]
    shape: Shape = stated_shape(graph.nodes[name])
    layers: list[ConvolutionLayer] = []
    weighted: tuple[Node, Shape] | None = None
    while after[name]:
        (name,) = after[name]
        node = graph.nodes[name]
        if node.type in SPIKING:
            if weighted is None:
                raise node.error("must follow a node with weights on a chip whose cores run layers")
            layers.append(_layer(node, *weighted, shape))
            weighted = None
        elif node.type in POOLS:
            layers = _pooled(node, layers, weighted is None)
            shape = linear_node(node, shape)[2]
        elif node.type in WEIGHTED:
            if weighted is not None:
                raise node.error(
                    "follows a node with weights, but a core that runs layers requires neurons between two such nodes"
                )
            weighted = node, shape
            shape = linear_node(node, shape)[2]
        elif node.type in ("Flatten", "Output"):
            shape = linear_node(node, shape)[2]
        else:
            raise node.error("is not supported by chips whose cores run layers")
    if not layers:
        raise InputError(f"{graph.path} has no spiking layer")
    return layers


def _after(graph: Graph) -> dict[str, list[str]]:
    """For each node the names of the nodes that it has an edge to, at most one."""
    after: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for name, sources in graph.before.items():
        for source in sources:
            after[source].append(name)
    for name, targets in after.items():
        if len(targets) > 1 or len(graph.before[name]) > 1:
            raise graph.nodes[name].error("branches, but chips whose cores run layers need a stack of layers")
    return after


def _layer(node: Node, weights: Node, given: Shape, shape: Shape) -> ConvolutionLayer:
    """A layer of neurons of the shape `shape`, after weights with an input of the shape `given`."""
    biased = "bias" in weights.values and bool(np.any(weights.array("bias")))
    if weights.type == "Conv2d":
        weight = weights.array("weight")
        if np.any(weights.array("groups") != 1) or np.any(weights.array("dilation") != 1):
            raise weights.error("has groups or a dilation, which chips whose cores run layers do not support")
        stride = _pair(weights, "stride")
        padding = _pair(weights, "padding") if not isinstance(weights.values["padding"], str) else (0, 0)
        channels, filters = int(weight.shape[1]), int(weight.shape[0])
        kernel = (int(weight.shape[2]), int(weight.shape[3]))
        sides, out = (given[1], given[2]), (shape[1], shape[2])
    else:
        # A dense layer is a single kernel that covers the whole input.
        channels, sides = (given[0], (given[1], given[2])) if len(given) == 3 else (math.prod(given), (1, 1))
        filters, kernel, stride, padding, out = math.prod(shape), sides, (1, 1), (0, 0), (1, 1)
    return ConvolutionLayer(node.name, channels, filters, kernel, stride, padding, sides, out, 1, 1, biased)


def _pooled(node: Node, layers: list[ConvolutionLayer], after_neurons: bool) -> list[ConvolutionLayer]:
    """The layers, with the pool `node` added to the last of them."""
    if not layers or not after_neurons:
        raise node.error("does not pool the spikes of a layer")
    kernel, stride = _pair(node, "kernel_size"), _pair(node, "stride")
    if kernel != stride or kernel[0] != kernel[1] or np.any(node.array("padding")):
        raise node.error("must pool squares without gaps or overlaps")
    return [*layers[:-1], replace(layers[-1], pooling=layers[-1].pooling * kernel[0])]


def _pair(node: Node, name: str) -> tuple[int, int]:
    values = np.broadcast_to(node.array(name).ravel(), 2) if node.array(name).size == 1 else node.array(name).ravel()
    return int(values[0]), int(values[1])
