"""The calendar of arrivals, into which spikes enter their synapses with the layout ``calendar``.

Each future step, partition and receptor has a list, in blocks of a pool. A synapse is entered as a number: the
target in its lower 16 bits, above them the weight. When its step comes, a list is added into the input buffer, which
holds one step, and its blocks are free again.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from simcore.backends.backend import Plan
from simcore.backends.cpu.arrays import Buffers, Synapses
from simcore.backends.cpu.columns import Clock, PartitionColumn
from simcore.backends.cpu.resting_loop import mark
from simcore.backends.cpu.waiting import lap
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, inlined, kernel, overloaded
from simcore.memory import touched_bytes
from simcore.synapses.layout import CLASS_BITS, UNDER_WAY

PARTITION, DELIVER = plain(PartitionColumn), int(Clock.DELIVER)
BLOCK_BITS = 7
BLOCK = 1 << BLOCK_BITS
"""Entries of a block."""
LEAST_BLOCKS = 64
NO_CALENDAR = 0
"""The calendar of the other layouts: their loop is compiled without one."""
CLASS_DELAYS = 1 << CLASS_BITS
ENTRY_SHIFT = np.uint64(16)
TARGET = np.uint64(0xFFFF)
IN_BLOCK = np.uint64(BLOCK - 1)


class Calendar(NamedTuple):
    """Lists of later arrivals, of one thread.

    List b has ``ends[b]``, the position in the pool at which its next entry goes, 0 while it is empty; at a multiple of
    BLOCK its last block is full. Block 0 is never used.

    Parameters
    ----------
    pool
        Entries, int32 or int64.
    links
        int32: the block that precedes each block in its list, or 0.
    free
        int32: a stack of the unused blocks.
    n_free
        int64 (1,): its height.
    ends
        uint64 (partitions * receptors * slots,).
    """

    pool: npt.NDArray[np.signedinteger[Any]]
    links: npt.NDArray[np.int32]
    free: npt.NDArray[np.int32]
    n_free: npt.NDArray[np.int64]
    ends: npt.NDArray[np.uint64]


def entry_type(plan: Plan) -> type[np.signedinteger[Any]]:
    """Type of an entry: int64 where a weight, times the multiplicity of a spike, may need more than 16 bits."""
    return np.int64 if plan.tables.grid.bits > 16 or plan.spike_word is np.uint64 else np.int32


def new_calendar(n_lists: int, n_synapses: int, entry: type[np.signedinteger[Any]]) -> Calendar:
    """Return an empty calendar of `n_lists` lists whose entries have the type `entry`."""
    n_blocks = LEAST_BLOCKS + int(UNDER_WAY * n_synapses) // BLOCK
    pool = np.empty(n_blocks * BLOCK, dtype=entry)
    free = np.arange(n_blocks, dtype=np.int32)[::-1].copy()
    n_free = np.array([n_blocks - 1], dtype=np.int64)  # The last of the stack is block 0.
    links = np.zeros(n_blocks, dtype=np.int32)
    return Calendar(pool, links, free, n_free, np.zeros(n_lists, dtype=np.uint64))


def calendar_bytes(calendar: Any) -> int:
    """Used bytes of a calendar; 0 for NO_CALENDAR."""
    return sum(touched_bytes(array) for array in calendar) if isinstance(calendar, Calendar) else 0


@kernel
def _larger(calendar: Calendar) -> Any:
    """The same calendar with twice the blocks."""
    n = len(calendar.links)
    pool = np.empty(2 * len(calendar.pool), dtype=calendar.pool.dtype)
    links, free = np.zeros(2 * n, dtype=np.int32), np.zeros(2 * n, dtype=np.int32)
    pool[: len(calendar.pool)] = calendar.pool
    links[:n] = calendar.links
    n_free = calendar.n_free[0]
    free[:n_free] = calendar.free[:n_free]
    for block in range(2 * n - 1, n - 1, -1):
        free[n_free] = block
        n_free += 1
    calendar.n_free[0] = n_free
    return Calendar(pool, links, free, calendar.n_free, calendar.ends)


@inlined
def most_blocks(n: Any) -> Any:
    """Largest number of blocks that `n` entries of one class of delays can need."""
    return min(n, CLASS_DELAYS) + (n >> BLOCK_BITS)


@kernel
def with_room(calendar: Calendar, n: Any) -> Any:
    """The calendar, larger if fewer than `n` blocks are free."""
    while calendar.n_free[0] < n:
        calendar = _larger(calendar)
    return calendar


@borrowing
def _arrive(calendar: Calendar, listed: Any, inputs: Any, touched: Any, p: Any) -> Any:
    """Add a list to the inputs of its receptor, mark its targets, and free its blocks; return its length."""
    length = np.int64(0)
    end = calendar.ends[listed]
    calendar.ends[listed] = np.uint64(0)
    while end > np.uint64(0):
        block = (end - np.uint64(1)) >> np.uint64(BLOCK_BITS)
        entries = calendar.pool[block << np.uint64(BLOCK_BITS) : end]
        length += len(entries)
        for k in range(len(entries)):
            entry = entries[k]
            neuron = np.uint64(entry) & TARGET
            inputs[neuron] += inputs.dtype.type(entry >> ENTRY_SHIFT)
            mark(touched, p, 0, neuron)
        calendar.free[calendar.n_free[0]] = np.int32(block)
        calendar.n_free[0] += 1
        before = np.uint64(calendar.links[block])
        end = (before + np.uint64(before > np.uint64(0))) << np.uint64(BLOCK_BITS)
    return length


@borrowing
def _arrive_everywhere(slot: Any, synapses: Synapses, buffers: Buffers) -> None:
    """Add the lists of a slot to the inputs of all partitions, and count them."""
    n_receptors, n_slots = synapses.format.n_receptors, len(buffers.pending)
    for p in range(len(synapses.partitions)):
        n, first = synapses.partitions[p, PARTITION.N_NEURONS], synapses.partitions[p, PARTITION.INPUTS]
        for receptor in range(n_receptors):
            listed = (p * n_receptors + receptor) * n_slots + slot
            start = first + receptor * n
            inputs = buffers.inputs[start : start + n]
            buffers.pending[slot] += _arrive(buffers.calendar, listed, inputs, buffers.touched, p)


def arrivals(slot: Any, synapses: Any, buffers: Any, timer: Any, calendar: Any) -> None:
    """Add the arrivals of a slot to the inputs; the type of `calendar`, that of the buffers, selects the code."""
    raise NotImplementedError("compiled only")


@overloaded(arrivals)
def _overload_arrivals(slot, synapses, buffers, timer, calendar):  # type: ignore[no-untyped-def] # Numba compares annotations too
    if isinstance(calendar, types.Integer):
        return lambda slot, synapses, buffers, timer, calendar: None

    def arrived(slot, synapses, buffers, timer, calendar):  # type: ignore[no-untyped-def]
        _arrive_everywhere(slot, synapses, buffers)
        lap(timer, DELIVER)

    return arrived
