"""Edges that Brian2 receives one by one: edges of `simcore`, and edges of rules and values that are lists."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.simulators.brian2.places import places
from benchnn.simulators.brian2.plasticity import all_negative
from benchnn.simulators.brian2.receivers import receivers_of
from simcore.connectivity import Explicit, OneToOne
from simcore.distributions import Distribution, quantile_table
from simcore.network import Network, Projection
from simcore.synapses.edges import draw_projection
from simcore.tables import Tables
from simcore.values import Value, as_value, delay_steps

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Index = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Edges:
    """Synapses between two groups: indices in the groups, weights, delays in steps; ordered by source.

    `receivers` are the variables to which weights are added: one or, before the edges are in a list, one for weights
    >= 0 and one for weights < 0. Synapses of a plastic projection, whose number is `plastic`, are separate.
    """

    source_group: str
    target_group: str
    receivers: tuple[str, ...]
    sources: Index
    targets: Index
    weights: FloatArray
    delay_steps: IntArray
    plastic: int | None = None


class EdgeLists:
    """Collects edges by source group, target group, receiver and plastic projection."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, str, str, int | None], list[Edges]] = {}

    def add(self, edges: Edges) -> None:
        """Add edges in any order, with weights of both signs including -0."""
        for place, receiver in enumerate(edges.receivers):
            mine = np.signbit(edges.weights) == bool(place) if len(edges.receivers) > 1 else slice(None)
            part = Edges(
                edges.source_group,
                edges.target_group,
                (receiver,),
                edges.sources[mine].astype(np.int32),
                edges.targets[mine].astype(np.int32),
                edges.weights[mine],
                edges.delay_steps[mine],
                edges.plastic,
            )
            if len(part.sources):
                key = (edges.source_group, edges.target_group, receiver, edges.plastic)
                self._parts.setdefault(key, []).append(part)

    def joined(self) -> list[Edges]:
        """Return one list for each pair of groups, receiver and plastic projection."""
        return [self._joined(parts) for parts in self._parts.values()]

    def _joined(self, parts: list[Edges]) -> Edges:
        order = np.argsort(np.concatenate([part.sources for part in parts]), kind="stable")
        return Edges(
            parts[0].source_group,
            parts[0].target_group,
            parts[0].receivers,
            np.concatenate([part.sources for part in parts])[order],
            np.concatenate([part.targets for part in parts])[order],
            np.concatenate([part.weights for part in parts])[order],
            np.concatenate([part.delay_steps for part in parts])[order],
            parts[0].plastic,
        )


def is_listed(projection: Projection) -> bool:
    """Whether a projection has a list of edges or values, which expressions of Brian2 cannot draw."""
    values = (projection.weight, projection.delay_ms)
    return isinstance(projection.rule, Explicit | OneToOne) or any(isinstance(v, np.ndarray) for v in values)


def exact_edges(network: Network, tables: Tables, seed: int) -> list[Edges]:
    """Return all edges of the network as `simcore` draws them."""
    lists = EdgeLists()
    for index, projection in enumerate(network.projections):
        drawn = draw_projection(network, tables, seed, index)
        sources = drawn.sources - network.first_ids[projection.source]
        targets = drawn.targets - network.first_ids[projection.target]
        lists.add(_placed(network, index, sources, targets, drawn.weights, drawn.delay_steps))
    return lists.joined()


def own_edges(network: Network, generator: np.random.Generator) -> list[Edges]:
    """Return edges of projections that are lists; `generator` draws values from distributions."""
    lists = EdgeLists()
    for index, projection in enumerate(network.projections):
        if not is_listed(projection):
            continue
        listed = projection.rule.edges(network.wiring(index))
        weights = _drawn(as_value(projection.weight, "weight"), listed.index, generator)
        delays = _drawn(as_value(projection.delay_ms, "delay_ms"), listed.index, generator)
        steps = delay_steps(delays, network.resolution_ms)
        lists.add(_placed(network, index, listed.sources, listed.targets, weights, steps))
    return lists.joined()


def _placed(
    network: Network, index: int, sources: IntArray, targets: IntArray, weights: FloatArray, steps: IntArray
) -> Edges:
    """Convert edges of a projection (local ids) to edges between the groups of its populations."""
    projection, located = network.projections[index], places(network)
    source, target = located[projection.source], located[projection.target]
    signed = np.copysign(weights, -1.0) if all_negative(projection.plasticity) else weights
    plastic = None if projection.plasticity is None else index
    ends = (source.first + sources, target.first + targets)
    taking = receivers_of(network, projection, -np.inf, np.inf)
    return Edges(source.model, target.model, taking, *ends, signed, steps, plastic)


def _drawn(value: Value, index: IntArray, generator: np.random.Generator) -> FloatArray:
    if isinstance(value, Distribution):
        table = quantile_table(value, "value")
        return table[generator.integers(len(table), size=len(index))]
    return value[index] if isinstance(value, np.ndarray) else np.full(len(index), value)
