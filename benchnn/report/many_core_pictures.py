"""The files of the pictures of designs of many cores."""

from pathlib import Path

from benchnn.report.accelerators_pictures import written_pictures
from benchnn.report.many_core_section import many_core_section
from benchnn.report.sources import many_core_source
from benchnn.report.style import drawing


def draw_many_core(folder: Path) -> list[Path]:
    """Write the pictures of a folder's record into it as SVG; returns their paths.

    Raises
    ------
    InputError
        If a file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    with drawing():
        return written_pictures(folder, many_core_section(many_core_source(folder)))
