"""The step loop's part in an exchange of spikes: start it, wait for it, register the spikes that were received."""

from typing import Any

from simcore.backends.cpu.arrays import Crew, Others
from simcore.backends.cpu.waiting import EXCHANGED, announce
from simcore.jit.compilation import borrowing, inlined
from simcore.jit.intrinsics import call_kernel, sched_yield


@inlined
def width(words: Any) -> Any:
    """The 32-bit words of an exchange that hold one spike."""
    return words.itemsize // 4


@borrowing
def start_exchange(others: Others, n_steps: Any, ranges: Any, words: Any) -> None:
    """Pass the registered spikes of an interval to the exchange."""
    calls, ends, first = others.calls, others.sent_ends, ranges[0, 0, 0]
    for lag in range(len(ends)):
        ends[lag] = (ranges[min(lag, n_steps - 1), 0, 1] - first) * width(words)
    call_kernel(calls.start, calls.state, words[first:].ctypes.data, ends.ctypes.data, 0, 0, 0, 0, 0, 0)


@borrowing
def finish_exchange(others: Others, crew: Crew, outcome_place: Any) -> None:
    """Wait for the exchange, store its outcome at the given place, then notify the other threads."""
    polls, outcome, calls = 0, 0, others.calls
    while outcome == 0:
        outcome = call_kernel(calls.test, calls.state, 0, 0, 0, 0, 0, 0, 0, 0)
        polls += 1
        if outcome == 0 and polls > crew.spins:
            sched_yield()
    crew.shared[outcome_place] = outcome
    announce(crew, EXCHANGED, 1)


@borrowing
def register_received(others: Others, column: Any, n_steps: Any, ranges: Any, words: Any, filled: Any) -> Any:
    """Append the spikes that other ranks sent; return the new length."""
    start = 0
    for lag in range(n_steps):
        ranges[lag, column, 0] = filled
        end = others.received_ends[lag] // width(words)
        for k in range(start, end):
            words[filled] = others.received[k]
            filled += 1
        start = end
        ranges[lag, column, 1] = filled
    return filled
