"""The axons of a mapped network: the cores with targets of each neuron, and the number of synapses there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator, agreed
from simcore.memory import require_memory
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import InEdges

IntArray = npt.NDArray[np.int64]
Int32Array = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]
Rows = tuple[IntArray, Int32Array, Int32Array, BoolArray]
BYTES_PER_AXON = 9.0


@dataclass(frozen=True, eq=False)
class Axons:
    """Pairs of a neuron and a core with its targets; all synapses of such a pair share one axon.

    Parameters
    ----------
    sources
        Global ids of the neurons of this rank,  ``rank, rank + ranks, ...``, int64 (m,).
    starts
        Index of the first axon of each source, int64 (m + 1,).
    cores
        Destination of each axon, int32 (a,); ascending within a source.
    synapses
        Number of synapses of the source in that core, int32 (a,).
    repeated
        Whether the source has several synapses onto a neuron of the core, bool (a,).
    """

    sources: IntArray
    starts: IntArray
    cores: Int32Array
    synapses: Int32Array
    repeated: BoolArray


def count_axons(edges: InEdges, mapping: CoreMapping, comm: Communicator | None = None) -> Axons:
    """Count the axons of the neurons of this rank from drawn synapses; all ranks call this together.

    Parameters
    ----------
    edges
        Synapses onto the neurons of this rank.
    mapping
        Core of each neuron.
    comm
        Communicator; neurons are distributed over its ranks.

    Raises
    ------
    ResourceError
        If the axons do not fit into memory.
    """
    comm = comm or LocalCommunicator()
    n = len(mapping.core_of)
    ids = np.arange(n, dtype=np.int64)
    # One row per source, ordered by rank.
    owned = [len(range(rank, n, comm.size)) for rank in range(comm.size)]
    firsts = np.concatenate(([0], np.cumsum(owned)))
    row_of = firsts[ids % comm.size] + ids // comm.size
    with agreed(comm):
        rows = _rows(edges, mapping, row_of)
    if comm.size > 1:
        rows = _united(comm, firsts, *rows)
    return Axons(edges.targets, *rows)


def count_axons_in_parts(edges: InEdges, mapping: CoreMapping) -> Axons:
    """Count the axons of all neurons on one rank with the method of several ranks."""
    n = len(mapping.core_of)
    rows = _rows(edges, mapping, np.arange(n, dtype=np.int64))
    return Axons(edges.targets, *_united(LocalCommunicator(), np.array([0, n]), *rows))


def count_destinations(edges: InEdges, core_of: IntArray) -> IntArray:
    """Number of cores with targets of each neuron, int64 (n,), from the in-edges of all neurons."""
    from simcore.neuromorphic.mapping import axon_kernels

    counts = np.zeros(len(core_of), dtype=np.int64)
    cores = core_of.astype(np.int32)
    axon_kernels.count_axons(
        np.argsort(cores, kind="stable"), cores, edges.starts, edges.sources, edges.targets, counts
    )
    return counts


def _rows(edges: InEdges, mapping: CoreMapping, row_of: IntArray) -> Rows:
    """Starts, cores, synapses and repetitions of the axons onto the neurons of this rank."""
    from simcore.neuromorphic.mapping import axon_kernels

    cores = mapping.core_of[edges.targets].astype(np.int32)
    # Visiting neurons core by core yields the axons of every source in order of the core.
    order = np.argsort(cores, kind="stable")
    starts = np.zeros(len(row_of) + 1, dtype=np.int64)
    axon_kernels.count_axons(order, cores, edges.starts, edges.sources, row_of, starts[1:])
    np.cumsum(starts, out=starts)
    n = int(starts[-1])
    require_memory({"axons": BYTES_PER_AXON * n}, "the axons of a mapped network")
    columns = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32), np.zeros(n, dtype=np.bool_)
    axon_kernels.fill_axons(order, cores, edges.starts, edges.sources, row_of, starts[:-1].copy(), *columns)
    return starts, *columns


def _united(
    comm: Communicator, firsts: IntArray, starts: IntArray, cores: Int32Array, synapses: Int32Array, repeated: BoolArray
) -> Rows:
    """The axons of the sources of this rank, from the parts that all ranks have counted."""
    from simcore.neuromorphic.mapping import axon_kernels

    cuts, lengths = starts[firsts][1:-1], np.diff(starts).astype(np.uint32)
    coded = (synapses.astype(np.uint32) << np.uint32(1)) | repeated
    sent = np.split(lengths, firsts[1:-1]), np.split(cores.view(np.uint32), cuts), np.split(coded, cuts)
    lengths, received_cores, coded = (np.concatenate(comm.all_to_all(parts)) for parts in sent)
    ends = np.cumsum(lengths, dtype=np.int64).reshape(comm.size, -1)
    places = ends - lengths.reshape(comm.size, -1)
    united = np.zeros(ends.shape[1] + 1, dtype=np.int64)
    merged_cores, merged = np.empty(len(coded), dtype=np.int32), np.empty_like(coded)
    n = axon_kernels.merge_axons(places, ends, received_cores, coded, united[1:], merged_cores, merged)
    merged = merged[:n]
    return united, merged_cores[:n], (merged >> np.uint32(1)).astype(np.int32), (merged & np.uint32(1)).astype(np.bool_)
