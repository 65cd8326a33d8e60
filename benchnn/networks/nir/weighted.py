"""The nodes of a NIR graph that hold the weights of synapses, each with what arrives at it."""

from dataclasses import dataclass

from benchnn.networks.nir.file import Graph, Node
from benchnn.networks.nir.layers import GRADED, SPIKING, layer_shape
from benchnn.networks.nir.linear import LinearMap, Shape, linear_node, stated_shape
from benchnn.networks.nir.signals import Signal, signals_before

WEIGHTED = ("Linear", "Affine", "Conv1d", "Conv2d")


@dataclass(frozen=True, eq=False)
class WeightedNode:
    """A matrix or a convolution.

    Parameters
    ----------
    node
        As in the file.
    given
        What arrives at it, as maps from layers.
    after
        Names of the layers and Output nodes to which it leads.
    """

    node: Node
    given: Signal
    after: tuple[str, ...]

    def taps(self) -> LinearMap:
        """Each product of an element that arrives and a weight, those of weights that are 0 included."""
        return linear_node(self.node, self.given.shape)[0]


def layer_shapes(graph: Graph) -> dict[str, Shape]:
    """Shapes of the nodes with a state, and of the Input nodes."""
    shapes = {node.name: layer_shape(node) for node in graph.nodes.values() if node.type in SPIKING + GRADED}
    return shapes | {name: stated_shape(graph.nodes[name]) for name in graph.inputs}


def weighted_nodes(graph: Graph) -> list[WeightedNode]:
    """The nodes with weights, each behind those that lead to it; in a circle the first that inputs reach is first.

    Raises
    ------
    InputError
        If a shape does not fit a node, or a node gets nothing or a potential; names the node.
    """
    shapes = layer_shapes(graph)
    names = [name for name in _from_inputs(graph) if graph.nodes[name].type in WEIGHTED]
    given = signals_before(graph, shapes, names)
    return [WeightedNode(graph.nodes[name], given[name], _after(graph, shapes, name)) for name in names]


def _from_inputs(graph: Graph) -> list[str]:
    """All nodes, each behind those that lead to it: the reverse of the order in which a search leaves them."""
    after: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for name, sources in graph.before.items():
        for source in sources:
            after[source].insert(0, name)
    left: list[str] = []
    seen: set[str] = set()
    for start in (*reversed(graph.inputs), *reversed(graph.nodes)):
        waiting = [] if start in seen else [(start, iter(after[start]))]
        seen.add(start)
        while waiting:
            following = next((name for name in waiting[-1][1] if name not in seen), None)
            if following is None:
                left.append(waiting.pop()[0])
            else:
                seen.add(following)
                waiting.append((following, iter(after[following])))
    return left[::-1]


def _after(graph: Graph, shapes: dict[str, Shape], name: str) -> tuple[str, ...]:
    """The layers and Output nodes that are reached from a node without passing another layer."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        current = waiting.pop()
        for other, sources in graph.before.items():
            if current not in sources:
                continue
            if other in shapes or other in graph.outputs:
                found.append(other)
            else:
                waiting.append(other)
    return tuple(dict.fromkeys(found))
