"""The step loop of one thread: deliver, update, communicate, without returning to Python.

Spikes are communicated once in an *interval* of as many steps as the smallest delay has. Every thread keeps a register
of all recent spikes that may have targets on its rank. With the delivery ``just_in_time`` there are input buffers for a
*window* of a few steps, which stay in the L2 cache: at the start of a window all recent spikes deliver what arrives
within it, later spikes deliver to the rest of it. With ``by_source`` a spike delivers all at once into a ring buffer,
with ``calendar`` into lists of later steps.

With several ranks the first thread starts the exchange as soon as all threads have written their spikes. While it is
under way, everything is delivered that does not depend on it: old spikes at the start of a window, and the rank's own.

Groups of ranks exchange spikes less often than the ranks of a group if all delays between groups allow it
(`groups_loop`).
"""

from typing import Any

import numpy as np

from simcore.backends.cpu.arrays import (
    NOBODY,
    Buffers,
    Calls,
    Crew,
    Fresh,
    Neurons,
    Others,
    Own,
    Recent,
    Stretch,
    Synapses,
    Timer,
)
from simcore.backends.cpu.calendar import arrivals
from simcore.backends.cpu.calendar_deliver import deliver_spikes
from simcore.backends.cpu.columns import Clock, DriveColumn, PartitionColumn, SegmentColumn
from simcore.backends.cpu.deliver import EVERY, OWN, REMOTE
from simcore.backends.cpu.exchanging import finish_exchange, register_received, start_exchange, width
from simcore.backends.cpu.groups_loop import (
    FULL,
    between_groups,
    finish_between_groups,
    polled_calls,
    start_between_groups,
)
from simcore.backends.cpu.plastic_loop import plastic_input, plastic_spikes_processed, plastic_spikes_remembered
from simcore.backends.cpu.resting_loop import marks_of, trace_address, update_segment
from simcore.backends.cpu.waiting import ARRIVED, EXCHANGED, OUTCOME, announce, lap, wait
from simcore.comm.communicator import NO_ROOM
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, inlined, kernel
from simcore.jit.intrinsics import call_kernel, load_from
from simcore.synapses.spike_words import MULTIPLICITY_BIT

PARTITION, SEGMENT, DRIVE, CLOCK = (plain(columns) for columns in (PartitionColumn, SegmentColumn, DriveColumn, Clock))
EVENTS = len(Clock)
EXCHANGE = len(Clock) + 1
NO_PHASE = len(Clock) + 2
"""Counters after those of the phases; the last one holds the time before the first lap."""
FIRST_WAIT = len(Clock) + 3
WAIT_BUCKETS = 40
"""Counter FIRST_WAIT + k counts the waits of 2^k to 2^(k+1) ns for other threads; the first and last are open-ended."""
COUNTERS = FIRST_WAIT + WAIT_BUCKETS
MULTIPLICITY_SHIFT = np.uint64(MULTIPLICITY_BIT)
PLACE = np.uint32(0xFFFF)
EXTRA_SHIFT = np.uint32(16)
"""Spike of a segment: the neuron's place, and in the bits above it the number of spikes minus one."""

NOT_HALFWAY = -1


@inlined
def _word(neuron: Any, spike: Any) -> Any:
    """Word of a segment's spike; arrays of 32 bits keep its lower half, which is sufficient without multiplicities."""
    return np.uint64(neuron) | np.uint64(spike >> EXTRA_SHIFT) << MULTIPLICITY_SHIFT


@borrowing
def _update(step: Any, input_shift: Any, arrived: Any, marks: Any, partition: Any, neurons: Neurons, words: Any) -> Any:
    """Update drives and neurons of one partition; write the words of its spikes and return their number.

    `input_shift` is the distance in bytes from the first slot's inputs to those of this step, `arrived` whether the
    thread has any, and `marks` those of the neurons that have (`resting_loop.marks_of`).
    """
    segments, drives, spikes = neurons.segments, neurons.drives, neurons.spikes
    count = 0
    for s in range(partition[PARTITION.FIRST_SEGMENT], partition[PARTITION.END_SEGMENT]):
        for d in range(segments[s, SEGMENT.FIRST_DRIVE], segments[s, SEGMENT.END_DRIVE]):
            call_kernel(
                drives[d, DRIVE.KERNEL], step, drives[d, DRIVE.N], drives[d, DRIVE.FIRST_ID],
                drives[d, DRIVE.ID_STRIDE], drives[d, DRIVE.STREAM], drives[d, DRIVE.INPUTS] + input_shift,
                drives[d, DRIVE.HEADER], drives[d, DRIVE.THRESHOLDS], drives[d, DRIVE.SCRATCH],
            )  # fmt: skip
        found = update_segment(s, step, input_shift, arrived, marks, segments, neurons.resting, spikes)
        for k in range(found):
            neuron = segments[s, SEGMENT.FIRST_ID] + np.int64(spikes[k] & PLACE) * segments[s, SEGMENT.ID_STRIDE]
            words[count] = _word(neuron, spikes[k])
            count += 1
    return count


@borrowing
def _record(row: Any, neurons: Neurons) -> None:
    """Copy the traced variables into a row of the traces, word by word."""
    traces = neurons.traces
    words = traces.shape[1] // len(neurons.trace_addresses)
    for k in range(len(neurons.trace_addresses)):
        address = trace_address(k, neurons.trace_addresses, neurons.resting, words * traces.itemsize)
        for word in range(words):
            traces[row, k * words + word] = load_from(address + word * traces.itemsize, traces)


@kernel
def _step(
    step: Any, lag: Any, row: Any, side: Any, synapses: Synapses, buffers: Buffers, neurons: Neurons, fresh: Fresh,
    plastic: Any, timer: Timer,
) -> None:  # fmt: skip
    """Update all neurons of a thread; `lag` counts the steps of the interval, `row` is that of the traces."""
    slot = step % len(buffers.pending)
    arrivals(slot, synapses, buffers, timer, buffers.calendar)
    arrived = buffers.pending[slot]
    timer.counters[EVENTS] += arrived + plastic_input(step, plastic, buffers)
    buffers.pending[slot] = 0
    partitions, ends = synapses.partitions, fresh.ends
    for p in range(len(partitions)):
        number = partitions[p, PARTITION.RANK_PARTITION]
        before = ends[side, number, lag - 1] if lag > 0 else 0
        input_slot = slot % buffers.input_slots
        inputs = input_slot * synapses.format.n_receptors * partitions[p, PARTITION.N_NEURONS]
        input_shift = inputs * buffers.inputs.itemsize
        own = fresh.words[side, partitions[p, PARTITION.FRESH] + before :]
        marks = marks_of(buffers.touched, p, input_slot)
        ends[side, number, lag] = before + _update(step, input_shift, arrived > 0, marks, partitions[p], neurons, own)
    lap(timer, CLOCK.UPDATE)
    if len(neurons.trace_addresses) > 0:
        _record(row, neurons)
        lap(timer, CLOCK.RECORD)


@borrowing
def _wait_for_arrivals(crew: Crew, arrived: Any, timer: Timer) -> None:
    """Wait until all threads have written their spikes, and count the duration."""
    wait(crew, ARRIVED, crew.n_threads * arrived, timer.clock)
    waited = lap(timer, CLOCK.COMMUNICATE)
    if crew.n_threads > 1:
        bucket = 0
        while waited > 1 and bucket < WAIT_BUCKETS - 1:
            waited >>= 1
            bucket += 1
        timer.counters[FIRST_WAIT + bucket] += 1


@borrowing
def _register_own(fresh: Fresh, side: Any, n_steps: Any, ranges: Any, words: Any, filled: Any) -> Any:
    """Append the new spikes of all partitions, step by step; return the new length."""
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
        for column in range(1, ranges.shape[1]):
            ranges[lag, column, 0] = filled
            ranges[lag, column, 1] = filled
    return filled


@kernel
def _communicate_own(
    start: Any, step: Any, end_step: Any, arrived: Any, filled: Any, leads: Any, synapses: Synapses, buffers: Buffers,
    recent: Recent, fresh: Fresh, crew: Crew, others: Others, calls: Calls, timer: Timer, plastic: Any, rings: Any,
    groups: Any,
) -> Any:  # fmt: skip
    """Register and deliver the rank's spikes of [start, step), and older spikes that arrive in the window.

    The thread that `leads` first waits for the others and starts the exchanges, so that they hide behind the delivery;
    other threads deliver before they wait. Returns the new length of the register, and the buffers.
    """
    n_steps, side = step - start, arrived & 1
    ranges = recent.ranges[start - recent.first_step :]
    if leads:
        _wait_for_arrivals(crew, arrived, timer)
        filled = _register_own(fresh, side, n_steps, ranges, recent.words, filled)
        lap(timer, CLOCK.COMMUNICATE)
        if others.calls.start != 0:
            start_exchange(others, n_steps, ranges, recent.words)
        start_between_groups(step, end_step, groups, recent)
        timer.counters[EXCHANGE] += lap(timer, CLOCK.COMMUNICATE)
    if synapses.format.windowed and step % len(buffers.pending) == 0:
        buffers = deliver_spikes(
            EVERY, recent.first_step, start, step, synapses, buffers, recent, calls, buffers.calendar
        )
        lap(timer, CLOCK.DELIVER)
    if not leads:
        _wait_for_arrivals(crew, arrived, timer)
        filled = _register_own(fresh, side, n_steps, ranges, recent.words, filled)
        lap(timer, CLOCK.COMMUNICATE)
    buffers = deliver_spikes(OWN, start, step, step, synapses, buffers, recent, calls, buffers.calendar)
    plastic_spikes_processed(OWN, start, step, plastic, rings, recent)
    lap(timer, CLOCK.DELIVER)
    return filled, buffers


@kernel
def _communicate_remote(
    start: Any, step: Any, exchanged: Any, filled: Any, leads: Any, synapses: Synapses, buffers: Buffers,
    recent: Recent, crew: Crew, others: Others, calls: Calls, timer: Timer, plastic: Any, rings: Any,
) -> Any:  # fmt: skip
    """Register and deliver the spikes that other ranks sent.

    Returns the new length of the register, or FULL without room, and the buffers.
    """
    if leads:
        finish_exchange(others, crew, OUTCOME)
    else:
        wait(crew, EXCHANGED, exchanged, timer.clock)
    timer.counters[EXCHANGE] += lap(timer, CLOCK.COMMUNICATE)
    n_received = others.received_ends[len(others.received_ends) - 1] // width(recent.words)
    if crew.shared[OUTCOME] == NO_ROOM or filled + n_received > len(recent.words):
        return FULL, buffers
    ranges = recent.ranges[start - recent.first_step :]
    filled = register_received(others, REMOTE, step - start, ranges, recent.words, filled)
    buffers = deliver_spikes(REMOTE, start, step, step, synapses, buffers, recent, calls, buffers.calendar)
    plastic_spikes_processed(REMOTE, start, step, plastic, rings, recent)
    lap(timer, CLOCK.DELIVER)
    return filled, buffers


@kernel
def advance(stretch: Stretch, own: Own, rings: Any) -> Any:
    """Advance one thread over a stretch.

    `rings` are those of plastic synapses (`plastic_arrays.Rings`), or STATIC. Returns the step that was reached,
    `halfway` (`arrays.Stretch`), the rings and the calendar, which may have become longer.
    """
    step, end_step, halfway, interval, room = stretch
    synapses, buffers, recent, fresh, neurons, crew, others, timer, plastic, groups = own
    exchanging = others.calls.test != 0
    leads = (exchanging or between_groups(groups)) and crew.thread == 0
    polled = polled_calls(others, groups) if leads else NOBODY
    n_slots, windowed = len(buffers.pending), synapses.format.windowed
    begin, start = step, halfway
    waiting = halfway != NOT_HALFWAY
    arrived, exchanged = 0, 0
    filled = 0
    if step > recent.first_step:
        latest = recent.ranges[step - 1 - recent.first_step]
        filled = max(latest[1, 1], latest[len(latest) - 1, 1])
    lap(timer, NO_PHASE)
    while True:
        if waiting:
            if halfway == NOT_HALFWAY:
                filled, buffers = _communicate_own(
                    start, step, end_step, arrived, filled, leads, synapses, buffers, recent, fresh, crew, others,
                    polled, timer, plastic, rings, groups,
                )  # fmt: skip
            if exchanging and start < step:
                exchanged += 1
                reached, buffers = _communicate_remote(
                    start, step, exchanged, filled, leads, synapses, buffers, recent, crew, others, NOBODY, timer,
                    plastic, rings,
                )  # fmt: skip
                if reached == FULL:
                    return step, start, rings, buffers.calendar
                filled = reached
            if between_groups(groups):
                exchanged, reached, buffers = finish_between_groups(
                    step, end_step, exchanged, filled, groups, synapses, buffers, recent, crew, NOBODY, EXCHANGE, timer
                )
                if reached == FULL:
                    return step, step, rings, buffers.calendar
                filled = reached
            halfway = NOT_HALFWAY
        if step == end_step or filled + room > len(recent.words):
            return step, NOT_HALFWAY, rings, buffers.calendar
        start, waiting = step, True
        stop = min(end_step, step - step % interval + interval)
        while step < stop:
            if windowed and step > start and step % n_slots == 0:
                buffers = deliver_spikes(
                    EVERY, recent.first_step, start, step, synapses, buffers, recent, NOBODY, buffers.calendar
                )
                lap(timer, CLOCK.DELIVER)
            side = (arrived + 1) & 1
            _step(step, step - start, step - begin, side, synapses, buffers, neurons, fresh, plastic, timer)
            step += 1
        arrived += 1
        announce(crew, ARRIVED, crew.n_threads)
        rings = plastic_spikes_remembered(fresh, arrived & 1, start, step, synapses.partitions, plastic, rings, timer)
