"""One writer at a time: a lock file that names the writer, and that loses its effect when the writer ends.

If the file system supports locks, the kernel releases the lock of a process that ends in any way. Otherwise (ENOLCK on
some network and parallel file systems), the content of the file is the lock. A process of this machine loses it when it
ends; the state of a process on another machine is unknown.
"""

import errno
import fcntl
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcore.errors import InputError

LOCK = ".benchnn.lock"
"""Name of the lock file in the folder of a result."""
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
"""Errors of a file system that does not support locks."""
PATIENCE_S = 0.3
"""Seconds to wait while another process only checks the lock, starts or ends."""
CLAIM_S = 60.0
"""Age in seconds from which a claim, which normally lasts for some system calls, belongs to a killed process."""
LONGEST = 4096


@dataclass(frozen=True)
class Owner:
    """The process that signed a lock file: `process` identifies it uniquely, and is empty if unknown."""

    by_file: bool
    host: str
    pid: int
    process: tuple[str, ...]

    def is_over(self) -> bool:
        """Whether the process is known to have ended: it ran on this machine and no longer exists."""
        here = _process(os.getpid())
        return len(self.process) == 3 and self.process[:2] == here[:2] and _process(self.pid) != self.process

    def text(self, path: Path, locked: bool) -> str:
        """Message for the user; `locked` is true if the kernel knows that the owner still runs."""
        known = locked or _process(self.pid) == self.process != ()
        advice = "" if known else f"; if this process has ended, remove {path}"
        return f"another run (process {self.pid} on {self.host!r}) is writing to it{advice}"


@contextmanager
def held(path: Path, field: str, wait_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold a lock file, which exists only in the block.

    Parameters
    ----------
    path
        The file, in an existing folder.
    field
        The locked object, such as ``out = 'results/a'``, for messages.
    wait_s
        Time to wait for another process, s; it restarts when the owner changes.

    Raises
    ------
    InputError
        If another process holds the file, or it cannot be made.
    """
    until, before = time.monotonic() + wait_s, None
    try:
        while isinstance(taken := _tried(path), str):
            if taken != before:
                until, before = time.monotonic() + wait_s, taken
            if time.monotonic() > until:
                raise InputError(f"{field} cannot be used: {taken}")
            time.sleep(0.02)
    except OSError as error:
        raise InputError(f"{field} cannot be written to: {error.strerror or error}") from error
    try:
        yield
    finally:
        # Removed before it is released: a waiting process sees that the name belongs to another file.
        with suppress(OSError):
            path.unlink()
        with suppress(OSError):
            # A child that was forked in the block shares the lock.
            fcntl.flock(taken, fcntl.LOCK_UN)
        os.close(taken)


def refuse_held(path: Path, field: str) -> None:
    """Require that no process holds a lock file.

    Raises
    ------
    InputError
        If a process holds it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        owner = _owner(descriptor)
        locked = None if owner is None or owner.by_file else _lock(descriptor, fcntl.LOCK_SH)
        if owner is not None and not locked and not owner.is_over():
            raise InputError(f"{field} cannot be used: {owner.text(path, locked is False)}")
    except OSError:
        return
    finally:
        os.close(descriptor)


def has_locks(folder: Path) -> bool:
    """Whether the file system of a folder supports locks of bytes, as SQLite uses; True if it cannot be written to.

    SQLite does not distinguish a file system without locks from locks that another process holds.
    """
    try:
        # Not the database: closing a file releases all locks of the process on it.
        with tempfile.TemporaryFile(dir=folder) as probe:
            fcntl.lockf(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in NO_LOCKS
    return True


def _tried(path: Path) -> int | str:
    """Return the descriptor of the lock file, which this process now holds, or the reason why it does not."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except FileNotFoundError:
        return "the folder no longer exists"
    kept = False
    try:
        locked = _lock(descriptor, fcntl.LOCK_EX)
        owner = _owner(descriptor)
        # An owner that signed on a file system with locks and no longer has its lock has ended.
        trusted = owner is not None and (owner.by_file or not locked)
        if locked is False or (owner is not None and trusted and not owner.is_over()):
            return "another run is starting in it" if owner is None else owner.text(path, locked is False)
        if locked is None and not _claimed(descriptor, path):
            return "another run is starting in it"
        if locked and not _is_at(descriptor, path):
            return "another run has just ended in it"
        if locked:
            _sign(descriptor, path, by_file=False)
        kept = True
        return descriptor
    finally:
        if not kept:
            os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool | None:
    """Whether an open file could be locked; None if the file system does not support locks."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return None
    return True


def _claimed(descriptor: int, path: Path) -> bool:
    """Sign an unsigned lock file without locks; a second file ensures that only one process at a time does so."""
    claim = path.with_name(f"{path.name}.claim")
    try:
        os.close(os.open(claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError:
        with suppress(FileNotFoundError):
            if time.time() - claim.stat().st_mtime > CLAIM_S:
                claim.unlink()
        return False
    try:
        owner = _owner(descriptor)
        free = _is_at(descriptor, path) and (owner is None or owner.is_over())
        if free:
            _sign(descriptor, path, by_file=True)
        return free
    finally:
        claim.unlink(missing_ok=True)


def _sign(descriptor: int, path: Path, by_file: bool) -> None:
    """Write the owner to a lock file that no other process holds; remove the file if that fails."""
    pid = os.getpid()
    signed = {"by_file": by_file, "host": socket.gethostname(), "pid": pid, "process": _process(pid)}
    try:
        os.ftruncate(descriptor, 0)
        # All of the text: a nearly full disk may accept only a part at first.
        with open(descriptor, "wb", closefd=False) as file:
            file.write(json.dumps(signed).encode())
        # Other machines read the file.
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def _owner(descriptor: int) -> Owner | None:
    """The owner that signed a lock file; None without a complete signature."""
    try:
        fields: Any = json.loads(os.pread(descriptor, LONGEST, 0))
        by_file, host, pid, process = fields["by_file"], fields["host"], fields["pid"], fields["process"]
        return Owner(by_file is True, str(host), int(pid), tuple(map(str, process)))
    except (OSError, ValueError, LookupError, TypeError, RecursionError, OverflowError):
        return None


def _process(pid: int) -> tuple[str, ...]:
    """The boot of this machine, its PID namespace and the start of the process; empty if the process does not exist."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # The second field is a name in parentheses, which may contain anything.
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        return boot, os.readlink("/proc/self/ns/pid"), stat.split()[19]
    except (OSError, IndexError):
        return ()


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file still has this name."""
    try:
        named, opened = path.stat(), os.fstat(descriptor)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
