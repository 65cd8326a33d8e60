"""The nodes of a NIR graph that have weights, and their inputs."""

from dataclasses import dataclass

from benchnn.networks.nir.file import Graph, Node
from benchnn.networks.nir.layers import GRADED, SPIKING, layer_shape
from benchnn.networks.nir.linear import LinearMap, Shape, linear_node, stated_shape
from benchnn.networks.nir.signals import Signal, signals_before

WEIGHTED = ("Linear", "Affine", "Conv1d", "Conv2d")


@dataclass(frozen=True, eq=False)
class WeightedNode:
    """A node with a matrix or a convolution.

    Parameters
    ----------
    node
        The node as read from the file.
    given
        Its input, as maps from layers.
    after
        Names of the layers and Output nodes that receive its output.
    """

    node: Node
    given: Signal
    after: tuple[str, ...]

    def taps(self) -> LinearMap:
        """All products of an element of the input and a weight, including weights that are 0."""
        return linear_node(self.node, self.given.shape)[0]


def layer_shapes(graph: Graph) -> dict[str, Shape]:
    """Shapes of the nodes with a state, and of the Input nodes."""
    shapes = {node.name: layer_shape(node) for node in graph.nodes.values() if node.type in SPIKING + GRADED}
    return shapes | {name: stated_shape(graph.nodes[name]) for name in graph.inputs}


def weighted_nodes(graph: Graph) -> list[WeightedNode]:
    """The nodes with weights, each after its predecessors; a cycle starts with the first node that inputs reach.

    Raises
    ------
    InputError
        If a shape does not fit a node, or a node has no input or a potential as input; the message names the node.
    """
    shapes = layer_shapes(graph)
    names = [name for name in _from_inputs(graph) if graph.nodes[name].type in WEIGHTED]
    given = signals_before(graph, shapes, names)
    return [WeightedNode(graph.nodes[name], given[name], _after(graph, shapes, name)) for name in names]


def _from_inputs(graph: Graph) -> list[str]:
    """All nodes, each after its predecessors: the reverse postorder of a depth-first search."""
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
    """The layers and Output nodes that a node reaches without passing another layer."""
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
