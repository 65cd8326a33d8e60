"""Atomic writing of files under a temporary name, followed by renaming."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simcore.errors import InputError, ResourceError
from simcore.values import usable_path as usable_path

PathLike = str | os.PathLike[str]

NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Error numbers that report a full disk, quota or file-size limit."""


@contextmanager
def replaced_file(path: PathLike) -> Iterator[Path]:
    """Yield the path of a new, empty file in the folder of `path`; rename it to `path` when the block succeeds.

    If the block fails, the new file is removed and an existing `path` does not change. The file has the permissions of
    any new file; a symbolic link is followed.

    Parameters
    ----------
    path
        The file to create or replace; its folder must exist.

    Raises
    ------
    ResourceError
        If the disk, a quota or a file-size limit is full; names the path and the reason.
    InputError
        If the file cannot be written for another reason (any OSError of the block), or is not a regular file.

    Examples
    --------
    >>> with replaced_file("/tmp/result.json") as aside:
    ...     _ = aside.write_text("{}")
    """
    target = Path(os.path.realpath(usable_path(path)))
    aside = target.with_name(f".{target.name[:40]}.{secrets.token_hex(8)}.partial")
    try:
        # Renaming onto /dev/null or a named pipe would replace it for everyone.
        if target.exists() and not target.is_file():
            raise InputError(f"cannot write {os.fspath(path)}: it is not a regular file")
        aside.touch(exist_ok=False)
        yield aside
        _flush(aside)
        os.replace(aside, target)
    except BaseException as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            kind = ResourceError if error.errno in NO_SPACE else InputError
            raise kind(f"cannot write {os.fspath(path)}: {error.strerror or error}") from error
        raise


def _flush(path: Path) -> None:
    """Flush to disk, because a network file system reports a full disk or quota only then."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
