"""The floorline of a run on a chip, and the part that bounds its steps, as a record and as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchnn.chips.traffic_file import Traffic, read_traffic
from benchnn.record.folder import TRAFFIC
from benchnn.record.keys import reason_of, value_of
from benchnn.record.reading import read_run
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.errors import InputError
from simcore.neuromorphic.costs.advice import advice
from simcore.neuromorphic.costs.floorline import (
    STATES,
    UNKNOWN,
    floor_of,
    imbalance,
    run_state,
    step_counts_by_state,
    times_over_floor,
)
from simcore.neuromorphic.wording import duration

COUNTS = {
    "synops_max": "synaptic events, largest core",
    "messages_in_max": "messages in, largest core",
    "messages_out_max": "messages out, largest core",
    "link_messages_max": "messages, busiest link",
}
"""Counts per step that are listed with their mean and their largest value."""
PARTS = {
    "synops": "synaptic events",
    "synops_in_step": "synaptic events, step by step",
    "messages_in": "messages in",
    "messages_out": "messages out",
    "neurons": "neurons",
}
"""Quantities that may differ between cores."""


@dataclass(frozen=True, eq=False)
class ChipRun:
    """A finished run on a chip: its folder, its record, and its traffic."""

    folder: Path
    record: Mapping[str, Any]
    traffic: Traffic

    @property
    def name(self) -> str:
        """Model and chip."""
        return f"{value_of(self.record, 'model.name')} on {value_of(self.record, 'chip.name')}"

    @property
    def mapping(self) -> str:
        """The mapper, and the maximum number of neurons per core."""
        chip = self.record["chip"]
        return f"{value_of(chip, 'mapper')}, {value_of(chip, 'neurons_per_core')} per core"


def read_timed_run(folder: Path) -> ChipRun:
    """Read a run with ``--chip`` on a chip that has published times.

    Raises
    ------
    InputError
        If the run is missing or did not use a chip, a file is damaged, or no part of a step has a time.
    """
    record = read_run(folder).values
    if value_of(record, "chip") is None:
        raise InputError(f"{folder}: this run did not use a chip; rerun with benchnn run --chip NAME")
    run = ChipRun(folder, record, read_traffic(folder / TRAFFIC))
    if not run.traffic.profile.steps:
        raise InputError(f"{folder}: cannot draw a floorline of {run.name}: no steps were counted")
    if not run.traffic.profile.timed or not run.traffic.profile.durations:
        reasons = dict.fromkeys(reason_of(record, f"chip.step_time_s.{part}") for part in STATES)
        why = "; ".join(reason for reason in reasons if reason) or "the sheet has no times"
        raise InputError(f"{folder}: cannot draw a floorline of {run.name}: no part of a step has a known time ({why})")
    return run


def floorline_record(run: ChipRun) -> dict[str, Any]:
    """The values of a run that `to_text` shows; times are per step, in s.

    Unknown values are null, with an entry in `reasons`; `lower_bounds` states what other values leave out.
    """
    profile = run.traffic.profile
    floor, over = floor_of(profile), times_over_floor(profile)
    times = {**dict.fromkeys(STATES), **profile.durations, "total": profile.total_s}
    bounds = value_of(run.record, "chip.lower_bounds") or {}
    keys = {name: f"step_time_s.{name}" for name in STATES} | {"total": "step_time_s"}
    return {
        "folder": str(run.folder),
        "model": value_of(run.record, "model.name"),
        "chip": value_of(run.record, "chip.name"),
        "mapping": run.mapping,
        "cores": len(profile.core_synops),
        "links": len(profile.link_messages),
        "state": run_state(profile),
        "steps": step_counts_by_state(profile),
        "counts": {name: _spread(run.traffic.per_step[name]) for name in COUNTS},
        "times_s": {name: None if values is None else _spread(values) for name, values in times.items()},
        "floor": None if floor is None else {"compute_s": floor.compute_s, "synop_s": floor.synop_s},
        "time_over_floor": None if over is None or not len(over) else _spread(over),
        "imbalance": imbalance(profile),
        "advice": advice(profile),
        "reasons": {
            f"times_s.{name}": reason_of(run.record, f"chip.{keys[name]}")
            for name, values in times.items()
            if values is None
        },
        "lower_bounds": {f"times_s.{name}": bounds[key] for name, key in keys.items() if key in bounds},
    }


def _spread(values: np.ndarray[Any, Any]) -> dict[str, float]:
    return {"mean": float(values.mean()), "max": values.max().item()}


def to_text(record: Mapping[str, Any]) -> str:
    """State, steps by state, means and maxima, imbalance and advice."""
    steps = {state: number for state, number in record["steps"].items() if number}
    total = sum(steps.values())
    shares = ", ".join(f"{number:,} {state} ({TEXT.share(number, total)})" for state, number in steps.items())
    rows = [("per step", "mean", "largest")]
    for name, title in COUNTS.items():
        spread = record["counts"][name]
        rows.append((title, f"{spread['mean']:,.1f}", f"{spread['max']:,}"))
    for name, spread in record["times_s"].items():
        mean, largest = ("-", "-") if spread is None else (duration(spread["mean"]), duration(spread["max"]))
        rows.append((_part(name), mean, largest))
    over = record["time_over_floor"]
    if over is not None:
        rows.append(("step / floor", f"{over['mean']:.3f}", f"{over['max']:.3f}"))
    ratios = [("largest core / mean of cores", "")]
    for name, title in PARTS.items():
        ratio = record["imbalance"][name]
        ratios.append((f"  {title}", TEXT.fixed(ratio, 3)))
    remarks = [f"{_part(key)} is unknown: {why or 'no reason given'}" for key, why in record["reasons"].items()]
    remarks += [f"{_part(key)} is a lower bound, without {what}" for key, what in record["lower_bounds"].items()]
    notes = "".join(f"{remark}\n" for remark in remarks)
    head = f"{record['model']} on {record['chip']}, {record['mapping']}, {record['cores']:,} cores: {_state(record)}"
    tables = f"{aligned(rows, 'lrr')}{notes}", aligned(ratios, "lr")
    return "\n".join([head, f"steps: {shares}\n", *tables, record["advice"], ""])


def _part(key: str) -> str:
    """The name of a part of a step, from its key."""
    name = key.rpartition(".")[2]
    return "step" if name == "total" else name


def _state(record: Mapping[str, Any]) -> str:
    return "state unknown" if record["state"] == UNKNOWN else f"{record['state']}-bound"
