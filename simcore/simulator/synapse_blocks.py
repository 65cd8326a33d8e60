"""Columns of plastic synapses of all ranks in blocks of targets, so that rank 0 never holds all of them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator
from simcore.network import Network

BLOCK = 1 << 20
"""Approximate number of synapses of a block, whose targets follow from the mean in-degree."""
IntArray = npt.NDArray[np.int64]
Columns = list[npt.NDArray[Any]]


def targets_of(network: Network, projection: int) -> range:
    """Return the global ids of the target population of a projection."""
    name = network.projections[projection].target
    return range(network.first_ids[name], network.first_ids[name] + network.population(name).size)


def gathered_blocks(
    comm: Communicator, targets: IntArray, columns: Sequence[npt.NDArray[Any]], within: range
) -> Iterator[Columns | None]:
    """Yield columns of the synapses of all ranks in order of the targets; all ranks iterate together to the end.

    Parameters
    ----------
    comm
        Communicator of the ranks, each of which has all synapses of its targets.
    targets
        Global id of the target of each synapse of this rank, ascending.
    columns
        Values of this rank's synapses.
    within
        Global ids of the targets of all ranks.

    Yields
    ------
    list of arrays or None
        Columns of a block on rank 0, None elsewhere. The synapses of a target are in the order of its rank.
    """
    for own in _blocks(comm, targets, within):
        parts = comm.collect([targets[own], *(column[own] for column in columns)])
        if parts is None:
            yield None
            continue
        joined = [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]
        order = np.argsort(joined[0], kind="stable")
        yield [column[order] for column in joined[1:]]


def scattered(
    comm: Communicator, targets: IntArray, column: npt.NDArray[np.int32] | None, within: range
) -> npt.NDArray[np.int32]:
    """Return this rank's part of a column of the synapses of all ranks; all ranks call this together.

    Parameters
    ----------
    comm, targets, within
        As in `gathered_blocks`.
    column
        On rank 0, the values of all synapses in the order of `gathered_blocks`; it is read in blocks.
    """
    pieces, start = [np.zeros(0, dtype=np.int32)], 0
    for own in _blocks(comm, targets, within):
        parts = comm.collect(targets[own])
        shares: Columns = []
        if parts is not None and column is not None:
            joined = np.concatenate(parts)
            values = np.empty(len(joined), dtype=np.int32)
            values[np.argsort(joined, kind="stable")] = column[start : start + len(joined)]
            start += len(joined)
            shares = np.split(values, np.cumsum([len(part) for part in parts])[:-1])
        pieces.append(comm.scatter(shares.__getitem__))
    return np.concatenate(pieces)


def _blocks(comm: Communicator, targets: IntArray, within: range) -> Iterator[slice]:
    """Return the synapses of this rank in each block of targets."""
    blocks = -(-sum(comm.gather(len(targets))) // BLOCK)
    size = -(-len(within) // max(1, blocks))
    for first in within[::size]:
        yield slice(*np.searchsorted(targets, (first, first + size)).tolist())
