"""Power logs, which an external power meter or another program writes during the run.

A log is a text file with a time, a power and other quantities in each line. The column of the power is found by its
heading, or named; powers in mW, kW and uW are converted to W. Power is interpolated linearly between samples.
"""

import math
import re
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

from benchnn.energy.power_logs.columns import find_columns
from benchnn.energy.power_logs.lines import SEMICOLON, LogTable, read_table
from benchnn.energy.power_logs.values import POWER, power_w, unix_time_s
from benchnn.energy.record import DomainEnergy
from benchnn.energy.recorder import Span, clock_fault
from simcore.errors import InputError

LONGEST_GAP = 5.0
"""A gap in the window is reported if it is at least this multiple of the usual interval."""
PATIENCE_S = 5.0
"""Time to wait for the end of the window, s, because meters write with a delay."""
EXPECTED = "must be TIME,WATTS, with the time as Unix time or as ISO 8601 with a time zone"
MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}\D*", re.ASCII)

Samples = list[tuple[float, float]]


def read_power_log(path: Path, column: str | None = None) -> Samples:
    """Read samples (Unix time in s, power in W), in order of time.

    Parameters
    ----------
    path
        The file.
    column
        Heading or number (from 1) of the column of the power; None to find it by its heading.

    Raises
    ------
    InputError
        If the file cannot be read, its columns are unknown, a line does not contain time and power, or time decreases;
        the message names the line.
    """
    return _read(path, column)[0]


def _read(path: Path, column: str | None) -> tuple[Samples, str | None]:
    """The samples, and heading or number of the column of the power; None for two columns without headings."""
    table = read_table(path)
    columns = find_columns(table, path, column)
    _require_one_decimal_mark(table, (columns.time, columns.power), path)
    samples: Samples = []
    for row in table.rows:
        try:
            moment = unix_time_s(row.cells[columns.time], columns.time_unit_s, columns.utc)
            sample = moment, power_w(row.cells[columns.power], columns.power_unit_w)
        except ValueError as error:
            line = f"{path}, line {row.number}: {table.separator.join(row.cells)[:80]!r}"
            raise InputError(f"{line} is not allowed: {error}; {EXPECTED}") from error
        if samples and sample[0] < samples[-1][0]:
            raise InputError(f"{path}, line {row.number}: the time is earlier than in the line above")
        samples.append(sample)
    return samples, columns.name


def _require_one_decimal_mark(table: LogTable, places: tuple[int, int], path: Path) -> None:
    """Refuse numbers with a comma that could be a thousands separator."""
    cells = [(row.number, row.cells[place]) for row in table.rows for place in places]
    if not any("," in cell for _, cell in cells):
        return
    numbers = [(line, cell) for line, cell in cells if POWER.fullmatch(cell)]
    commas = [(line, cell) for line, cell in numbers if "," in cell]
    if not commas:
        return
    where = f"{path}, line {commas[0][0]}: {commas[0][1]!r} is not allowed"
    if any("." in cell for _, cell in numbers):
        raise InputError(f"{where}: use a decimal point, as in other numbers of the log")
    if table.separator != SEMICOLON and all(MAYBE_THOUSANDS.fullmatch(cell) for _, cell in commas):
        raise InputError(
            f"{where}: the comma could be a decimal comma or a thousands separator; use a decimal point, and do not "
            "separate thousands"
        )


def logged_energy_j(samples: Samples, start: float, end: float) -> tuple[float | None, str | None]:
    """Return the energy (J) between two Unix times (s), or None and the reason.

    Parameters
    ----------
    samples
        See `read_power_log`.
    start, end
        The window.
    """
    if not samples:
        return None, "the power log is empty"
    if samples[0][0] > start or samples[-1][0] < end:
        return (
            None,
            f"the power log covers {samples[0][0]:.1f} to {samples[-1][0]:.1f}, not {start:.1f} to {end:.1f}",
        )
    usual = median([t1 - t0 for (t0, _), (t1, _) in pairwise(samples) if t1 > t0] or [0.0])
    parts = []
    for (t0, p0), (t1, p1) in pairwise(samples):
        a, b = max(t0, start), min(t1, end)
        if a >= b:
            continue
        if t1 - t0 > LONGEST_GAP * usual:
            return None, f"the power log has a gap of {t1 - t0:.1f} s in the window"
        at_a, at_b = (p0 + (p1 - p0) * (t - t0) / (t1 - t0) for t in (a, b))
        parts.append((at_a + at_b) / 2.0 * (b - a))
    return math.fsum(parts), None


def power_log_domain(path: Path, span: Span, patience_s: float = PATIENCE_S, column: str | None = None) -> DomainEnergy:
    """Return the energy of a window as a domain that covers all nodes; wait for a log that is still being written.

    The domain has the name of the file, and of the column if it has a heading. It has no energy if the clock that
    determines the window was set during the window.
    """
    end = span.end_unix_s
    fault = clock_fault(span.start_unix_s, end, span.clock_step_s)
    try:
        samples, named = _awaited(path, end, patience_s if fault is None else 0.0, column)
    except InputError as error:
        return _domain(path.name, None, str(error))
    # Records are also shown in terminals.
    shown = named if named is None or named.isprintable() else ascii(named)
    name = path.name if shown is None else f"{path.name}: {shown}"
    if fault is not None:
        return _domain(name, None, fault)
    return _domain(name, *logged_energy_j(samples, span.start_unix_s, end))


def _domain(name: str, energy_j: float | None, fault: str | None) -> DomainEnergy:
    return DomainEnergy(None, "power_log", name, "node", True, None, None, None, energy_j, fault)


def _awaited(path: Path, end: float, patience_s: float, column: str | None) -> tuple[Samples, str | None]:
    samples, named = _read(path, column)
    last_look = time.monotonic() + patience_s
    while samples and samples[-1][0] < end and time.monotonic() < last_look:
        time.sleep(0.1)
        samples, named = _read(path, column)
    return samples, named
