"""The files of the pictures of rooflines, and of the floorlines of runs on chips."""

from collections.abc import Sequence
from pathlib import Path

from benchnn.chips.floorline import ChipRun
from benchnn.report.floorline_picture import draw
from benchnn.report.picture import Picture
from benchnn.report.roofline_section import roofline_section
from benchnn.report.sources import roofline_source
from benchnn.report.style import drawing
from simcore.recording.files import replaced_file


def draw_roofline(folder: Path, runs: Sequence[ChipRun]) -> list[Path]:
    """Write the picture of a folder's record into it as SVG, and that of the floorlines of runs; returns their paths.

    Raises
    ------
    InputError
        If a file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    paths = []
    with drawing():
        section = roofline_section(roofline_source(folder))
        for picture in (entry for chapter in section.chapters for entry in chapter.content):
            if isinstance(picture, Picture):
                paths.append(folder / f"{picture.name}.svg")
                with replaced_file(paths[-1]) as aside:
                    aside.write_bytes(picture.written("svg"))
    if runs:
        paths.append(folder / "floorline.svg")
        draw(runs, paths[-1])
    return paths
