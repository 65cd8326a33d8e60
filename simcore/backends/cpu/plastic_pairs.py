"""Rows of synapses whose weights change by pairs of spikes: processed at a presynaptic spike, or settled."""

from typing import Any

import numpy as np

from simcore.backends.cpu.plastic_arrays import (
    BLOCK_WORDS,
    Block,
    CountColumn,
    Pairs,
    Plastic,
    RealColumn,
    Rings,
    TableColumn,
    Words,
)
from simcore.jit.columns import plain
from simcore.jit.compilation import borrowing, inlined, kernel
from simcore.jit.intrinsics import COMPARED, count_greater, prefetch
from simcore.plasticity.cpu import Change, amount, decay
from simcore.plasticity.tables import FRACTION_BITS

TABLE, REAL, COUNT = (plain(columns) for columns in (TableColumn, RealColumn, CountColumn))
HALF = np.int64(1 << FRACTION_BITS - 1)
FRACTION = np.int64(FRACTION_BITS)
ONE = np.uint64(1)
TWO = np.uint64(2)


@kernel
def pairs_of(plastic: Plastic, t: Any) -> Any:
    """The rule of table `t`."""
    row, numbers, ceiling = plastic.tables[t], plastic.numbers, np.float64(plastic.tables[t, TABLE.CEILING])
    facilitation = Change(
        plastic.reals[t, REAL.FACILITATION], row[TABLE.FACILITATION],
        ceiling if row[TABLE.FROM_CEILING] else 0.0, -1.0 if row[TABLE.FROM_CEILING] else 1.0,
        numbers[row[TABLE.FACILITATION_POWERS] :],
    )  # fmt: skip
    depression = Change(
        plastic.reals[t, REAL.DEPRESSION], row[TABLE.DEPRESSION],
        ceiling if row[TABLE.DEPRESSION_FROM_CEILING] else 0.0, -1.0 if row[TABLE.DEPRESSION_FROM_CEILING] else 1.0,
        numbers[row[TABLE.DEPRESSION_POWERS] :],
    )  # fmt: skip
    plus = numbers[row[TABLE.PLUS] : row[TABLE.PLUS_END]]
    minus = numbers[row[TABLE.MINUS] : row[TABLE.MINUS_END]]
    return Pairs(row[TABLE.SIGN], ceiling, facilitation, depression, plus, minus)


@borrowing
def words_of(plastic: Plastic, t: Any) -> Any:
    """Format of the words of table `t`."""
    row = plastic.tables[t]
    target_bits, weight_shift = np.uint64(row[TABLE.TARGET_BITS]), np.uint64(row[TABLE.WEIGHT_SHIFT])
    target_mask = (ONE << target_bits) - ONE
    delay_mask = (ONE << (weight_shift - target_bits)) - ONE
    return Words(
        target_mask, delay_mask, target_bits, weight_shift,
        np.uint64(row[TABLE.RING]), np.uint64(row[TABLE.PENDING]), np.uint64(row[TABLE.PENDING_OF_NEGATIVE]),
        np.uint64(row[TABLE.N_TARGETS]), row[TABLE.MANY_DELAYS],
    )  # fmt: skip


@inlined
def row_ends(index: Any, row: Any) -> Any:
    """Start and end of the words of a row; equal if it has none."""
    place = np.uint64(row)
    return np.uint64(index[place]), np.uint64(index[place + ONE])


@inlined
def row_of(plastic: Plastic, t: Any, source: Any) -> Any:
    """Where the synapses of a source start and end among the halves of words of table `t`."""
    table = plastic.tables[t]
    start, end = row_ends(plastic.row_starts[table[TABLE.INDEX] :], source)
    first = 2 * table[TABLE.WORDS]
    return first + 2 * np.int64(start), first + 2 * np.int64(end)


@inlined
def _place(row: Any, k: Any) -> Any:
    """Target and delay of a synapse."""
    return np.uint64(np.uint32(row[TWO * k]))


@inlined
def _later(steps: Any, step: Any) -> Any:
    """Number of spikes of a ring that are later than a step; the oldest one is not."""
    n = 0
    while steps[np.uint64(n)] > step:
        n += 1
    return n


@inlined
def _prefetch_rings(row: Any, low: Any, high: Any, words: Words, rings: Rings) -> None:
    """Prefetch the rings of the targets of some words."""
    length = np.uint64(rings.steps.shape[1])
    for k in range(low, min(high, len(row) // 2)):
        place = (words.ring + (_place(row, np.uint64(k)) & words.target_mask)) * length
        prefetch(rings.steps, place)
        prefetch(rings.traces, place)


@borrowing
def _look_up(row: Any, block: Block, words: Words, rings: Rings, meets: Any, low: Any) -> None:
    """Find the spikes that the synapses of a block meet; `meets` and `low` are those of `process_row`."""
    usual = rings.steps.shape[1] == COMPARED
    for k in range(len(row) // 2):
        word = _place(row, np.uint64(k))
        ring = words.ring + (word & words.target_mask)
        delay = np.int32(word >> words.target_bits)
        now, after = np.int32(meets - delay), np.int32(low - delay)
        if usual:
            # All spikes are compared at once, as the position of the next one is unpredictable.
            place = ring * np.uint64(COMPARED)
            block.firsts[k] = count_greater(rings.steps, place, now)
            block.ends[k] = count_greater(rings.steps, place, after)
            block.bases[k] = count_greater(rings.steps, place, np.int32(now - np.int32(1)))
        else:
            block.firsts[k] = _later(rings.steps[ring], now)
            block.ends[k] = _later(rings.steps[ring], after)
            block.bases[k] = _later(rings.steps[ring], np.int32(now - np.int32(1)))


@borrowing
def _facilitate(
    row: Any, block: Block, words: Words, pairs: Pairs, rings: Rings, before: Any, trace: Any, counts: Any
) -> None:
    """Apply the facilitations of the synapses of a block.

    They are sequential for each synapse, the oldest spike first, but interleaved between synapses, as their number is
    unpredictable. `before` and `trace` are those of `process_row`.
    """
    listed, ends, firsts = block.listed, block.ends, block.firsts
    left = facilitations = beyond = 0
    for each in range(len(row) // 2):
        listed[left] = each
        left += ends[each] > firsts[each]
        facilitations += ends[each] - firsts[each]
    while left > 0:
        again = 0
        for j in range(left):
            k = np.uint64(listed[j])
            place = ends[k] - 1
            word = _place(row, k)
            ring, delay = words.ring + (word & words.target_mask), np.int64(word >> words.target_bits)
            weight = np.float64(row[TWO * k + ONE])
            plus = trace * decay(pairs.plus, np.int64(rings.steps[ring, np.uint64(place)]) - (before - delay))
            moved = weight + amount(pairs.facilitation, weight, plus)
            beyond += moved > pairs.ceiling
            row[TWO * k + ONE] = np.int32(np.rint(moved if moved < pairs.ceiling else pairs.ceiling))
            ends[k] = place
            listed[again] = k
            again += place > firsts[k]
        left = again
    counts[COUNT.FACILITATIONS] += facilitations
    counts[COUNT.AT_CEILING] += beyond


@borrowing
def _depress(
    row: Any, bases: Any, words: Words, pairs: Pairs, rings: Rings, meets: Any, slot: Any, pending: Any, events: Any,
    counts: Any,
) -> None:  # fmt: skip
    """Depress and transmit the synapses of a block; see `process_row`."""
    n, n_slots = len(row) // 2, np.uint64(len(events))
    at_zero = 0
    for each in range(n):
        k = np.uint64(each)
        word = _place(row, k)
        target, delay = word & words.target_mask, word >> words.target_bits
        ring, base = words.ring + target, np.uint64(bases[k])
        since = (meets - np.int64(delay)) - np.int64(rings.steps[ring, base])
        minus = rings.traces[ring, base] * decay(pairs.minus, since)
        weight = np.float64(row[TWO * k + ONE])
        moved = weight - amount(pairs.depression, weight, minus)
        at_zero += moved < 0.0
        changed = np.int32(np.rint(moved if moved > 0.0 else 0.0))
        row[TWO * k + ONE] = changed
        arrives = slot
        if words.many_delays:
            arrives += delay
            if arrives >= n_slots:
                arrives -= n_slots
            events[arrives] += 1
        place = words.pending + arrives * words.n_targets + target
        pending[place] += pending.dtype.type((pairs.sign * np.int64(changed) + HALF) >> FRACTION)
    if not words.many_delays:
        events[slot] += n
    counts[COUNT.DEPRESSIONS] += n
    counts[COUNT.AT_ZERO] += at_zero


@borrowing
def process_row(
    row: Any, words: Words, pairs: Pairs, rings: Rings, meets: Any, low: Any, before: Any, trace: Any, fired: Any,
    slot: Any, plastic: Plastic, counts: Any,
) -> None:  # fmt: skip
    """Facilitate, depress and transmit the synapses of a row at a spike of its source.

    Parameters
    ----------
    row
        Of `Plastic.halves`; the weights are changed.
    meets, low, before
        Steps of the rings that this spike, settled weights, and the spike before it meet at synapses with the smallest
        delay: facilitations are applied after `low`, or after `before` if that is later.
    trace, fired
        K_plus just after the spike before, and whether there was one.
    slot
        In which input over the smallest delay arrives.
    plastic
        Of the thread.
    counts
        Of the table.
    """
    after = max(low, before) if fired else meets
    _prefetch_rings(row, 0, BLOCK_WORDS, words, rings)
    for first in range(0, len(row) // 2, BLOCK_WORDS):
        part = row[2 * first : min(2 * (first + BLOCK_WORDS), len(row))]
        _prefetch_rings(row, first + BLOCK_WORDS, first + 2 * BLOCK_WORDS, words, rings)
        _look_up(part, plastic.block, words, rings, meets, after)
        _facilitate(part, plastic.block, words, pairs, rings, before, trace, counts)
        _depress(
            part, plastic.block.bases, words, pairs, rings, meets, slot, plastic.pending, plastic.pending_events, counts
        )


@borrowing
def settle_row(
    row: Any, words: Words, pairs: Pairs, rings: Rings, meets: Any, low: Any, before: Any, trace: Any,
    plastic: Plastic, counts: Any,
) -> None:  # fmt: skip
    """Apply the facilitations up to `meets` of a row whose source has fired; see `process_row`."""
    for first in range(0, len(row) // 2, BLOCK_WORDS):
        part = row[2 * first : min(2 * (first + BLOCK_WORDS), len(row))]
        _prefetch_rings(row, first + BLOCK_WORDS, first + 2 * BLOCK_WORDS, words, rings)
        _look_up(part, plastic.block, words, rings, meets, max(low, before))
        _facilitate(part, plastic.block, words, pairs, rings, before, trace, counts)
