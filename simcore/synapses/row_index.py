"""Starts of the words of each row, in tables that are sorted by row.

Rows are grouped in blocks, each with an entry of 4 bytes for the start of its words. Within a block

- each row has an offset, mostly of 2 bytes, at which its words start; a row ends where the next one starts;
- if rows have fewer than one word on average, each word has an offset instead, the number of its row in the
  block, which has about 16 words. The index of a rank therefore depends on its synapses, not on the neurons of the
  network.

A look-up reads one or two lines of memory, because the blocks have few entries.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.jit.compilation import kernel
from simcore.synapses.layout import BLOCK_BITS, Layout

BLOCK_ROWS = 1 << BLOCK_BITS
BLOCKS = 1 << 10
"""Number of blocks whose offsets are computed together."""
NO_OFFSETS = np.zeros(0, dtype=np.uint16)
Offsets = npt.NDArray[np.unsignedinteger[Any]]


def narrowed(index: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], Offsets]:
    """Starts of the blocks, and offsets of the rows in their blocks.

    Parameters
    ----------
    index
        Shape (rows + 1,): start of each row, and end of the last row.

    Returns
    -------
    starts
        Shape (blocks,).
    offsets
        Shape (rows + 1,): uint16, or uint32 if a block has too many words.
    """
    starts = index[::BLOCK_ROWS].copy()
    longest = int(np.diff(starts, append=index[-1]).max())
    offsets: Offsets = np.empty(len(index), dtype=np.uint16 if longest <= np.iinfo(np.uint16).max else np.uint32)
    # In pieces, so that no memory beyond the result is needed.
    for low in range(0, len(starts), BLOCKS):
        part = slice(low * BLOCK_ROWS, (low + BLOCKS) * BLOCK_ROWS)
        own = np.repeat(starts[low : low + BLOCKS], BLOCK_ROWS)
        offsets[part] = index[part] - own[: len(index[part])]
    return starts, offsets


@kernel
def sort_blocks(starts: Any, offsets: Any, block_rows: Any, words: Any, late: Any) -> None:
    """Sort the words of each block of a sparse table by their offsets; `late`, if it is not empty, with them."""
    places = np.zeros(block_rows + 1, dtype=np.int64)
    longest = np.int64(0)
    for block in range(len(starts) - 1):
        longest = max(longest, np.int64(starts[block + 1]) - np.int64(starts[block]))
    old_words, old_late = np.empty(longest, dtype=words.dtype), np.empty(longest, dtype=late.dtype)
    rows = np.empty(longest, dtype=offsets.dtype)
    for block in range(len(starts) - 1):
        first, n = np.int64(starts[block]), np.int64(starts[block + 1]) - np.int64(starts[block])
        if n < 2:
            continue
        places[:] = 0
        for k in range(n):
            old_words[k], rows[k] = words[first + k], offsets[first + k]
            places[np.int64(rows[k]) + 1] += 1
        for row in range(block_rows):
            places[row + 1] += places[row]
        if len(late) > 0:
            for k in range(n):
                old_late[k] = late[first + k]
        for k in range(n):
            place = first + places[rows[k]]
            places[rows[k]] += 1
            words[place], offsets[place] = old_words[k], rows[k]
            if len(late) > 0:
                late[place] = old_late[k]


def present_rows(layout: Layout, starts: npt.NDArray[np.uint32], offsets: Offsets) -> npt.NDArray[np.int64]:
    """Return the rows with words, ascending; with the layout `calendar`, classes of delays of rows."""
    if layout.sparse:
        blocks = np.repeat(np.arange(len(starts) - 1) << layout.block_bits, np.diff(starts.astype(np.int64)))
        rows = blocks + offsets.astype(np.int64)
        return rows[np.diff(rows, prepend=-1) > 0]
    places = np.repeat(starts, BLOCK_ROWS)[: len(offsets)] + offsets
    return np.flatnonzero(places[1:] > places[:-1])
