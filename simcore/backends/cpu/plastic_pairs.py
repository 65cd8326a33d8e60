"""Rows of synapses whose weights change by pairs of spikes: processed at a presynaptic spike, or settled."""

from typing import Any

import numpy as np

from simcore.backends.cpu.plastic_arrays import CountColumn, Pairs, Plastic, RealColumn, Rings, TableColumn, Words
from simcore.jit.columns import plain
from simcore.jit.compilation import inlined, kernel
from simcore.jit.intrinsics import popcount
from simcore.plasticity.cpu import Change, amount, decay
from simcore.plasticity.tables import FRACTION_BITS

TABLE, REAL, COUNT = (plain(columns) for columns in (TableColumn, RealColumn, CountColumn))
HALF = np.int64(1 << FRACTION_BITS - 1)
FRACTION = np.int64(FRACTION_BITS)
ONE = np.uint64(1)
ROW_BITS, ROW_MASK = np.uint64(6), np.uint64(63)


@kernel
def pairs_of(plastic: Plastic, t: Any) -> Any:
    """The rule of table `t`."""
    row, numbers = plastic.tables[t], plastic.numbers
    facilitation = Change(
        plastic.reals[t, REAL.FACILITATION], row[TABLE.FACILITATION], row[TABLE.FROM_CEILING],
        numbers[row[TABLE.FACILITATION_POWERS] :],
    )  # fmt: skip
    depression = Change(
        plastic.reals[t, REAL.DEPRESSION], row[TABLE.DEPRESSION], row[TABLE.DEPRESSION_FROM_CEILING],
        numbers[row[TABLE.DEPRESSION_POWERS] :],
    )  # fmt: skip
    plus = numbers[row[TABLE.PLUS] : row[TABLE.PLUS_END]]
    minus = numbers[row[TABLE.MINUS] : row[TABLE.MINUS_END]]
    return Pairs(row[TABLE.SIGN], np.float64(row[TABLE.CEILING]), facilitation, depression, plus, minus)


@kernel
def words_of(plastic: Plastic, t: Any) -> Any:
    """What the words of table `t` contain."""
    row = plastic.tables[t]
    target_bits, weight_shift = np.uint64(row[TABLE.TARGET_BITS]), np.uint64(row[TABLE.WEIGHT_SHIFT])
    target_mask = (ONE << target_bits) - ONE
    delay_mask = (ONE << (weight_shift - target_bits)) - ONE
    ring, pending, n_targets = (
        np.uint64(row[TABLE.RING]),
        np.uint64(row[TABLE.PENDING]),
        np.uint64(row[TABLE.N_TARGETS]),
    )
    return Words(target_mask, delay_mask, target_bits, weight_shift, ring, pending, n_targets)


@inlined
def row_ends(blocks: Any, index: Any, row: Any) -> Any:
    """Where the words of a row start and end; the same place if it has none."""
    block, bit = np.uint64(row) >> ROW_BITS, np.uint64(row) & ROW_MASK
    bits = blocks[block, 0]
    if not (bits >> bit) & ONE:
        return np.uint64(0), np.uint64(0)
    position = blocks[block, 1] + popcount(bits & ((ONE << bit) - ONE))
    return np.uint64(index[position]), np.uint64(index[position + ONE])


@inlined
def _facilitated(pairs: Pairs, weight: Any, steps: Any, first: Any, end: Any, before: Any, trace: Any) -> Any:
    """A weight after the facilitations with spikes [first, end) of a ring, the oldest first.

    The spike of the source before, whose trace is given, reached the synapse at the step `before`. Returns how many
    facilitations the ceiling cut short, too.
    """
    beyond = 0
    for k in range(end - first):
        place = np.uint64(end - 1 - k)
        plus = trace * decay(pairs.plus, np.int64(steps[place]) - before)
        moved = weight + amount(pairs.facilitation, pairs.ceiling, weight, plus)
        beyond += moved > pairs.ceiling
        weight = np.rint(min(moved, pairs.ceiling))
    return weight, beyond


@inlined
def _first_not_after(steps: Any, place: Any, step: Any) -> Any:
    """Place of the latest spike of a ring that is not after a step, from `place` on; the oldest one is not."""
    while np.int64(steps[np.uint64(place)]) > step:
        place += 1
    return place


@kernel
def process_row(
    row: Any, words: Words, pairs: Pairs, rings: Rings, meets: Any, low: Any, before: Any, trace: Any, fired: Any,
    slot: Any, pending: Any, events: Any, counts: Any,
) -> None:  # fmt: skip
    """Facilitate, depress and transmit the synapses of a row at a spike of its source.

    Parameters
    ----------
    row
        Words of the synapses, which are changed.
    meets, low, before
        Steps of the rings that this spike, settled weights, and the spike before it meet at synapses with the smallest
        delay: facilitations are applied after `low`, or after `before` if that is later.
    trace, fired
        K_plus just after the spike before, and whether there was one.
    slot
        In which input over the smallest delay arrives.
    pending, events
        See `plastic_arrays.Plastic`.
    counts
        Of the table.
    """
    n_slots = np.uint64(len(events))
    low_mask = (ONE << words.weight_shift) - ONE
    facilitations = at_ceiling = at_zero = 0
    for k in range(len(row)):
        word = row[k]
        ring = words.ring + (np.uint64(word) & words.target_mask)
        delay = (np.uint64(word) >> words.target_bits) & words.delay_mask
        weight = np.float64(word >> np.int64(words.weight_shift))
        steps, traces = rings.steps[ring], rings.traces[ring]
        now = meets - np.int64(delay)
        place = _first_not_after(steps, 0, now)
        if fired:
            end = _first_not_after(steps, place, max(low, before) - np.int64(delay))
            weight, beyond = _facilitated(pairs, weight, steps, place, end, before - np.int64(delay), trace)
            facilitations += end - place
            at_ceiling += beyond
        latest = np.uint64(place + np.int64(np.int64(steps[np.uint64(place)]) == now))
        minus = traces[latest] * decay(pairs.minus, now - np.int64(steps[latest]))
        moved = weight - amount(pairs.depression, pairs.ceiling, weight, minus)
        at_zero += moved < 0.0
        changed = np.int64(np.rint(max(moved, 0.0)))
        row[k] = np.int64(np.uint64(word) & low_mask) | (changed << np.int64(words.weight_shift))
        arrives = slot + delay
        if arrives >= n_slots:
            arrives -= n_slots
        target = words.pending + arrives * words.n_targets + (np.uint64(word) & words.target_mask)
        pending[target] += pending.dtype.type((pairs.sign * changed + HALF) >> FRACTION)
        events[arrives] += 1
    counts[COUNT.FACILITATIONS] += facilitations
    counts[COUNT.DEPRESSIONS] += len(row)
    counts[COUNT.AT_CEILING] += at_ceiling
    counts[COUNT.AT_ZERO] += at_zero


@kernel
def settle_row(
    row: Any, words: Words, pairs: Pairs, rings: Rings, meets: Any, low: Any, before: Any, trace: Any, counts: Any
) -> None:
    """Apply the facilitations up to `meets` of a row whose source has fired; see `process_row`."""
    low_mask = (ONE << words.weight_shift) - ONE
    facilitations = at_ceiling = 0
    for k in range(len(row)):
        word = row[k]
        ring = words.ring + (np.uint64(word) & words.target_mask)
        delay = np.int64((np.uint64(word) >> words.target_bits) & words.delay_mask)
        steps = rings.steps[ring]
        place = _first_not_after(steps, 0, meets - delay)
        end = _first_not_after(steps, place, max(low, before) - delay)
        if end > place:
            weight = np.float64(word >> np.int64(words.weight_shift))
            weight, beyond = _facilitated(pairs, weight, steps, place, end, before - delay, trace)
            row[k] = np.int64(np.uint64(word) & low_mask) | (np.int64(weight) << np.int64(words.weight_shift))
            facilitations += end - place
            at_ceiling += beyond
    counts[COUNT.FACILITATIONS] += facilitations
    counts[COUNT.AT_CEILING] += at_ceiling
