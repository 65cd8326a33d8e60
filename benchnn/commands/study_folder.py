"""The folder of a record and its pictures, which a command writes on request."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from benchnn.commands.output import emit


def asked_folder(folder: Path | None) -> AbstractContextManager[None]:
    """Make the folder before any work; remove it if the block fails and leaves it empty. None makes no folder.

    Raises
    ------
    InputError
        If the folder cannot be made or written to.
    """
    from benchnn.record.folder import made_folder

    return nullcontext() if folder is None else made_folder(folder)


def leave_pictures(folder: Path | None, record: str, draw: Callable[[Path], list[Path]], quiet: bool) -> None:
    """Draw the pictures of a record into its folder and print their names; without matplotlib, print why not.

    Parameters
    ----------
    folder
        Folder of the record; None without a request for a folder.
    record
        Name of the record's file.
    draw
        Writes the pictures and returns their paths.
    quiet
        Whether standard output contains only the record.
    """
    from benchnn.report.floorline_picture import undrawn_because
    from benchnn.running.progress import show

    if folder is None:
        return
    undrawn = undrawn_because()
    pictures = draw(folder) if undrawn is None else []
    if undrawn is not None:
        show(sys.stderr, f"benchnn: the picture was not drawn: {undrawn}\n")
    if not quiet:
        emit(f"\nwritten to {folder}: {', '.join([record, *(path.name for path in pictures)])}\n")
