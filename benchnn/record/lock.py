"""One writer at a time: a lock file that says who writes, and that no process outlives with its right to write.

Where the file system has locks, the kernel releases that of a process which ends, however it ends. Where it has none
(ENOLCK on some network and parallel file systems), what the file says is the lock. A process of this machine that is
over loses it; of another machine's nobody here can know.
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
"""Of the folder of a result."""
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
"""Errors by which a file system says that it has no locks."""
PATIENCE_S = 0.3
"""For the moment in which another process only looks, or begins or ends."""
CLAIM_S = 60.0
"""Age from which a claim, which lasts for some system calls, is that of a killed process."""
LONGEST = 4096


@dataclass(frozen=True)
class Owner:
    """Who signed a lock file: `process` is what tells a process from all others, empty if that is not known."""

    by_file: bool
    host: str
    pid: int
    process: tuple[str, ...]

    def is_over(self) -> bool:
        """Whether it is known to have ended: a process of this machine that is not there any more."""
        here = _process(os.getpid())
        return len(self.process) == 3 and self.process[:2] == here[:2] and _process(self.pid) != self.process

    def text(self, path: Path, locked: bool) -> str:
        """The message for the user; `locked` if the kernel knows that the owner still runs."""
        known = locked or _process(self.pid) == self.process != ()
        advice = "" if known else f"; if that is over, remove {path}"
        return f"another run writes there, process {self.pid} on {self.host!r}{advice}"


@contextmanager
def held(path: Path, field: str, wait_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold a lock file, which is there only meanwhile.

    Parameters
    ----------
    path
        The file, in a folder that is there.
    field
        What it stands for, such as ``out = 'results/a'``, for the message.
    wait_s
        How long to wait for another process, s; the time starts anew when the owner changes.

    Raises
    ------
    InputError
        If another process holds it, naming that, or the file cannot be made.
    """
    until, before = time.monotonic() + wait_s, None
    try:
        while isinstance(taken := _tried(path), str):
            if taken != before:
                until, before = time.monotonic() + wait_s, taken
            if time.monotonic() > until:
                raise InputError(f"{field} is not allowed: {taken}")
            time.sleep(0.02)
    except OSError as error:
        raise InputError(f"{field} cannot be written to: {error.strerror or error}") from error
    try:
        yield
    finally:
        # Removed before it is released: a process that waits sees that the name has gone to another file.
        with suppress(OSError):
            path.unlink()
        with suppress(OSError):
            # A child that was forked meanwhile shares the lock.
            fcntl.flock(taken, fcntl.LOCK_UN)
        os.close(taken)


def refuse_held(path: Path, field: str) -> None:
    """Require that no process holds a lock file.

    Raises
    ------
    InputError
        If one does, naming it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        owner = _owner(descriptor)
        locked = None if owner is None or owner.by_file else _lock(descriptor, fcntl.LOCK_SH)
        if owner is not None and not locked and not owner.is_over():
            raise InputError(f"{field} is not allowed: {owner.text(path, locked is False)}")
    except OSError:
        return
    finally:
        os.close(descriptor)


def has_locks(folder: Path) -> bool:
    """Whether the file system of a folder has locks of bytes, as SQLite uses; True where nothing can be written.

    SQLite itself takes a file system without locks for one whose locks another process holds.
    """
    try:
        # Not the database: to close a file gives back all of the process's locks of it.
        with tempfile.TemporaryFile(dir=folder) as probe:
            fcntl.lockf(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in NO_LOCKS
    return True


def _tried(path: Path) -> int | str:
    """The descriptor of the lock file, which this process now holds, or in words why not."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except FileNotFoundError:
        return "the folder is not there any more"
    kept = False
    try:
        locked = _lock(descriptor, fcntl.LOCK_EX)
        owner = _owner(descriptor)
        # Who signed where there are locks, and has none any more, is over.
        trusted = owner is not None and (owner.by_file or not locked)
        if locked is False or (owner is not None and trusted and not owner.is_over()):
            return "another run begins there" if owner is None else owner.text(path, locked is False)
        if locked is None and not _claimed(descriptor, path):
            return "another run begins there"
        if locked and not _is_at(descriptor, path):
            return "another run has just ended there"
        if locked:
            _sign(descriptor, path, by_file=False)
        kept = True
        return descriptor
    finally:
        if not kept:
            os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool | None:
    """Whether the lock of an open file could be taken; None if the file system has none."""
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
    """Sign the lock file where there are no locks, if nobody has; a second file lets one process at a time do so."""
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
    """Write into a lock file, which nobody else holds, who holds it; remove it if that cannot be written."""
    pid = os.getpid()
    signed = {"by_file": by_file, "host": socket.gethostname(), "pid": pid, "process": _process(pid)}
    try:
        os.ftruncate(descriptor, 0)
        # All of it: a disk that is nearly full may take a part at first.
        with open(descriptor, "wb", closefd=False) as file:
            file.write(json.dumps(signed).encode())
        # Other machines read it.
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def _owner(descriptor: int) -> Owner | None:
    """Who signed a lock file; None if nobody has, wholly."""
    try:
        fields: Any = json.loads(os.pread(descriptor, LONGEST, 0))
        by_file, host, pid, process = fields["by_file"], fields["host"], fields["pid"], fields["process"]
        return Owner(by_file is True, str(host), int(pid), tuple(map(str, process)))
    except (OSError, ValueError, LookupError, TypeError, RecursionError, OverflowError):
        return None


def _process(pid: int) -> tuple[str, ...]:
    """The boot of this machine, what numbers its processes, when the process started; empty if there is no such one."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # The second field is a name in parentheses, which may contain anything.
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        return boot, os.readlink("/proc/self/ns/pid"), stat.split()[19]
    except (OSError, IndexError):
        return ()


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file still is the one of that name."""
    try:
        named, opened = path.stat(), os.fstat(descriptor)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
