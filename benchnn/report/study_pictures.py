"""Files of the figures of a study, which are those of its section of a report."""

from collections.abc import Callable
from pathlib import Path

from benchnn.report.picture import Picture
from benchnn.report.section import Section
from benchnn.report.sources import StudySource, read_study
from benchnn.report.style import drawing
from simcore.recording.files import replaced_file


def draw_study(folder: Path, name: str, section: Callable[[StudySource], Section]) -> list[Path]:
    """Write the figures of a folder's record as SVG into the folder.

    Parameters
    ----------
    folder
        Folder with the record.
    name
        Name of the record's file, one of `benchnn.report.sources.STUDIES`.
    section
        Function that makes the section of a report from the record.

    Returns
    -------
    list of Path
        Paths of the files.

    Raises
    ------
    InputError
        If the record is damaged, or a file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    paths = []
    with drawing():
        entries = [entry for chapter in section(read_study(folder, name)).chapters for entry in chapter.content]
        for picture in entries:
            if isinstance(picture, Picture):
                paths.append(folder / f"{picture.name}.svg")
                with replaced_file(paths[-1]) as aside:
                    aside.write_bytes(picture.written("svg"))
    return paths
