"""Inputs of the nodes of a graph as linear maps from its layers."""

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
import numpy.typing as npt

from benchnn.networks.nir.file import Graph, Node
from benchnn.networks.nir.layers import GRADED
from benchnn.networks.nir.linear import LinearMap, Shape, composed, identity, linear_node, merged, require_shape
from simcore.errors import InputError


@dataclass(frozen=True, eq=False)
class Signal:
    """The input or the output of a node.

    Parameters
    ----------
    maps
        Linear maps by the name of the layer that they start from.
    bias
        Bias of each element, shape (elements,).
    shape
        Shape of the elements.
    """

    maps: dict[str, LinearMap]
    bias: npt.NDArray[np.float64]
    shape: Shape

    @property
    def layer(self) -> str | None:
        """The name of the layer if the signal is its unchanged output; None otherwise."""
        if len(self.maps) != 1 or np.any(self.bias):
            return None
        ((name, found),) = self.maps.items()
        plain = np.array_equal(found.targets, found.sources) and len(found) == math.prod(self.shape)
        return name if plain and np.all(found.weights == 1.0) and not np.any(found.delays_s) else None


@np.errstate(over="ignore", invalid="ignore")
def signals_into(graph: Graph, shapes: dict[str, Shape]) -> dict[str, Signal]:
    """The inputs of the layers and Output nodes that have any.

    Parameters
    ----------
    graph
        Nodes and edges.
    shapes
        Shapes of the layers: the Input nodes and the nodes with a state.

    Raises
    ------
    InputError
        If a shape does not fit a node, a node has no input or no output, or a potential is used as input; the message
        names the node.
    """
    leaving = _leaving(graph, shapes)
    ends = [*shapes, *graph.outputs]
    arriving = {name: _sum(graph, graph.nodes[name], leaving) for name in ends}
    for name, signal in arriving.items():
        node = graph.nodes[name]
        if signal is None and name in graph.outputs:
            raise node.error("has no input")
        if signal is not None:
            if name in graph.inputs:
                raise node.error("must not have an input")
            own_shape = shapes[name] if name in shapes else linear_node(node, signal.shape)[2]
            require_shape(node, own_shape, signal.shape)
            _refuse_potentials(graph, name, signal)
    return {name: signal for name, signal in arriving.items() if signal is not None}


def signals_before(graph: Graph, shapes: dict[str, Shape], names: Iterable[str]) -> dict[str, Signal]:
    """The inputs of some nodes without a state.

    Parameters
    ----------
    graph, shapes
        As for `signals_into`.
    names
        Names of the nodes.

    Raises
    ------
    InputError
        If a shape does not fit a node, or a node has no input or a potential as input; the message names the node.
    """
    names = list(names)
    leaving = _leaving(graph, shapes, _leading_to(graph, shapes, names))
    found = {}
    for name in names:
        signal = _sum(graph, graph.nodes[name], leaving)
        if signal is None:
            raise graph.nodes[name].error("has no input")
        _refuse_potentials(graph, name, signal)
        found[name] = signal
    return found


def _leading_to(graph: Graph, shapes: dict[str, Shape], names: Iterable[str]) -> set[str]:
    """Nodes without a state on the paths from layers to some nodes."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        new = set(graph.before[waiting.pop()]) - found - set(shapes)
        found |= new
        waiting += new
    return found


def _leaving(graph: Graph, shapes: dict[str, Shape], needed: Container[str] | None = None) -> dict[str, Signal]:
    """Outputs of each layer, and of each node without a state or only of the needed ones."""
    used = {name for names in graph.before.values() for name in names}
    leaving = {name: _whole_layer(name, shape) for name, shape in shapes.items()}
    for name in _in_order(graph, [*shapes, *graph.outputs]):
        if needed is not None and name not in needed:
            continue
        node = graph.nodes[name]
        given = _sum(graph, node, leaving)
        if given is None:
            raise node.error("has no input")
        if name not in used:
            raise node.error("has no output")
        own, added, shape = linear_node(node, given.shape)
        maps = {source: composed(own, found, node) for source, found in given.maps.items()}
        bias = np.bincount(own.targets, own.weights * given.bias[own.sources], minlength=math.prod(shape))
        leaving[name] = Signal(maps, bias + added, shape)
    return leaving


def _whole_layer(name: str, shape: Shape) -> Signal:
    size = math.prod(shape)
    return Signal({name: identity(size)}, np.zeros(size), shape)


def _sum(graph: Graph, node: Node, leaving: dict[str, Signal]) -> Signal | None:
    """Sum of all inputs of a node."""
    given = [leaving[name] for name in graph.before[node.name]]
    if not given:
        return None
    for other in given[1:]:
        require_shape(node, given[0].shape, other.shape)
    maps: dict[str, list[LinearMap]] = {}
    for signal in given:
        for name, found in signal.maps.items():
            maps.setdefault(name, []).append(found)
    return Signal({name: merged(parts) for name, parts in maps.items()}, _total(given), given[0].shape)


def _total(signals: list[Signal]) -> npt.NDArray[np.float64]:
    total = np.zeros(len(signals[0].bias))
    for signal in signals:
        total += signal.bias
    return total


def _in_order(graph: Graph, ends: Iterable[str]) -> list[str]:
    """Nodes without a state, each after its predecessors."""
    linear = [name for name in graph.nodes if name not in set(ends)]
    sorter = TopologicalSorter({name: [one for one in graph.before[name] if one in set(linear)] for name in linear})
    try:
        return list(sorter.static_order())
    except CycleError as error:
        # The order of sets of names differs between processes.
        names = sorted(set(error.args[1]))
        raise InputError(f"{graph.path}: nodes {', '.join(names)} form a cycle without neurons") from None


def _refuse_potentials(graph: Graph, name: str, signal: Signal) -> None:
    """Refuse the potential of a layer as input, except as the unchanged input of an Output node."""
    for source in signal.maps:
        node = graph.nodes[source]
        if node.type in GRADED and not (name in graph.outputs and signal.layer == source):
            raise node.error(
                f"sends its potential to {name!r}; only an Output node can receive it, because spikes carry no values"
            )
