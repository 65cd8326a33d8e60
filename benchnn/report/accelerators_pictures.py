"""The files of the pictures of a workload on accelerators, and of designs of many cores."""

from collections.abc import Callable
from pathlib import Path

from benchnn.report.accelerators_section import accelerators_section
from benchnn.report.many_core_section import many_core_section
from benchnn.report.picture import Picture
from benchnn.report.section import Section
from benchnn.report.sources import accelerators_source, many_core_source
from benchnn.report.style import drawing
from simcore.recording.files import replaced_file


def draw_accelerators(folder: Path) -> list[Path]:
    """Write the pictures of a workload's record into its folder as SVG; returns their paths.

    Raises
    ------
    InputError
        If a file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    return _drawn(folder, lambda: accelerators_section(accelerators_source(folder)))


def draw_many_core(folder: Path) -> list[Path]:
    """As `draw_accelerators`, of designs of many cores."""
    return _drawn(folder, lambda: many_core_section(many_core_source(folder)))


def _drawn(folder: Path, made: Callable[[], Section]) -> list[Path]:
    paths = []
    with drawing():
        for chapter in made().chapters:
            for picture in chapter.content:
                if isinstance(picture, Picture):
                    paths.append(folder / f"{picture.name}.svg")
                    with replaced_file(paths[-1]) as aside:
                        aside.write_bytes(picture.written("svg"))
    return paths
