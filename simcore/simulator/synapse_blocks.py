"""Columns of plastic synapses of all ranks, block by block of their targets: rank 0 never holds those of all."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator

BLOCK = 1 << 20
"""Synapses of a block, about: its targets follow from the mean in-degree."""
IntArray = npt.NDArray[np.int64]
Columns = list[npt.NDArray[Any]]


def target_blocks(synapses: int, first: int, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of global ids of `size` targets from `first` on, for blocks of about `BLOCK` of all `synapses`."""
    blocks = max(1, min(size, -(-synapses // BLOCK)))
    targets = -(-size // blocks)
    return ((start, min(start + targets, first + size)) for start in range(first, first + size, targets))


def gathered_blocks(
    comm: Communicator, targets: IntArray, columns: Sequence[npt.NDArray[Any]], first: int, size: int
) -> Iterator[Columns | None]:
    """Columns of the synapses of all ranks in order of the targets; all ranks iterate together, to the end.

    Parameters
    ----------
    comm
        The ranks, of which each has all synapses of its targets.
    targets
        Global id of the target of each synapse of this rank, ascending.
    columns
        Values of its synapses.
    first, size
        The targets of all ranks: global id of the first, and how many there are.

    Yields
    ------
    list of arrays or None
        The columns of a block on rank 0, None elsewhere. The order of the synapses of a target is that of its rank.
    """
    synapses = sum(comm.gather(len(targets)))
    for start, stop in target_blocks(synapses, first, size):
        low, high = np.searchsorted(targets, (start, stop)).tolist()
        offsets = (targets[low:high] - start).astype(np.uint32)
        parts = comm.collect([offsets, *(column[low:high] for column in columns)])
        if parts is None:
            yield None
            continue
        joined = [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]
        order = np.argsort(joined[0], kind="stable")
        yield [column[order] for column in joined[1:]]
