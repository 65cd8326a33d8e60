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
from simcore.backends.cpu.deliver import EVERY, OWN, REMOTE, deliver
from simcore.comm.communicator import NO_ROOM
from simcore.jit.compilation import inlined, kernel
from simcore.jit.intrinsics import (
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
NO_PHASE = len(Clock) + 2
"""Counters after those of the phases; the last one takes the time before the first lap."""
NEGATIVE = np.uint32(1 << RECEPTOR_BIT)
RECEPTOR_SHIFT = np.uint32(RECEPTOR_BIT)

ARRIVED, EXCHANGED, OUTCOME = 0, 8, 16
"""Places of the shared counters, each on a cache line of its own: arrivals of threads, finished exchanges, and how the
latest one ended."""
NOT_HALFWAY = -1
FULL = -1


@inlined
def _lap(timer: Any, phase: Any) -> Any:
    """Add the time since the last lap to a phase; returns it."""
    clock = timer.clock
    clock_gettime(np.int32(CLOCK_MONOTONIC), clock.ctypes.data)
    now = clock[0] * np.int64(1_000_000_000) + clock[1]
    elapsed = now - clock[2]
    timer.counters[phase] += elapsed
    clock[2] = now
    return elapsed


@kernel
def _update(step: Any, input_shift: Any, partition: Any, neurons: Any, fresh: Any) -> Any:
    """Drives and neurons of one partition; writes the words of its spikes into `fresh` and returns their number.

    `input_shift` is the distance in bytes from the first slot's inputs to those of this step.
    """
    segments, drives, spikes = neurons.segments, neurons.drives, neurons.spikes
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
def _step(
    step: Any, lag: Any, row: Any, side: Any, synapses: Any, buffers: Any, neurons: Any, fresh: Any, timer: Any
) -> None:
    """Update all neurons of a thread; `lag` counts the steps of the interval, `row` is that of the traces."""
    slot = step % len(buffers.pending)
    timer.counters[EVENTS] += buffers.pending[slot]
    buffers.pending[slot] = 0
    partitions, ends = synapses.partitions, fresh.ends
    for p in range(len(partitions)):
        number = partitions[p, P_RANK_PARTITION]
        before = ends[side, number, lag - 1] if lag > 0 else 0
        input_shift = slot * 2 * partitions[p, P_N] * buffers.inputs.itemsize
        own = fresh.words[side, partitions[p, P_FRESH] + before :]
        ends[side, number, lag] = before + _update(step, input_shift, partitions[p], neurons, own)
    _lap(timer, UPDATE)
    for k in range(len(neurons.trace_addresses)):
        neurons.traces[row, k] = load_from(neurons.trace_addresses[k], neurons.traces)
    _lap(timer, RECORD)


@kernel
def _wait(crew: Any, which: Any, target: Any) -> None:
    """Wait until a shared counter reaches `target`; poll a while, then yield the processor between polls."""
    polls = 0
    while atomic_load(crew.shared, which) < target:
        polls += 1
        if polls > crew.spins:
            sched_yield()


@kernel
def _register_own(fresh: Any, side: Any, n_steps: Any, ranges: Any, words: Any, filled: Any) -> Any:
    """Append the fresh spikes of all partitions, step by step; returns the new length."""
    for lag in range(n_steps):
        ranges[lag, 0, 0] = filled
        for p in range(len(fresh.starts)):
            place = fresh.starts[p]
            start = place + (fresh.ends[side, p, lag - 1] if lag > 0 else 0)
            for k in range(start, place + fresh.ends[side, p, lag]):
                words[filled] = fresh.words[side, k]
                filled += 1
        ranges[lag, 0, 1] = filled
    for lag in range(n_steps):
        ranges[lag, 1, 0] = filled
        ranges[lag, 1, 1] = filled
    return filled


@kernel
def _register_remote(others: Any, n_steps: Any, ranges: Any, words: Any, filled: Any) -> Any:
    """Append what other ranks sent; returns the new length."""
    start = 0
    for lag in range(n_steps):
        ranges[lag, 1, 0] = filled
        for k in range(start, others.received_ends[lag]):
            words[filled] = others.received[k]
            filled += 1
        start = others.received_ends[lag]
        ranges[lag, 1, 1] = filled
    return filled


@kernel
def _start_exchange(others: Any, n_steps: Any, ranges: Any, words: Any) -> None:
    """Hand over the registered spikes of an interval."""
    ends = np.empty(len(others.received_ends), dtype=np.int64)
    first = ranges[0, 0, 0]
    for lag in range(len(ends)):
        ends[lag] = ranges[min(lag, n_steps - 1), 0, 1] - first
    calls = others.calls
    call_kernel(calls[2], calls[1], words[first:].ctypes.data, ends.ctypes.data, 0, 0, 0, 0, 0, 0)


@kernel
def _finish_exchange(others: Any, crew: Any) -> None:
    """Wait for the exchange, then tell the other threads."""
    polls, outcome, calls = 0, 0, others.calls
    while outcome == 0:
        outcome = call_kernel(calls[0], calls[1], 0, 0, 0, 0, 0, 0, 0, 0)
        polls += 1
        if outcome == 0 and polls > crew.spins:
            sched_yield()
    crew.shared[OUTCOME] = outcome
    atomic_add(crew.shared, EXCHANGED, 1)


@kernel
def _communicate_own(
    start: Any, step: Any, arrived: Any, filled: Any, leads: Any, synapses: Any, buffers: Any, recent: Any, fresh: Any,
    crew: Any, others: Any, calls: Any, timer: Any,
) -> Any:  # fmt: skip
    """Register and deliver the rank's spikes of [start, step), and what a window needs of older ones.

    The thread that `leads` first waits for the others and starts the exchange, so that it hides behind the delivery;
    other threads deliver before they wait. Returns the new length of the register.
    """
    n_steps, side = step - start, arrived & 1
    ranges = recent.ranges[start - recent.first_step :]
    if leads:
        _wait(crew, ARRIVED, crew.n_threads * arrived)
        filled = _register_own(fresh, side, n_steps, ranges, recent.words, filled)
        _lap(timer, COMMUNICATE)
        _start_exchange(others, n_steps, ranges, recent.words)
        timer.counters[EXCHANGE] += _lap(timer, COMMUNICATE)
    if not synapses.format[4] and step % len(buffers.pending) == 0:
        deliver(EVERY, recent.first_step, start, step, synapses, buffers, recent, calls)
        _lap(timer, DELIVER)
    if not leads:
        _wait(crew, ARRIVED, crew.n_threads * arrived)
        filled = _register_own(fresh, side, n_steps, ranges, recent.words, filled)
        _lap(timer, COMMUNICATE)
    deliver(OWN, start, step, step, synapses, buffers, recent, calls)
    _lap(timer, DELIVER)
    return filled


@kernel
def _communicate_remote(
    start: Any, step: Any, exchanged: Any, filled: Any, leads: Any, synapses: Any, buffers: Any, recent: Any,
    crew: Any, others: Any, calls: Any, timer: Any,
) -> Any:  # fmt: skip
    """Register and deliver what other ranks sent; returns the new length of the register, or FULL without room."""
    if leads:
        _finish_exchange(others, crew)
    else:
        _wait(crew, EXCHANGED, exchanged)
    timer.counters[EXCHANGE] += _lap(timer, COMMUNICATE)
    n_received = others.received_ends[len(others.received_ends) - 1]
    if crew.shared[OUTCOME] == NO_ROOM or filled + n_received > len(recent.words):
        return FULL
    ranges = recent.ranges[start - recent.first_step :]
    filled = _register_remote(others, step - start, ranges, recent.words, filled)
    deliver(REMOTE, start, step, step, synapses, buffers, recent, calls)
    _lap(timer, DELIVER)
    return filled


@kernel
def advance(
    step: Any, end_step: Any, halfway: Any, interval: Any, room: Any, synapses: Any, buffers: Any, recent: Any,
    fresh: Any, neurons: Any, crew: Any, others: Any, timer: Any,
) -> Any:  # fmt: skip
    """Advance one thread from `step` towards `end_step`; returns the step that was reached, and `halfway`.

    Parameters
    ----------
    halfway
        NOT_HALFWAY, or the start of an interval up to `step` whose own spikes are registered and delivered, while
        those of other ranks found no room in a buffer.
    interval
        Steps between exchanges, at multiples of which they take place.
    room
        Largest number of entries that an interval can add to the register from this rank. All threads hold the same
        entries, so all of them stop at the same step when there is no room.
    synapses, buffers, recent, fresh, neurons, crew, others, timer
        See `arrays`.
    """
    nobody = np.zeros(3, dtype=np.int64)
    exchanging = others.calls[0] != 0
    leads = exchanging and crew.thread == 0
    polled = others.calls if leads else nobody
    n_slots, windowed = len(buffers.pending), not synapses.format[4]
    begin, start = step, halfway
    waiting = halfway != NOT_HALFWAY
    arrived, exchanged = 0, 0
    filled = recent.ranges[step - 1 - recent.first_step, 1, 1] if step > recent.first_step else 0
    _lap(timer, NO_PHASE)
    while True:
        if waiting:
            if halfway == NOT_HALFWAY:
                filled = _communicate_own(
                    start, step, arrived, filled, leads, synapses, buffers, recent, fresh, crew, others, polled, timer
                )
            if exchanging:
                exchanged += 1
                reached = _communicate_remote(
                    start, step, exchanged, filled, leads, synapses, buffers, recent, crew, others, nobody, timer
                )
                if reached == FULL:
                    return step, start
                halfway, filled = NOT_HALFWAY, reached
        if step == end_step or filled + room > len(recent.words):
            return step, NOT_HALFWAY
        start, waiting = step, True
        stop = min(end_step, step - step % interval + interval)
        while step < stop:
            if windowed and step > start and step % n_slots == 0:
                deliver(EVERY, recent.first_step, start, step, synapses, buffers, recent, nobody)
                _lap(timer, DELIVER)
            _step(step, step - start, step - begin, (arrived + 1) & 1, synapses, buffers, neurons, fresh, timer)
            step += 1
        arrived += 1
        atomic_add(crew.shared, ARRIVED, 1)
