"""Stop a run on Ctrl-C (SIGINT), or on SIGTERM or SIGUSR1, which Slurm sends before it kills a job."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from simcore.signals import Handler, replace_handler, restore_handler

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


class Stop:
    """Turns these signals into KeyboardInterrupt or, within `deferred`, the first signal into a request.

    A context manager. It does nothing outside the main thread, where Python does not handle signals.
    """

    def __init__(self) -> None:
        self.requested: str | None = None
        self._deferring = False
        self._before: list[Handler] = []

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let the first signal only set `requested` to its name; a second SIGINT interrupts."""
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False

    def __enter__(self) -> "Stop":
        if threading.current_thread() is threading.main_thread():
            self._before = [replace_handler(number, self._handle) for number in SIGNALS]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handler in self._before:
            restore_handler(handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        # A batch system may send several signals; only a second SIGINT of a user is meant to interrupt.
        impatient = self.requested is not None and number == signal.SIGINT
        # Python discards an exception that is raised in a callback of C: the request must persist.
        self.requested = self.requested or name
        if not self._deferring or impatient:
            raise KeyboardInterrupt(name)
