"""Individual edges of a network, drawn by the rules' NumPy code, also for other simulators."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Explicit, ListedRule, Rule
from simcore.errors import require
from simcore.memory import require_memory
from simcore.network import Network, Projection
from simcore.quantisation import listed_codes, listed_steps
from simcore.selection import selected
from simcore.tables import LISTED, LookUp, Tables

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Edges:
    """Synapses in the order in which the rules of their projections list them.

    Parameters
    ----------
    sources, targets
        Global ids, shape (synapses,), int64.
    codes
        Weights as integers in units of the receptor's lsb, int64 of shape (synapses,).
    delay_steps
        Delays in steps, int64 of shape (synapses,).
    weights
        Weights in the unit of the target's model, float64 of shape (synapses,), as simulated, that is, on the grid of
        the weight bits.
    delays_ms
        Delays in ms, float64 of shape (synapses,).
    """

    sources: IntArray
    targets: IntArray
    codes: IntArray
    delay_steps: IntArray
    weights: FloatArray
    delays_ms: FloatArray


def draw_projection(network: Network, tables: Tables, seed: int, projection: int) -> Edges:
    """Draw every synapse of a projection, which takes about 100 bytes for each.

    Parameters
    ----------
    network
        The description.
    tables
        Tables of the network; see `simcore.tables.make_tables`.
    seed
        Seed of the simulation.
    projection
        Position in ``network.projections``.
    """
    wiring = network.wiring(projection, seed)
    described = network.projections[projection]
    drawn = described.rule.edges(wiring)
    weights, delays = look_ups(network, tables, projection)
    codes = weights.at(drawn.bits >> 16, drawn.index).astype(np.int64)
    steps = delays.at(drawn.bits & 0xFFFF, drawn.index).astype(np.int64)
    return Edges(
        wiring.source_first + drawn.sources,
        wiring.target_first + drawn.targets,
        codes,
        steps,
        tables.grid.value(codes, network.index(described.target), network.receptors(described)),
        np.asarray(steps * network.resolution_ms, dtype=np.float64),
    )


def look_ups(network: Network, tables: Tables, projection: int) -> tuple[LookUp, LookUp]:
    """Return look-ups of weights and delays, which have an entry of 4 bytes for each edge of a list."""
    weights, delays = tables.weights[projection], tables.delays[projection]
    if weights.kind == LISTED:
        weights = _whole(listed_codes(network, tables.grid, projection))
    if delays.kind == LISTED:
        delays = _whole(listed_steps(network, projection))
    return weights, delays


def _whole(pieces: Iterator[Int32Array]) -> LookUp:
    return LookUp("edge", np.concatenate([np.zeros(0, dtype=np.int32), *pieces]))


def edges_in_memory(network: Network) -> Network:
    """Return the network with arrays in place of edges that are read or generated in pieces; itself without any.

    For code that needs all edges at once; takes 16 bytes per edge, and 8 for each column of values.
    """
    if not any(_in_pieces(projection.rule) for projection in network.projections):
        return network
    projections = []
    for projection in network.projections:
        if isinstance(projection.rule, ListedRule) and _in_pieces(projection.rule):
            values = {name: _in_memory(projection, name) for name in ("weight", "delay_ms")}
            projection = replace(projection, rule=Explicit(*projection.rule.whole()), **values)
        projections.append(projection)
    return replace(network, projections=projections)


def _in_pieces(rule: Rule) -> bool:
    return isinstance(rule, ListedRule) and not isinstance(rule, Explicit)


def _in_memory(projection: Projection, name: str) -> Any:
    if projection.lists(name):
        return np.concatenate([np.zeros(0), *projection.pieces(name)])
    return projection.value(name)


BYTES_PER_EDGE = 200.0
"""Bytes per edge during drawing, measured."""


def draw_edges_between(network: Network, tables: Tables, seed: int, source: str | None, target: str | None) -> Edges:
    """Draw every synapse of all projections from `source` to `target`; None selects all populations.

    Raises
    ------
    InputError
        If a population does not exist, or the memory does not suffice.
    """
    for field, name in (("source", source), ("target", target)):
        known = ", ".join(network.first_ids)
        exists = name is None or (isinstance(name, str) and name in network.first_ids)
        require(exists, field, name, f"use {known}")
    chosen = [
        index
        for index, projection in enumerate(network.projections)
        if source in (None, projection.source) and target in (None, projection.target)
    ]
    expected = sum(network.projections[index].rule.expected_synapses(network.wiring(index)) for index in chosen)
    require_memory({"edges": BYTES_PER_EDGE * expected}, "the list of edges")
    parts = [draw_projection(network, tables, seed, index) for index in chosen]
    integers, reals = np.zeros(0, dtype=np.int64), np.zeros(0)
    none = Edges(integers, integers, integers, integers, reals, reals)
    columns = ([getattr(part, entry.name) for part in (none, *parts)] for entry in fields(Edges))
    return _between(Edges(*(np.concatenate(column) for column in columns)), network, source, target)


def _between(edges: Edges, network: Network, source: str | None, target: str | None) -> Edges:
    """Return the edges from and to the selected neurons, if neurons were selected."""
    kept = np.ones(len(edges.sources), dtype=np.bool_)
    for name, ids in ((source, edges.sources), (target, edges.targets)):
        chosen = selected(name)
        if chosen is not None:
            kept &= np.isin(ids, network.first_ids[chosen] + chosen.array)
    return edges if kept.all() else Edges(*(getattr(edges, entry.name)[kept] for entry in fields(Edges)))
