"""Files of figures of rooflines, and of floorlines of runs on chips."""

from collections.abc import Sequence
from pathlib import Path

from benchnn.accelerators.roofline.record_keys import RECORD
from benchnn.chips.floorline import ChipRun
from benchnn.report.floorline_picture import draw
from benchnn.report.roofline_section import roofline_section
from benchnn.report.study_pictures import draw_study


def draw_roofline(folder: Path, runs: Sequence[ChipRun]) -> list[Path]:
    """Write the figures of a folder's record, and the floorline of runs, as SVG into the folder; return their paths.

    Raises
    ------
    InputError
        If a file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    paths = draw_study(folder, RECORD, roofline_section)
    if runs:
        paths.append(folder / "floorline.svg")
        draw(runs, paths[-1])
    return paths
