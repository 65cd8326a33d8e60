"""Read a NIR file: nodes with their values, and the edges between them.

The package nir is not needed: its files are HDF5 with one group for each node. Errors name the node, and are raised
before memory is allocated.

References
----------
Pedersen et al. (2024), Nat. Commun. 15:8122. Package nir 1.0.8, nir/serialization.py, nir/ir/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, shown
from simcore.neurons.model import MAX_VALUE
from simcore.recording.files import PathLike
from simcore.recording.hdf5 import opened_file, read_values, refuse_endless_heaps

GRAPH = "NIRGraph"
DEEPEST = 16
"""Maximum depth of nested graphs; in a damaged file a group may contain itself."""
_POOL = ("kernel_size", "stride", "padding")
_CONV = ("weight", "stride", "padding", "dilation", "groups", "bias")
FIELDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Input": (("shape",), ()),
    "Output": (("shape",), ()),
    "Affine": (("weight", "bias"), ()),
    "Linear": (("weight",), ()),
    "Scale": (("scale",), ()),
    "Conv1d": (_CONV, ("input_shape",)),
    "Conv2d": (_CONV, ("input_shape",)),
    "SumPool2d": (_POOL, ()),
    "AvgPool2d": (_POOL, ()),
    "Flatten": (("start_dim", "end_dim"), ("input_type",)),
    "Delay": (("delay",), ()),
    "IF": (("r", "v_threshold"), ("v_reset",)),
    "LIF": (("tau", "r", "v_leak", "v_threshold"), ("v_reset",)),
    "LI": (("tau", "r", "v_leak"), ()),
    "CubaLIF": (("tau_syn", "tau_mem", "r", "v_leak", "v_threshold"), ("v_reset", "w_in")),
    "CubaLI": (("tau_syn", "tau_mem", "r", "v_leak"), ("w_in",)),
    "I": (("r",), ()),
    "Threshold": (("threshold",), ()),
}
"""Required and optional values of each type of node."""

Values = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Node:
    """A node of a graph.

    Parameters
    ----------
    name
        Name of the node, preceded by those of the graphs that contain it, such as ``block.lif``.
    place
        File and name, for messages.
    type
        NIR's name of the type.
    values
        Float64 arrays, or text, by name.
    v_initial, reset
        Initial potential, and kind of reset (``zero`` or ``subtract``), if the metadata give them, as files of
        `benchnn convert` do; None otherwise.
    """

    name: str
    place: str
    type: str
    values: Mapping[str, Values | str]
    v_initial: float | None = None
    reset: str | None = None

    def error(self, problem: str) -> InputError:
        """Return an error that names the node and the problem."""
        return InputError(f"{self.place} ({self.type}) {problem}")

    def array(self, name: str) -> Values:
        """Return a numerical value; raises `KeyError` if the node has no value of this name."""
        value = self.values[name]
        if isinstance(value, str):
            raise self.error(f"has the text {shown(value)} as {name}; use numbers")
        return value


@dataclass(frozen=True)
class Graph:
    """A graph in which nested graphs are replaced by their nodes.

    Parameters
    ----------
    path
        The file.
    nodes
        Nodes by name, in the order of the file.
    before
        For each node the names of the nodes that have an edge to it.
    inputs, outputs
        Names of the Input and Output nodes of the outermost graph; those of nested graphs only forward values.
    """

    path: str
    nodes: dict[str, Node]
    before: dict[str, list[str]]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


def read_graph(path: PathLike) -> Graph:
    """Read a NIR file.

    Raises
    ------
    InputError
        If the file cannot be read or contains something unsupported; the message names file and node.
    """
    with opened_file(path) as file:
        refuse_endless_heaps(path)
        shown_path = str(path)
        if "node" not in file:
            raise InputError(f"cannot read {shown_path}: it is not a NIR file, because it has no group 'node'")
        kind = _type(file["node"], f"{shown_path}: the network")
        if kind != GRAPH:
            raise InputError(f"cannot read {shown_path}: it contains a node of type {shown(kind)} instead of a graph")
        graph = Graph(shown_path, {}, {})
        inputs, outputs = _add(file["node"], "", graph, 0)
        return replace(graph, inputs=tuple(inputs), outputs=tuple(outputs))


def _add(group: Any, prefix: str, graph: Graph, depth: int) -> tuple[list[str], list[str]]:
    """Add the nodes and edges of a graph, and return the names of its inputs and outputs.

    A nested graph is replaced by its nodes: an edge to it leads to its input, an edge from it starts at its output.
    """
    where = f"{graph.path}: graph {shown(prefix[:-1])}" if prefix else f"{graph.path}: the network"
    if depth > DEEPEST:
        raise InputError(f"{where} is nested in more than {DEEPEST} graphs")
    for part in ("nodes", "edges"):
        if part not in group:
            raise InputError(f"{where} has no {part}")
    ends: dict[str, tuple[list[str], list[str]]] = {}
    own: dict[str, list[str]] = {"Input": [], "Output": []}
    for key, item in group["nodes"].items():
        name, place = prefix + key, f"{graph.path}: node {shown(prefix + key)}"
        kind = _type(item, place)
        if kind == GRAPH:
            ends[key] = _add(item, f"{name}.", graph, depth + 1)
            continue
        if name in graph.nodes:
            raise InputError(f"{place} has the same name as another node")
        graph.nodes[name], graph.before[name] = _node(item, name, place, kind), []
        ends[key] = [name], [name]
        if kind in own:
            own[kind].append(name)
    for first, second in _edges(group["edges"], where):
        for key in (first, second):
            if key not in ends:
                raise InputError(f"{where} has an edge {first!r} -> {second!r}, but no node {key!r}")
        joined = ends[first][1], ends[second][0]
        for key, side in zip((first, second), joined, strict=True):
            if len(side) != 1:
                raise InputError(f"{where}: graph {key!r} has {len(side)} inputs or outputs; an edge needs exactly one")
        (source,), (target,) = joined
        if source in graph.before[target]:
            raise InputError(f"{where} has the edge {first!r} -> {second!r} twice")
        graph.before[target].append(source)
    return own["Input"], own["Output"]


def _type(item: Any, place: str) -> str:
    try:
        return _text(item["type"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{place} has no type") from error


def _text(dataset: Any) -> str:
    value = np.asarray(read_values(dataset)).reshape(-1)
    found = value[0] if len(value) == 1 else None
    text = found.decode() if isinstance(found, bytes) else found
    if not isinstance(text, str):
        raise ValueError(f"{dataset.name} is not text")
    return text


def _edges(dataset: Any, where: str) -> list[tuple[str, str]]:
    pairs = np.asarray(read_values(dataset))
    if pairs.size == 0:
        return []
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "OSU":
        raise InputError(f"{where} has edges of shape {pairs.shape} and type {pairs.dtype}; use pairs of names")
    names = [[one.decode() if isinstance(one, bytes) else str(one) for one in pair] for pair in pairs.tolist()]
    return [(first, second) for first, second in names]


def _node(item: Any, name: str, place: str, kind: str) -> Node:
    if kind not in FIELDS:
        raise InputError(f"{place} has the type {shown(kind)}, which is not supported; use {', '.join(FIELDS)}")
    needed, possible = FIELDS[kind]
    values: dict[str, Values | str] = {}
    for key, dataset in item.items():
        if key in ("type", "metadata"):
            continue
        if key not in needed + possible:
            raise InputError(f"{place} ({kind}) has an unknown value {shown(key)}; use {', '.join(needed + possible)}")
        try:
            values[key] = _text(dataset) if _is_text(dataset) else _numbers(dataset)
        except (ValueError, TypeError, AttributeError, RuntimeError, OSError, MemoryError) as error:
            raise InputError(f"{place} ({kind}) has a {key} that cannot be read: {error}") from error
        if not isinstance(values[key], str) and not np.all(np.abs(values[key]) <= MAX_VALUE):
            raise InputError(f"{place} ({kind}) has a {key} that is not finite or exceeds {MAX_VALUE:g}")
    for key in needed:
        if key not in values:
            raise InputError(f"{place} ({kind}) has no {key}")
    return Node(name, place, kind, values, *_metadata(item.get("metadata"), place))


def _metadata(group: Any, place: str) -> tuple[float | None, str | None]:
    """Initial potential and reset in the metadata of a node; other metadata are ignored."""
    initial = reset = None
    if group is None or not hasattr(group, "keys"):
        return initial, reset
    try:
        if "v_initial" in group:
            initial = float(np.asarray(read_values(group["v_initial"]), dtype=np.float64).reshape(()))
        if "reset" in group:
            reset = _text(group["reset"])
    except (ValueError, TypeError, AttributeError, RuntimeError, OSError) as error:
        raise InputError(f"{place} has metadata that cannot be read: {error}") from error
    if initial is not None and not np.isfinite(initial):
        raise InputError(f"{place} has a v_initial that is not finite")
    if reset not in (None, "zero", "subtract"):
        raise InputError(f"{place} has the reset {shown(reset)}; use zero or subtract")
    return initial, reset


def _is_text(dataset: Any) -> bool:
    return bool(dataset.dtype.kind in "OSU")


def _numbers(dataset: Any) -> Values:
    values = read_values(dataset)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"it has the type {values.dtype}")
    return np.asarray(values, dtype=np.float64)
