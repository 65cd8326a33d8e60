"""Signals that wait until the simulation is in a whole state, and handlers that are put back as they were."""

import ctypes
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

DEFERRED = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
ACTION_BYTES = 256
"""More than a ``struct sigaction`` of any system has."""
_sigaction = ctypes.CDLL(None).sigaction


@dataclass(frozen=True)
class Handler:
    """What was done on a signal.

    Parameters
    ----------
    number
        The signal.
    python
        Python's handler; None if there was another one.
    action
        What the operating system has, a ``struct sigaction``: that of a library in C, such as that of `faulthandler`,
        is not known to Python, which could not put it back.
    """

    number: signal.Signals
    python: Any
    action: bytes


def replace_handler(number: signal.Signals, handler: Callable[[int, FrameType | None], object]) -> Handler:
    """Let a function of Python handle a signal; returns what `restore_handler` takes. In the main thread only."""
    action = ctypes.create_string_buffer(ACTION_BYTES)
    _sigaction(int(number), None, action)
    return Handler(number, signal.signal(number, handler), action.raw)


def restore_handler(handler: Handler) -> None:
    """Handle a signal as before."""
    # Python refuses a handler that it does not know.
    signal.signal(handler.number, signal.SIG_DFL if handler.python is None else handler.python)
    _sigaction(int(handler.number), handler.action, None)


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGUSR1 take effect at the end of the block.

    An exception in the midst of a step would leave half-updated neurons; one between the start of a team of threads
    and its end, members that wait for each other for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[int] = []
    handlers = [replace_handler(number, lambda received, _: pending.append(received)) for number in DEFERRED]
    try:
        yield
    finally:
        for handler in handlers:
            restore_handler(handler)
    for received in pending:
        signal.raise_signal(received)
