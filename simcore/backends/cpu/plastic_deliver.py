"""Delivery over plastic synapses: spikes of the register are processed row by row, for all their delays at once.

The transmitted input waits in separate rings, and is added to the inputs of the step in which it arrives.
"""

from typing import Any

import numpy as np

from simcore.backends.cpu.arrays import Buffers, Recent
from simcore.backends.cpu.deliver import LOWER_HALF, MULTIPLICITY_SHIFT, columns_of, have_multiplicities
from simcore.backends.cpu.plastic_arrays import (
    NEVER_STEP,
    PAIRS,
    LaneColumn,
    Mark,
    Plastic,
    RealColumn,
    Rings,
    TableColumn,
)
from simcore.backends.cpu.plastic_pairs import pairs_of, process_row, row_ends, row_of, words_of
from simcore.backends.cpu.plastic_resources import transmit_row
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, inlined, kernel
from simcore.plasticity.changes import FULL_USE
from simcore.plasticity.cpu import decay, trace_after

TABLE, REAL, MARK, LANE = (plain(columns) for columns in (TableColumn, RealColumn, Mark, LaneColumn))


@borrowing
def arrive(step: Any, plastic: Plastic, buffers: Buffers) -> Any:
    """Add the arrivals of a step to its inputs; return the number of its synaptic events."""
    n_slots = len(plastic.pending_events)
    slot, input_slot = step % n_slots, step % buffers.input_slots
    for k in range(len(plastic.lanes)):
        lane = plastic.lanes[k]
        n = lane[LANE.N]
        first, place = lane[LANE.INPUTS] + input_slot * lane[LANE.STRIDE], lane[LANE.PENDING] + slot * n
        inputs, arriving = buffers.inputs[first : first + n], plastic.pending[place : place + n]
        for neuron in range(len(arriving)):
            inputs[neuron] += arriving[neuron]
            arriving[neuron] = 0
    events = plastic.pending_events[slot]
    plastic.pending_events[slot] = 0
    return events


@inlined
def _times(entry: Any, entries: Any) -> Any:
    """Number of spikes that an entry of the register represents."""
    if have_multiplicities(entries):
        return np.int64(1) + np.int64(np.uint64(entry) >> MULTIPLICITY_SHIFT)
    return np.int64(1)


@borrowing
def _process_pairs(entries: Any, stamp: Any, plastic: Plastic, t: Any, pairs: Any, rings: Rings) -> None:
    """Process the spikes of a step, which have the given stamp, in the synapses of table `t` with the rule `pairs`."""
    table, marks = plastic.tables[t], plastic.marks
    words = words_of(plastic, t)
    latest = plastic.last[table[TABLE.LAST] : table[TABLE.LAST] + table[TABLE.N_SOURCES]]
    values = plastic.values[table[TABLE.VALUES] : table[TABLE.VALUES] + table[TABLE.N_SOURCES]]
    now = stamp - marks[MARK.ORIGIN]
    shift = table[TABLE.SHIFT]
    low = marks[MARK.SETTLED] - table[TABLE.LAG] + shift - marks[MARK.ORIGIN]
    slot = np.uint64((stamp - 1 + table[TABLE.MIN_DELAY]) % len(plastic.pending_events))
    for k in range(len(entries)):
        source = np.int64(np.uint64(entries[k]) & LOWER_HALF) - table[TABLE.FIRST_ID]
        if source < 0 or source >= table[TABLE.N_SOURCES]:
            continue
        start, end = row_of(plastic, t, source)
        for _ in range(_times(entries[k], entries)):
            last, trace = np.int64(latest[source]), values[source]
            process_row(
                plastic.halves[start:end], words, pairs, rings, now + shift, low, last + shift, trace,
                last != NEVER_STEP, slot, plastic, plastic.counts[t],
            )  # fmt: skip
            values[source] = 1.0 if last == NEVER_STEP else trace_after(pairs.plus, trace, now - last)
            latest[source] = np.int32(now)


@borrowing
def _process_resources(entries: Any, stamp: Any, plastic: Plastic, t: Any, all_words: Any) -> None:
    """Process such spikes of sources that have resources; `all_words` are the words of all tables."""
    table = plastic.tables[t]
    words = words_of(plastic, t)
    own_index = plastic.row_starts[table[TABLE.INDEX] :]
    own_words = all_words[table[TABLE.WORDS] :]
    n = table[TABLE.N_SOURCES]
    latest = plastic.last[table[TABLE.LAST] : table[TABLE.LAST] + n]
    resources = plastic.values[table[TABLE.VALUES] : table[TABLE.VALUES] + n]
    uses = plastic.values[table[TABLE.VALUES] + n : table[TABLE.VALUES] + 2 * n]
    recovery = plastic.numbers[table[TABLE.PLUS] : table[TABLE.PLUS_END]]
    facilitation = plastic.numbers[table[TABLE.MINUS] : table[TABLE.MINUS_END]]
    U = plastic.reals[t, REAL.FACILITATION]
    now = stamp - plastic.marks[MARK.ORIGIN]
    slot = np.uint64((stamp - 1 + table[TABLE.MIN_DELAY]) % len(plastic.pending_events))
    for k in range(len(entries)):
        source = np.int64(np.uint64(entries[k]) & LOWER_HALF) - table[TABLE.FIRST_ID]
        if source < 0 or source >= n:
            continue
        start, end = row_ends(own_index, source)
        for _ in range(_times(entries[k], entries)):
            x, u, last = resources[source], uses[source], np.int64(latest[source])
            if last != NEVER_STEP:
                resources[source] = 1.0 + ((x - x * u) - 1.0) * decay(recovery, now - last)
                uses[source] = U + (u * (1.0 - U)) * decay(facilitation, now - last)
            latest[source] = np.int32(now)
            share = np.int64(np.rint((resources[source] * uses[source]) * FULL_USE))
            transmit_row(own_words[start:end], words, share, slot, plastic.pending, plastic.pending_events)


@kernel
def process(which: Any, start: Any, step: Any, plastic: Plastic, rings: Rings, recent: Recent) -> None:
    """Process the spikes that are due in the steps [start, step); `which` is OWN, REMOTE or EVERY."""
    low_column, end_column = columns_of(which, recent.ranges)
    for t in range(len(plastic.tables)):
        table = plastic.tables[t]
        for sent in range(max(start - table[TABLE.LAG], recent.first_step), step - table[TABLE.LAG]):
            ranges = recent.ranges[sent - recent.first_step]
            for column in range(low_column, end_column):
                entries = recent.words[ranges[column, 0] : ranges[column, 1]]
                if table[TABLE.RULE] == PAIRS:
                    _process_pairs(entries, sent + 1, plastic, t, pairs_of(plastic, t), rings)
                elif table[TABLE.WIDE]:
                    _process_resources(entries, sent + 1, plastic, t, plastic.wide)
                else:
                    _process_resources(entries, sent + 1, plastic, t, plastic.narrow)
