"""The folder that a command leaves where one is asked for: a record, and its pictures."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from benchnn.commands.output import emit


def asked_folder(folder: Path | None) -> AbstractContextManager[None]:
    """Make the folder before any work, and remove it again if the block fails and leaves it empty; None makes none.

    Raises
    ------
    InputError
        If it cannot be made or written to; names the path and the reason.
    """
    from benchnn.record.folder import made_folder

    return nullcontext() if folder is None else made_folder(folder)


def leave_pictures(folder: Path | None, record: str, draw: Callable[[Path], list[Path]], quiet: bool) -> None:
    """Draw the pictures of a record into its folder, and say where all is; without matplotlib, why none is drawn.

    Parameters
    ----------
    folder
        Of the record; None if none was asked for.
    record
        Name of the record's file.
    draw
        Writes the pictures and returns their paths.
    quiet
        Whether standard output has the record, and nothing else.
    """
    from benchnn.report.floorline_picture import undrawn_because
    from benchnn.running.progress import show

    if folder is None:
        return
    undrawn = undrawn_because()
    pictures = draw(folder) if undrawn is None else []
    if undrawn is not None:
        show(sys.stderr, f"benchnn: no picture is drawn: {undrawn}\n")
    if not quiet:
        emit(f"\nwritten to {folder}: {', '.join([record, *(path.name for path in pictures)])}\n")
