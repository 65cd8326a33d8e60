"""The step loop of one thread: deliver, update, communicate, without returning to Python.

Delivery is just in time: instead of a ring buffer of all delays there are input buffers for a *window* of a few steps,
which stay in the L2 cache. Every thread keeps a register of all recent spikes of the rank. At the start of a window
the synapses of each recent spike that arrive within the window, one contiguous piece of memory, are added into the
window's buffers. A spike of the window itself is delivered to the rest of the window in the step after it. What
arrives at the start of a window from spikes before the latest step is delivered before the thread waits for others.
"""

from typing import Any

import numpy as np

from simcore.backends.cpu.compilation import inlined, kernel
from simcore.backends.cpu.intrinsics import (
    CLOCK_MONOTONIC,
    atomic_add,
    atomic_load,
    call_kernel,
    clock_gettime,
    load_from,
    prefetch,
    sched_yield,
)
from simcore.backends.cpu.layout import RECEPTOR_BIT, Clock, DriveColumn, PartitionColumn, SegmentColumn
from simcore.synapses.packed import NO_ROW

PIECES = 1024
"""Pieces listed before they are delivered."""
AHEAD = 10
"""Pieces between prefetch and delivery: DRAM latency over the time a piece takes."""
PREFETCHED_LINES = 16

# Plain integers: a member of an enumeration is no constant to the compiler.
P_WORDS, P_INDEX, P_INPUTS, P_N = (
    int(PartitionColumn.WORDS),
    int(PartitionColumn.INDEX),
    int(PartitionColumn.INPUTS),
    int(PartitionColumn.N_NEURONS),
)
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
ROW_MASK = np.uint32((1 << RECEPTOR_BIT) - 1)
NEGATIVE = np.uint32(1 << RECEPTOR_BIT)
RECEPTOR_SHIFT = np.uint32(RECEPTOR_BIT)


@inlined
def _now(clock: Any) -> Any:
    clock_gettime(np.int32(CLOCK_MONOTONIC), clock.ctypes.data)
    return clock[0] * np.int64(1_000_000_000) + clock[1]


@inlined
def _prefetch_piece(words: Any, start: Any, end: Any, line: Any) -> None:
    position = start
    last = min(end, start + line * np.uint64(PREFETCHED_LINES))
    while position < last:
        prefetch(words, position)
        position += line


@kernel
def _deliver_listed(pieces: Any, n: Any, index: Any, words: Any, inputs: Any, stride: Any, pending: Any) -> None:
    """Add the listed pieces into the inputs.

    A row of `pieces` is a key, a number of consecutive keys, the slot of the first one's arrival, its input position,
    and where the piece's words start and end. `pending` counts the synaptic events of each slot.
    """
    line = np.uint64(64 // words.itemsize)
    shift = np.int64(words.itemsize * 4)
    mask = (np.uint64(1) << np.uint64(shift)) - np.uint64(1)
    for p in range(min(AHEAD, n)):
        _prefetch_piece(words, pieces[p, 4], pieces[p, 5], line)
    for p in range(n):
        if p + AHEAD < n:
            _prefetch_piece(words, pieces[p + AHEAD, 4], pieces[p + AHEAD, 5], line)
        key, slot, base, start = pieces[p, 0], pieces[p, 2], pieces[p, 3], pieces[p, 4]
        for _ in range(pieces[p, 1]):
            key += np.uint64(1)
            end = np.uint64(index[key])
            for k in range(start, end):
                word = words[k]
                target = base + (np.uint64(word) & mask)
                inputs[target] += inputs.dtype.type(word >> shift)
            pending[slot] += np.int64(end - start)
            slot += np.uint64(1)
            base += stride
            start = end


@kernel
def _deliver(
    first_origin: Any,
    end_origin: Any,
    first_arrival: Any,
    end_arrival: Any,
    delays: Any,
    partitions: Any,
    register: Any,
    offsets: Any,
    first_step: Any,
    index: Any,
    words: Any,
    inputs: Any,
    pending: Any,
    pieces: Any,
) -> None:
    """Deliver the spikes of steps [first_origin, end_origin) as far as they arrive in [first_arrival, end_arrival)."""
    n_delays = delays[1] - delays[0] + 1
    n_slots = len(pending)
    first_origin = max(first_origin, first_arrival - delays[1])
    for p in range(len(partitions)):
        n_neurons = np.uint64(partitions[p, P_N])
        first_input = partitions[p, P_INPUTS]
        own_index = index[partitions[p, P_INDEX] :]
        own_words = words[partitions[p, P_WORDS] :]
        own_inputs = inputs[first_input : first_input + 2 * n_slots * partitions[p, P_N]]
        n = 0
        for origin in range(end_origin - 1, first_origin - 1, -1):
            # Delays, counted from the smallest, with which these spikes arrive in time.
            low = max(first_arrival - origin - delays[0], 0)
            high = min(end_arrival - origin - delays[0], n_delays)
            if low >= high:
                continue
            slot = np.uint64((origin + delays[0] + low) % n_slots)
            for r in range(offsets[origin - first_step], offsets[origin - first_step + 1]):
                entry = register[np.uint64(r)]
                key = np.uint64(entry & ROW_MASK) * np.uint64(n_delays) + np.uint64(low)
                start = np.uint64(own_index[key])
                end = np.uint64(own_index[key + np.uint64(high - low)])
                if end > start:
                    receptor = np.uint64(entry >> RECEPTOR_SHIFT)
                    pieces[n, 0], pieces[n, 1], pieces[n, 2] = key, np.uint64(high - low), slot
                    pieces[n, 3] = (np.uint64(2) * slot + receptor) * n_neurons
                    pieces[n, 4], pieces[n, 5] = start, end
                    n += 1
                    if n == PIECES:
                        _deliver_listed(pieces, n, own_index, own_words, own_inputs, np.uint64(2) * n_neurons, pending)
                        n = 0
        _deliver_listed(pieces, n, own_index, own_words, own_inputs, np.uint64(2) * n_neurons, pending)


@kernel
def _update(step: Any, input_shift: Any, partition: Any, segments: Any, drives: Any, spikes: Any, fresh: Any) -> Any:
    """Drives and neurons of one partition; writes the rows of its spikes into `fresh` and returns their number.

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
def _wait(barrier: Any, target: Any, spins: Any) -> None:
    """Wait until `target` arrivals were counted; poll `spins` times, then yield the processor between polls."""
    polls = 0
    while atomic_load(barrier, 0) < target:
        polls += 1
        if polls > spins:
            sched_yield()


@kernel
def _register(fresh: Any, fresh_starts: Any, counts: Any, register: Any, filled: Any) -> Any:
    """Append the fresh spikes of all partitions; returns the new length."""
    for p in range(len(fresh_starts)):
        start = fresh_starts[p]
        for k in range(counts[p]):
            register[filled] = fresh[start + k]
            filled += 1
    return filled


@kernel
def advance(
    step: Any,
    end_step: Any,
    first_step: Any,
    room: Any,
    delays: Any,
    n_threads: Any,
    spins: Any,
    barrier: Any,
    fresh: Any,
    fresh_starts: Any,
    fresh_counts: Any,
    partitions: Any,
    segments: Any,
    drives: Any,
    words: Any,
    index: Any,
    inputs: Any,
    pending: Any,
    register: Any,
    offsets: Any,
    spikes: Any,
    trace_addresses: Any,
    traces: Any,
    counters: Any,
) -> Any:
    """Advance one thread from `step` towards `end_step`; returns the step that was reached.

    Parameters
    ----------
    first_step
        Step of the first spikes in the register; ``offsets[k]`` is where those of step ``first_step + k`` start.
    room
        Largest number of entries that a step can add to the register. All threads hold the same entries, so all of
        them stop at the same step when there is no room.
    delays
        (min_delay, max_delay) in steps.
    spins
        Polls of the barrier before a waiting thread yields its processor.
    barrier
        Number of arrivals, 0 at the call.
    fresh, fresh_starts, fresh_counts
        Shared between threads: spikes of the latest step by partition, two alternating sets.
    inputs, pending
        Window of input buffers, shape (slots, receptors, neurons) for each partition, and the number of synaptic
        events that wait in each slot. What arrives in a step lies in slot ``step % slots``.
    counters
        int64[5], added to: nanoseconds by `Clock`, then synaptic events.
    """
    n_slots = len(pending)
    pieces = np.empty((PIECES, 6), dtype=np.uint64)
    clock = np.zeros(2, dtype=np.int64)
    begin = step
    filled = offsets[step - first_step]
    t0 = _now(clock)
    while True:
        last = step == end_step or filled + 2 * room > len(register)
        window_end = step - step % n_slots + n_slots
        if step % n_slots == 0 and not last:
            _deliver(
                first_step, step - 1, step, window_end, delays, partitions, register, offsets, first_step, index,
                words, inputs, pending, pieces,
            )  # fmt: skip
        t1 = _now(clock)
        if step > begin:
            side = (step - 1) & 1
            _wait(barrier, n_threads * (step - begin), spins)
            filled = _register(fresh[side], fresh_starts, fresh_counts[side], register, filled)
            offsets[step - first_step] = filled
        t2 = _now(clock)
        counters[DELIVER] += t1 - t0
        counters[COMMUNICATE] += t2 - t1
        if last:
            return step
        if step > first_step:
            _deliver(
                step - 1, step, step, window_end, delays, partitions, register, offsets, first_step, index,
                words, inputs, pending, pieces,
            )  # fmt: skip
        t3 = _now(clock)
        slot = step % n_slots
        counters[EVENTS] += pending[slot]
        pending[slot] = 0
        side = step & 1
        for p in range(len(partitions)):
            fresh_counts[side, partitions[p, P_RANK_PARTITION]] = _update(
                step, slot * 2 * partitions[p, P_N] * inputs.itemsize, partitions[p], segments, drives, spikes,
                fresh[side, partitions[p, P_FRESH] :],
            )  # fmt: skip
        t4 = _now(clock)
        for k in range(len(trace_addresses)):
            traces[step - begin, k] = load_from(trace_addresses[k], traces)
        t0 = _now(clock)
        counters[DELIVER] += t3 - t2
        counters[UPDATE] += t4 - t3
        counters[RECORD] += t0 - t4
        step += 1
        atomic_add(barrier, 0, 1)
