"""Lines of a power log as cells, for any separator."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchnn.energy.power_logs.headings import names_time
from benchnn.energy.power_logs.values import DATE, NUMBER, is_value
from simcore.errors import InputError

SPACE, TAB, SEMICOLON, COMMA = " ", "\t", ";", ","
DATE_AND_TIME = re.compile(
    r"(\d{4}[-/]\d\d[-/]\d\d) +(\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(?: +(UTC|GMT|Z|[+-]\d\d:?\d\d)(?= |$))?", re.ASCII
)
BEFORE_UNIT = re.compile(r"(?<=\d) +(?=[mkuµμ]?[Ww](?: |$))", re.ASCII)


@dataclass(frozen=True)
class Row:
    """A line of values: its number in the file, from 1, and its cells."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class LogTable:
    """Lines of a power log.

    Parameters
    ----------
    separator
        Text between cells.
    headings
        A heading for each column; None without a line of names.
    rows
        Lines of values, with the same number of cells each.
    """

    separator: str
    headings: list[str] | None
    rows: Sequence[Row]


def read_table(path: Path) -> LogTable:
    """Split a power log into cells; a last line without a line end is still being written, and is ignored.

    The line of names is the first line if it does not contain a number; otherwise the last comment before it that has
    as many cells and names a time.

    Raises
    ------
    InputError
        If the file cannot be read as text, or a line has more or fewer cells than the first.
    """
    comments: list[str] = []
    lines: list[tuple[int, str]] = []
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, 1):
                text = line.strip(" \r\n")
                if not line.endswith(("\n", "\r")) or not text.strip(" ,;\t"):
                    continue
                if not text.startswith("#"):
                    lines.append((number, text))
                elif not lines:
                    comments.append(text.lstrip("# "))
        separator = _separator(lines[0][1]) if lines else COMMA
        rows = [Row(number, _cells(text, separator)) for number, text in lines]
        commented = [_cells(comment, separator) for comment in comments]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read the power log {path}: {getattr(error, 'strerror', None) or error}") from error
    if not rows:
        return LogTable(separator, None, [])
    headings = _headings(rows[0].cells, commented)
    width = len(headings or _without_last_empty(rows[0].cells))
    # Some programs repeat their line of names.
    values = [_fitting(row, width) for row in rows if _without_last_empty(row.cells) != headings]
    for row in values:
        if len(row.cells) != width:
            raise InputError(
                f"{path}, line {row.number}: {separator.join(row.cells)[:80]!r} is not allowed: "
                f"must have {width} columns, like {'the line with the names' if headings else 'the first line'}"
            )
    return LogTable(separator, headings, values)


def _headings(first: list[str], comments: Sequence[list[str]]) -> list[str] | None:
    if not any(is_value(cell) for cell in first):
        return _without_last_empty(first)
    width = len(_without_last_empty(first))
    fitting = (cells for cells in map(_without_last_empty, reversed(comments)) if len(cells) == width)
    return next((cells for cells in fitting if any(map(names_time, cells))), None)


def _fitting(row: Row, width: int) -> Row:
    """Remove an additional empty cell."""
    return Row(row.number, row.cells[:width]) if len(row.cells) == width + 1 and not row.cells[-1] else row


def _without_last_empty(cells: list[str]) -> list[str]:
    """Remove the last cell if it is empty, because many programs end lines with a separator."""
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _separator(line: str) -> str:
    """Find the separator of a line: in numbers separated by spaces, a comma is a decimal comma."""
    for mark in (TAB, SEMICOLON):
        if mark in line:
            return mark
    parts = _joined(re.sub(r"(?<! ) *, +", ",", line)).split()
    values = len(parts) > 1 and all(NUMBER.fullmatch(part) or is_value(part) or DATE.match(part) for part in parts)
    return SPACE if values or COMMA not in line else COMMA


def _cells(line: str, separator: str) -> list[str]:
    text = _joined(line) if separator == SPACE else line
    # A reader for each line, so that a stray quote affects only its line; most lines do not need a reader.
    quoted = csv.reader([text], delimiter=separator, skipinitialspace=True) if '"' in text else None
    cells = text.split(None if separator == SPACE else separator) if quoted is None else next(quoted, [])
    return [cell.strip() for cell in cells]


def _joined(line: str) -> str:
    """Remove the spaces in dates and times, and between numbers and units."""
    return BEFORE_UNIT.sub("", DATE_AND_TIME.sub(r"\1T\2\3", line))
