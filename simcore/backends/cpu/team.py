"""A team of threads that run one kernel at the same time, each pinned to a CPU."""

import os
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from simcore.backends.process import OwnProcess
from simcore.signals import signals_deferred


class Team:
    """`n` threads that wait for work; all members of a call are certain to run at the same time.

    Members are pinned, one to a CPU, if there are at least `n` in `cpus`.
    """

    def __init__(self, n: int, cpus: Sequence[int] = ()) -> None:
        self.n = n
        self._tasks: list[queue.SimpleQueue[Callable[[int], Any] | None]] = [queue.SimpleQueue() for _ in range(n)]
        self._results: queue.SimpleQueue[tuple[int, Any, BaseException | None]] = queue.SimpleQueue()
        self._cpus = list(cpus) if len(cpus) >= n else []
        self._process = OwnProcess("threads")
        self._threads = [threading.Thread(target=self._work, args=(k,), daemon=True) for k in range(n)]
        for thread in self._threads:
            thread.start()

    @property
    def pinned(self) -> bool:
        """True if every member has a CPU; another program may share it."""
        return bool(self._cpus)

    def run(self, task: Callable[[int], Any]) -> list[Any]:
        """Call ``task(member)`` on every member; return their results in order.

        All members finish before an exception of one of them or of a signal is raised here.

        Raises
        ------
        RuntimeError
            If the team is closed, or this process was forked from the one with its threads.
        """
        if not self._threads:
            raise RuntimeError("the simulator is closed; create a new one")
        self._process.require()
        results: list[Any] = [None] * self.n
        problem: BaseException | None = None
        with signals_deferred():
            for tasks in self._tasks:
                tasks.put(task)
            for _ in range(self.n):
                member, results[member], error = self._results.get()
                problem = problem or error
        if problem is not None:
            raise problem
        return results

    def dismiss(self) -> None:
        """Request the threads to end, without waiting: the thread that drops the last reference calls this.

        That may be a member itself, or a thread within `threading`, whose locks a join would need.
        """
        for tasks in self._tasks:
            tasks.put(None)

    def close(self) -> None:
        """End the threads."""
        self.dismiss()
        for thread in self._threads:
            # A forked process has none of them.
            if self._process.here and thread is not threading.current_thread():
                thread.join()
        self._tasks = []
        self._threads = []

    def _work(self, member: int) -> None:
        tasks = self._tasks[member]
        if self._cpus:
            with suppress(OSError):
                os.sched_setaffinity(0, {self._cpus[member]})
        while True:
            task = tasks.get()
            if task is None:
                return
            try:
                self._results.put((member, task(member), None))
            except BaseException as error:  # noqa: BLE001 - raised again by run()
                self._results.put((member, None, error))
            # The task may reference all synapses.
            del task
