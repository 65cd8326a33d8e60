"""Tables of node types and edge types: text files with one line for each type and fields separated by blanks."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from simcore.errors import InputError, printable, shown

NULL = ("NULL", "")
"""Fields without a value."""


@dataclass(frozen=True)
class TypesTable:
    """The types of nodes or edges.

    Parameters
    ----------
    file
        The file.
    columns
        Names of the columns, without that of the ids.
    rows
        Id of each type -> column -> field; None for fields without a value.
    lines
        Line number of each type in the file.
    """

    file: Path
    columns: tuple[str, ...]
    rows: Mapping[int, Mapping[str, str | None]]
    lines: Mapping[int, int]

    def text(self, type_id: int, column: str) -> str | None:
        """A field; None if it has no value."""
        return self.rows[type_id].get(column)

    def number(self, type_id: int, column: str) -> float | None:
        """A field as a finite number; None if it has no value."""
        text = self.text(type_id, column)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not abs(value) < 1e300:
            raise self.error(type_id, column, "must be a number")
        return value

    def error(self, type_id: int, column: str, allowed: str) -> InputError:
        """An error that names the file, the line, the column and the value."""
        text = self.text(type_id, column)
        found = "is missing" if text is None else f"= {shown(text)}"
        return InputError(printable(f"{self.file}, line {self.lines[type_id]}: {column} {found}: {allowed}"), column)


def read_types(path: Path, id_column: str) -> TypesTable:
    """Read a table of types.

    Parameters
    ----------
    path
        The file.
    id_column
        ``node_type_id`` or ``edge_type_id``.

    Raises
    ------
    InputError
        If it cannot be read, a line has the wrong number of fields, or an id is not a whole number or not unique.
    """
    if path.exists() and not path.is_file():
        raise InputError(printable(f"cannot read {path}: it is not a file"))
    try:
        lines = [line.strip(" ") for line in path.read_text(encoding="utf-8-sig").splitlines()]
        # The csv module counts empty lines, but does not return records for them.
        reader = csv.reader(lines, delimiter=" ", skipinitialspace=True, strict=True)
        records = [(reader.line_num, record) for record in reader if record]
    except OSError as error:
        raise InputError(printable(f"cannot read {path}: {error.strerror}")) from error
    except (ValueError, csv.Error) as error:
        raise InputError(printable(f"cannot read {path}: {error}")) from error
    if not records or id_column not in records[0][1]:
        raise InputError(
            printable(f"cannot read {path}: its first line has no column {id_column} (spaces separate columns)")
        )
    names = records[0][1]
    for name in names:
        if names.count(name) > 1:
            raise InputError(printable(f"{path}, line {records[0][0]}: column {name!r} appears twice"))
    rows: dict[int, dict[str, str | None]] = {}
    places: dict[int, int] = {}
    for line, record in records[1:]:
        if len(record) != len(names):
            problem = f"{len(record)} fields, but the table has {len(names)} columns"
            raise InputError(printable(f"{path}, line {line} has {problem}"))
        fields = dict(zip(names, record, strict=True))
        text = fields.pop(id_column)
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise InputError(printable(f"{path}, line {line}: {id_column} = {shown(text)}: must be a whole number"))
        if int(text) in rows:
            raise InputError(printable(f"{path}, line {line}: {id_column} = {text} is not unique"))
        rows[int(text)] = {name: None if field in NULL else field for name, field in fields.items()}
        places[int(text)] = line
    return TypesTable(path, tuple(name for name in names if name != id_column), rows, places)
