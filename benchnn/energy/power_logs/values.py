"""Numbers, powers and times in the cells of a power log."""

import math
import re
from datetime import UTC, datetime

from benchnn.energy.power_logs.headings import W_PER_SYMBOL

NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?", re.ASCII)
"""Numbers with a decimal point or a decimal comma."""
POWER = re.compile(rf"({NUMBER.pattern})\s*({'|'.join(W_PER_SYMBOL)})?", re.ASCII)
DATE = re.compile(r"\d{4}[-/]?\d\d[-/]?\d\d[T ]\d\d", re.ASCII)
ZONE = re.compile(r"(?<!\s)\s*(?:UTC|GMT|Z)$|(?<!\s)\s+(?=[+-]\d\d:?\d\d$)", re.ASCII)
EARLIEST_S, LATEST_S = 1e9, 1e10
"""Range of Unix times in s of the years 2001 to 2286, which does not overlap with times in ms, us or ns."""
SECONDS = (1.0, 1e-3, 1e-6, 1e-9)
LARGEST_W = 1e9


def is_value(cell: str) -> bool:
    """Whether a cell contains a number, a power with its unit, or a date and time."""
    return bool(POWER.fullmatch(cell) or DATE.match(cell))


def power_w(cell: str, unit_w: float | None) -> float:
    """Parse a power in W.

    Parameters
    ----------
    cell
        A number, with or without a unit.
    unit_w
        Unit of the heading, in W; None without a unit.

    Raises
    ------
    ValueError
        If the text is not such a value.
    """
    match = POWER.fullmatch(cell)
    if match is None:
        raise ValueError(f"{cell[:40]!r} is not a power")
    own = W_PER_SYMBOL.get(match[2] or "")
    if own is not None and unit_w is not None and own != unit_w:
        raise ValueError(f"the unit of {cell!r} differs from the unit in the heading of the column")
    factor = own if own is not None else unit_w if unit_w is not None else 1.0
    value = float(match[1].replace(",", ".")) * factor
    if not 0.0 <= value <= LARGEST_W:
        raise ValueError(f"a power must be in [0, {LARGEST_W:g}] W")
    return value


def unix_time_s(cell: str, unit_s: float | None, utc: bool) -> float:
    """Parse a Unix time in s.

    Parameters
    ----------
    cell
        A Unix time in s, ms, us or ns, or a date and time in ISO 8601.
    unit_s
        Unit of the heading, in s; None without a unit.
    utc
        Whether times without a zone are in UTC.

    Raises
    ------
    ValueError
        If the text is not such a value.
    """
    if NUMBER.fullmatch(cell):
        number = float(cell.replace(",", "."))
        times = (number * unit for unit in (SECONDS if unit_s is None else (unit_s,)))
        found = next((time for time in times if EARLIEST_S <= time < LATEST_S), None)
        if found is None:
            units = "s, ms, us or ns" if unit_s is None else "the unit of the column"
            raise ValueError(f"{cell[:40]!r} is not a Unix time in {units}")
        return found
    if not DATE.match(cell):
        raise ValueError(f"{cell[:40]!r} is not a time")
    zoned = ZONE.sub(lambda match: "Z" if match[0].strip() else "", cell.replace("/", "-"))
    moment = datetime.fromisoformat(zoned)
    if moment.tzinfo is None and not utc:
        raise ValueError(
            f"{cell!r} does not have a time zone; append Z or +01:00, or write UTC in the heading of the column"
        )
    time = (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).timestamp()
    if not math.isfinite(time):
        raise ValueError(f"{cell!r} is not a time")
    return time
