"""The columns of time and power in a power log, found by headings, or for the power by name or number."""

import re
from dataclasses import dataclass
from pathlib import Path

from benchnn.energy.power_logs.headings import (
    names_device,
    names_power,
    names_time,
    names_utc,
    power_unit_w,
    time_unit_s,
)
from benchnn.energy.power_logs.lines import LogTable
from benchnn.energy.power_logs.values import unix_time_s
from simcore.display.words import counted
from simcore.errors import InputError

OPTION = "--power-column NAME or NUMBER"
BRACKETED = re.compile(r"(?<!\s)\s*[\[(][^\[(\])]*[\])]$")
SHOWN = 12
"""Maximum number of headings in a message."""


@dataclass(frozen=True)
class LogColumns:
    """Places of time and power in each line.

    Parameters
    ----------
    time, power
        Places in a line, from 0.
    name
        Heading or number of the column of the power; None if the log has two columns without headings.
    time_unit_s
        Unit of numeric times, in s; None if it follows from their size.
    utc
        Whether times without a time zone are in UTC.
    power_unit_w
        Unit of powers, in W; None without a line of names.
    """

    time: int
    power: int
    name: str | None
    time_unit_s: float | None
    utc: bool
    power_unit_w: float | None


def find_columns(table: LogTable, path: Path, wanted: str | None) -> LogColumns:
    """Find the columns of time and power.

    Parameters
    ----------
    table
        The log.
    path
        For messages.
    wanted
        Heading or number (from 1) of the column of the power; None to find it by its heading.

    Raises
    ------
    InputError
        If no column or several columns have the heading of a power, the named column does not exist or contains another
        quantity, or the log contains several devices.
    """
    width = len(table.headings or (table.rows[0].cells if table.rows else ()))
    if width == 0:
        return LogColumns(0, 1, None, None, False, None)
    if table.headings is None:
        return _without_headings(width, path, wanted)
    headings = list(table.headings)
    _require_one_device(table, headings, path)
    power = _only_power(headings, path) if wanted is None else _named(headings, path, wanted)
    name = headings[power]
    unit_w = power_unit_w(name)
    if unit_w is None or names_time(name):
        raise InputError(f"{path}: column {name!r} is not allowed: must contain power in W, mW, kW or uW")
    time = _time_column(table, headings, power, path)
    return LogColumns(time, power, name, time_unit_s(headings[time]), names_utc(headings[time]), unit_w)


def _without_headings(width: int, path: Path, wanted: str | None) -> LogColumns:
    """Two columns are time and power; with more columns, the power must be given, and the time is the first."""
    named = f"{path} has {counted(width, 'column')} without names"
    if width < 2:
        raise InputError(f"{named}; a power log needs a column of times and a column of powers")
    if wanted is None:
        if width != 2:
            raise InputError(f"{named}; pass the number of the power column with {OPTION}")
        return LogColumns(0, 1, None, None, False, None)
    if wanted not in [str(number) for number in range(2, width + 1)]:
        allowed = f"{named}, of which the first is the time; use a number from 2 to {width}"
        raise InputError(f"power_column = {wanted!r} is not allowed: {allowed}")
    return LogColumns(0, int(wanted) - 1, wanted, None, False, None)


def _only_power(headings: list[str], path: Path) -> int:
    found = [place for place, heading in enumerate(headings) if names_power(heading)]
    if len(found) != 1:
        which = "no column" if not found else f"{len(found)} columns"
        listed = f"the columns are {_listed(headings)}"
        raise InputError(f"{path} has {which} whose heading names a power; {listed}; pass {OPTION}")
    return found[0]


def _named(headings: list[str], path: Path, wanted: str) -> int:
    """Place of the column with this heading, with or without the unit in brackets, or else with this number."""
    found = [place for place, heading in enumerate(headings) if heading == wanted]
    found = found or [place for place, heading in enumerate(headings) if BRACKETED.sub("", heading) == wanted]
    if not found:
        found = [place for place in range(len(headings)) if wanted == str(place + 1)]
    if len(found) != 1:
        why = f"{path} has the columns" if not found else f"{len(found)} columns have this name; use the number:"
        raise InputError(f"power_column = {wanted!r} is not allowed: {why} {_listed(headings)}")
    return found[0]


def _time_column(table: LogTable, headings: list[str], power: int, path: Path) -> int:
    """The first column with the heading and the content of a time; without such a heading, the first column."""
    named = [place for place, heading in enumerate(headings) if names_time(heading) and place != power]
    for place in named:
        if not table.rows or _holds_time(table.rows[0].cells[place], headings[place]):
            return place
    others = [place for place in range(len(headings)) if place != power]
    if not others:
        raise InputError(f"{path} does not have a column of times in addition to {headings[power]!r}")
    return (named or others)[0]


def _holds_time(cell: str, heading: str) -> bool:
    try:
        unix_time_s(cell, time_unit_s(heading), names_utc(heading))
    except ValueError:
        return False
    return True


def _require_one_device(table: LogTable, headings: list[str], path: Path) -> None:
    """Refuse a log with alternating lines of several devices, between which powers cannot be interpolated."""
    for place, heading in enumerate(headings):
        if names_device(heading) and not names_time(heading):
            values = {row.cells[place] for row in table.rows}
            if 1 < len(values) < len(table.rows):
                several = f"{len(values)} values of {heading!r}, such as {min(values)!r} and {max(values)!r}"
                raise InputError(f"{path} contains several devices ({several}); write the total power in one column")


def _listed(headings: list[str]) -> str:
    shown = ", ".join(f"{number} {heading!r}" for number, heading in enumerate(headings[:SHOWN], 1))
    return shown + (", ..." if len(headings) > SHOWN else "")
