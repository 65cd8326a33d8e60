"""Add energy from a power log or from Slurm's accounting to the record of a finished run."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from benchnn.energy.power_log import power_log_domain
from benchnn.energy.record import RunEnergy, energy_reasons, nothing_measured, per_event_uj, with_outside
from benchnn.energy.recorder import Span
from benchnn.energy.slurm_accounting import JobEnergy
from benchnn.record.folder import RECORD
from benchnn.record.json_text import to_json
from benchnn.record.keys import number_of
from benchnn.record.lock import LOCK, held
from benchnn.record.reading import read_run
from simcore.errors import InputError, require
from simcore.recording.files import replaced_file

WAIT_S = 60.0
"""Time to wait for another process that adds to the same record, s."""


def amendable_record(folder: Path) -> dict[str, Any]:
    """Read the record of a finished run, with all keys that amending needs.

    Raises
    ------
    InputError
        If the folder does not contain a record that this version knows.
    """
    record = read_run(folder / RECORD)
    for name in ("time", "wall_s", "reasons", "provenance", "energy"):
        record.part(name)
        if name not in record.values or (name != "energy" and record.get(name) is None):
            raise InputError(f"{record.path} is not the record of a run: {name} is missing")
    return dict(record.values)


def taken_for_amending(folder: Path) -> AbstractContextManager[None]:
    """Keep other processes from writing to the folder of a result in the block; wait for a process that does."""
    return held((folder / LOCK).absolute(), f"folder = {str(folder)!r}", WAIT_S)


def with_power_log(record: dict[str, Any], log: Path, column: str | None = None) -> dict[str, Any]:
    """Return the record with the energy that a power log shows for the state propagation.

    Parameters
    ----------
    record
        Record of a finished run.
    log
        The power log.
    column
        Heading or number (from 1) of the column of the power; None to find it by its heading.

    Raises
    ------
    InputError
        If the log does not cover the state propagation, the record does not contain its times, or the clock was set in
        this time.
    """
    time = record["time"]
    start, end = time.get("propagation_start_unix_s"), time.get("propagation_end_unix_s")
    if start is None or end is None:
        raise InputError("the record does not contain the times of the state propagation")
    require(start <= end, "time.propagation_end_unix_s", end, f"must not be before the start, {start}")
    # Records of earlier versions do not contain whether the clock was set.
    span = Span(start, end, end - start, time.get("propagation_clock_step_s") or 0.0)
    outside = power_log_domain(log, span, patience_s=0.0, column=column)
    if outside.fault is not None:
        raise InputError(outside.fault)
    part, reasons = with_outside(record["energy"] or {}, outside, end - start)
    events = _timed_events(record)
    found = energy_reasons(RunEnergy(part, reasons), events, record.get("energy_estimate") is None)
    kept = {key: why for key, why in record["reasons"].items() if not key.startswith("energy")}
    window = {key: why for key, why in found.items() if key.startswith("energy")}
    energy = asdict(part) | {"slurm_job": (record["energy"] or {}).get("slurm_job")}
    if energy["slurm_job"] is not None:
        window.pop("energy.slurm_job")
    return record | {
        "energy": energy,
        "energy_per_synaptic_event_uj": per_event_uj(part, events),
        "reasons": kept | window,
    }


def with_slurm_job(record: dict[str, Any], ask: Callable[[str], JobEnergy]) -> dict[str, Any]:
    """Return the record with the energy that Slurm recorded for the whole job of the run.

    Parameters
    ----------
    record
        Record of a run.
    ask
        Asks Slurm for the energy of a job; see `benchnn.energy.slurm_accounting.job_energy`.

    Raises
    ------
    InputError
        If the run was not a job of Slurm.
    """
    job_id = record["provenance"].get("slurm_job_id")
    if job_id is None:
        raise InputError("slurm_job_id is null in the record: the run was not a Slurm job")
    job = ask(str(job_id))
    energy, why = record["energy"], record["reasons"].get("energy", "")
    reasons = {key: text for key, text in record["reasons"].items() if key not in ("energy", "energy.slurm_job")}
    if energy is None:
        part, empty = nothing_measured(why)
        energy = asdict(part)
        reasons |= empty
        reasons.pop("energy.slurm_job")
    return record | {"energy": energy | {"slurm_job": asdict(job)}, "reasons": reasons}


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Replace the record of a folder."""
    with replaced_file(folder / RECORD) as aside:
        aside.write_text(to_json(record), encoding="utf-8")


def _timed_events(record: dict[str, Any]) -> int | None:
    """Synaptic events of the timed part of the window, to whose wall time on the slowest rank the rate refers."""
    rate, slowest_s = (number_of(record, key) for key in ("synaptic_events_per_s", "wall_s.propagation.max"))
    events = None if rate is None or slowest_s is None else rate * slowest_s
    return None if events is None or not isfinite(events) else round(events)
