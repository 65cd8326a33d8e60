"""Number of elements of the input of a layer that a systolic array reads from DRAM into its input buffer.

The array demands an input element for each pair of an output o and a product k. If outputs stay, the R rows of the
array hold R outputs, and the products stream past them: in cycle t, row i demands product ``t - i`` of its output. If
weights stay, the rows hold R products, and the outputs stream: row i demands output ``t - i`` of its product. The array
does this for all outputs, or products, in folds of R, and repeats it for each fold of C filters.

The element is at ``((o_y q + k_y - p) W + o_x q + k_x - p) c + k_c``, channels fastest; elements outside the input are
not demanded. The buffer keeps its elements until its active half is full, and is then emptied (as in the traces of
scale-sim v2, from which SATA's release takes its counts): an element is read unless it has been demanded since then.

All folds of filters demand the same sequence of length L <= E K. A demand misses if the previous demand for the same
element is older than the last emptying of the buffer. The previous demands, which are computed once, therefore
determine the misses of all folds, and the number of demands until the buffer is full again depends only on the position
in the sequence at which it was emptied. Once this position repeats, everything after it repeats, so that the time does
not grow with the number of folds. A layer takes about 0.2 us per demand of the sequence, and some microseconds for each
filling of the buffer before the repetition; the memory is 41 L bytes.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from simcore.accelerators.systolic.cycles import Array
from simcore.accelerators.systolic.geometry import Geometry

Integers = npt.NDArray[np.int64]
MOST = 2**25
"""Largest number of elements of an input, and of a sequence of demands: 1.3 GiB, and some seconds."""
MOST_FILLS = 2**18
"""Largest number of fillings of a buffer until reads repeat: some seconds."""


def uncountable(geometry: Geometry, array: Array, capacity: int) -> str | None:
    """Why the reads of the input of a layer cannot be counted; None if they can.

    Parameters
    ----------
    geometry, array, capacity
        As for `input_reads`.
    """
    inputs = geometry.input_size[0] * geometry.input_size[1] * geometry.channels
    products = geometry.outputs * geometry.products
    size = f"has {inputs:,} inputs and {products:,} products per filter"
    if max(products, inputs) > MOST:
        return f"{size}; reads of inputs can be counted only up to {MOST:,} of each"
    folds = array.filter_folds(geometry)
    # An input that fits is read once.
    fills = 0 if inputs < capacity else min(folds * products // capacity, products)
    if fills > MOST_FILLS:
        full = f"fill a buffer of {capacity:,} elements up to {fills:,} times before the reads repeat"
        return f"{size} in {folds:,} folds, which {full}; the limit is {MOST_FILLS:,} times"
    return None


@lru_cache(maxsize=1024)
def input_reads(geometry: Geometry, array: Array, capacity: int) -> int:
    """Number of elements that are read into the input buffer in one pass over a layer.

    Parameters
    ----------
    geometry
        One group of the layer.
    array
        Array that runs the layer.
    capacity
        Number of elements at which the buffer is emptied.
    """
    elements = demanded_elements(geometry, array)
    if not len(elements):
        # All outputs are in the padding.
        return 0
    previous = previous_demands(elements)
    distinct = int(np.count_nonzero(previous < 0))
    return distinct if distinct < capacity else _reads(previous, array.filter_folds(geometry), capacity)


def demanded_elements(geometry: Geometry, array: Array) -> Integers:
    """Addresses that the array demands for one fold of filters, in order; shape (L,), int64."""
    of_outputs, of_products = _places(geometry)
    held, streamed = (of_outputs, of_products) if array.outputs_stay else (of_products, of_outputs)
    height, width = geometry.input_size
    pieces = []
    for first in range(0, held.shape[1], array.rows):
        fold = held[:, first : first + array.rows]
        row, item = _skewed(fold.shape[1], streamed.shape[1])
        y, x, channel = fold[:, row] + streamed[:, item]
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        pieces.append((((y * width) + x) * geometry.channels + channel)[inside])
    return np.concatenate(pieces)


def previous_demands(elements: Integers) -> npt.NDArray[np.int32]:
    """Index of the previous demand for the same element; shape (L,), int32.

    The first demand for an element follows its last demand in the previous pass, whose index minus L is negative.
    """
    length = len(elements)
    # One sort of (element, index) in one number; it is much faster than an argsort.
    keys = elements * length + np.arange(length)
    keys.sort()
    index = keys % length
    keys //= length
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    lasts = np.append(starts[1:], length) - 1
    previous = np.empty(length, np.int32)
    previous[index[1:]] = index[:-1]
    previous[index[starts]] = index[lasts] - length
    return previous


def _reads(previous: npt.NDArray[np.int32], folds: int, capacity: int) -> int:
    """Misses of `folds` passes over a sequence with at least `capacity` different elements."""
    length = len(previous)
    end = length * folds
    emptied: dict[int, tuple[int, int]] = {}
    position = filled = 0
    while True:
        start = position % length
        if start in emptied:
            # Everything repeats from here: skip all complete repetitions.
            turn, fills = position - emptied[start][0], filled - emptied[start][1]
            turns = (end - position) // turn
            position, filled = position + turns * turn, filled + turns * fills
        emptied[start] = position, filled
        span = _span(previous, start, capacity)
        if position + span > end:
            return filled * capacity + _misses(previous, start, end - position)
        position += span
        filled += 1


def _span(previous: npt.NDArray[np.int32], start: int, capacity: int) -> int:
    """Number of demands from `start` until an empty buffer holds `capacity` elements."""
    length = len(previous)
    position, held = start, 0
    while True:
        offset = position % length
        block = previous[offset : offset + capacity]
        missed = block < start - (position - offset)
        count = int(np.count_nonzero(missed))
        if held + count >= capacity:
            return position + int(np.flatnonzero(missed)[capacity - held - 1]) + 1 - start
        held += count
        position += len(block)


def _misses(previous: npt.NDArray[np.int32], start: int, count: int) -> int:
    """Misses of `count` demands, at most one pass, from `start` with an empty buffer."""
    length = len(previous)
    until = min(start + count, length)
    missed = np.count_nonzero(previous[start:until] < start)
    return int(missed + np.count_nonzero(previous[: max(start + count - length, 0)] < start - length))


def _places(geometry: Geometry) -> tuple[Integers, Integers]:
    """Row, column and channel of the input for each output, and the offset of each product; shapes (3, n)."""
    (e_y, e_x), (q_y, q_x), (p_y, p_x) = geometry.output_size, geometry.stride, geometry.padding
    y, x, none = np.mgrid[:e_y, :e_x, :1].reshape(3, -1)
    outputs = np.stack((y * q_y - p_y, x * q_x - p_x, none))
    products = np.mgrid[: geometry.kernel[0], : geometry.kernel[1], : geometry.channels].reshape(3, -1)
    return outputs, products


def _skewed(rows: int, items: int) -> tuple[Integers, Integers]:
    """Row and item of each demand of a fold: row i reaches item k in cycle i + k; rows are in order within a cycle."""
    cycle, row = np.mgrid[: items + rows - 1, :rows]
    item = cycle - row
    valid = (item >= 0) & (item < items)
    return row[valid], item[valid]
