"""Detection of kernel compilation, and measurement of the time for compiling and loading kernels."""

import threading
import time
from collections.abc import Callable
from types import TracebackType

from numba.core import event

LOCK, PASS = "numba:compiler_lock", "numba:run_pass"
"""Numba's events: its lock is held while machine code is compiled or loaded; loading does not run compiler passes."""


class CompilerWatch(event.Listener):  # type: ignore[misc] # Numba's types are not followed
    """Context manager that watches the compiler on all threads.

    Parameters
    ----------
    started
        Function that is called once, when the first kernel is compiled instead of loaded from the cache.

    Attributes
    ----------
    seconds
        Wall time in which kernels were compiled or loaded from the cache by any thread, s.
    compiled
        Whether any kernel was compiled.
    """

    def __init__(self, started: Callable[[], None] | None = None) -> None:
        self.seconds = 0.0
        self.compiled = False
        self._started = started
        # Threads enter when they start to wait for Numba's lock.
        self._entered, self._since = 0, 0.0
        self._own_lock = threading.Lock()

    def __enter__(self) -> "CompilerWatch":
        for kind in (LOCK, PASS):
            event.register(kind, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for kind_of_event in (LOCK, PASS):
            event.unregister(kind_of_event, self)

    def on_start(self, happened: event.Event) -> None:
        """Handle the start of an event of Numba."""
        if happened.kind == PASS:
            if not self.compiled:
                self.compiled = True
                if self._started is not None:
                    self._started()
            return
        with self._own_lock:
            if self._entered == 0:
                self._since = time.perf_counter()
            self._entered += 1

    def on_end(self, happened: event.Event) -> None:
        """Handle the end of an event of Numba."""
        if happened.kind == PASS:
            return
        with self._own_lock:
            self._entered -= 1
            if self._entered == 0:
                self.seconds += time.perf_counter() - self._since
