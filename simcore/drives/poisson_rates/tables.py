"""Tables of counts (see `simcore.drives.poisson.counts`) for many rates, concatenated in one array."""

import numpy as np
import numpy.typing as npt

from simcore.drives.poisson.counts import NEGLIGIBLE, UInt32Array
from simcore.propagators import exp

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

WORDS = 2**32
ROWS = 4096
"""Number of distributions that are processed together."""


def poisson_cumulative(means: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the integers of `count_thresholds` for each mean.

    Returns
    -------
    tuple
        int64 of shape (means, counts), padded with 2**32, and the number of entries of each row without padding.
    """
    probability = np.asarray(exp(-means))
    cumulative, going = probability.copy(), np.ones(len(means), dtype=np.bool_)
    columns, lengths, k = [], np.zeros(len(means), dtype=np.int64), 0
    while True:
        threshold = np.floor(cumulative * 2.0**32 + 0.5)
        going &= (threshold < WORDS) & ~((k > means) & (probability < NEGLIGIBLE))
        if not going.any():
            break
        columns.append(np.where(going, threshold, float(WORDS)).astype(np.int64))
        lengths += going
        k += 1
        probability = probability * means / k
        cumulative = cumulative + probability
    return np.stack([*columns, np.full(len(means), WORDS)], axis=1), lengths


def bernoulli_cumulative(probabilities: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the same for one event with a given probability."""
    none = np.floor((1.0 - probabilities) * 2.0**32 + 0.5).astype(np.int64)
    return np.stack([none, np.full(len(none), WORDS)], axis=1), (none < WORDS).astype(np.int64)


def count_tables(cumulative: IntArray, lengths: IntArray) -> tuple[UInt32Array, IntArray]:
    """Return the tables of distributions in the layout of `count_table`.

    Parameters
    ----------
    cumulative, lengths
        Results of `poisson_cumulative` or `bernoulli_cumulative`.

    Returns
    -------
    tuple
        All tables, concatenated, and the start of each table.
    """
    sizes, parts, order = [], [], []
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        for low in range(0, len(rows), ROWS):
            some = rows[low : low + ROWS]
            table, own = _tables(cumulative[some, :length])
            parts.append(table)
            sizes.append(own)
            order.append(some)
    starts = np.zeros(len(lengths), dtype=np.int64)
    starts[np.concatenate(order)] = np.cumsum(np.concatenate([[0], *sizes]))[:-1]
    return np.concatenate(parts), starts


def _tables(cumulative: IntArray) -> tuple[UInt32Array, IntArray]:
    """Return the tables of distributions with equal numbers of counts, and their lengths."""
    n_rows, length = cumulative.shape
    bounds = [np.zeros((n_rows, 1), dtype=np.int64), cumulative, np.full((n_rows, 1), WORDS)]
    words = np.diff(np.concatenate(bounds, axis=1), axis=1)
    ends = np.cumsum(np.concatenate((words >> 16 << 16, words & 0xFFFF), axis=1), axis=1)[:, :-1]
    empty = np.count_nonzero(ends == 0, axis=1)
    rows = np.column_stack((np.full(n_rows, length + 1), empty, ends - 1))
    # The ends of empty cells, which come first, are -1.
    kept = rows >= 0
    return rows[kept].astype(np.uint32), np.count_nonzero(kept, axis=1).astype(np.int64)


def joined(tables: UInt32Array, starts: IntArray, used: IntArray) -> tuple[UInt32Array, IntArray]:
    """Return only the tables that start at the ascending places `used`, and their new starts, from all `starts`."""
    ascending = np.append(np.sort(starts), len(tables))
    ends = ascending[np.searchsorted(ascending, used, side="right")]
    pieces = [tables[low:high] for low, high in zip(used.tolist(), ends.tolist(), strict=True)]
    lengths = np.concatenate([[0], ends - used])
    return np.concatenate([tables[:0], *pieces]), np.cumsum(lengths)[:-1]
