"""Power logs: what a meter at the outlet, or another program, wrote beside the run.

A CSV file, two columns: time (Unix time in s, or ISO 8601 with a zone) and power in W. A first line of names is
skipped, and so are empty lines, lines that begin with ``#``, and a last line that has no end. Power is linear between
samples.
"""

import csv
import math
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

from benchnn.energy.record import DomainEnergy
from simcore.errors import InputError

LONGEST_GAP = 5.0
"""A gap in the window that is this many times the usual interval is a hole in the log."""
PATIENCE_S = 5.0
"""How long the end of the window is waited for: meters write late."""


def read_power_log(path: Path) -> list[tuple[float, float]]:
    """Samples (Unix time in s, power in W), in order of time.

    Raises
    ------
    InputError
        If the file cannot be read, a line has no time and power, or time goes back; names the line.
    """
    samples: list[tuple[float, float]] = []
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            # A line without an end is still being written.
            lines = (line for line in stream if line.endswith("\n"))
            for place, (number, cells) in enumerate(_rows(lines)):
                try:
                    sample = _time(cells[0]), _power(cells[1])
                except (ValueError, IndexError) as error:
                    if place == 0:
                        continue  # names of the columns
                    allowed = "write TIME,WATTS, the time as Unix time in s or as ISO 8601 with a zone"
                    raise InputError(f"{path}, line {number}: {','.join(cells)!r} is not allowed: {allowed}") from error
                if samples and sample[0] < samples[-1][0]:
                    raise InputError(f"{path}, line {number}: its time is before that of the line above")
                samples.append(sample)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read the power log {path}: {getattr(error, 'strerror', None) or error}") from error
    return samples


def logged_energy_j(samples: list[tuple[float, float]], start: float, end: float) -> tuple[float | None, str | None]:
    """Energy (J) between two Unix times (s), or None and why it is not known.

    Parameters
    ----------
    samples
        As of `read_power_log`.
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


def power_log_domain(path: Path, start: float, end: float, patience_s: float = PATIENCE_S) -> DomainEnergy:
    """The log's energy of a window, as a domain that covers all nodes; a log that is being written is awaited."""
    try:
        samples = _awaited(path, end, patience_s)
    except InputError as error:
        return _domain(path, None, str(error))
    return _domain(path, *logged_energy_j(samples, start, end))


def _domain(path: Path, energy_j: float | None, fault: str | None) -> DomainEnergy:
    return DomainEnergy(None, "power_log", path.name, "node", True, None, None, None, energy_j, fault)


def _awaited(path: Path, end: float, patience_s: float) -> list[tuple[float, float]]:
    samples = read_power_log(path)
    last_look = time.monotonic() + patience_s
    while samples and samples[-1][0] < end and time.monotonic() < last_look:
        time.sleep(0.1)
        samples = read_power_log(path)
    return samples


def _rows(stream: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(csv.reader(stream), 1):
        stripped = [cell.strip() for cell in cells]
        if any(stripped) and not stripped[0].startswith("#"):
            yield number, stripped


def _time(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone") from None
        return moment.timestamp()
    return _finite(seconds)


def _power(text: str) -> float:
    return _finite(float(text))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value
