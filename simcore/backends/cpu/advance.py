"""The step loop of one thread: deliver, update, communicate, without returning to Python.

Delivery is just in time: at each step the groups (source row, delay) that arrive now are listed from the register of
recent spikes and added into one input buffer, which stays in the L2 cache; there is no ring buffer. Every thread
keeps its own register of all spikes of the rank. The arrivals with a delay of two steps or more do not depend on the
latest step, so a thread delivers them before it waits for the others.
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

GROUPS = 1024
"""Groups listed before they are delivered."""
AHEAD = 16
"""Groups between prefetch and delivery: DRAM latency over the time a group takes."""
PREFETCHED_LINES = 8
SPINS = 2000
"""Polls of the barrier before a thread yields its processor."""

# Plain integers: a member of an enumeration is no constant to the compiler.
P_WORDS, P_INDEX, P_INPUTS, P_N = (
    int(PartitionColumn.WORDS),
    int(PartitionColumn.INDEX),
    int(PartitionColumn.INPUTS),
    int(PartitionColumn.N_NEURONS),
)
P_SEGMENT, P_SEGMENT_END = int(PartitionColumn.FIRST_SEGMENT), int(PartitionColumn.END_SEGMENT)
P_DRIVE, P_DRIVE_END = int(PartitionColumn.FIRST_DRIVE), int(PartitionColumn.END_DRIVE)
P_RANK_PARTITION, P_FRESH = int(PartitionColumn.RANK_PARTITION), int(PartitionColumn.FRESH)
S_ID, S_STRIDE, S_RECEPTOR = (
    int(SegmentColumn.FIRST_ID),
    int(SegmentColumn.ID_STRIDE),
    int(SegmentColumn.RECEPTOR),
)
S_SECOND, S_SECOND_STRIDE = int(SegmentColumn.SECOND_ROW), int(SegmentColumn.SECOND_STRIDE)
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
def _prefetch_group(words: Any, start: Any, end: Any, line: Any) -> None:
    position = start
    last = min(end, start + line * np.uint64(PREFETCHED_LINES))
    while position < last:
        prefetch(words, position)
        position += line


@kernel
def _deliver_listed(starts: Any, ends: Any, bases: Any, n: Any, words: Any, inputs: Any, shift: Any, mask: Any) -> None:
    """Add the words of the listed groups into the inputs."""
    line = np.uint64(64 // words.itemsize)
    for g in range(min(AHEAD, n)):
        _prefetch_group(words, starts[g], ends[g], line)
    for g in range(n):
        if g + AHEAD < n:
            _prefetch_group(words, starts[g + AHEAD], ends[g + AHEAD], line)
        base = bases[g]
        for k in range(starts[g], ends[g]):
            word = words[k]
            target = base + (np.uint64(word) & mask)
            inputs[target] += inputs.dtype.type(word >> shift)


@kernel
def _deliver(
    step: Any,
    first_slot: Any,
    end_slot: Any,
    min_delay: Any,
    n_delays: Any,
    register: Any,
    offsets: Any,
    first_step: Any,
    index: Any,
    words: Any,
    inputs: Any,
    n_neurons: Any,
    starts: Any,
    ends: Any,
    bases: Any,
    shift: Any,
    mask: Any,
) -> Any:
    """Deliver to one partition what arrives in `step` with delays min_delay + [first_slot, end_slot)."""
    events = np.int64(0)
    n = 0
    for slot in range(first_slot, end_slot):
        origin = step - min_delay - slot - first_step
        if origin < 0:
            break
        for r in range(offsets[origin], offsets[origin + 1]):
            entry = register[np.uint64(r)]
            key = np.uint64(entry & ROW_MASK) * np.uint64(n_delays) + np.uint64(slot)
            start, end = np.uint64(index[key]), np.uint64(index[key + np.uint64(1)])
            if end > start:
                starts[n], ends[n] = start, end
                bases[n] = np.uint64(entry >> RECEPTOR_SHIFT) * np.uint64(n_neurons)
                events += np.int64(end - start)
                n += 1
                if n == GROUPS:
                    _deliver_listed(starts, ends, bases, n, words, inputs, shift, mask)
                    n = 0
    _deliver_listed(starts, ends, bases, n, words, inputs, shift, mask)
    return events


@kernel
def _update(step: Any, partition: Any, segments: Any, drives: Any, spikes: Any, fresh: Any) -> Any:
    """Drives and neurons of one partition; writes the rows of its spikes into `fresh` and returns their number."""
    for d in range(partition[P_DRIVE], partition[P_DRIVE_END]):
        call_kernel(
            drives[d, KERNEL], step, drives[d, 1], drives[d, 2], drives[d, 3], drives[d, 4], drives[d, 5],
            drives[d, 6], drives[d, 7], drives[d, 8],
        )  # fmt: skip
    count = 0
    for s in range(partition[P_SEGMENT], partition[P_SEGMENT_END]):
        found = call_kernel(
            segments[s, KERNEL], segments[s, 2], segments[s, 3], segments[s, 4], segments[s, 5], segments[s, 6],
            segments[s, 7], segments[s, 8], segments[s, 1], spikes.ctypes.data,
        )  # fmt: skip
        receptor = np.uint32(segments[s, S_RECEPTOR]) << RECEPTOR_SHIFT
        for k in range(found):
            i = np.int64(spikes[k])
            fresh[count] = np.uint32(segments[s, S_ID] + i * segments[s, S_STRIDE]) | receptor
            count += 1
        if segments[s, S_SECOND] != NO_ROW:
            for k in range(found):
                i = np.int64(spikes[k])
                row = segments[s, S_SECOND] + i * segments[s, S_SECOND_STRIDE]
                fresh[count] = np.uint32(row) | NEGATIVE
                count += 1
    return count


@kernel
def _wait(barrier: Any, target: Any) -> None:
    """Wait until `target` arrivals were counted; spin briefly, then yield."""
    spins = 0
    while atomic_load(barrier, 0) < target:
        spins += 1
        if spins > SPINS:
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
def _deliver_slots(
    step: Any,
    first_slot: Any,
    end_slot: Any,
    delays: Any,
    partitions: Any,
    register: Any,
    offsets: Any,
    first_step: Any,
    index: Any,
    words: Any,
    inputs: Any,
    groups: Any,
) -> Any:
    """Deliver to all partitions of the thread; returns the number of synaptic events."""
    shift = np.int64(words.itemsize * 4)
    mask = (np.uint64(1) << np.uint64(shift)) - np.uint64(1)
    events = np.int64(0)
    for p in range(len(partitions)):
        n = partitions[p, P_N]
        first_input = partitions[p, P_INPUTS]
        events += _deliver(
            step, first_slot, end_slot, delays[0], delays[1] - delays[0] + 1, register, offsets, first_step,
            index[partitions[p, P_INDEX] :], words[partitions[p, P_WORDS] :],
            inputs[first_input : first_input + 2 * n], n, groups[0], groups[1], groups[2], shift, mask,
        )  # fmt: skip
    return events


@kernel
def advance(
    step: Any,
    end_step: Any,
    first_step: Any,
    room: Any,
    delays: Any,
    n_threads: Any,
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
    barrier
        Number of arrivals, 0 at the call.
    fresh, fresh_starts, fresh_counts
        Shared between threads: spikes of the latest step by partition, two alternating sets.
    counters
        int64[5], added to: nanoseconds by `Clock`, then synaptic events.
    """
    n_delays = delays[1] - delays[0] + 1
    # Groups with a delay of one step must wait for the latest spikes; all others need not.
    near = 1 if delays[0] == 1 else 0
    groups = np.empty((3, GROUPS), dtype=np.uint64)
    clock = np.zeros(2, dtype=np.int64)
    begin = step
    filled = offsets[step - first_step]
    t0 = _now(clock)
    while True:
        last = step == end_step or filled + 2 * room > len(register)
        events = np.int64(0)
        if not last:
            events += _deliver_slots(
                step, near, n_delays, delays, partitions, register, offsets, first_step, index, words, inputs, groups
            )
        t1 = _now(clock)
        if step > begin:
            side = (step - 1) & 1
            _wait(barrier, n_threads * (step - begin))
            filled = _register(fresh[side], fresh_starts, fresh_counts[side], register, filled)
            offsets[step - first_step] = filled
        t2 = _now(clock)
        counters[DELIVER] += t1 - t0
        counters[COMMUNICATE] += t2 - t1
        if last:
            return step
        events += _deliver_slots(
            step, 0, near, delays, partitions, register, offsets, first_step, index, words, inputs, groups
        )
        counters[EVENTS] += events
        t3 = _now(clock)
        side = step & 1
        for p in range(len(partitions)):
            count = _update(step, partitions[p], segments, drives, spikes, fresh[side, partitions[p, P_FRESH] :])
            fresh_counts[side, partitions[p, P_RANK_PARTITION]] = count
        t4 = _now(clock)
        for k in range(len(trace_addresses)):
            traces[step - begin, k] = load_from(trace_addresses[k], traces)
        t0 = _now(clock)
        counters[DELIVER] += t3 - t2
        counters[UPDATE] += t4 - t3
        counters[RECORD] += t0 - t4
        step += 1
        atomic_add(barrier, 0, 1)
