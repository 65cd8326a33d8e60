"""Files of figures that show which resource binds the steps of a chip."""

from collections.abc import Sequence
from pathlib import Path

from benchnn.chips.bottlenecks import StateMap
from benchnn.chips.floorline import ChipRun
from benchnn.report.picture import Picture
from benchnn.report.style import drawing
from simcore.errors import InputError, UnavailableError
from simcore.recording.files import replaced_file

ENDINGS = (".svg", ".png")


def undrawn_because() -> str | None:
    """Return the reason why figures cannot be drawn here, or None if they can."""
    try:
        with drawing():
            return None
    except UnavailableError as error:
        return str(error)


def require_new(path: Path, overwrite: bool) -> None:
    """Refuse a path without a known ending, or of a file that already exists.

    Raises
    ------
    InputError
        Naming the path.
    """
    if path.suffix not in ENDINGS:
        raise InputError(f"out = {str(path)!r} is not allowed: its name must end in {' or '.join(ENDINGS)}")
    if path.exists() and not overwrite:
        raise InputError(f"{path} already exists; pass --overwrite to replace it")


def draw(runs: Sequence[ChipRun], path: Path) -> None:
    """Write the floorline figure of one or several runs.

    Raises
    ------
    InputError
        If the file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    with drawing():
        from benchnn.report.figures.floorline import floorline_picture

        _write(floorline_picture([(f"{run.name}, {run.mapping}", run.traffic.profile) for run in runs]), path)


def draw_bottlenecks(found: StateMap, path: Path) -> None:
    """Write the map of the resources that bind the steps of many runs.

    Raises
    ------
    InputError
        If the file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    with drawing():
        from benchnn.report.figures.bottlenecks import bottleneck_picture

        _write(bottleneck_picture(found), path)


def _write(picture: Picture, path: Path) -> None:
    with replaced_file(path) as aside:
        aside.write_bytes(picture.written(path.suffix[1:]))
