"""Who wants to see how far the reading of files is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[str, int, int], None]
"""Called with a file, the bytes of it that were read, and its size."""

_watcher: ContextVar[Watcher | None] = ContextVar("who sees how far files are read", default=None)


@contextmanager
def reading_watched(watcher: Watcher | None) -> Iterator[None]:
    """Call `watcher` while files with edges are read within the block."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell(path: str, done: int, size: int) -> None:
    """Say that `done` of `size` bytes of a file were read."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(path, done, size)
