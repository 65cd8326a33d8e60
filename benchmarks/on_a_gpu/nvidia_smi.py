"""Read properties of the GPU with the driver's program nvidia-smi, without changing any setting."""

import csv
import io
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from on_a_gpu.errors import NotMeasuredError

FIELDS = {
    "name": "name",
    "uuid": "uuid",
    "driver": "driver_version",
    "memory_mib": "memory.total",
    "memory_used_mib": "memory.used",
    "sm_clock_mhz": "clocks.sm",
    "sm_clock_max_mhz": "clocks.max.sm",
    "memory_clock_mhz": "clocks.mem",
    "memory_clock_max_mhz": "clocks.max.mem",
    "power_w": "power.draw",
    "power_limit_w": "power.limit",
    "temperature_c": "temperature.gpu",
    "performance_state": "pstate",
    "ecc": "ecc.mode.current",
    "mig": "mig.mode.current",
}
"""Names in nvidia-smi by name in the record."""
SAMPLED = {
    "sm_clock_mhz": "clocks.sm",
    "memory_clock_mhz": "clocks.mem",
    "power_w": "power.draw",
    "temperature_c": "temperature.gpu",
    "memory_used_mib": "memory.used",
    "utilisation_percent": "utilization.gpu",
}
INTERVAL_MS = 100
LIMIT_S = 20.0


def state() -> dict[str, Any]:
    """Name, driver, memory, clocks and power limit of the GPU in use; None for values that the driver does not report.

    Raises
    ------
    NotMeasuredError
        If nvidia-smi is missing, or fails.
    """
    try:
        done = subprocess.run(_query(FIELDS), capture_output=True, text=True, check=False, timeout=LIMIT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMeasuredError(f"nvidia-smi cannot be run: {error}") from error
    rows = list(csv.reader(io.StringIO(done.stdout), skipinitialspace=True))
    if done.returncode != 0 or not rows:
        raise NotMeasuredError(f"nvidia-smi says: {(done.stdout + done.stderr).strip()}")
    return _values(FIELDS, rows[0])


@contextmanager
def sampled(path: Path) -> Iterator[None]:
    """Write a sample of the GPU to a file several times a second, while the block runs."""
    with path.open("wb") as output:
        command = [*_query(SAMPLED), f"--loop-ms={INTERVAL_MS}"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def summary(path: Path) -> dict[str, Any]:
    """Smallest, mean and largest of the samples in which the GPU worked.

    Raises
    ------
    NotMeasuredError
        If there are none.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    # The last line may be cut off.
    rows = [row for row in csv.reader(io.StringIO(text), skipinitialspace=True) if len(row) == len(SAMPLED)]
    samples = [_values(SAMPLED, row) for row in rows]
    working = [sample for sample in samples if (sample["utilisation_percent"] or 0) > 0]
    if not working:
        raise NotMeasuredError(f"nvidia-smi shows no work in {len(samples)} samples")
    spans: dict[str, Any] = {"samples": len(working)}
    for name in SAMPLED:
        values = [sample[name] for sample in working if isinstance(sample[name], float)]
        spans[name] = {"min": min(values), "mean": sum(values) / len(values), "max": max(values)} if values else None
    return spans


def _query(fields: Mapping[str, str]) -> list[str]:
    gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0].strip() or "0"
    return ["nvidia-smi", f"--id={gpu}", f"--query-gpu={','.join(fields.values())}", "--format=csv,noheader,nounits"]


def _values(fields: Mapping[str, str], row: Sequence[str]) -> dict[str, Any]:
    """Convert to a number; None for unknown values such as ``[N/A]``."""
    return {name: _value(text) for name, text in zip(fields, row, strict=True)}


def _value(text: str) -> float | str | None:
    if text.startswith("["):
        return None
    try:
        return float(text)
    except ValueError:
        return text
