"""What a page shows of one folder."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchnn.record.numbers import HTML
from benchnn.record.reading import Record
from benchnn.report.markup import Markup, element
from benchnn.report.picture import Picture


@dataclass(frozen=True)
class Tile:
    """A number that is seen first: its name, its value, and a remark."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True, eq=False)
class Chapter:
    """Pictures and markup under a heading."""

    heading: str
    content: Sequence[Picture | Markup]


@dataclass(frozen=True, eq=False)
class Section:
    """All of one folder.

    Parameters
    ----------
    folder
        As it was given.
    title, lead
        What it is, and one sentence about it.
    tiles
        Numbers that are seen first.
    warnings
        What went wrong, each a paragraph.
    chapters
        The rest; empty ones are left out.
    uses_reference
        Whether a reference that was given is overlaid.
    """

    folder: str
    title: str
    lead: str
    tiles: Sequence[Tile]
    warnings: Sequence[Markup]
    chapters: Sequence[Chapter]
    uses_reference: bool = False


def told(record: Record, key: str, text: str | None = None, absent: str = "none") -> Markup:
    """A value as text, or `absent` and why it is null; `text` replaces how the value is written."""
    value = record.get(key)
    if value is None:
        return element("span", f"{absent}: {record.reason(key)}", class_="null")
    return element("span", record.text(key) or HTML.absent if text is None else text)


def parameter_rows(record: Record) -> list[tuple[str, str]]:
    """Names and values of the parameters of a model."""
    return [(name, "none" if value is None else _parameter(value)) for name, value in record.values.items()]


def _parameter(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
