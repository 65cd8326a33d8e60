"""Sections of a page, one for each folder, and the parts that all kinds of sections share."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from benchnn.record.reading import Record
from benchnn.report.picture import Picture
from simcore.display.markup import Markup, element, pairs
from simcore.display.numbers import HTML

NAMES = {
    "git_commit": "commit",
    "source_digest": "digest of the sources",
    "model_digest": "digest of the model file",
    "tables_digest": "digest of the tables",
    "host": "host",
    "cpu_model": "processor",
    "cpu_governor": "frequency governor",
    "affinity": "usable CPUs",
    "os": "operating system",
    "python": "Python",
    "slurm_job_id": "Slurm job",
    "started_utc": "started (UTC)",
    "finished_utc": "finished (UTC)",
}


@dataclass(frozen=True)
class Tile:
    """A number at the top of a section: its name, its value, and a remark."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True, eq=False)
class Chapter:
    """Figures and markup under a heading."""

    heading: str
    content: Sequence[Picture | Markup]


@dataclass(frozen=True, eq=False)
class Section:
    """The contents of one folder.

    Parameters
    ----------
    folder
        The folder as the user gave it.
    title, lead
        Heading, and one sentence about the contents.
    tiles
        Numbers at the top of the section.
    warnings
        One paragraph for each problem.
    chapters
        All other contents; empty chapters are left out.
    uses_reference
        Whether the section overlays the given reference.
    """

    folder: str
    title: str
    lead: str
    tiles: Sequence[Tile]
    warnings: Sequence[Markup]
    chapters: Sequence[Chapter]
    uses_reference: bool = False


def value_or_reason(record: Record, key: str, text: str | None = None, absent: str = "none") -> Markup:
    """A value as text, or `absent` and the reason why it is null; `text` replaces the default text of a value."""
    value = record.get(key)
    if value is None:
        return element("span", f"{absent}: {record.reason(key)}", class_="null")
    return element("span", record.text(key) or HTML.absent if text is None else text)


def parameter_rows(record: Record) -> list[tuple[str, str]]:
    """Names and values of the parameters of a model."""
    return [(name, parameter_text(value)) for name, value in record.values.items()]


def parameter_text(value: object) -> str:
    """The value of a parameter."""
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def origin_chapter(record: Record) -> Chapter:
    """Version, commit, machine, packages and command of a run."""
    provenance, simulator = record.part("provenance"), record.part("simulator")
    version = f"{simulator.text('name') or HTML.absent} {simulator.text('version') or ''}"
    rows: list[tuple[str, str]] = [("run", record.text("run_id") or HTML.absent), ("simulator", version)]
    rows += [(name, value_or_reason(record, f"provenance.{key}")) for key, name in NAMES.items()]
    rows.append(("memory of the host", HTML.size(provenance.number("memory_total_bytes"))))
    packages = provenance.part("packages")
    rows.append(("packages", ", ".join(f"{name} {packages.text(name)}" for name in packages.values) or HTML.absent))
    rows += [("plug-in", _plug_in(part)) for part in record.parts("plug_ins")]
    return Chapter("Origin", [pairs("Origin of the result", rows), command_line(record)])


def _plug_in(part: Record) -> str:
    """Kind, name, origin and digest of a plug-in."""
    origin = " ".join(part.text(key) or "" for key in ("distribution", "version")).strip() or "a file"
    return f"{part.text('kind')} {part.text('name')} from {origin}, digest of its sources {part.text('source_sha256')}"


def command_line(record: Record) -> Markup:
    """The command of a record, quoted for a shell."""
    return element("pre", element("code", shlex.join(map(str, record.list("command")))))
