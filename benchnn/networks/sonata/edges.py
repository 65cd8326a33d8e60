"""Populations of edges, which become projections with explicit lists of synapses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from benchnn.networks.sonata.attributes import DYNAMICS, OF_EDGES, Attributes, IntArray, read_attributes, whole_numbers
from benchnn.networks.sonata.configuration import Configuration, TypedFile, component
from benchnn.networks.sonata.json_file import read_json
from benchnn.networks.sonata.nodes import NodePopulation, populations_in
from benchnn.networks.sonata.types_table import read_types
from simcore.errors import InputError, printable
from simcore.network import Explicit, Projection
from simcore.recording.hdf5 import opened_file, refuse_endless_heaps
from simcore.values import delay_steps

STATIC = ("static_synapse", "nest:static_synapse")
FUNCTIONS = ("weight_function", "model_processing", "synapse_model")
"""Columns of edge types that change weights or synapses; they are not supported."""


class Edges(NamedTuple):
    """A population of edges as projections, one for each pair of parts, and its number of edges without a delay."""

    name: str
    projections: tuple[Projection, ...]
    without_delay: int


def read_edges(
    configuration: Configuration, nodes: Mapping[str, NodePopulation], dt_ms: float, missing_delay_ms: float
) -> list[Edges]:
    """All populations of edges, in the order of the configuration.

    Parameters
    ----------
    configuration
        The configuration, which gives the files.
    nodes
        Populations of nodes by name.
    dt_ms
        Time step.
    missing_delay_ms
        Delay of edges for which neither the file nor the table gives one.

    Raises
    ------
    InputError
        If a file cannot be read, or has content that is not supported; names the file and the place.
    """
    return [
        edges
        for typed in configuration.edges
        for edges in _of_file(configuration, typed, nodes, dt_ms, missing_delay_ms)
    ]


def _of_file(
    configuration: Configuration, typed: TypedFile, nodes: Mapping[str, NodePopulation], dt_ms: float, missing_ms: float
) -> list[Edges]:
    types = None if typed.types is None else read_types(typed.types, "edge_type_id")
    found = []
    with opened_file(typed.file) as file:
        refuse_endless_heaps(typed.file)
        for name, group in populations_in(file, "edges", str(typed.file)).items():
            edges = read_attributes(typed.file, group, "edge", types, OF_EDGES.__contains__)
            for type_id in edges.used_types:
                _require_static(edges, type_id, configuration.synapse_params)
            source, sources = _ends(edges, group, "source", nodes)
            target, targets = _ends(edges, group, "target", nodes)
            weights, (delays, without) = _weights(edges), _delays(edges, dt_ms, missing_ms)
            projections = []
            for before in source.parts:
                places, local = source.within(before, sources)
                for after in target.parts:
                    of_target, into = target.within(after, targets[places])
                    if after.virtual and len(into):
                        problem = f"has an edge to node {targets[places][of_target[0]]} of {target.name!r}"
                        raise edges.error(f"{problem}, which is virtual and cannot receive spikes")
                    if after.virtual or (len(sources) and not len(into)):
                        continue
                    chosen = places[of_target]
                    rule = Explicit(local[of_target], into)
                    values = (_of(weights, chosen), _of(delays, chosen))
                    projections.append(Projection(before.name, after.name, rule, *values))
            found.append(Edges(name, tuple(projections), without))
    return found


def _of(values: float | npt.NDArray[np.float64], chosen: IntArray) -> float | npt.NDArray[np.float64]:
    return values if isinstance(values, float) else values[chosen]


def _require_static(edges: Attributes, type_id: int, folder: Path | None) -> None:
    """Require a static synapse without parameters."""
    if edges.types is None:
        return
    template = edges.text(type_id, "model_template")
    if template is not None and template not in STATIC:
        raise edges.types.error(type_id, "model_template", f"only {STATIC[0]} is supported")
    for column in FUNCTIONS:
        if edges.text(type_id, column) is not None:
            raise edges.types.error(type_id, column, "functions that compute weights or synapses are not supported")
    file = edges.text(type_id, DYNAMICS)
    if file is None:
        return
    needed_by = f"{edges.types.file}, line {edges.types.lines[type_id]}: {DYNAMICS}"
    section = read_json(component(folder, file, needed_by))
    for name in section.values:
        section.refuse(name, "parameters of synapses are not supported; give syn_weight and delay of the edges")


def _ends(
    edges: Attributes, group: Any, side: str, nodes: Mapping[str, NodePopulation]
) -> tuple[NodePopulation, IntArray]:
    """Population and nodes at one end of the edges."""
    name = f"{side}_node_id"
    ids = whole_numbers(edges.file, group, name, len(edges))
    stated = group[name].attrs.get("node_population", "")
    population = stated.decode(errors="replace") if isinstance(stated, bytes) else str(stated)
    place = f"{edges.file}: {edges.place}/{name}"
    if population not in nodes:
        known = ", ".join(nodes)
        raise InputError(printable(f"{place} has node_population = {population!r}, but the populations are {known}"))
    size = nodes[population].size
    if len(ids) and int(ids.max()) >= size:
        at = int(np.argmax(ids >= size))
        raise InputError(printable(f"{place}[{at}] = {ids[at]}, but the population {population!r} has {size:,} nodes"))
    return nodes[population], ids


def _weights(edges: Attributes) -> float | npt.NDArray[np.float64]:
    """Weights: syn_weight times the number of synapses of an edge, as bmtk's PointNet computes them."""
    weights, synapses = edges.numbers("syn_weight"), edges.numbers("nsyns")
    missing = np.flatnonzero(np.isnan(weights))
    if len(missing):
        raise edges.error(f"has no syn_weight for {len(missing):,} of {len(edges):,} edges, such as edge {missing[0]}")
    counts = np.where(np.isnan(synapses), 1.0, synapses)
    wrong = np.flatnonzero((counts < 0.0) | (counts != np.rint(counts)))
    if len(wrong):
        raise edges.error(f"has nsyns = {counts[wrong[0]]:g} at edge {wrong[0]}: nsyns must be a whole number >= 0")
    return edges.one_or_each(weights * counts, "syn_weight", "nsyns")


def _delays(edges: Attributes, dt_ms: float, missing_ms: float) -> tuple[float | npt.NDArray[np.float64], int]:
    """Delays, and the number of edges for which none is given."""
    stated = edges.numbers("delay")
    missing = np.isnan(stated)
    delays = np.where(missing, missing_ms, stated)
    early = np.flatnonzero(delay_steps(delays, dt_ms) < 1)
    if len(early):
        allowed = f"a delay must be at least one step of {dt_ms:g} ms"
        raise edges.error(f"has the delay {delays[early[0]]:g} ms at edge {early[0]}: {allowed}")
    return edges.one_or_each(delays, "delay"), int(np.count_nonzero(missing))
