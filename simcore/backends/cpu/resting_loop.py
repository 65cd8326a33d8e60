"""Part of the step loop for neurons at rest; it compiles to nothing if none is skipped."""

from typing import Any

import numpy as np
from numba import carray, types

from simcore.backends.cpu.arrays import Resting
from simcore.backends.cpu.columns import RestColumn, SegmentColumn
from simcore.backends.cpu.resting import EVERY, FIXED
from simcore.jit.columns import plain
from simcore.jit.compilation import BORROWS, borrowing, inlined, kernel, overloaded
from simcore.jit.intrinsics import call_update, elements_at, int32_at, popcount

CHECK_STEPS = 64
"""Steps between two checks for neurons at rest."""
WHOLE_STEPS = 512
"""Steps for which a segment with few neurons at rest is updated as a whole; a multiple of `CHECK_STEPS`."""

REST, SEGMENT = plain(RestColumn), plain(SegmentColumn)
PLACE = np.uint32(0xFFFF)
ONE = np.uint64(1)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


def marks_of(touched: Any, partition: Any, slot: Any) -> Any:
    """The marks of a partition's neurons at which something arrives in a slot."""
    raise NotImplementedError("compiled only")


@overloaded(marks_of, forceinline=True)
def _overload_marks_of(touched, partition, slot):  # type: ignore[no-untyped-def] # Numba compares annotations too
    if isinstance(touched, types.Integer):
        return lambda touched, partition, slot: 0
    return lambda touched, partition, slot: touched[partition, slot]


def mark(touched: Any, partition: Any, slot: Any, neuron: Any) -> None:
    """Note that something arrives in a slot at a neuron (uint64) of a partition."""
    raise NotImplementedError("compiled only")


@overloaded(mark, forceinline=True, **BORROWS)
def _overload_mark(touched, partition, slot, neuron):  # type: ignore[no-untyped-def]
    if isinstance(touched, types.Integer):
        return lambda touched, partition, slot, neuron: None

    def marked(touched, partition, slot, neuron):  # type: ignore[no-untyped-def]
        touched[np.uint64(partition), np.uint64(slot), neuron >> np.uint64(6)] |= ONE << (neuron & np.uint64(63))

    return marked


def trace_address(k: Any, addresses: Any, resting: Any, value_bytes: Any) -> Any:
    """Address of the value of trace `k`; values have `value_bytes` bytes."""
    raise NotImplementedError("compiled only")


@overloaded(trace_address, forceinline=True)
def _overload_trace_address(k, addresses, resting, value_bytes):  # type: ignore[no-untyped-def]
    if isinstance(resting, types.Integer):
        return lambda k, addresses, resting, value_bytes: addresses[k]

    def address(k, addresses, resting, value_bytes):  # type: ignore[no-untyped-def]
        place = resting.traced[k]
        return addresses[k] if place == FIXED else addresses[k] + np.int64(resting.position[place]) * value_bytes

    return address


def update_segment(
    s: Any, step: Any, input_shift: Any, arrived: Any, marks: Any, segments: Any, resting: Any, spikes: Any
) -> Any:
    """Update the neurons of segment `s`; write the places of those that fire and return their number.

    `arrived` is whether anything has arrived at the thread in this step.
    """
    raise NotImplementedError("compiled only")


@overloaded(update_segment, forceinline=True)
def _overload_update(s, step, input_shift, arrived, marks, segments, resting, spikes):  # type: ignore[no-untyped-def]
    if isinstance(resting, types.Integer):
        return lambda s, step, input_shift, arrived, marks, segments, resting, spikes: _update_whole(
            s, input_shift, segments, spikes
        )
    return lambda s, step, input_shift, arrived, marks, segments, resting, spikes: _update_awake(
        s, step, input_shift, arrived, marks, segments, resting, spikes
    )


@inlined
def _update_first(s: Any, n: Any, inputs: Any, input_stride: Any, segments: Any, spikes: Any) -> Any:
    """Update the first `n` neurons of a segment, whose inputs are at the address `inputs`."""
    return call_update(
        segments[s, SEGMENT.KERNEL], segments[s, SEGMENT.STATE], segments[s, SEGMENT.COUNTERS], segments[s, SEGMENT.N],
        inputs, input_stride, segments[s, SEGMENT.COEFFICIENTS], segments[s, SEGMENT.N_COEFFICIENTS],
        segments[s, SEGMENT.LSB], n, spikes.ctypes.data,
    )  # fmt: skip


@inlined
def _update_whole(s: Any, input_shift: Any, segments: Any, spikes: Any) -> Any:
    inputs = segments[s, SEGMENT.INPUTS] + input_shift
    return _update_first(s, segments[s, SEGMENT.N], inputs, segments[s, SEGMENT.INPUT_STRIDE], segments, spikes)


@borrowing
def _update_awake(
    s: Any, step: Any, input_shift: Any, arrived: Any, marks: Any, segments: Any, resting: Resting, spikes: Any
) -> Any:
    """Update the neurons of a segment that are not at rest."""
    table, n = resting.segments, segments[s, SEGMENT.N]
    if table[s, REST.AWAKE] == EVERY:
        if table[s, REST.MAY_REST] == 0 or step % WHOLE_STEPS != 0:
            return _update_whole(s, input_shift, segments, spikes)
        table[s, REST.AWAKE] = n
    if arrived:
        _take_arrivals(s, input_shift, marks, segments, resting)
    awake = table[s, REST.AWAKE]
    table[s, REST.SKIPPED] += n - awake
    checks = step % CHECK_STEPS == 0
    if checks:
        _remember(s, segments, resting)
    found = _update_first(s, awake, resting.arrivals.ctypes.data, n, segments, spikes)
    for k in range(found):
        position = spikes[k] & PLACE
        resting.still[position] = 0
        spikes[k] = spikes[k] ^ position | np.uint32(resting.order[table[s, REST.START] + np.int64(position)])
    if checks:
        _let_rest(s, segments, resting)
        if 2 * table[s, REST.AWAKE] > n:
            _return_to_places(s, segments, resting)
        else:
            _gather_denormal(s, segments, resting)
    return found


@kernel
def _take_arrivals(s: Any, input_shift: Any, marks: Any, segments: Any, resting: Resting) -> None:
    """Move the arrivals at marked neurons to their positions, wake those at rest, and clear the marks."""
    table = resting.segments
    n, stride = segments[s, SEGMENT.N], segments[s, SEGMENT.INPUT_STRIDE]
    first, start, n_receptors = table[s, REST.FIRST], table[s, REST.START], table[s, REST.RECEPTORS]
    address = segments[s, SEGMENT.INPUTS] + input_shift
    inputs = carray(elements_at(address, resting.arrivals), (n_receptors - 1) * stride + n)
    for w in range(first >> 6, (first + n + 63) >> 6):
        if marks[w] == 0:
            continue
        # A word at the edge also has neurons of other segments.
        low, high = max(first - 64 * w, 0), min(first + n - 64 * w, 64)
        found = marks[w] & (ALL << np.uint64(low)) & (ALL >> np.uint64(64 - high))
        marks[w] ^= found
        while found != 0:
            lowest = found & (~found + ONE)
            neuron = 64 * w + np.int64(popcount(lowest - ONE)) - first
            found ^= lowest
            place = np.int64(resting.position[start + neuron])
            if place >= table[s, REST.AWAKE]:
                _exchange(s, place, table[s, REST.AWAKE], segments, resting)
                place = table[s, REST.AWAKE]
                table[s, REST.AWAKE] += 1
            for r in range(n_receptors):
                resting.arrivals[r * n + place] = inputs[r * stride + neuron]
                inputs[r * stride + neuron] = 0


@kernel
def _state(s: Any, segments: Any, resting: Resting) -> Any:
    """The bits of a segment's state, row after row."""
    n_values = resting.segments[s, REST.VARIABLES] * segments[s, SEGMENT.N]
    return carray(elements_at(segments[s, SEGMENT.STATE], resting.before), n_values)


@kernel
def _counters(s: Any, segments: Any, resting: Resting) -> Any:
    n_values = resting.segments[s, REST.COUNTERS] * segments[s, SEGMENT.N]
    return carray(int32_at(segments[s, SEGMENT.COUNTERS]), n_values)


@inlined
def _exchange_in_rows(a: Any, b: Any, n_rows: Any, n: Any, values: Any) -> None:
    for r in range(n_rows):
        values[r * n + a], values[r * n + b] = values[r * n + b], values[r * n + a]


@kernel
def _exchange(s: Any, a: Any, b: Any, segments: Any, resting: Resting) -> None:
    """Swap the neurons at two positions of a segment."""
    table, n = resting.segments, segments[s, SEGMENT.N]
    n_coefficients = table[s, REST.COEFFICIENTS]
    coefficients = carray(elements_at(segments[s, SEGMENT.COEFFICIENTS], resting.before), n_coefficients * n)
    _exchange_in_rows(a, b, table[s, REST.VARIABLES], n, _state(s, segments, resting))
    _exchange_in_rows(a, b, table[s, REST.COUNTERS], n, _counters(s, segments, resting))
    _exchange_in_rows(a, b, n_coefficients, n, coefficients)
    start = table[s, REST.START]
    at_a, at_b = resting.order[start + a], resting.order[start + b]
    resting.order[start + a], resting.order[start + b] = at_b, at_a
    resting.position[start + np.int64(at_a)], resting.position[start + np.int64(at_b)] = b, a


@kernel
def _remember(s: Any, segments: Any, resting: Resting) -> None:
    """Copy state and counters of the neurons that will be updated, and mark those at which nothing arrives."""
    table, n, still = resting.segments, segments[s, SEGMENT.N], resting.still
    awake, state, counters = table[s, REST.AWAKE], _state(s, segments, resting), _counters(s, segments, resting)
    for i in range(awake):
        still[i] = 1
    for r in range(table[s, REST.RECEPTORS]):
        for i in range(awake):
            still[i] &= np.uint8(resting.arrivals[r * n + i] == 0)
    for r in range(table[s, REST.VARIABLES]):
        for i in range(awake):
            resting.before[r * n + i] = state[r * n + i]
    for r in range(table[s, REST.COUNTERS]):
        for i in range(awake):
            resting.counters_before[r * n + i] = counters[r * n + i]


@kernel
def _let_rest(s: Any, segments: Any, resting: Resting) -> None:
    """Move the neurons at rest behind the others: nothing arrived, no bit changed and they did not fire."""
    table, n, still = resting.segments, segments[s, SEGMENT.N], resting.still
    awake, state, counters = table[s, REST.AWAKE], _state(s, segments, resting), _counters(s, segments, resting)
    for r in range(table[s, REST.VARIABLES]):
        for i in range(awake):
            still[i] &= np.uint8(resting.before[r * n + i] == state[r * n + i])
    for r in range(table[s, REST.COUNTERS]):
        for i in range(awake):
            still[i] &= np.uint8(resting.counters_before[r * n + i] == counters[r * n + i])
    # Backwards, so that the neurons that are moved forward were already checked.
    for place in range(awake - 1, -1, -1):
        if still[place]:
            table[s, REST.AWAKE] -= 1
            _exchange(s, place, table[s, REST.AWAKE], segments, resting)


@kernel
def _gather_denormal(s: Any, segments: Any, resting: Resting) -> None:
    """Move the neurons with denormal state behind the others that are awake.

    Many processors take a hundred cycles for a vector that contains a denormal number; this groups them in few vectors.
    """
    n, slow, state = segments[s, SEGMENT.N], resting.still, _state(s, segments, resting)
    awake, n_variables = resting.segments[s, REST.AWAKE], resting.segments[s, REST.VARIABLES]
    # The bits of a number without its sign are in order of its magnitude.
    sign = state.dtype.type(-1) << (8 * state.itemsize - 1)
    smallest_normal = state.dtype.type(1) << (23 if state.itemsize == 4 else 52)
    for i in range(awake):
        slow[i] = 0
    for r in range(n_variables):
        for i in range(awake):
            magnitude = state[r * n + i] & ~sign
            slow[i] |= np.uint8((magnitude > 0) & (magnitude < smallest_normal))
    low, high = 0, awake - 1
    while low < high:
        if not slow[low]:
            low += 1
        elif slow[high]:
            high -= 1
        else:
            _exchange(s, low, high, segments, resting)
            low += 1
            high -= 1


@borrowing
def _return_to_places(s: Any, segments: Any, resting: Resting) -> None:
    """Restore the original order of all neurons of a segment, to be updated as a whole."""
    start = resting.segments[s, REST.START]
    for place in range(segments[s, SEGMENT.N]):
        while resting.order[start + place] != place:
            _exchange(s, place, np.int64(resting.order[start + place]), segments, resting)
    resting.segments[s, REST.AWAKE] = EVERY
