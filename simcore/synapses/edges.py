"""The edges of a network one by one, as the rules' NumPy code draws them; other simulators get the same."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.memory import require_memory
from simcore.network import Network
from simcore.selection import selected
from simcore.tables import Tables

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Edges:
    """Synapses, in the order in which the rules of their projections list them.

    Parameters
    ----------
    sources, targets
        Global ids, shape (synapses,), int64.
    codes
        Weights as integers in units of the receptor's lsb, int64; the sign selects the receptor.
    delay_steps
        Delays in steps, int64.
    weights
        Weights in the unit of the target's model, float64: what the simulation uses, which is the described weight
        on the grid of the weight bits.
    delays_ms
        Delays in ms, float64.
    """

    sources: IntArray
    targets: IntArray
    codes: IntArray
    delay_steps: IntArray
    weights: FloatArray
    delays_ms: FloatArray


def draw_projection(network: Network, tables: Tables, seed: int, projection: int) -> Edges:
    """Every synapse of projection number `projection`; needs some 100 bytes for each of them.

    Parameters
    ----------
    network
        The description.
    tables
        Those of the network, see `simcore.tables.make_tables`.
    seed
        Seed of the simulation.
    projection
        Position in ``network.projections``.
    """
    wiring = network.wiring(projection, seed)
    described = network.projections[projection]
    drawn = described.rule.edges(wiring)
    codes = tables.weights[projection].at(drawn.bits >> 16, drawn.index).astype(np.int64)
    steps = tables.delays[projection].at(drawn.bits & 0xFFFF, drawn.index).astype(np.int64)
    return Edges(
        wiring.source_first + drawn.sources,
        wiring.target_first + drawn.targets,
        codes,
        steps,
        tables.grid.value(codes, network.index(described.target)),
        np.asarray(steps * network.resolution_ms, dtype=np.float64),
    )


BYTES_PER_EDGE = 200.0
"""While edges are drawn, measured."""


def draw_edges_between(network: Network, tables: Tables, seed: int, source: str | None, target: str | None) -> Edges:
    """Every synapse of all projections from `source` to `target`; None stands for any population.

    Raises
    ------
    InputError
        If there is no such population, or the memory does not suffice.
    """
    for field, name in (("source", source), ("target", target)):
        known = ", ".join(network.first_ids)
        exists = name is None or (isinstance(name, str) and name in network.first_ids)
        require(exists, field, name, f"populations are {known}")
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
    """The edges from and to the selected neurons, if neurons were selected."""
    kept = np.ones(len(edges.sources), dtype=np.bool_)
    for name, ids in ((source, edges.sources), (target, edges.targets)):
        chosen = selected(name)
        if chosen is not None:
            kept &= np.isin(ids, network.first_ids[chosen] + chosen.array)
    return edges if kept.all() else Edges(*(getattr(edges, entry.name)[kept] for entry in fields(Edges)))
