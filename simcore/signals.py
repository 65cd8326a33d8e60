"""Signals that wait until the simulation is in a whole state."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

DEFERRED = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGUSR1 take effect at the end of the block.

    An exception in the midst of a step would leave half-updated neurons; one between the start of a team of threads
    and its end, members that wait for each other for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[tuple[int, Any]] = []
    handlers = {number: signal.signal(number, lambda *received: pending.append(received)) for number in DEFERRED}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for received, frame in pending:
        handler = handlers[signal.Signals(received)]
        if callable(handler):
            handler(received, frame)
        elif handler == signal.SIG_DFL:
            signal.raise_signal(received)
