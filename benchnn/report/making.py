"""Make reports: read all folders and draw all figures before anything is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchnn.accelerators.crossbars.record_keys import RECORD as CROSSBAR
from benchnn.accelerators.many_core.record_keys import RECORD as MANY_CORE
from benchnn.accelerators.record_keys import RECORD as ACCELERATORS
from benchnn.accelerators.roofline.record_keys import RECORD as ROOFLINE
from benchnn.inference.record_keys import RECORD as INFERENCE
from benchnn.report.accelerators_section import accelerators_section
from benchnn.report.comparison_section import comparison_section
from benchnn.report.crossbar_section import crossbar_section
from benchnn.report.inference_section import inference_section
from benchnn.report.many_core_section import many_core_section
from benchnn.report.page import to_html
from benchnn.report.picture import Picture
from benchnn.report.portfolio_section import portfolio_section
from benchnn.report.protocol_section import protocol_section
from benchnn.report.roofline_section import roofline_section
from benchnn.report.run_section import run_section
from benchnn.report.section import Section
from benchnn.report.series_section import series_section
from benchnn.report.sources import (
    ComparisonSource,
    RunSource,
    SeriesSource,
    Source,
    StudySource,
    TrialsSource,
    read_source,
)
from benchnn.report.style import drawing
from benchnn.report.trials_section import differences_section, trials_section
from benchnn.report.validation_section import validation_section
from benchnn.statistics.statistics_set import StatisticsSet, read_set
from benchnn.studies.portfolio_table import RECORD as PORTFOLIO
from benchnn.studies.protocol import RECORD as PROTOCOL
from simcore.errors import InputError
from simcore.recording.files import replaced_file

DEFAULT_NAME = "report.html"
ENDINGS = (".html", ".htm")


STUDY_SECTIONS: Mapping[str, Callable[[StudySource], Section]] = {
    PORTFOLIO: portfolio_section,
    INFERENCE: inference_section,
    ACCELERATORS: accelerators_section,
    ROOFLINE: roofline_section,
    CROSSBAR: crossbar_section,
    MANY_CORE: many_core_section,
    PROTOCOL: protocol_section,
}
"""Functions that make sections, by the name of the record's file."""


@dataclass(frozen=True)
class ReportOptions:
    """The options of ``benchnn report``.

    Parameters
    ----------
    folders
        The folders to report on, at least one.
    out
        Path of the page; by default in the folder, or in the working folder if there are several folders.
    overwrite
        Whether to replace files that already exist.
    figures
        Folder to which the figures are also written; None for none.
    reference
        A set of statistics to overlay; None for none.
    """

    folders: Sequence[Path]
    out: Path | None
    overwrite: bool
    figures: Path | None
    reference: Path | None


@dataclass(frozen=True)
class Made:
    """The files of a report: the page and the figures."""

    page: Path
    figures: list[Path]


def make_report(options: ReportOptions) -> Made:
    """Make a report.

    Raises
    ------
    InputError
        If a folder cannot be reported on, a file already exists, or a file cannot be written.
    UnavailableError
        If matplotlib is not installed.
    """
    page = options.out or (options.folders[0] / DEFAULT_NAME if len(options.folders) == 1 else Path(DEFAULT_NAME))
    if page.suffix not in ENDINGS:
        raise InputError(f"out = {str(page)!r} is not allowed: its name must end in {' or '.join(ENDINGS)}")
    with drawing():
        reference = None if options.reference is None else read_set(options.reference)
        _refuse_existing("out", [page], options.overwrite)
        sources = [read_source(folder) for folder in options.folders]
        sections = [_section(source, reference) for source in sources]
        experiments = [source.trials for source in sources if isinstance(source, TrialsSource)]
        sections += [differences_section(experiments[0], other) for other in experiments[1:]]
        if reference is not None and not any(section.uses_reference for section in sections):
            raise InputError("reference cannot be used: no folder contains a run or a comparison with recorded spikes")
        # JSON may contain lone surrogates, which cannot be encoded in UTF-8.
        text = to_html(sections).encode("utf-8", "replace").decode("utf-8")
        drawn = [] if options.figures is None else _named(sections, options.figures)
        _refuse_existing("figures", [path for *_, paths in drawn for path in paths], options.overwrite)
        written = _write_figures(options.figures, drawn)
    with replaced_file(page) as aside:
        aside.write_text(text, encoding="utf-8")
    return Made(page, written)


def _section(source: Source, reference: StatisticsSet | None) -> Section:
    if isinstance(source, RunSource):
        return run_section(source, reference)
    if isinstance(source, SeriesSource):
        return series_section(source)
    if isinstance(source, ComparisonSource):
        return comparison_section(source, reference)
    if isinstance(source, TrialsSource):
        return trials_section(source)
    if isinstance(source, StudySource):
        return STUDY_SECTIONS[source.record.path.name](source)
    return validation_section(source)


def _refuse_existing(field: str, paths: Sequence[Path], overwrite: bool) -> None:
    for path in paths:
        if path.is_dir():
            raise InputError(f"{field} = {str(path)!r} is not allowed: it is a folder")
        if path.exists() and not overwrite:
            raise InputError(f"{path} already exists; pass --overwrite to replace it")


def _named(sections: Sequence[Section], folder: Path) -> list[tuple[Picture, str, list[Path]]]:
    """Every figure, the prefix of its file names, and its files."""
    found = []
    for number, section in enumerate(sections, 1):
        for chapter in section.chapters:
            for picture in chapter.content:
                if isinstance(picture, Picture):
                    prefix = str(number)
                    found.append((picture, prefix, picture.paths(folder, prefix)))
    return found


def _write_figures(folder: Path | None, drawn: Sequence[tuple[Picture, str, list[Path]]]) -> list[Path]:
    if folder is None:
        return []
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write figures to {folder}: {error.strerror or error}") from error
    return [path for picture, prefix, _ in drawn for path in picture.save(folder, prefix)]
