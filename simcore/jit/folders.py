"""The folders in which machine code is kept: one for each version of the sources, of Numba and of the processor.

They lie in ``benchnn`` below ``BENCHNN_CACHE_DIR``, ``XDG_CACHE_HOME`` or ``~/.cache``. Every version of the program,
of a plug-in and of Numba leaves one, so those that have not been used for long are removed. The time at which a folder
was changed says when it was last used, to a day.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG

DAY_S = 86_400.0
UNUSED_DAYS = 90
NAME = re.compile(r"kernels-[0-9a-f]{16}")
OWN_FILE = re.compile(r".+\.nb[ic]|\.[0-9a-f]{16}\.partial")
"""Index, machine code, and what a process that was killed left of either."""


def cache_root() -> Path | None:
    """Where the folders lie; None for a user without a home, as in some containers."""
    root = os.environ.get("BENCHNN_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    # A model may change the working folder later.
    return None if root.startswith("~") else Path(root).absolute() / "benchnn"


def taken_folder(fingerprint: str) -> Path | None:
    """The folder of a version, made if need be; None if it cannot be made or others can write to it.

    Whoever makes a folder removes those that have not been used for long; several processes may do so at once.
    """
    root = cache_root()
    if root is None:
        return None
    folder = root / f"kernels-{fingerprint}"
    known = folder.is_dir()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return None
    if found.st_uid != os.getuid() or found.st_mode & 0o022 != 0 or not os.access(folder, os.W_OK):
        return None
    if time.time() - found.st_mtime > DAY_S:
        with suppress(OSError):
            os.utime(folder)
    if not known:
        remove_unused(root)
    return folder


def remove_unused(root: Path) -> None:
    """Remove the folders of this user that nothing has used for `UNUSED_DAYS`; whatever fails is left.

    Only files that a cache writes are removed, and folders that are then empty. A process that uses such a folder all
    the same compiles again what it misses.
    """
    oldest = time.time() - UNUSED_DAYS * DAY_S
    for folder in kept_folders(root):
        with suppress(OSError):
            if folder.lstat().st_mtime < oldest:
                _remove(folder)


def kept_folders(root: Path) -> list[Path]:
    """The folders of this user with machine code, of all versions; links are none."""
    found = []
    with suppress(OSError):
        for folder in sorted(root.iterdir()):
            with suppress(OSError):
                told = folder.lstat()
                if NAME.fullmatch(folder.name) and S_ISDIR(told.st_mode) and told.st_uid == os.getuid():
                    found.append(folder)
    return found


def kept_bytes(root: Path) -> int:
    """Size of all machine code that is kept for this user."""
    total = 0
    for folder in kept_folders(root):
        for file in _own_files(folder):
            with suppress(OSError):
                total += file.lstat().st_size
    return total


def _parts(folder: Path) -> Iterator[Path]:
    """Folders in a folder, one for each source file."""
    for part in folder.iterdir():
        if S_ISDIR(part.lstat().st_mode):
            yield part


def _own_files(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        for part in _parts(folder):
            with suppress(OSError):
                for file in part.iterdir():
                    if OWN_FILE.fullmatch(file.name) and S_ISREG(file.lstat().st_mode):
                        yield file


def _remove(folder: Path) -> None:
    # Another process may do the same.
    for file in list(_own_files(folder)):
        with suppress(OSError):
            file.unlink()
    for part in list(_parts(folder)):
        with suppress(OSError):
            part.rmdir()
    folder.rmdir()
