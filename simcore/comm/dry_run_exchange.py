"""Exchange of a dry run, which draws independent spikes at given rates instead of receiving them.

Its own time is spent on drawing and is not meaningful; the delivery of the drawn spikes is measured.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

from simcore.comm.communicator import COMPLETE, EVERYONE, WITHIN_GROUP, ExchangeCounts, ExchangeRequest
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, exchange_kernel
from simcore.jit.intrinsics import int64_at, uint32_at
from simcore.placement import RankRanges

COUNTS = 4096
"""Number of precomputed numbers of spikes in a step, which are used in turn."""


class Column(IntEnum):
    """Columns of the state: integers and addresses."""

    OWN_REMAINDER = 0
    OWN_RANKS = 1
    INTERVAL = 2
    N_POPULATIONS = 3
    BOUNDS = 4
    COUNTS = 5
    STEP = 6
    RANDOM = 7
    RECEIVED = 8
    RECEIVED_ENDS = 9
    WANTED = 10
    """uint32 bitmap of the neurons whose spikes are received; 0 for all."""
    EXCHANGES = 11
    SENT = 12
    RECEIVED_WORDS = 13
    LARGEST = 14
    WIDTH = 15
    """Number of words of a spike; the second one is 0, for one spike of the neuron."""
    OWN_SHIFTS = 16
    """int64: shift that locates this rank's neurons of each population, or NOT_OWN."""


S = plain(Column)
N_COLUMNS = len(Column)
NOT_OWN = np.int64(-(2**62))
"""Shift of a population that has no neurons on this rank."""


@borrowing
def _random(s: Any) -> Any:
    """Return the next 32 random bits (xorshift64*, Vigna 2016)."""
    x = np.uint64(s[S.RANDOM])
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    s[S.RANDOM] = np.int64(x)
    return (x * np.uint64(2685821657736338717)) >> np.uint64(32)


def _start(state: Any, _words: Any, ends: Any, _a: Any, _b: Any, _c: Any, _d: Any, _e: Any, _f: Any) -> Any:
    """Draw the spikes that the other ranks send in an interval."""
    s = carray(state, N_COLUMNS)
    interval = s[S.INTERVAL]
    bounds = carray(int64_at(s[S.BOUNDS]), s[S.N_POPULATIONS] + 1)
    counts = carray(int64_at(s[S.COUNTS]), (s[S.N_POPULATIONS], COUNTS))
    # Second words of spikes remain 0.
    received = carray(uint32_at(s[S.RECEIVED]), 1)
    received_ends = carray(int64_at(s[S.RECEIVED_ENDS]), interval)
    wanted = carray(uint32_at(s[S.WANTED]), 1)
    shifts = carray(int64_at(s[S.OWN_SHIFTS]), s[S.N_POPULATIONS])
    n = 0
    for lag in range(interval):
        for p in range(s[S.N_POPULATIONS]):
            for _ in range(counts[p, s[S.STEP] % COUNTS]):
                size = np.uint64(bounds[p + 1] - bounds[p])
                neuron = bounds[p] + np.int64((_random(s) * size) >> np.uint64(32))
                if shifts[p] != NOT_OWN and (neuron + shifts[p]) % s[S.OWN_RANKS] == s[S.OWN_REMAINDER]:
                    continue
                if s[S.WANTED] != 0 and (wanted[neuron >> 5] >> np.uint32(neuron & 31)) & np.uint32(1) == 0:
                    continue
                received[n] = np.uint32(neuron)
                n += s[S.WIDTH]
        received_ends[lag] = n
        s[S.STEP] += 1
    own = carray(ends, interval)[interval - 1]
    s[S.EXCHANGES] += 1
    s[S.SENT] += own
    s[S.LARGEST] = max(s[S.LARGEST], own)
    s[S.RECEIVED_WORDS] += n
    return 0


def _test(_state: Any, _words: Any, _ends: Any, _a: Any, _b: Any, _c: Any, _d: Any, _e: Any, _f: Any) -> Any:
    return COMPLETE


START, TEST = exchange_kernel(_start), exchange_kernel(_test)


def prepare() -> tuple[int, int]:
    """Compile start and test, or load them from the cache; return their addresses."""
    return START.address(None, None), TEST.address(None, None)


def _shifts(own: RankRanges, first_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the shift of each population; NOT_OWN for a population outside all ranges."""
    places = np.searchsorted(own.ranges[:, 0], first_ids, side="right") - 1
    firsts, ends, shifts = own.ranges[places].T
    return np.where((firsts <= first_ids) & (first_ids < ends), shifts, NOT_OWN)


class DryRunExchange:
    """Exchange with artificial spikes of all neurons of other ranks, or only of those with targets on this rank.

    The other ranks are all of them, those of the rank's group, or those of other groups (`ExchangeRequest.partners`).
    """

    def __init__(self, spikes_per_step: Sequence[float], seed: int, request: ExchangeRequest) -> None:
        random = np.random.default_rng(seed)
        counts = np.array([random.poisson(mean, COUNTS) for mean in spikes_per_step], dtype=np.int64)
        shifts = _shifts(request.own, request.bounds[:-1])
        if request.partners != EVERYONE:
            counts[(shifts != NOT_OWN) != (request.partners == WITHIN_GROUP)] = 0
        self.start, self.test = prepare()
        self.received_ends = np.zeros(request.interval, dtype=np.int64)
        room = request.width * (request.interval * int(counts.sum(axis=0).max()) + 1)
        self.received = np.zeros(room, dtype=np.uint32)
        self._held: list[npt.NDArray[Any]] = [np.ascontiguousarray(request.bounds), counts, shifts]
        self.state = np.zeros(len(Column), dtype=np.int64)
        self.state[Column.OWN_REMAINDER], self.state[Column.OWN_RANKS] = request.own.remainder, request.own.ranks
        self.state[Column.INTERVAL], self.state[Column.N_POPULATIONS] = request.interval, len(counts)
        for column, array in zip((Column.BOUNDS, Column.COUNTS, Column.OWN_SHIFTS), self._held, strict=True):
            self.state[column] = array.ctypes.data
        self.state[Column.WIDTH] = request.width
        self.state[Column.RANDOM] = 88172645463325252 + seed
        self.state[Column.RECEIVED] = self.received.ctypes.data
        self.state[Column.RECEIVED_ENDS] = self.received_ends.ctypes.data
        if request.routing is not None:
            bits = np.zeros((int(request.bounds[-1]) + 31) // 32 * 32, dtype=np.uint8)
            bits[request.routing.wanted] = 1
            wanted = np.packbits(bits, bitorder="little").view(np.uint32)
            self._held.append(wanted)
            self.state[Column.WANTED] = wanted.ctypes.data

    @property
    def used_bytes(self) -> int:
        return self.received.nbytes + sum(array.nbytes for array in self._held)

    def grow(self) -> None:
        """Do nothing, because the buffer fits the largest number of spikes."""

    def adapt(self) -> None:
        """Do nothing, because blocks are not used."""

    def close(self) -> None:
        """Do nothing, because other ranks do not exist."""

    def counts(self) -> ExchangeCounts:
        s = self.state
        sent, received = (4 * int(s[column]) for column in (Column.SENT, Column.RECEIVED_WORDS))
        return ExchangeCounts(int(s[Column.EXCHANGES]), sent, received, 0, int(s[Column.LARGEST]))
