"""The step loop of one thread: deliver, update, communicate, without returning to Python.

Spikes are communicated once in an *interval* of as many steps as the smallest delay has. Every thread keeps a register
of all recent spikes that may have targets on its rank. With the delivery ``just_in_time`` there are input buffers for a
*window* of a few steps, which stay in the L2 cache: at the start of a window all recent spikes deliver what arrives
within it, later spikes deliver to the rest of it. With ``by_source`` a spike delivers all at once into a ring buffer.

With several ranks the first thread starts the exchange as soon as all threads have written their spikes. While it is
under way, everything is delivered that does not depend on it: old spikes at the start of a window, and the rank's own.
"""

from typing import Any

import numpy as np

from simcore.backends.cpu.columns import Clock, DriveColumn, PartitionColumn, SegmentColumn
from simcore.backends.cpu.compilation import inlined, kernel
from simcore.backends.cpu.deliver import EVERY, OWN, PIECES, REMOTE, deliver_all, deliver_window
from simcore.backends.cpu.intrinsics import (
    CLOCK_MONOTONIC,
    atomic_add,
    atomic_load,
    call_kernel,
    clock_gettime,
    load_from,
    sched_yield,
)
from simcore.synapses.rows import NO_ROW, RECEPTOR_BIT

# Plain integers: a member of an enumeration is no constant to the compiler.
P_N = int(PartitionColumn.N_NEURONS)
P_SEGMENT, P_SEGMENT_END = int(PartitionColumn.FIRST_SEGMENT), int(PartitionColumn.END_SEGMENT)
P_RANK_PARTITION, P_FRESH = int(PartitionColumn.RANK_PARTITION), int(PartitionColumn.FRESH)
S_ID, S_STRIDE, S_RECEPTOR = (
    int(SegmentColumn.FIRST_ID),
    int(SegmentColumn.ID_STRIDE),
    int(SegmentColumn.RECEPTOR),
)
S_SECOND = int(SegmentColumn.SECOND_ROW)
S_DRIVE, S_DRIVE_END = int(SegmentColumn.FIRST_DRIVE), int(SegmentColumn.END_DRIVE)
UPDATE, DELIVER, COMMUNICATE, RECORD = (
    int(Clock.UPDATE),
    int(Clock.DELIVER),
    int(Clock.COMMUNICATE),
    int(Clock.RECORD),
)
KERNEL = int(DriveColumn.KERNEL)
EVENTS = len(Clock)
EXCHANGE = len(Clock) + 1
NEGATIVE = np.uint32(1 << RECEPTOR_BIT)
RECEPTOR_SHIFT = np.uint32(RECEPTOR_BIT)

ARRIVED, EXCHANGED, OUTCOME = 0, 8, 16
"""Places of the shared counters, each on a cache line of its own: arrivals of threads, finished exchanges, and how the
latest one ended."""
COMPLETE, NO_ROOM = 1, 2
"""What an exchange's test returns when it is over: all is received, or its buffer is too small."""
NOT_HALFWAY = -1


@inlined
def _now(clock: Any) -> Any:
    clock_gettime(np.int32(CLOCK_MONOTONIC), clock.ctypes.data)
    return clock[0] * np.int64(1_000_000_000) + clock[1]


@kernel
def _update(step: Any, input_shift: Any, partition: Any, segments: Any, drives: Any, spikes: Any, fresh: Any) -> Any:
    """Drives and neurons of one partition; writes the words of its spikes into `fresh` and returns their number.

    `input_shift` is the distance in bytes from the first slot's inputs to those of this step.
    """
    count = 0
    for s in range(partition[P_SEGMENT], partition[P_SEGMENT_END]):
        for d in range(segments[s, S_DRIVE], segments[s, S_DRIVE_END]):
            call_kernel(
                drives[d, KERNEL], step, drives[d, 1], drives[d, 2], drives[d, 3], drives[d, 4],
                drives[d, 5] + input_shift, drives[d, 6], drives[d, 7], drives[d, 8],
            )  # fmt: skip
        found = call_kernel(
            segments[s, KERNEL], segments[s, 2], segments[s, 3], segments[s, 4] + input_shift, segments[s, 5],
            segments[s, 6], segments[s, 7], segments[s, 8], segments[s, 1], spikes.ctypes.data,
        )  # fmt: skip
        receptor = np.uint32(segments[s, S_RECEPTOR]) << RECEPTOR_SHIFT
        for k in range(found):
            i = np.int64(spikes[k])
            fresh[count] = np.uint32(segments[s, S_ID] + i * segments[s, S_STRIDE]) | receptor
            count += 1
        if segments[s, S_SECOND] != NO_ROW:
            for k in range(found):
                i = np.int64(spikes[k])
                row = segments[s, S_SECOND] + i * segments[s, S_STRIDE]
                fresh[count] = np.uint32(row) | NEGATIVE
                count += 1
    return count


@kernel
def _wait(counters: Any, which: Any, target: Any, spins: Any) -> None:
    """Wait until a counter reaches `target`; poll `spins` times, then yield the processor between polls."""
    polls = 0
    while atomic_load(counters, which) < target:
        polls += 1
        if polls > spins:
            sched_yield()


@kernel
def _finish_exchange(exchange: Any, counters: Any, spins: Any) -> None:
    """Wait for the exchange, then tell the other threads."""
    polls = 0
    outcome = call_kernel(exchange[0], exchange[1], 0, 0, 0, 0, 0, 0, 0, 0)
    while outcome == 0:
        polls += 1
        if polls > spins:
            sched_yield()
        outcome = call_kernel(exchange[0], exchange[1], 0, 0, 0, 0, 0, 0, 0, 0)
    counters[OUTCOME] = outcome
    atomic_add(counters, EXCHANGED, 1)


@kernel
def _register_own(
    fresh: Any, fresh_starts: Any, fresh_ends: Any, n_steps: Any, ranges: Any, register: Any, filled: Any
) -> Any:
    """Append the fresh spikes of all partitions, step by step; returns the new length."""
    for lag in range(n_steps):
        ranges[lag, 0, 0] = filled
        for p in range(len(fresh_starts)):
            start = fresh_starts[p] + (fresh_ends[p, lag - 1] if lag > 0 else 0)
            for k in range(start, fresh_starts[p] + fresh_ends[p, lag]):
                register[filled] = fresh[k]
                filled += 1
        ranges[lag, 0, 1] = filled
    for lag in range(n_steps):
        ranges[lag, 1, 0] = filled
        ranges[lag, 1, 1] = filled
    return filled


@kernel
def _register_remote(received: Any, received_ends: Any, n_steps: Any, ranges: Any, register: Any, filled: Any) -> Any:
    """Append what other ranks sent; returns the new length."""
    start = 0
    for lag in range(n_steps):
        ranges[lag, 1, 0] = filled
        for k in range(start, received_ends[lag]):
            register[filled] = received[k]
            filled += 1
        start = received_ends[lag]
        ranges[lag, 1, 1] = filled
    return filled


@kernel
def _start_exchange(exchange: Any, n_steps: Any, ranges: Any, register: Any, ends: Any) -> None:
    first = ranges[0, 0, 0]
    for lag in range(n_steps):
        ends[lag] = ranges[lag, 0, 1] - first
    for lag in range(n_steps, len(ends)):
        ends[lag] = ends[n_steps - 1]
    call_kernel(exchange[2], exchange[1], register[first:].ctypes.data, ends.ctypes.data, 0, 0, 0, 0, 0, 0)


@kernel
def deliver(
    which: Any,
    first_origin: Any,
    end_origin: Any,
    step: Any,
    format: Any,
    partitions: Any,
    register: Any,
    ranges: Any,
    first_step: Any,
    blocks: Any,
    index: Any,
    words: Any,
    inputs: Any,
    pending: Any,
    pieces: Any,
    exchange: Any,
) -> None:
    """Deliver spikes of steps [first_origin, end_origin) from `step` on: to the rest of the window, or everything."""
    if format[4]:
        deliver_all(
            which, max(first_origin, step - format[3]), end_origin, step, format, partitions, register, ranges,
            first_step, blocks, index, words, inputs, pending, pieces, exchange,
        )  # fmt: skip
    else:
        window_end = step - step % len(pending) + len(pending)
        deliver_window(
            which, first_origin, end_origin, step, window_end, format, partitions, register, ranges, first_step,
            index, words, inputs, pending, pieces, exchange,
        )  # fmt: skip


@kernel
def advance(
    step: Any,
    end_step: Any,
    first_step: Any,
    halfway: Any,
    interval: Any,
    room: Any,
    format: Any,
    n_threads: Any,
    thread: Any,
    spins: Any,
    shared: Any,
    exchange: Any,
    received: Any,
    received_ends: Any,
    fresh: Any,
    fresh_starts: Any,
    fresh_ends: Any,
    partitions: Any,
    segments: Any,
    drives: Any,
    words: Any,
    index: Any,
    blocks: Any,
    inputs: Any,
    pending: Any,
    register: Any,
    ranges: Any,
    spikes: Any,
    trace_addresses: Any,
    traces: Any,
    counters: Any,
) -> Any:
    """Advance one thread from `step` towards `end_step`; returns the step that was reached, and `halfway`.

    Parameters
    ----------
    first_step
        Step of the first spikes in the register.
    halfway
        NOT_HALFWAY, or the start of an interval up to `step` whose own spikes are registered and delivered, while
        those of other ranks found no room in a buffer.
    interval
        Steps between exchanges, at multiples of which they take place.
    room
        Largest number of entries that an interval can add to the register from this rank. All threads hold the same
        entries, so all of them stop at the same step when there is no room.
    format
        int64[5]: min_delay; bits of a word for the target, and for target and delay; max_delay; whether the delivery
        is `by_source`.
    spins
        Polls before a waiting thread yields its processor.
    shared
        Counters of all threads, 0 at the call.
    exchange
        int64[3]: addresses of the exchange's test, state and start; zeros with one rank.
    received, received_ends
        What the exchange received: words in order of the step, and where those of each step end.
    fresh, fresh_starts, fresh_ends
        Shared between threads: spikes of the latest interval by partition, two alternating sets, with the place of
        each partition and where each step ends, counted from there.
    inputs, pending
        Input buffers, shape (slots, receptors, neurons) for each partition, and the number of synaptic events that
        wait in each slot. What arrives in a step lies in slot ``step % slots``.
    counters
        int64[6], added to: nanoseconds by `Clock`, synaptic events, nanoseconds of the exchange.
    """
    n_slots = len(pending)
    pieces = np.empty((PIECES, 6), dtype=np.uint64)
    clock = np.zeros(2, dtype=np.int64)
    ends = np.empty(interval, dtype=np.int64)
    none = np.zeros(3, dtype=np.int64)
    exchanging = exchange[0] != 0
    leads = exchanging and thread == 0
    polled = exchange if leads else none
    windowed = not format[4]
    begin = step
    arrived, exchanged = 0, 0
    start = halfway
    waiting = halfway != NOT_HALFWAY
    filled = ranges[step - 1 - first_step, 1, 1] if step > first_step else 0
    t0 = _now(clock)
    while True:
        if waiting:
            n_steps = step - start
            own_ranges = ranges[start - first_step :]
            side = arrived & 1
            t1 = t0
            if halfway == NOT_HALFWAY:
                if leads:
                    _wait(shared, ARRIVED, n_threads * arrived, spins)
                    filled = _register_own(
                        fresh[side], fresh_starts, fresh_ends[side], n_steps, own_ranges, register, filled
                    )  # fmt: skip
                    t1 = _now(clock)
                    _start_exchange(exchange, n_steps, own_ranges, register, ends)
                    t2 = _now(clock)
                    counters[COMMUNICATE] += t2 - t0
                    counters[EXCHANGE] += t2 - t1
                    t0 = t2
                if windowed and step % n_slots == 0:
                    deliver(
                        EVERY, first_step, start, step, format, partitions, register, ranges, first_step, blocks,
                        index, words, inputs, pending, pieces, polled,
                    )  # fmt: skip
                t1 = _now(clock)
                counters[DELIVER] += t1 - t0
                if not leads:
                    _wait(shared, ARRIVED, n_threads * arrived, spins)
                    filled = _register_own(
                        fresh[side], fresh_starts, fresh_ends[side], n_steps, own_ranges, register, filled
                    )  # fmt: skip
                t2 = _now(clock)
                counters[COMMUNICATE] += t2 - t1
                deliver(
                    OWN, start, step, step, format, partitions, register, ranges, first_step, blocks,
                    index, words, inputs, pending, pieces, polled,
                )  # fmt: skip
                t1 = _now(clock)
                counters[DELIVER] += t1 - t2
            if exchanging:
                exchanged += 1
                if leads:
                    _finish_exchange(exchange, shared, spins)
                else:
                    _wait(shared, EXCHANGED, exchanged, spins)
                t2 = _now(clock)
                counters[COMMUNICATE] += t2 - t1
                counters[EXCHANGE] += t2 - t1
                if shared[OUTCOME] == NO_ROOM or filled + received_ends[interval - 1] > len(register):
                    return step, start
                halfway = NOT_HALFWAY
                filled = _register_remote(received, received_ends, n_steps, own_ranges, register, filled)
                deliver(
                    REMOTE, start, step, step, format, partitions, register, ranges, first_step, blocks,
                    index, words, inputs, pending, pieces, none,
                )  # fmt: skip
                t1 = _now(clock)
                counters[DELIVER] += t1 - t2
            t0 = t1
        if step == end_step or filled + room > len(register):
            return step, NOT_HALFWAY
        start = step
        stop = min(end_step, step - step % interval + interval)
        side = (arrived + 1) & 1
        while step < stop:
            if windowed and step > start and step % n_slots == 0:
                deliver(
                    EVERY, first_step, start, step, format, partitions, register, ranges, first_step, blocks,
                    index, words, inputs, pending, pieces, none,
                )  # fmt: skip
            t1 = _now(clock)
            slot = step % n_slots
            counters[EVENTS] += pending[slot]
            pending[slot] = 0
            lag = step - start
            for p in range(len(partitions)):
                number = partitions[p, P_RANK_PARTITION]
                before = fresh_ends[side, number, lag - 1] if lag > 0 else 0
                fresh_ends[side, number, lag] = before + _update(
                    step, slot * 2 * partitions[p, P_N] * inputs.itemsize, partitions[p], segments, drives, spikes,
                    fresh[side, partitions[p, P_FRESH] + before :],
                )  # fmt: skip
            t2 = _now(clock)
            for k in range(len(trace_addresses)):
                traces[step - begin, k] = load_from(trace_addresses[k], traces)
            t3 = _now(clock)
            counters[DELIVER] += t1 - t0
            counters[UPDATE] += t2 - t1
            counters[RECORD] += t3 - t2
            t0 = t3
            step += 1
        arrived += 1
        waiting = True
        atomic_add(shared, ARRIVED, 1)
