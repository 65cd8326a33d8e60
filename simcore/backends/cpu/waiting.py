"""Waiting of the threads of a rank for each other: they poll for a while, then sleep.

A thread that polls on while a thread of another program keeps the one it waits for from running uses up its own share
of the processor, and is kept from running later, when there is work. A thread that sleeps keeps its share, and runs
again as soon as it is woken. Polling for about as long as it takes to fall asleep and be woken is never more than twice
as slow as the better of the two.
"""

from typing import Any

import numpy as np

from simcore.backends.cpu.arrays import Crew, Timer
from simcore.jit.compilation import borrowing, inlined
from simcore.jit.intrinsics import (
    CLOCK_MONOTONIC,
    FUTEX,
    FUTEX_WAIT_PRIVATE,
    FUTEX_WAKE_PRIVATE,
    atomic_add,
    atomic_load,
    clock_gettime,
    pause,
    sched_yield,
    syscall,
)

ARRIVED, EXCHANGED, OUTCOME, ASLEEP, GROUPS_OUTCOME = 0, 8, 16, 24, 32
"""Places of the shared counters, each on its own cache line: arrivals of threads, finished exchanges, how the
latest one ended, threads that sleep, and how the latest exchange between groups of ranks ended."""
SHARED = 40
"""Length of the array of shared counters."""
POLLS = 16
"""Polls between two readings of the clock."""
LONGEST_SLEEP_NS = 20_000_000
"""Time after which a sleeping thread checks again: not all processors order the last arrival before the check for
sleeping threads."""
EVERYBODY = 1 << 30
PATIENCE_NS, HASTE_NS = 40_000, 1_000
"""Time for which a thread polls for another one, with and without its own CPU. To fall asleep and be woken takes 5 to
50 us."""
PATIENT_SPINS, HASTY_SPINS = 100_000, 100
"""Polls for other ranks, with and without its own CPU: no rank wakes another, and a yielded CPU is only back after
milliseconds."""


def patience(pinned: bool) -> tuple[int, int]:
    """Nanoseconds for which a thread polls for another one, and polls for other ranks before it yields its CPU.

    Parameters
    ----------
    pinned
        Whether each thread has its own CPU.
    """
    return (PATIENCE_NS, PATIENT_SPINS) if pinned else (HASTE_NS, HASTY_SPINS)


@inlined
def now_ns(clock: Any) -> Any:
    """Nanoseconds of the system's clock; the first two places of `clock` are overwritten."""
    clock_gettime(np.int32(CLOCK_MONOTONIC), clock.ctypes.data)
    return clock[0] * np.int64(1_000_000_000) + clock[1]


@inlined
def lap(timer: Timer, phase: Any) -> Any:
    """Add the time since the last lap to a phase; return it."""
    clock = timer.clock
    now = now_ns(clock)
    elapsed = now - clock[2]
    timer.counters[phase] += elapsed
    clock[2] = now
    return elapsed


@borrowing
def _poll(crew: Crew, which: Any, target: Any, clock: Any) -> Any:
    """Poll a counter for the permitted time; return whether it reached `target`."""
    begin = now_ns(clock)
    while True:
        for _ in range(POLLS):
            pause()
            if atomic_load(crew.shared, which) >= target:
                return True
        if now_ns(clock) - begin > crew.patience_ns:
            return False


@borrowing
def _sleep(crew: Crew, which: Any, target: Any, clock: Any) -> None:
    """Sleep until a counter has reached `target`; the system compares its lower half, which never overflows."""
    place = crew.shared.ctypes.data + which * crew.shared.itemsize
    atomic_add(crew.shared, ASLEEP, 1)
    value = atomic_load(crew.shared, which)
    while value < target:
        clock[0], clock[1] = 0, LONGEST_SLEEP_NS
        syscall(FUTEX, place, FUTEX_WAIT_PRIVATE, value, clock.ctypes.data, 0, 0)
        value = atomic_load(crew.shared, which)
    atomic_add(crew.shared, ASLEEP, -1)


@borrowing
def wait(crew: Crew, which: Any, target: Any, clock: Any) -> None:
    """Wait until a shared counter reaches `target`.

    Parameters
    ----------
    which
        Place of the counter.
    clock
        int64: scratch of two places.
    """
    if atomic_load(crew.shared, which) >= target or _poll(crew, which, target, clock):
        return
    if FUTEX != 0:
        _sleep(crew, which, target, clock)
    while atomic_load(crew.shared, which) < target:
        sched_yield()


@borrowing
def announce(crew: Crew, which: Any, complete: Any) -> None:
    """Add one to a shared counter, and wake sleeping threads if it is now a multiple of `complete`."""
    count = atomic_add(crew.shared, which, 1) + 1
    if FUTEX != 0 and count % complete == 0 and atomic_load(crew.shared, ASLEEP) > 0:
        place = crew.shared.ctypes.data + which * crew.shared.itemsize
        syscall(FUTEX, place, FUTEX_WAKE_PRIVATE, EVERYBODY, 0, 0, 0)
