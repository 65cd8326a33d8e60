"""A network as NeuroBench sees it: layers of weights that are called once per step, and layers of neurons."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchnn.inference.copies import has_potential
from benchnn.inference.layers import Layers
from benchnn.networks.nir.file import Graph, read_graph
from benchnn.networks.nir.layers import GRADED, SPIKING
from benchnn.networks.nir.signals import Signal
from benchnn.networks.nir.weighted import WeightedNode, weighted_nodes

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
NODES, PROJECTIONS = "nodes of the NIR file", "projections"
FLOAT_BYTES = 4
"""Size of a value of PyTorch's default type."""
LEAKY_BYTES, SYNAPTIC_BYTES = 20, 24
"""Buffers of a layer of snnTorch: threshold, factor of spikes, beta (and alpha), and an integer of 8 bytes."""


@dataclass(frozen=True, eq=False)
class Feed:
    """The contribution of a population to the input of a layer of weights.

    Parameters
    ----------
    population
        Index of the population.
    shift
        Steps by which its spikes arrive late at the layer: 0, or the delay of a recurrent connection.
    elements, neurons, weights
        Element `elements[k]` of the input gets `weights[k]` for a spike of neuron `neurons[k]`; int64, int64, float64.
    plain
        Whether the input is the spikes themselves.
    """

    population: int
    shift: int
    elements: IntArray
    neurons: IntArray
    weights: FloatArray
    plain: bool


@dataclass(frozen=True, eq=False)
class ConnectionLayer:
    """A layer of weights.

    Parameters
    ----------
    feeds
        Contributions to the input.
    bias
        Value that is added to each element of the input, float64 (elements,).
    operations
        Number of products of each element with weights that are not 0, int64 (elements,).
    dense
        Number of products of all elements with all weights, without the padding of a convolution.
    """

    feeds: tuple[Feed, ...]
    bias: FloatArray
    operations: IntArray
    dense: int

    @property
    def plain(self) -> Feed | None:
        """The feed, if the input consists of the spikes of one population; otherwise None."""
        alone = len(self.feeds) == 1 and self.feeds[0].plain and not np.any(self.bias)
        return self.feeds[0] if alone else None


@dataclass(frozen=True, eq=False)
class TorchView:
    """The layers and sizes of an equivalent model in PyTorch.

    Parameters
    ----------
    basis
        Objects that correspond to its layers of weights.
    layers
        Layers of weights.
    weights, zero_weights, biases
        Numbers of weights, of weights that are 0, and of biases.
    buffer_bytes
        Size of the buffers of the layers of neurons.
    activations, membranes
        Whether the spikes of a population are activations, and whether its potentials count, bool (populations,).
    """

    basis: str
    layers: Sequence[ConnectionLayer]
    weights: int
    zero_weights: int
    biases: int
    buffer_bytes: int
    activations: npt.NDArray[np.bool_]
    membranes: npt.NDArray[np.bool_]


def torch_view(layers: Layers, path: Path | None) -> TorchView:
    """The view of a network.

    Parameters
    ----------
    layers
        The network.
    path
        The NIR file of the network, if the network was read from it without changes; otherwise None.
    """
    graph = None if path is None else read_graph(path)
    # A layer of PyTorch is called in each step, and has no delays.
    if graph is None or any(node.type == "Delay" for node in graph.nodes.values()):
        return _of_projections(layers)
    return _of_nodes(layers, graph)


def _of_projections(layers: Layers) -> TorchView:
    network = layers.network
    found = []
    for projection, edges in zip(network.projections, layers.edges, strict=True):
        index, size = network.index(projection.source), network.population(projection.source).size
        local = edges.sources - network.first_ids[projection.source]
        operations = np.bincount(local[edges.codes != 0], minlength=size)
        feed = _whole(index, size, _shift(layers, projection.source, (projection.target,)))
        found.append(ConnectionLayer((feed,), np.zeros(size), operations, len(edges.sources)))
    neurons = np.array([population.source is None for population in network.populations])
    with_potential = [has_potential(population) for population in network.populations]
    weights = sum(len(edges.sources) for edges in layers.edges)
    zeros = sum(int(np.count_nonzero(edges.codes == 0)) for edges in layers.edges)
    return TorchView(PROJECTIONS, found, weights, zeros, 0, 0, neurons, np.array(with_potential))


def _of_nodes(layers: Layers, graph: Graph) -> TorchView:
    populations = layers.network.populations
    kinds = [graph.nodes[one.name].type for one in populations]
    weighted = weighted_nodes(graph)
    arrays = [one.node.array("weight") for one in weighted]
    states = [kind for kind in kinds if kind in SPIKING + GRADED]
    return TorchView(
        NODES,
        [_layer(layers, one) for one in weighted],
        sum(array.size for array in arrays),
        sum(int(np.count_nonzero(array == 0.0)) for array in arrays),
        sum(one.node.array("bias").size for one in weighted if "bias" in one.node.values),
        sum(SYNAPTIC_BYTES if kind.startswith("Cuba") else LEAKY_BYTES for kind in states),
        np.array([kind in SPIKING for kind in kinds]),
        np.array([kind in SPIKING + GRADED and kind != "Threshold" for kind in kinds]),
    )


def _layer(layers: Layers, weighted: WeightedNode) -> ConnectionLayer:
    taps, bias = weighted.taps(), weighted.given.bias
    operations = np.bincount(taps.sources[taps.weights != 0.0], minlength=len(bias))
    return ConnectionLayer(feeds_of(layers, weighted), bias, operations, len(taps))


def feeds_of(layers: Layers, weighted: WeightedNode) -> tuple[Feed, ...]:
    """Contribution of each population to the input of a node."""
    network, given = layers.network, weighted.given
    feeds = []
    for name, found in given.maps.items():
        index, shift = network.index(name), _shift(layers, name, weighted.after)
        if _is_plain(given, name):
            feeds.append(_whole(index, network.population(name).size, shift))
        else:
            feeds.append(Feed(index, shift, found.targets, found.sources, found.weights, False))
    return tuple(feeds)


def _is_plain(given: Signal, name: str) -> bool:
    """Whether a signal consists of the spikes of a population, or is one of several in such a sum."""
    found = given.maps[name]
    same = len(found) == len(given.bias) and np.array_equal(found.targets, found.sources)
    return same and bool(np.all(found.weights == 1.0))


def _whole(population: int, size: int, shift: int) -> Feed:
    ids = np.arange(size)
    return Feed(population, shift, ids, ids, np.ones(size), True)


def _shift(layers: Layers, source: str, targets: Sequence[str]) -> int:
    """Steps between a spike and its arrival, if each layer counts its own steps."""
    network = layers.network
    late = np.maximum(layers.late, 0)
    found = [
        int(edges.delay_steps.min()) - int(late[network.index(projection.target)] - late[network.index(source)])
        for projection, edges in zip(network.projections, layers.edges, strict=True)
        if projection.source == source and projection.target in targets and len(edges.sources)
    ]
    # With direct coding, samples arrive immediately, although the description has a delay.
    return 0 if source == layers.source else max(0, min(found, default=0))
