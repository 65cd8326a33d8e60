"""Counters of kernels from NVIDIA Nsight Compute (``ncu``), if it is installed and permitted to read them."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from on_a_gpu.errors import NotMeasuredError
from on_a_gpu.session import Session

OPTIONS = ("--set", "full", "--clock-control", "none", "--cache-control", "none", "--target-processes", "all")
"""Options that keep the clocks, and do not flush caches."""
FIRST_METRICS = 11
"""Columns of the table before the metrics."""


def counters(
    session: Session, name: str, program: Sequence[str], kernels: str, skip: int, count: int, limit_s: float
) -> list[dict[str, Any]]:
    """Metrics of some launches of a program.

    Parameters
    ----------
    session
        Session of the call.
    name
        Name of the step.
    program
        Its command.
    kernels
        A regular expression for their names.
    skip, count
        Number of launches of these kernels that are skipped first, and number of launches that are then measured.
    limit_s
        Maximum duration, s.

    Returns
    -------
    list
        For each launch, the kernel, and by metric the value and the unit.

    Raises
    ------
    NotMeasuredError
        If ncu is not installed, fails, or sees no such launch.
    """
    ncu = shutil.which("ncu")
    if ncu is None:
        raise NotMeasuredError("ncu (NVIDIA Nsight Compute) is not installed")
    table = session.out / f"measure_{name}.csv"
    which = ["--kernel-name", f"regex:{kernels}", "--launch-skip", str(skip), "--launch-count", str(count)]
    shown = ["--csv", "--page", "raw", "--log-file", str(table)]
    try:
        session.call(name, [ncu, *OPTIONS, *which, *shown, *program], limit_s)
    except NotMeasuredError as error:
        raise NotMeasuredError(f"{error}{_said(table)}") from error
    launches = launches_of(table.read_text(encoding="utf-8", errors="replace"))
    if not launches:
        raise NotMeasuredError(f"ncu saw no launch of {kernels}{_said(table)}")
    return launches


def launches_of(text: str) -> list[dict[str, Any]]:
    """Read the output of ncu: remarks that begin with ``==``, names of columns, units, and a line for each launch."""
    rows = list(csv.reader(line for line in text.splitlines() if line.startswith('"')))
    if len(rows) < 3:
        return []
    names, units, *launches = rows
    metrics = names.index("CC") + 1 if "CC" in names else FIRST_METRICS
    return [
        {
            "kernel": launch[names.index("Kernel Name")],
            "metrics": {
                name: {"value": _number(value), "unit": unit}
                for name, unit, value in list(zip(names, units, launch, strict=True))[metrics:]
            },
        }
        for launch in launches
    ]


def _said(table: Path) -> str:
    """Error messages of ncu, for example that it has no permission to read the counters."""
    lines = table.read_text(encoding="utf-8", errors="replace").splitlines() if table.exists() else []
    errors = [line.removeprefix("==ERROR==").strip() for line in lines if line.startswith("==ERROR==")]
    return f" (ncu says: {' '.join(errors)})" if errors else ""


def _number(text: str) -> float | str:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return text
