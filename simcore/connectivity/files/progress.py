"""Progress of reading files, reported to a watcher."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[str, int, int], None]
"""Called with the path of a file, the bytes read so far, and its size in bytes."""

_watcher: ContextVar[Watcher | None] = ContextVar("watcher of files that are read", default=None)


@contextmanager
def reading_watched(watcher: Watcher | None) -> Iterator[None]:
    """Call `watcher` while files with edges are read within the block."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell(path: str, done: int, size: int) -> None:
    """Report to the watcher that `done` of `size` bytes of a file have been read."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(path, done, size)
