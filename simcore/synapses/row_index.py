"""Where the words of each row start, in tables that are sorted by row.

The place of a row is that of its block of `BLOCK_ROWS` rows, 4 bytes, plus its offset within the block, mostly 2 bytes:
a look-up reads one line of memory, since the blocks of many rows fit the cache. A row ends where the next one starts.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK_BITS = 6
BLOCK_ROWS = 1 << BLOCK_BITS
BLOCKS = 1 << 10
"""Whose offsets are found together."""
NO_OFFSETS = np.zeros(0, dtype=np.uint16)
Offsets = npt.NDArray[np.unsignedinteger[Any]]


def narrowed(index: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], Offsets]:
    """Starts of the blocks, and offsets of the rows in their blocks.

    Parameters
    ----------
    index
        Shape (rows + 1,): where each row starts, and where the last one ends.

    Returns
    -------
    starts
        Shape (blocks,).
    offsets
        Shape (rows + 1,): uint16, or uint32 where a block has too many words for it.
    """
    starts = index[::BLOCK_ROWS].copy()
    kind = np.uint16 if int(np.diff(starts, append=index[-1]).max()) <= np.iinfo(np.uint16).max else np.uint32
    offsets = np.empty(len(index), dtype=kind)
    # Piece by piece, so that the memory of the result is all that is taken.
    for low in range(0, len(starts), BLOCKS):
        part = slice(low * BLOCK_ROWS, (low + BLOCKS) * BLOCK_ROWS)
        own = np.repeat(starts[low : low + BLOCKS], BLOCK_ROWS)
        offsets[part] = index[part] - own[: len(index[part])]
    return starts, offsets


def present_rows(starts: npt.NDArray[np.uint32], offsets: Offsets) -> npt.NDArray[np.int64]:
    """Rows that have words, ascending."""
    places = np.repeat(starts, BLOCK_ROWS)[: len(offsets)] + offsets
    return np.flatnonzero(places[1:] > places[:-1])
