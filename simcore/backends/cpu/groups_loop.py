"""The step loop's calls for the exchange between groups of ranks: nothing where all ranks exchange at once.

This is known when the loop is compiled. Within a group, ranks exchange spikes after every interval, as all ranks do
elsewhere; groups do so only at multiples of a longer interval, and no delay between groups is shorter than that. Their
spikes are registered by their own steps, of which most are earlier than the latest interval.
"""

from typing import Any

from numba import types

from simcore.backends.cpu.arrays import Buffers, Calls, Crew, Groups, Recent, Synapses, Timer
from simcore.backends.cpu.calendar_deliver import deliver_spikes
from simcore.backends.cpu.columns import Clock
from simcore.backends.cpu.deliver import FAR
from simcore.backends.cpu.exchanging import finish_exchange, register_received, width
from simcore.backends.cpu.waiting import EXCHANGED, GROUPS_OUTCOME, lap, wait
from simcore.comm.communicator import NO_ROOM
from simcore.jit.compilation import borrowing, inlined, kernel, overloaded
from simcore.jit.intrinsics import call_kernel

COMMUNICATE, DELIVER = int(Clock.COMMUNICATE), int(Clock.DELIVER)
FULL = -1
"""Instead of the new length of a register that has too little room."""


@inlined
def _is_due(step: Any, end_step: Any, groups: Groups) -> Any:
    """Whether groups exchange spikes before `step`."""
    return step == end_step or step % len(groups.others.sent_ends) == 0


@inlined
def _start_of(step: Any, groups: Groups) -> Any:
    """The first step of which groups have not exchanged spikes when they do before `step`."""
    last = step - 1
    return max(groups.begin, last - last % len(groups.others.sent_ends))


def between_groups(groups: Any) -> Any:
    """Whether there is an exchange between groups."""
    raise NotImplementedError("compiled only")


@overloaded(between_groups, forceinline=True)
def _overload_between_groups(groups):  # type: ignore[no-untyped-def] # Numba compares annotations too
    return (lambda groups: False) if isinstance(groups, types.Integer) else (lambda groups: True)


def polled_calls(others: Any, groups: Any) -> Any:
    """The exchange to which a delivery lets MPI attend: any of those under way lets all of them make progress."""
    raise NotImplementedError("compiled only")


@overloaded(polled_calls)
def _overload_polled(others, groups):  # type: ignore[no-untyped-def]
    if isinstance(groups, types.Integer):
        return lambda others, groups: others.calls
    return lambda others, groups: others.calls if others.calls.test != 0 else groups.others.calls


@borrowing
def _start(step: Any, end_step: Any, groups: Groups, recent: Recent) -> None:
    """Pass the rank's spikes since the last exchange between groups to the next one, if it is due."""
    if not _is_due(step, end_step, groups):
        return
    begin, n = _start_of(step, groups), 0
    calls, words, ends = groups.others.calls, groups.words, groups.others.sent_ends
    for lag in range(len(ends)):
        if lag < step - begin:
            # Copied, because spikes of other ranks are registered between those of two intervals.
            ranges = recent.ranges[begin + lag - recent.first_step]
            for k in range(ranges[0, 0], ranges[0, 1]):
                words[n] = recent.words[k]
                n += 1
        ends[lag] = n * width(recent.words)
    call_kernel(calls.start, calls.state, words.ctypes.data, ends.ctypes.data, 0, 0, 0, 0, 0, 0)


def start_between_groups(step: Any, end_step: Any, groups: Any, recent: Any) -> None:
    """Start the exchange between groups before `step`, if it is due; one thread calls this."""
    raise NotImplementedError("compiled only")


@overloaded(start_between_groups)
def _overload_start(step, end_step, groups, recent):  # type: ignore[no-untyped-def]
    if isinstance(groups, types.Integer):
        return lambda step, end_step, groups, recent: None
    return lambda step, end_step, groups, recent: _start(step, end_step, groups, recent)


@kernel
def _finish(
    step: Any, end_step: Any, exchanged: Any, filled: Any, groups: Groups, synapses: Synapses, buffers: Buffers,
    recent: Recent, crew: Crew, calls: Calls, exchange_time: Any, timer: Timer,
) -> Any:  # fmt: skip
    if not _is_due(step, end_step, groups):
        return exchanged, filled, buffers
    others, exchanged = groups.others, exchanged + 1
    if crew.thread == 0:
        finish_exchange(others, crew, GROUPS_OUTCOME)
    else:
        wait(crew, EXCHANGED, exchanged, timer.clock)
    timer.counters[exchange_time] += lap(timer, COMMUNICATE)
    n_received = others.received_ends[len(others.received_ends) - 1] // width(recent.words)
    if crew.shared[GROUPS_OUTCOME] == NO_ROOM or filled + n_received > len(recent.words):
        return exchanged, FULL, buffers
    begin = _start_of(step, groups)
    ranges = recent.ranges[begin - recent.first_step :]
    filled = register_received(others, FAR, step - begin, ranges, recent.words, filled)
    buffers = deliver_spikes(FAR, begin, step, step, synapses, buffers, recent, calls, buffers.calendar)
    lap(timer, DELIVER)
    return exchanged, filled, buffers


def finish_between_groups(
    step: Any, end_step: Any, exchanged: Any, filled: Any, groups: Any, synapses: Any, buffers: Any, recent: Any,
    crew: Any, calls: Any, exchange_time: Any, timer: Any,
) -> Any:  # fmt: skip
    """Register and deliver what other groups sent, if an exchange before `step` was due; all threads call this.

    Returns the number of finished exchanges, the new length of the register, or FULL without room, and the buffers.

    Parameters
    ----------
    exchanged, filled
        Number of finished exchanges, and length of the register, so far.
    exchange_time
        Counter of the time of exchanges.
    """
    raise NotImplementedError("compiled only")


@overloaded(finish_between_groups)
def _overload_finish(  # type: ignore[no-untyped-def]
    step, end_step, exchanged, filled, groups, synapses, buffers, recent, crew, calls, exchange_time, timer
):
    if isinstance(groups, types.Integer):

        def nothing(  # type: ignore[no-untyped-def]
            step, end_step, exchanged, filled, groups, synapses, buffers, recent, crew, calls, exchange_time, timer
        ):
            return exchanged, filled, buffers

        return nothing

    def finished(  # type: ignore[no-untyped-def]
        step, end_step, exchanged, filled, groups, synapses, buffers, recent, crew, calls, exchange_time, timer
    ):
        return _finish(
            step, end_step, exchanged, filled, groups, synapses, buffers, recent, crew, calls, exchange_time, timer
        )

    return finished
