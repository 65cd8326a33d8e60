"""Files that are either whole or not there: written aside and renamed."""

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
"""Errors by which a disk, a quota or a file-size limit says that it is full."""


@contextmanager
def replaced_file(path: PathLike) -> Iterator[Path]:
    """Yield the path of a new, empty file in the folder of `path`; rename it to `path` when the block has succeeded.

    Whatever ends the block early removes the new file and leaves an existing `path` as it was. The file has the
    permissions of any new file; a symbolic link is followed.

    Parameters
    ----------
    path
        The file to make or to replace; its folder must exist.

    Raises
    ------
    ResourceError
        If the disk, a quota or a file-size limit is full; names the path and the reason.
    InputError
        If the file cannot be written for another reason (any OSError of the block), or is no regular file.

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
    """Write through to the disk: a network file system reports a full disk or quota only now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
