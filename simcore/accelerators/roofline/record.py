"""Machines and points as records, and the strict reader of their files in JSON or TOML.

A file contains one machine and its points: the keys are the fields of `simcore.accelerators.roofline.machine`, with
``levels`` and ``points`` as lists of tables. Null values in JSON are omitted in TOML; in both, ``reasons`` states why.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from simcore.accelerators.roofline.machine import Level, Machine, Point
from simcore.errors import InputError, require
from simcore.neuromorphic.sheets.reading import read_toml
from simcore.neuromorphic.sheets.toml_values import naming, require_all, require_known

MOST_ENTRIES = 100
"""Largest number of levels, and of points, of a file."""
NEEDED = {Level: ("name",), Machine: ("name", "title", "operation", "levels"), Point: ("name", "ops", "traffic_bytes")}
ENTRIES = ("levels", "points")


def machine_record(machine: Machine, points: Sequence[Point] = ()) -> dict[str, Any]:
    """A machine and its points for JSON; `read_machine` reads it from a file.

    Parameters
    ----------
    machine
        The machine.
    points
        Points that belong to it.

    Returns
    -------
    dict
        Plain values, as a file holds them.
    """
    return {
        **_plain(machine),
        "levels": [_plain(level) for level in machine.levels],
        "points": [_plain(point) for point in points],
    }


def read_machine(path: str | Path) -> tuple[Machine, tuple[Point, ...]]:
    """Read a machine and its points.

    Parameters
    ----------
    path
        A file in the form of `machine_record`, whose name ends in ``.json`` or ``.toml``.

    Returns
    -------
    tuple
        The machine, and its points.

    Raises
    ------
    InputError
        If the file is missing or wrong; the message names file, key and value, and states what is allowed.
    """
    require(isinstance(path, str | Path), "machine", path, "must be the path of a file")
    path = Path(path)
    require(path.suffix in (".json", ".toml"), "machine", str(path), "the name of the file must end in .json or .toml")
    raw = _read_json(path) if path.suffix == ".json" else read_toml(path, "machine", float)[0]
    return machine_of_record(raw, path.name)


def machine_of_record(raw: Mapping[str, Any], file: str) -> tuple[Machine, tuple[Point, ...]]:
    """A machine and its points in the form of `machine_record`.

    Parameters
    ----------
    raw
        Contents of a file.
    file
        Name of the file, for messages.

    Returns
    -------
    tuple
        The machine, and its points.

    Raises
    ------
    InputError
        If the contents are wrong, or a point has traffic at a level that the machine does not have.
    """
    with naming(file):
        levels = [_made(Level, entry, "a level") for entry in _tables(raw, "levels")]
        own = {key: value for key, value in raw.items() if key not in ENTRIES}
        machine = _made(Machine, {**own, "levels": tuple(levels)}, "the machine")
        return machine, tuple(_points(raw, machine))


def _points(raw: Mapping[str, Any], machine: Machine) -> Iterator[Point]:
    names: set[str] = set()
    for entry in _tables(raw, "points"):
        point = _made(Point, entry, "a point")
        require(point.name not in names, "name of a point", point.name, "use a different name for each point")
        names.add(point.name)
        for name in point.traffic_bytes:
            machine.level(name)
        yield point


def _plain(holder: Level | Machine | Point) -> dict[str, Any]:
    values = {entry.name: getattr(holder, entry.name) for entry in fields(holder)}
    return {key: dict(value) if isinstance(value, Mapping) else value for key, value in values.items()}


def _made(kind: Any, entry: Mapping[str, Any], where: str) -> Any:
    """A level, machine or point from a table; null values are treated as missing."""
    given = {key: value for key, value in entry.items() if value is not None}
    require_known(given, [field.name for field in fields(kind)], where, "use")
    require_all(given, NEEDED[kind], where)
    if kind is Machine:
        given.setdefault("peak_ops_per_s", None)
    return kind(**given)


def _tables(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    entries = raw.get(key, [])
    plain = isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    require(plain, key, entries, "must be a list of tables")
    require(len(entries) <= MOST_ENTRIES, f"len({key})", len(entries), f"must be at most {MOST_ENTRIES}")
    return list(entries)


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"machine = {str(path)!r} does not exist", "machine", str(path))
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"machine = {str(path)!r} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"machine = {str(path)!r} is not valid JSON: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise InputError(f"machine = {str(path)!r} is not allowed: the file must contain a single JSON object")
    return raw
