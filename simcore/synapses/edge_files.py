"""Writing the edges of a network to a file, and projections that read them again."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Column, EdgeFiles, ListedRule
from simcore.connectivity.files.table import ABOUT, opened, parts_of, suffix_of
from simcore.connectivity.rule import Targets
from simcore.errors import integer, keywords_known, require, truth
from simcore.network import Network, Projection
from simcore.random import MAX_SEED
from simcore.recording.files import PathLike, replaced_file
from simcore.synapses.edge_writers import edge_writer
from simcore.tables import Tables, make_tables
from simcore.values import usable_path

CHUNK = 1 << 15
EXACT_IN_FLOAT32 = 24
"""Number of bits of integers that float32 represents exactly."""
SUFFIXES = (".npz", ".csv", ".csv.gz", ".h5", ".parquet")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class WrittenEdges:
    """Numbers of edges and projections in a file.

    Parameters
    ----------
    edges
        Number of edges.
    projections
        Number of projections.
    """

    edges: int
    projections: int


@keywords_known
def write_edges(
    path: PathLike,
    network: Network,
    seed: int = 1,
    weight_bits: int = 16,
    accept_quantisation: bool = False,
    progress: Progress | None = None,
) -> WrittenEdges:
    """Write all edges of a network, as simulated, to a file, which is created only when it is complete.

    Parameters
    ----------
    path
        File that ends in ``.npz``, ``.csv``, ``.csv.gz``, ``.h5`` or ``.parquet``. Its columns are `projection` (number
        in the network), `source` and `target` (population-local ids), `weight` (in the unit of the target's model, as
        simulated, that is, on the grid of the weight bits) and `delay_ms`.
    network
        The description.
    seed, weight_bits, accept_quantisation
        As for the simulator.
    progress
        Function that is called with the number of written edges and the number of all edges.

    Returns
    -------
    WrittenEdges
        Numbers of written edges and projections.

    Raises
    ------
    InputError
        If an argument is wrong, or the file cannot be written.
    """
    target, suffix = usable_path(path), suffix_of(path)
    require(isinstance(network, Network), "network", network, "use a simcore.network.Network")
    require(progress is None or callable(progress), "progress", progress, "use a function")
    seed = integer(seed, "seed", 0, MAX_SEED)
    truth(accept_quantisation, "accept_quantisation")
    tables = make_tables(network, weight_bits, accept_quantisation)
    rows = [_rows(network, seed, index) for index in range(len(network.projections))]
    real = np.float32 if weight_bits <= EXACT_IN_FLOAT32 else np.float64
    types = {"projection": np.int32, "source": np.int32, "target": np.int32, "weight": real, "delay_ms": np.float64}
    about = json.dumps(_about(network, tables, rows), allow_nan=False)
    done = 0
    with replaced_file(target) as aside, edge_writer(aside, suffix, types, sum(rows), about) as writer:
        for index in range(len(rows)):
            before = done
            for columns in _columns(network, tables, seed, index):
                writer.write({name: columns[name].astype(kind, copy=False) for name, kind in types.items()})
                done += len(columns["source"])
                if progress is not None:
                    progress(done, sum(rows))
            if done - before != rows[index]:
                raise RuntimeError(f"projection {index} has {done - before} edges, not {rows[index]}")
    return WrittenEdges(done, len(rows))


@keywords_known
def read_projections(path: PathLike) -> list[Projection]:
    """Return the projections in a file of `write_edges` or `benchnn edges`, which read their edges from it.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    list of Projection
        Projections in the order of the network.

    Examples
    --------
    Use the edges that another description of the same network has drawn::

        again = dataclasses.replace(network, projections=read_projections("edges.parquet"))

    Raises
    ------
    InputError
        If the file was not written by one of these.
    """
    suffix_of(path)
    name = str(usable_path(path))
    with opened(name) as table:
        parts = parts_of(name, table.about())["projections"]
    rules = EdgeFiles.parts(name, len(parts))
    return [
        Projection(part["source"], part["target"], rule, Column("weight"), Column("delay_ms"), part["receptor"])
        for part, rule in zip(parts, rules, strict=True)
    ]


def _rows(network: Network, seed: int, index: int) -> int:
    projection, wiring = network.projections[index], network.wiring(index, seed)
    if isinstance(projection.rule, ListedRule):
        return int(projection.rule.expected_synapses(wiring))
    return int(projection.rule.lists(wiring, Targets(0, 1, wiring.n_target, 0)).lengths.sum())


def _about(network: Network, tables: Tables, rows: list[int]) -> dict[str, Any]:
    """Return the description in the file, with which each projection can be read on the same grid of weights."""
    tics = round(network.resolution_ms * 1000.0)
    first, parts = 0, []
    for index, projection in enumerate(network.projections):
        weights, delays = tables.weights[index].ends, tables.delays[index].ends
        population, receptors = network.index(projection.target), network.receptors(projection)
        parts.append(
            {
                "source": projection.source,
                "target": projection.target,
                "receptor": projection.receptor,
                "rule": projection.rule.name,
                "first_row": first,
                "rows": rows[index],
                "weight": None if weights is None else tables.grid.value(weights, population, receptors).tolist(),
                "delay_ms": None if delays is None else [steps * tics / 1000.0 for steps in delays],
            }
        )
        first += rows[index]
    populations = [{"name": p.name, "size": p.size, "model": p.model} for p in network.populations]
    return {"format": ABOUT, "version": 1, "populations": populations, "projections": parts}


def _columns(network: Network, tables: Tables, seed: int, index: int) -> Iterator[dict[str, npt.NDArray[Any]]]:
    """Yield the columns of a projection's edges in pieces, in the order of its list or of its targets."""
    tics = round(network.resolution_ms * 1000.0)
    projection = network.projections[index]
    population, receptors = network.index(projection.target), network.receptors(projection)
    for sources, targets, codes, steps in _edges(network, tables, seed, index):
        yield {
            "projection": np.full(len(sources), index),
            "source": sources,
            "target": targets,
            "weight": tables.grid.value(codes, population, receptors),
            "delay_ms": steps * tics / 1000.0,
        }


def _edges(network: Network, tables: Tables, seed: int, index: int) -> Iterator[tuple[npt.NDArray[Any], ...]]:
    from simcore.connectivity.cpu import Chunk, emitter_of
    from simcore.connectivity.list_kernels import ListEmitter
    from simcore.synapses.listed import coded_blocks

    wiring = network.wiring(index, seed)
    everyone = Targets(0, 1, wiring.n_target, 0)
    if not isinstance(network.projections[index].rule, ListedRule):
        emitter, item = emitter_of(network.projections[index].rule, wiring, everyone), 0
        chunk = Chunk.of_size(max(CHUNK, emitter.largest_item))
        weights, delays = tables.weights[index], tables.delays[index]
        while item < emitter.n_items:
            n, item = emitter.emit(item, chunk)
            bits, places = chunk.bits[:n], chunk.index[:n]
            yield chunk.sources[:n], chunk.targets[:n], weights.at(bits >> 16, places), delays.at(bits & 0xFFFF, places)
        return
    chunk = Chunk.of_size(CHUNK)
    drawn = "table" in (tables.weights[index].kind, tables.delays[index].kind)
    lists = ListEmitter(wiring, everyone, drawn)
    lists.start()
    for block in coded_blocks(network, tables, index):
        item = 0
        while item < len(block.targets):
            n, item = lists.emit(item, block.sources, block.targets, chunk)
            bits, places = chunk.bits[:n], chunk.index[:n]
            codes, steps = block.weights.at(bits >> 16, places), block.delays.at(bits & 0xFFFF, places)
            yield chunk.sources[:n], chunk.targets[:n], codes, steps
