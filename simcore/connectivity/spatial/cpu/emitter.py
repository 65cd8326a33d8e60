"""Draws the edges of the spatial rules piece by piece."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.cpu import Chunk
from simcore.connectivity.rule import IntArray, Targets, Wiring
from simcore.connectivity.spatial.cpu.candidates import PIECE, count_candidates
from simcore.connectivity.spatial.cpu.pairs import emit_pairs
from simcore.connectivity.spatial.cpu.sources import FEW, emit_fixed_indegree
from simcore.space.neighbourhood import Neighbourhood, too_few


class SpatialEmitter:
    """Edges that are drawn from the neighbourhoods of targets.

    Parameters
    ----------
    wiring, targets, neighbourhood
        The projection, the targets of a partition, and their possible sources.
    excludes_self
        Whether autapses are left out.
    draws
        Whether edges need bits for weights or delays.
    indegree, multapses
        Parameters of a fixed in-degree; with None for the in-degree, each pair is drawn.
    """

    def __init__(
        self,
        wiring: Wiring,
        targets: Targets,
        neighbourhood: Neighbourhood,
        excludes_self: bool,
        draws: bool,
        indegree: int | None = None,
        multapses: bool = True,
    ) -> None:
        self.n_items, self.first_target = targets.count, targets.local_first
        self._targets, self._wiring, self._indegree = targets, wiring, indegree
        hood, cells = neighbourhood, neighbourhood.cells
        ids = (wiring.seed, wiring.projection, targets.first, targets.stride, targets.local_first, wiring.target_first)
        numbers = (*ids, excludes_self, indegree or 0, multapses, targets.count, draws)
        self._numbers = np.array(numbers, dtype=np.int64)
        self._positions = hood.targets
        own = hood.targets[:, targets.first :: targets.stride][:, : targets.count]
        # Neighbours have nearly the same sources, which are still in the cache.
        self._items = cells.near_each_other(own)
        self._own_ranks = cells.ranks() if excludes_self else np.zeros(0, dtype=np.int64)
        self._cells = (cells.numbers, cells.counts, cells.starts, cells.order, cells.coordinates)
        flat = not np.any(cells.coordinates[2]) and not np.any(hood.targets[2])
        how = (hood.bins.first, hood.arguments.first, hood.plain, hood.elliptic, flat)
        # The first entry is of sources outside of the region.
        table = np.concatenate([np.zeros(1, dtype=np.uint32), hood.weights])
        self._hood = (hood.numbers, np.array(how, dtype=np.int64), table)
        runs = np.empty((cells.most_runs, 2), dtype=np.int64)
        self._scratch = (
            runs,
            np.zeros((3, PIECE)),
            *(np.zeros(PIECE, dtype=np.int32) for _ in range(3)),
            *(np.zeros(PIECE, dtype=np.uint32) for _ in range(3)),
        )
        places = (cells.numbers, cells.counts, cells.starts, runs)
        most = int(count_candidates(hood.targets, *places, self._numbers))
        self.largest_item = most if indegree is None else indegree
        self._lists = _lists(most, indegree)

    def emit(self, item: int, chunk: Chunk) -> tuple[int, int]:
        """Fill `chunk` with whole targets; return (edges, next item).

        Raises
        ------
        InputError
            If a target has too few sources.
        """
        found = (chunk.sources, chunk.targets, chunk.target_ids, chunk.bits, chunk.index)
        place = (
            item,
            self._numbers,
            self._items,
            self._positions,
            self._own_ranks,
            self._cells,
            *self._hood,
            self._scratch,
            found,
        )
        if self._indegree is None:
            filled, item = emit_pairs(*place)
            return filled, item
        filled, item, n = emit_fixed_indegree(*place, self._lists)
        if filled == FEW:
            raise too_few(self._indegree, n, self._targets.first + self._targets.stride * item, self._numbers[8])
        return filled, item


def _lists(most: int, indegree: int | None) -> tuple[npt.NDArray[Any], ...]:
    """Room for the sources that a target can have, and for those that were chosen."""
    n = 0 if indegree is None else most
    # One more: a source is written before it is known whether it counts.
    return (
        np.empty(n + 1, dtype=np.uint32),
        np.empty(n + 1, dtype=np.int32),
        np.empty(n + 1, dtype=np.int64),
        np.empty(1 << max(1, math.ceil(math.log2(max(n, 2)))), dtype=np.int32),
        np.zeros(n + 1, dtype=np.uint8),
        np.zeros(indegree or 0, dtype=np.int64),
    )


def drawn_edges(emitter: SpatialEmitter, capacity: int) -> tuple[IntArray, IntArray, IntArray]:
    """Number of edges of each target, sources and indices of all of them: 16 bytes per edge."""
    chunk, item = Chunk.of_size(max(capacity, emitter.largest_item)), 0
    columns = [np.zeros((3, 0), dtype=np.int64)]
    while item < emitter.n_items:
        n, item = emitter.emit(item, chunk)
        columns.append(np.stack([part[:n].astype(np.int64) for part in (chunk.targets, chunk.sources, chunk.index)]))
    targets, sources, index = np.concatenate(columns, axis=1)
    order = np.argsort(targets, kind="stable")
    lengths = np.bincount(targets - emitter.first_target, minlength=emitter.n_items)
    return lengths, sources[order], index[order]
