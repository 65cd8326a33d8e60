"""The files of the pictures of the study of a crossbar."""

from pathlib import Path

from benchnn.report.accelerators_pictures import written_pictures
from benchnn.report.crossbar_section import crossbar_section
from benchnn.report.sources import crossbar_source
from benchnn.report.style import drawing


def draw_crossbar(folder: Path) -> list[Path]:
    """Write the pictures of a folder's record into it as SVG; returns their paths.

    Raises
    ------
    InputError
        If a file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    with drawing():
        return written_pictures(folder, crossbar_section(crossbar_source(folder)))
