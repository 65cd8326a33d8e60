"""The step loop's part for neurons at rest; where none is skipped it is nothing, which is known when it is compiled."""

from typing import Any

import numpy as np
from numba import carray, types
from numba.extending import overload

from simcore.backends.cpu.arrays import Resting
from simcore.backends.cpu.columns import RestColumn, SegmentColumn
from simcore.backends.cpu.resting import EVERY, FIXED
from simcore.jit.columns import plain
from simcore.jit.compilation import inlined, kernel
from simcore.jit.intrinsics import call_update, elements_at, int32_at, popcount

CHECK_STEPS = 64
"""Steps between two looks for neurons at rest."""
WHOLE_STEPS = 512
"""Steps for which a segment with few neurons at rest is updated as a whole; a multiple of `CHECK_STEPS`."""

REST, SEGMENT = plain(RestColumn), plain(SegmentColumn)
PLACE = np.uint32(0xFFFF)
ONE = np.uint64(1)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


def marks_of(touched: Any, partition: Any, slot: Any) -> Any:
    """The marks of a partition's neurons at which something arrives in a slot."""
    raise NotImplementedError("compiled only")


@overload(marks_of, jit_options={"forceinline": True})
def _overload_marks_of(touched, partition, slot):  # type: ignore[no-untyped-def] # Numba compares annotations too
    if isinstance(touched, types.Integer):
        return lambda touched, partition, slot: 0
    return lambda touched, partition, slot: touched[partition, slot]


def mark(marks: Any, neuron: Any) -> None:
    """Note that something arrives at a neuron (uint64)."""
    raise NotImplementedError("compiled only")


@overload(mark, jit_options={"forceinline": True})
def _overload_mark(marks, neuron):  # type: ignore[no-untyped-def]
    if isinstance(marks, types.Integer):
        return lambda marks, neuron: None

    def marked(marks, neuron):  # type: ignore[no-untyped-def]
        marks[neuron >> np.uint64(6)] |= ONE << (neuron & np.uint64(63))

    return marked


def trace_address(k: Any, addresses: Any, resting: Any, like: Any) -> Any:
    """Where the value of trace `k` is, of the dtype of the array `like`."""
    raise NotImplementedError("compiled only")


@overload(trace_address, jit_options={"forceinline": True})
def _overload_trace_address(k, addresses, resting, like):  # type: ignore[no-untyped-def]
    if isinstance(resting, types.Integer):
        return lambda k, addresses, resting, like: addresses[k]

    def address(k, addresses, resting, like):  # type: ignore[no-untyped-def]
        place = resting.traced[k]
        return addresses[k] if place == FIXED else addresses[k] + np.int64(resting.position[place]) * like.itemsize

    return address


def update_segment(
    s: Any, step: Any, input_shift: Any, arrived: Any, marks: Any, segments: Any, resting: Any, spikes: Any
) -> Any:
    """Update the neurons of segment `s`; writes the places of those that fire and returns their number.

    `arrived` tells whether anything has arrived at the thread in this step.
    """
    raise NotImplementedError("compiled only")


@overload(update_segment, jit_options={"forceinline": True})
def _overload_update(s, step, input_shift, arrived, marks, segments, resting, spikes):  # type: ignore[no-untyped-def]
    if isinstance(resting, types.Integer):
        return lambda s, step, input_shift, arrived, marks, segments, resting, spikes: _update_whole(
            segments[s], input_shift, spikes
        )
    return lambda s, step, input_shift, arrived, marks, segments, resting, spikes: _update_awake(
        step, input_shift, arrived, marks, segments[s], resting.segments[s], resting, spikes
    )


@inlined
def _update_first(segment: Any, n: Any, inputs: Any, input_stride: Any, spikes: Any) -> Any:
    """Update the first `n` neurons of a segment, whose inputs are at the address `inputs`."""
    return call_update(
        segment[SEGMENT.KERNEL], segment[SEGMENT.STATE], segment[SEGMENT.COUNTERS], segment[SEGMENT.N], inputs,
        input_stride, segment[SEGMENT.COEFFICIENTS], segment[SEGMENT.N_COEFFICIENTS], segment[SEGMENT.LSB], n,
        spikes.ctypes.data,
    )  # fmt: skip


@inlined
def _update_whole(segment: Any, input_shift: Any, spikes: Any) -> Any:
    inputs = segment[SEGMENT.INPUTS] + input_shift
    return _update_first(segment, segment[SEGMENT.N], inputs, segment[SEGMENT.INPUT_STRIDE], spikes)


@kernel
def _update_awake(
    step: Any, input_shift: Any, arrived: Any, marks: Any, segment: Any, own: Any, resting: Resting, spikes: Any
) -> Any:
    """Update the neurons of a segment that are not at rest."""
    n = segment[SEGMENT.N]
    if own[REST.AWAKE] == EVERY:
        if own[REST.MAY_REST] == 0 or step % WHOLE_STEPS != 0:
            return _update_whole(segment, input_shift, spikes)
        own[REST.AWAKE] = n
    if arrived:
        _take_arrivals(input_shift, marks, segment, own, resting)
    awake = own[REST.AWAKE]
    own[REST.SKIPPED] += n - awake
    checks = step % CHECK_STEPS == 0
    if checks:
        _remember(segment, own, resting)
    found = _update_first(segment, awake, resting.arrivals.ctypes.data, n, spikes)
    order = resting.order[own[REST.START] :]
    for k in range(found):
        position = spikes[k] & PLACE
        resting.still[position] = 0
        spikes[k] = spikes[k] ^ position | np.uint32(order[position])
    if checks:
        _let_rest(segment, own, resting)
        if 2 * own[REST.AWAKE] > n:
            _return_to_places(segment, own, resting)
    return found


@kernel
def _take_arrivals(input_shift: Any, marks: Any, segment: Any, own: Any, resting: Resting) -> None:
    """Move what arrives at marked neurons to their positions, wake those at rest, and clear the marks."""
    n, stride, first = segment[SEGMENT.N], segment[SEGMENT.INPUT_STRIDE], own[REST.FIRST]
    address = segment[SEGMENT.INPUTS] + input_shift
    inputs = carray(elements_at(address, resting.arrivals), (own[REST.RECEPTORS] - 1) * stride + n)
    position = resting.position[own[REST.START] :]
    for w in range(first >> 6, (first + n + 63) >> 6):
        # A word on the edge also has neurons of other segments.
        low, high = max(first - 64 * w, 0), min(first + n - 64 * w, 64)
        found = marks[w] & (ALL << np.uint64(low)) & (ALL >> np.uint64(64 - high))
        marks[w] ^= found
        while found != 0:
            lowest = found & (~found + ONE)
            neuron = 64 * w + np.int64(popcount(lowest - ONE)) - first
            found ^= lowest
            place = np.int64(position[neuron])
            if place >= own[REST.AWAKE]:
                _exchange(place, own[REST.AWAKE], segment, own, resting)
                place = own[REST.AWAKE]
                own[REST.AWAKE] += 1
            for r in range(own[REST.RECEPTORS]):
                resting.arrivals[r * n + place] = inputs[r * stride + neuron]
                inputs[r * stride + neuron] = 0


@inlined
def _exchange_rows(a: Any, b: Any, n_rows: Any, n: Any, values: Any) -> None:
    for r in range(n_rows):
        values[r * n + a], values[r * n + b] = values[r * n + b], values[r * n + a]


@kernel
def _exchange(a: Any, b: Any, segment: Any, own: Any, resting: Resting) -> None:
    """Let the neurons at two positions of a segment change places."""
    n = segment[SEGMENT.N]
    state = carray(elements_at(segment[SEGMENT.STATE], resting.before), own[REST.VARIABLES] * n)
    coefficients = carray(elements_at(segment[SEGMENT.COEFFICIENTS], resting.before), own[REST.COEFFICIENTS] * n)
    counters = carray(int32_at(segment[SEGMENT.COUNTERS]), own[REST.COUNTERS] * n)
    _exchange_rows(a, b, own[REST.VARIABLES], n, state)
    _exchange_rows(a, b, own[REST.COEFFICIENTS], n, coefficients)
    _exchange_rows(a, b, own[REST.COUNTERS], n, counters)
    order, position = resting.order[own[REST.START] :], resting.position[own[REST.START] :]
    order[a], order[b] = order[b], order[a]
    position[order[a]], position[order[b]] = a, b


@kernel
def _remember(segment: Any, own: Any, resting: Resting) -> None:
    """Keep state and counters of the neurons that will be updated, and note at which of them nothing arrives."""
    n, awake, still = segment[SEGMENT.N], own[REST.AWAKE], resting.still
    state = carray(elements_at(segment[SEGMENT.STATE], resting.before), own[REST.VARIABLES] * n)
    counters = carray(int32_at(segment[SEGMENT.COUNTERS]), own[REST.COUNTERS] * n)
    still[:awake] = 1
    for r in range(own[REST.RECEPTORS]):
        arrivals = resting.arrivals[r * n : r * n + awake]
        for i in range(awake):
            still[i] &= np.uint8(arrivals[i] == 0)
    for r in range(own[REST.VARIABLES]):
        resting.before[r * n : r * n + awake] = state[r * n : r * n + awake]
    for r in range(own[REST.COUNTERS]):
        resting.counters_before[r * n : r * n + awake] = counters[r * n : r * n + awake]


@inlined
def _compare(awake: Any, n_rows: Any, n: Any, before: Any, after: Any, still: Any) -> None:
    for r in range(n_rows):
        old, new = before[r * n : r * n + awake], after[r * n : r * n + awake]
        for i in range(awake):
            still[i] &= np.uint8(old[i] == new[i])


@kernel
def _let_rest(segment: Any, own: Any, resting: Resting) -> None:
    """Put the neurons at rest behind the others: nothing arrived, no bit changed and they did not fire."""
    n, still = segment[SEGMENT.N], resting.still
    state = carray(elements_at(segment[SEGMENT.STATE], resting.before), own[REST.VARIABLES] * n)
    counters = carray(int32_at(segment[SEGMENT.COUNTERS]), own[REST.COUNTERS] * n)
    awake = own[REST.AWAKE]
    _compare(awake, own[REST.VARIABLES], n, resting.before, state, still)
    _compare(awake, own[REST.COUNTERS], n, resting.counters_before, counters, still)
    # Backwards, so that those which take the places were looked at before.
    for place in range(awake - 1, -1, -1):
        if still[place]:
            own[REST.AWAKE] -= 1
            _exchange(place, own[REST.AWAKE], segment, own, resting)


@kernel
def _return_to_places(segment: Any, own: Any, resting: Resting) -> None:
    """Put all neurons of a segment back into their own order, to be updated as a whole."""
    order = resting.order[own[REST.START] :]
    for place in range(segment[SEGMENT.N]):
        while order[place] != place:
            _exchange(place, np.int64(order[place]), segment, own, resting)
    own[REST.AWAKE] = EVERY
