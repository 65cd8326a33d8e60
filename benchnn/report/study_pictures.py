"""The files of the pictures of a study: those of its section of a report."""

from collections.abc import Callable
from pathlib import Path

from benchnn.report.picture import Picture
from benchnn.report.section import Section
from benchnn.report.sources import StudySource, read_study
from benchnn.report.style import drawing
from simcore.recording.files import replaced_file


def draw_study(folder: Path, name: str, section: Callable[[StudySource], Section]) -> list[Path]:
    """Write the pictures of a folder's record into it as SVG.

    Parameters
    ----------
    folder
        With the record.
    name
        Of the record's file, one of `benchnn.report.sources.STUDIES`.
    section
        The section of a report that follows from it.

    Returns
    -------
    list of Path
        The files written.

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
