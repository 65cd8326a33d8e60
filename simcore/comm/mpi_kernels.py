"""Compiled part of the exchange of spikes over MPI, which packs, posts, tests and merges; see `mpi_exchange`."""

from enum import IntEnum
from typing import Any

import numpy as np
from numba import carray

from simcore.comm.communicator import COMPLETE, NO_ROOM
from simcore.jit.columns import plain
from simcore.jit.compilation import exchange_kernel, kernel
from simcore.jit.intrinsics import call_c, int32_at, int64_at, uint32_at

IDLE, BLOCKS, ARRIVED, REST, DONE, FAILED = range(6)
"""Phases: blocks in transit, all received (but `received` may be too small), the rest in transit, all merged."""


class Column(IntEnum):
    """Columns of an exchange's state: integers and addresses."""

    PHASE = 0
    POST = 1
    """Address of MPI_Iallgather or MPI_Ineighbor_alltoall; both have the same arguments."""
    ISEND = 2
    IRECV = 3
    TESTALL = 4
    COMM = 5
    REST_COMM = 6
    WORD_TYPE = 7
    REQUESTS = 8
    REQUEST_BYTES = 9
    N_REQUESTS = 10
    FLAG = 11
    STATUSES = 12
    INTERVAL = 13
    CAPACITY = 14
    REST_ROOM = 15
    OWN_RANKS = 16
    """Number of ranks over which the neurons of OWN_RANGES are distributed."""
    N_DESTINATIONS = 17
    DESTINATIONS = 18
    N_ORIGINS = 19
    ORIGINS = 20
    """int64: rank of each received block, -1 for the rank's own block."""
    SEND = 21
    SEND_REST = 22
    COUNTS = 23
    """int64: words for each destination block."""
    RECEIVED_BLOCKS = 24
    RECEIVED_REST = 25
    RECEIVED = 26
    RECEIVED_ROOM = 27
    RECEIVED_ENDS = 28
    DIRECTED = 29
    ROUTE_STARTS = 30
    ROUTE_SLOTS = 31
    NEEDED = 32
    EXCHANGES = 33
    OVERFLOWS = 34
    WORDS_SENT = 35
    WORDS_RECEIVED = 36
    LARGEST = 37
    REST_STARTS = 38
    """int64: start in SEND_REST of the words that do not fit each block."""
    WIDTH = 39
    """Number of words of a spike, the first of which is the neuron's id."""
    OWN_RANGES = 40
    """int64: rows of `simcore.placement.RankRanges.ranges`."""


S = plain(Column)
N_COLUMNS = len(Column)
RANGE_END, RANGE_SHIFT, RANGE_COLUMNS = 1, 2, 3


@kernel
def _routes(s: Any, word: Any) -> Any:
    """Return the first and last + 1 entry of ROUTE_SLOTS for a word (directed)."""
    # The length is not needed, because indices are not checked.
    starts = carray(int64_at(s[S.ROUTE_STARTS]), 1)
    ranges = carray(int64_at(s[S.OWN_RANGES]), 3)
    place = 0
    while np.int64(word) >= ranges[place + RANGE_END]:
        place += RANGE_COLUMNS
    local = (np.int64(word) + ranges[place + RANGE_SHIFT]) // s[S.OWN_RANKS]
    return starts[local], starts[local + 1]


@kernel
def _count(s: Any, own: Any, counts: Any, rest_starts: Any) -> Any:
    """Count the words for each block, and place words that do not fit; return their number."""
    slots = carray(int32_at(s[S.ROUTE_SLOTS]), 1)
    counts[:] = 0 if s[S.DIRECTED] else len(own)
    if s[S.DIRECTED]:
        for k in range(0, len(own), s[S.WIDTH]):
            first, end = _routes(s, own[k])
            for route in range(first, end):
                counts[slots[route]] += s[S.WIDTH]
    total = 0
    for slot in range(len(counts)):
        rest_starts[slot] = total
        total += max(0, counts[slot] - s[S.CAPACITY])
        s[S.LARGEST] = max(s[S.LARGEST], counts[slot])
        s[S.OVERFLOWS] += np.int64(counts[slot] > s[S.CAPACITY])
    s[S.WORDS_SENT] += len(counts) * (s[S.INTERVAL] + s[S.CAPACITY]) + total
    return total


@kernel
def _put(word: Any, slot: Any, n: Any, s: Any, send: Any, rest: Any, rest_start: Any) -> None:
    """Write the n-th word for a block into the block, or to the words that do not fit."""
    interval, capacity = s[S.INTERVAL], s[S.CAPACITY]
    if n < capacity:
        send[slot * (interval + capacity) + interval + n] = word
    else:
        rest[rest_start + n - capacity] = word


@kernel
def _pack(s: Any, own: Any, ends: Any, counts: Any, rest_starts: Any) -> None:
    """Write the blocks; `counts` is counted again."""
    interval, block = s[S.INTERVAL], s[S.INTERVAL] + s[S.CAPACITY]
    send = carray(uint32_at(s[S.SEND]), len(counts) * block)
    rest = carray(uint32_at(s[S.SEND_REST]), s[S.REST_ROOM])
    slots = carray(int32_at(s[S.ROUTE_SLOTS]), 1)
    counts[:] = 0
    k = 0
    for lag in range(interval):
        while k < ends[lag]:
            if s[S.DIRECTED]:
                first, end = _routes(s, own[k])
                for route in range(first, end):
                    slot = slots[route]
                    for word in own[k : k + s[S.WIDTH]]:
                        _put(word, slot, counts[slot], s, send, rest, rest_starts[slot])
                        counts[slot] += 1
                k += s[S.WIDTH]
            else:
                _put(own[k], 0, counts[0], s, send, rest, 0)
                counts[0] += 1
                k += 1
        for slot in range(len(counts)):
            send[slot * block + lag] = np.uint32(counts[slot])


def _start(state: Any, words: Any, ends: Any, _a: Any, _b: Any, _c: Any, _d: Any, _e: Any, _f: Any) -> Any:
    """Pack the spikes of an interval and post the exchange of the blocks."""
    s = carray(state, N_COLUMNS)
    n_slots = s[S.N_DESTINATIONS] if s[S.DIRECTED] else 1
    counts = carray(int64_at(s[S.COUNTS]), n_slots)
    rest_starts = carray(int64_at(s[S.REST_STARTS]), n_slots)
    step_ends = carray(ends, s[S.INTERVAL])
    own = carray(words, step_ends[s[S.INTERVAL] - 1])
    if _count(s, own, counts, rest_starts) > s[S.REST_ROOM]:
        s[S.PHASE] = FAILED
        return 0
    _pack(s, own, step_ends, counts, rest_starts)
    block = s[S.INTERVAL] + s[S.CAPACITY]
    s[S.EXCHANGES] += 1
    s[S.PHASE] = BLOCKS
    s[S.N_REQUESTS] = 1
    call_c(
        s[S.POST],
        (s[S.SEND], block, s[S.WORD_TYPE], s[S.RECEIVED_BLOCKS], block, s[S.WORD_TYPE], s[S.COMM], s[S.REQUESTS]),
    )
    return 0


@kernel
def _tested(s: Any) -> Any:
    """Whether all requests are complete."""
    call_c(s[S.TESTALL], (s[S.N_REQUESTS], s[S.REQUESTS], s[S.FLAG], s[S.STATUSES]))
    return carray(int32_at(s[S.FLAG]), 1)[0] != 0


@kernel
def _exchange_rest(s: Any, blocks: Any) -> None:
    """Post messages for words beyond the blocks; `RECEIVED_REST` receives them in order of the origin."""
    interval, capacity = s[S.INTERVAL], s[S.CAPACITY]
    block = interval + capacity
    rest_starts = carray(int64_at(s[S.REST_STARTS]), s[S.N_DESTINATIONS] if s[S.DIRECTED] else 1)
    destinations = carray(int64_at(s[S.DESTINATIONS]), s[S.N_DESTINATIONS])
    counts = carray(int64_at(s[S.COUNTS]), s[S.N_DESTINATIONS] if s[S.DIRECTED] else 1)
    origins = carray(int64_at(s[S.ORIGINS]), s[S.N_ORIGINS])
    n = 0
    place = s[S.RECEIVED_REST]
    for origin in range(s[S.N_ORIGINS]):
        more = np.int64(blocks[origin * block + interval - 1]) - capacity
        if origins[origin] >= 0 and more > 0:
            request = s[S.REQUESTS] + n * s[S.REQUEST_BYTES]
            call_c(s[S.IRECV], (place, more, s[S.WORD_TYPE], origins[origin], 0, s[S.REST_COMM], request))
            place += 4 * more
            n += 1
    for k in range(s[S.N_DESTINATIONS]):
        slot = k if s[S.DIRECTED] else 0
        more = counts[slot] - capacity
        if more > 0:
            request = s[S.REQUESTS] + n * s[S.REQUEST_BYTES]
            start = s[S.SEND_REST] + 4 * rest_starts[slot]
            call_c(s[S.ISEND], (start, more, s[S.WORD_TYPE], destinations[k], 0, s[S.REST_COMM], request))
            n += 1
    s[S.N_REQUESTS] = n


@kernel
def merge(s: Any, blocks: Any) -> None:
    """Write the words of all origins in order of the step."""
    interval, capacity = s[S.INTERVAL], s[S.CAPACITY]
    block = interval + capacity
    origins = carray(int64_at(s[S.ORIGINS]), s[S.N_ORIGINS])
    received = carray(uint32_at(s[S.RECEIVED]), s[S.RECEIVED_ROOM])
    rest = carray(uint32_at(s[S.RECEIVED_REST]), s[S.RECEIVED_ROOM])
    ends = carray(int64_at(s[S.RECEIVED_ENDS]), interval)
    # Two passes over the blocks in order; a pass for each step would miss the cache with many ranks.
    ends[:] = 0
    for origin in range(s[S.N_ORIGINS]):
        start = np.int64(0)
        for lag in range(interval if origins[origin] >= 0 else 0):
            end = np.int64(blocks[origin * block + lag])
            ends[lag] += end - start
            start = end
    total = 0
    for lag in range(interval):
        size = ends[lag]
        ends[lag] = total
        total += size
    rest_start = 0
    for origin in range(s[S.N_ORIGINS]):
        header, start = origin * block, np.int64(0)
        for lag in range(interval if origins[origin] >= 0 else 0):
            end = np.int64(blocks[header + lag])
            n = ends[lag]
            for k in range(start, min(end, capacity)):
                received[n] = blocks[header + interval + k]
                n += 1
            for k in range(max(start, capacity), end):
                received[n] = rest[rest_start + k - capacity]
                n += 1
            ends[lag] = n
            start = end
        rest_start += max(0, start - capacity)
    s[S.WORDS_RECEIVED] += total


def _test(state: Any, _words: Any, _ends: Any, _a: Any, _b: Any, _c: Any, _d: Any, _e: Any, _f: Any) -> Any:
    """Make progress; return 0 while the exchange is in progress, COMPLETE, or NO_ROOM until `received` has grown."""
    s = carray(state, N_COLUMNS)
    if s[S.PHASE] == DONE:
        return COMPLETE
    if s[S.PHASE] == FAILED:
        return NO_ROOM
    block = s[S.INTERVAL] + s[S.CAPACITY]
    blocks = carray(uint32_at(s[S.RECEIVED_BLOCKS]), s[S.N_ORIGINS] * block)
    if s[S.PHASE] == BLOCKS:
        if not _tested(s):
            return 0
        origins = carray(int64_at(s[S.ORIGINS]), s[S.N_ORIGINS])
        s[S.NEEDED] = 0
        for origin in range(s[S.N_ORIGINS]):
            if origins[origin] >= 0:
                s[S.NEEDED] += np.int64(blocks[origin * block + s[S.INTERVAL] - 1])
        s[S.PHASE] = ARRIVED
    if s[S.PHASE] == ARRIVED:
        if s[S.NEEDED] > s[S.RECEIVED_ROOM]:
            return NO_ROOM
        _exchange_rest(s, blocks)
        s[S.PHASE] = REST
    if s[S.N_REQUESTS] > 0 and not _tested(s):
        return 0
    merge(s, blocks)
    s[S.PHASE] = DONE
    return COMPLETE


START, TEST = exchange_kernel(_start), exchange_kernel(_test)


def prepare() -> tuple[int, int]:
    """Compile start and test, or load them from the cache; return their addresses."""
    return START.address(None, None), TEST.address(None, None)
