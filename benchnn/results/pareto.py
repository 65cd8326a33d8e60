"""The Pareto front of many runs: those that no other run beats in one measure and equals or beats in all others."""

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
"""Keys that are lower bounds if others are."""


@dataclass(frozen=True)
class Objective:
    """A dotted key of ``result.json``, and whether large values are good instead of small ones."""

    key: str
    largest: bool

    @property
    def direction(self) -> str:
        """``max`` or ``min``."""
        return "max" if self.largest else "min"


@dataclass(frozen=True)
class LeftOut:
    """A run that cannot be judged: by which key, None if by none, and why."""

    run: Record
    key: str | None
    reason: str


@dataclass(frozen=True)
class Front:
    """What `pareto_front` finds.

    Parameters
    ----------
    objectives
        What is good.
    considered
        How many runs there were, those left out included.
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
        If there are fewer than two keys, or one is there twice.
    """
    found = []
    for part in (part.strip() for part in text.split(",")):
        key, _, direction = part.rpartition(":")
        found.append(Objective(key, direction == "max") if direction in ("min", "max") else Objective(part, False))
    keys = [objective.key for objective in found]
    if len(keys) < 2 or "" in keys or len(set(keys)) < len(keys):
        raise InputError(f"pareto = {text!r} is not allowed: name at least two different keys, as KEY or KEY:max")
    return tuple(found)


def require_numbers(records: Sequence[Record], objectives: Sequence[Objective]) -> None:
    """Refuse keys that no record has, and keys whose values are no numbers.

    Raises
    ------
    InputError
        Naming the key.
    """
    for objective in objectives:
        require_key(records, objective.key)
        values = [value for record in records if (value := value_of(record, objective.key)) is not None]
        if values and all(number_of(record, objective.key) is None for record in records):
            raise InputError(
                f"pareto = {objective.key!r} is not allowed: its values, such as {values[0]!r}, have no order"
            )


def pareto_front(records: Sequence[Record], objectives: tuple[Objective, ...]) -> Front:
    """The runs that no other one dominates: is as good in all objectives and better in one. Equal runs all stay.

    Parameters
    ----------
    records
        Of runs, in any order, which those of the front keep.
    objectives
        What is good.
    """
    faults = [_fault(record, objectives) for record in records]
    judged = [record for record, fault in zip(records, faults, strict=True) if fault is None]
    best = undominated(_costs(record, objectives) for record in judged)
    runs = [record for record in judged if _costs(record, objectives) in best]
    return Front(objectives, len(records), runs, [fault for fault in faults if fault is not None])


def undominated(costs: Iterable[tuple[float, ...]]) -> set[tuple[float, ...]]:
    """Those costs, of which small ones are good, that no others are at most in all and below in one."""
    # In this order some can be dominated by earlier ones alone, and then by ones that are themselves on the front.
    front: list[tuple[float, ...]] = []
    for own in sorted(set(costs)):
        if not any(all(one <= other for one, other in zip(better, own, strict=True)) for better in front):
            front.append(own)
    return set(front)


def _costs(record: Record, objectives: Sequence[Objective]) -> tuple[float, ...]:
    """Values of which small ones are good."""
    values = ((number_of(record, objective.key), objective.largest) for objective in objectives)
    return tuple(-value if largest else value for value, largest in values if value is not None)


def _fault(record: Record, objectives: Sequence[Objective]) -> LeftOut | None:
    """Why a run cannot be judged; None if it can."""
    if not timed(record):
        return LeftOut(record, None, NOT_WHOLE)
    key = next((objective.key for objective in objectives if number_of(record, objective.key) is None), None)
    return None if key is None else LeftOut(record, key, reason_of(record, key) or "it is not in the record")


def lower_bounds(record: Record, objectives: Sequence[Objective]) -> list[str]:
    """Objectives whose value of this run is a lower bound, because a chip's sheet lacks a figure."""
    found = value_of(record, "chip.lower_bounds")
    bounds = tuple(f"chip.{name}." for name in found) if isinstance(found, Mapping) else ()
    keys = [objective.key for objective in objectives]
    return [key for key in keys if f"{FOLLOWS_FROM.get(key, key)}.".startswith(bounds)]


def to_record(front: Front, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The front as JSON has it; `rows` are its runs."""
    bounds = {str(record["run_id"]): lower_bounds(record, front.objectives) for record in front.runs}
    return {
        "objectives": [{"key": one.key, "direction": one.direction} for one in front.objectives],
        "considered": front.considered,
        "left_out": [{"run_id": one.run["run_id"], "key": one.key, "reason": one.reason} for one in front.left_out],
        "lower_bounds": {run_id: keys for run_id, keys in bounds.items() if keys},
        "runs": list(rows),
    }


def to_json(front: Front, rows: Sequence[Mapping[str, Any]]) -> str:
    """`to_record` as text."""
    return json.dumps(to_record(front, rows), indent=2, allow_nan=False) + "\n"


def heading(front: Front) -> str:
    """What the front is of, how many runs are on it, and how many could not be judged."""
    wanted = ", ".join(f"{one.key} ({'largest' if one.largest else 'smallest'})" for one in front.objectives)
    lines = [f"Pareto front of {wanted}: {len(front.runs)} of {front.considered} runs"]
    whys = Counter(NOT_WHOLE if one.key is None else f"without {one.key}" for one in front.left_out)
    if whys:
        lines.append(f"left out: {', '.join(f'{number} {why}' for why, number in whys.items())}")
    bounded = sum(bool(lower_bounds(record, front.objectives)) for record in front.runs)
    if bounded:
        lines.append(f"of {bounded} on the front a value is a lower bound: see chip.lower_bounds of the run")
    return "\n".join(lines) + "\n"
