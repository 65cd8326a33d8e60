"""The file of a floorline picture."""

from collections.abc import Sequence
from pathlib import Path

from benchnn.chips.floorline import ChipRun
from benchnn.report.style import drawing
from simcore.errors import InputError, UnavailableError
from simcore.recording.files import replaced_file

ENDINGS = (".svg", ".png")


def undrawn_because() -> str | None:
    """Why no picture can be drawn here; None if one can."""
    try:
        with drawing():
            return None
    except UnavailableError as error:
        return str(error)


def require_new(path: Path, overwrite: bool) -> None:
    """Refuse a picture that cannot be written, or would replace a file.

    Raises
    ------
    InputError
        Naming the path.
    """
    if path.suffix not in ENDINGS:
        raise InputError(f"out = {str(path)!r} is not allowed: its name must end in {' or '.join(ENDINGS)}")
    if path.exists() and not overwrite:
        raise InputError(f"out = {str(path)!r} is not allowed: it is there already; use --overwrite")


def draw(runs: Sequence[ChipRun], path: Path) -> None:
    """Write the picture of one or several runs.

    Raises
    ------
    InputError
        If the file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    with drawing():
        from benchnn.report.figures.floorline import floorline_picture

        picture = floorline_picture([(f"{run.name}, {run.mapping}", run.traffic.profile) for run in runs])
        with replaced_file(path) as aside:
            aside.write_bytes(picture.written(path.suffix[1:]))
