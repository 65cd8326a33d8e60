"""Folders of machine code, one for each version of the sources, of Numba and of the processor.

They are in ``benchnn`` below ``BENCHNN_CACHE_DIR``, ``XDG_CACHE_HOME`` or ``~/.cache``. Every version of the program,
of a plug-in and of Numba creates a folder; folders that have not been used for a long time are removed. The
modification time of a folder shows when it was last used, to within a day.
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
"""Names of files with an index or machine code, including remains of killed processes."""


def cache_root() -> Path | None:
    """Return the place of the folders; None for a user without a home, as in some containers."""
    root = os.environ.get("BENCHNN_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    # A model can change the working folder later.
    return None if root.startswith("~") else Path(root).absolute() / "benchnn"


def taken_folder(fingerprint: str) -> Path | None:
    """Return the folder of a version, creating it if necessary; None if this fails or others can write to it.

    A process that creates a folder removes folders that have not been used for a long time; several processes can do
    this concurrently.
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
    """Remove the folders of this user that have not been used for `UNUSED_DAYS`, ignoring failures.

    Only files that a cache writes are removed, and folders that are then empty. A process that still uses such a folder
    compiles missing kernels again.
    """
    oldest = time.time() - UNUSED_DAYS * DAY_S
    for folder in kept_folders(root):
        with suppress(OSError):
            if folder.lstat().st_mtime < oldest:
                _remove(folder)


def kept_folders(root: Path) -> list[Path]:
    """Return the folders of this user with machine code of all versions, without links."""
    found = []
    with suppress(OSError):
        for folder in sorted(root.iterdir()):
            with suppress(OSError):
                status = folder.lstat()
                if NAME.fullmatch(folder.name) and S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
                    found.append(folder)
    return found


def kept_bytes(root: Path) -> int:
    """Return the size of all cached machine code of this user."""
    total = 0
    for folder in kept_folders(root):
        for file in _own_files(folder):
            with suppress(OSError):
                total += file.lstat().st_size
    return total


def _parts(folder: Path) -> Iterator[Path]:
    """Return the folders in a folder, one for each source file."""
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
    # Another process may do the same concurrently.
    for file in list(_own_files(folder)):
        with suppress(OSError):
            file.unlink()
    for part in list(_parts(folder)):
        with suppress(OSError):
            part.rmdir()
    folder.rmdir()
