"""The Pareto front of many runs: runs that no other run surpasses in one measure and at least equals in all others."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchnn.record.keys import number_of, reason_of, value_of
from benchnn.results.configuration import timed
from benchnn.results.selection import Record, require_key
from simcore.errors import InputError

NOT_WHOLE = "interrupted or resumed"
FOLLOWS_FROM = {
    "chip.emulated_real_time_factor": "chip.step_time_s",
    "chip.energy_per_synaptic_event_pj": "chip.energy_j.total",
}
"""Keys that are lower bounds if other keys are."""


@dataclass(frozen=True)
class Objective:
    """A dotted key of ``result.json``, and whether large instead of small values are better."""

    key: str
    largest: bool

    @property
    def direction(self) -> str:
        """``max`` or ``min``."""
        return "max" if self.largest else "min"


@dataclass(frozen=True)
class LeftOut:
    """A run that cannot be judged, with the reason and its key; None if it does not depend on a key."""

    run: Record
    key: str | None
    reason: str


@dataclass(frozen=True)
class Front:
    """The result of `pareto_front`.

    Parameters
    ----------
    objectives
        The objectives.
    considered
        Number of runs, including omitted runs.
    runs
        The runs on the front.
    left_out
        Runs without a value of an objective, or without times of the whole run.
    """

    objectives: tuple[Objective, ...]
    considered: int
    runs: list[Record]
    left_out: list[LeftOut]


def parse_objectives(text: str) -> tuple[Objective, ...]:
    """Read ``KEY,KEY:max,...``; a key without ``:max`` or ``:min`` is minimised.

    Raises
    ------
    InputError
        If there are fewer than two keys, or a key appears twice.
    """
    found = []
    for part in (part.strip() for part in text.split(",")):
        key, _, direction = part.rpartition(":")
        found.append(Objective(key, direction == "max") if direction in ("min", "max") else Objective(part, False))
    keys = [objective.key for objective in found]
    if len(keys) < 2 or "" in keys or len(set(keys)) < len(keys):
        raise InputError(f"pareto = {text!r} is not allowed: must be at least two different keys, as KEY or KEY:max")
    return tuple(found)


def require_numbers(records: Sequence[Record], objectives: Sequence[Objective]) -> None:
    """Refuse keys that no record has, and keys whose values are not numbers.

    Raises
    ------
    InputError
        If a key is unknown or its values are not numbers.
    """
    for objective in objectives:
        require_key(records, objective.key)
        values = [value for record in records if (value := value_of(record, objective.key)) is not None]
        if values and all(number_of(record, objective.key) is None for record in records):
            raise InputError(
                f"pareto = {objective.key!r} is not allowed: its values, such as {values[0]!r}, cannot be ordered"
            )


def pareto_front(records: Sequence[Record], objectives: tuple[Objective, ...]) -> Front:
    """Return the runs that no other run dominates, that is, equals in all objectives and surpasses in one.

    Parameters
    ----------
    records
        Records in any order; the front keeps this order. All of several equal runs are kept.
    objectives
        The objectives.
    """
    faults = [_fault(record, objectives) for record in records]
    judged = [record for record, fault in zip(records, faults, strict=True) if fault is None]
    best = undominated(_costs(record, objectives) for record in judged)
    runs = [record for record in judged if _costs(record, objectives) in best]
    return Front(objectives, len(records), runs, [fault for fault in faults if fault is not None])


def undominated(costs: Iterable[tuple[float, ...]]) -> set[tuple[float, ...]]:
    """Return the costs that no others dominate, that is, do not exceed in any and fall below in one component."""
    # In this order, costs can be dominated only by earlier ones, and then by ones on the front.
    front: list[tuple[float, ...]] = []
    for own in sorted(set(costs)):
        if not any(all(one <= other for one, other in zip(better, own, strict=True)) for better in front):
            front.append(own)
    return set(front)


def _costs(record: Record, objectives: Sequence[Objective]) -> tuple[float, ...]:
    """Values for which smaller is better."""
    values = ((number_of(record, objective.key), objective.largest) for objective in objectives)
    return tuple(-value if largest else value for value, largest in values if value is not None)


def _fault(record: Record, objectives: Sequence[Objective]) -> LeftOut | None:
    """Reason why a run cannot be judged, or None."""
    if not timed(record):
        return LeftOut(record, None, NOT_WHOLE)
    key = next((objective.key for objective in objectives if number_of(record, objective.key) is None), None)
    return None if key is None else LeftOut(record, key, reason_of(record, key) or "it is not in the record")


def lower_bounds(record: Record, objectives: Sequence[Objective]) -> list[str]:
    """Return objectives whose value in this run is a lower bound, because the sheet of the chip lacks a figure."""
    found = value_of(record, "chip.lower_bounds")
    bounds = tuple(f"chip.{name}." for name in found) if isinstance(found, Mapping) else ()
    keys = [objective.key for objective in objectives]
    return [key for key in keys if f"{FOLLOWS_FROM.get(key, key)}.".startswith(bounds)]


def to_record(front: Front, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the front as a JSON object; `rows` are its runs."""
    bounds = {str(record["run_id"]): lower_bounds(record, front.objectives) for record in front.runs}
    return {
        "objectives": [{"key": one.key, "direction": one.direction} for one in front.objectives],
        "considered": front.considered,
        "left_out": [{"run_id": one.run["run_id"], "key": one.key, "reason": one.reason} for one in front.left_out],
        "lower_bounds": {run_id: keys for run_id, keys in bounds.items() if keys},
        "runs": list(rows),
    }


def to_json(front: Front, rows: Sequence[Mapping[str, Any]]) -> str:
    """Format the output of `to_record` as text."""
    return json.dumps(to_record(front, rows), indent=2, allow_nan=False) + "\n"


def heading(front: Front) -> str:
    """Describe the objectives of the front, and count the runs on it and the omitted runs."""
    wanted = ", ".join(f"{one.key} ({'largest' if one.largest else 'smallest'})" for one in front.objectives)
    lines = [f"Pareto front of {wanted}: {len(front.runs)} of {front.considered} runs"]
    whys = Counter(NOT_WHOLE if one.key is None else f"without {one.key}" for one in front.left_out)
    if whys:
        lines.append(f"omitted: {', '.join(f'{number} {why}' for why, number in whys.items())}")
    bounded = sum(bool(lower_bounds(record, front.objectives)) for record in front.runs)
    if bounded:
        lines.append(f"{bounded} on the front have lower bounds as values; see chip.lower_bounds of the run")
    return "\n".join(lines) + "\n"
