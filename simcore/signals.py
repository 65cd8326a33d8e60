"""Deferral of signals until the simulation is in a consistent state, and restoration of their handlers."""

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
"""Number of bytes that exceeds the size of ``struct sigaction`` on all systems."""
_sigaction = ctypes.CDLL(None).sigaction


@dataclass(frozen=True)
class Handler:
    """Previous handler of a signal.

    Parameters
    ----------
    number
        Number of the signal.
    python
        Python's handler; None for another kind of handler.
    action
        Handler of the operating system, a ``struct sigaction``. Python does not know handlers of C libraries, such as
        the handler of `faulthandler`, and could not restore them.
    """

    number: signal.Signals
    python: Any
    action: bytes


def replace_handler(number: signal.Signals, handler: Callable[[int, FrameType | None], object]) -> Handler:
    """Install a Python handler for a signal, in the main thread, and return the argument of `restore_handler`."""
    action = ctypes.create_string_buffer(ACTION_BYTES)
    _sigaction(int(number), None, action)
    return Handler(number, signal.signal(number, handler), action.raw)


def restore_handler(handler: Handler) -> None:
    """Restore the previous handler of a signal."""
    # Python does not accept an unknown handler.
    signal.signal(handler.number, signal.SIG_DFL if handler.python is None else handler.python)
    _sigaction(int(handler.number), handler.action, None)


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGUSR1 take effect at the end of the block.

    An exception within a step would leave partially updated neurons; an exception between the start of a team of
    threads and its end would leave threads that wait for each other forever.
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
