"""The files of the pictures of a workload on accelerators."""

from pathlib import Path

from benchnn.report.accelerators_section import accelerators_section
from benchnn.report.picture import Picture
from benchnn.report.section import Section
from benchnn.report.sources import accelerators_source
from benchnn.report.style import drawing
from simcore.recording.files import replaced_file


def draw_accelerators(folder: Path) -> list[Path]:
    """Write the pictures of a folder's record into it as SVG; returns their paths.

    Raises
    ------
    InputError
        If a file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    with drawing():
        return written_pictures(folder, accelerators_section(accelerators_source(folder)))


def written_pictures(folder: Path, section: Section) -> list[Path]:
    """Write the pictures of a section into a folder as SVG; returns their paths.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    paths = []
    for chapter in section.chapters:
        for picture in chapter.content:
            if isinstance(picture, Picture):
                paths.append(folder / f"{picture.name}.svg")
                with replaced_file(paths[-1]) as aside:
                    aside.write_bytes(picture.written("svg"))
    return paths
