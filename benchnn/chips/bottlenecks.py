"""A map of the state that binds the steps of a chip, over keys that differ between runs, as a record and as text."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchnn.record.keys import number_of, value_of, value_text
from benchnn.results.reading import read_runs
from simcore.display.text_table import aligned
from simcore.errors import InputError
from simcore.neuromorphic.costs.floorline import UNKNOWN
from simcore.neuromorphic.wording import duration

AXES = {
    "x": "model.parameters.rate_hz",
    "y": "provenance.options.transform",
    "columns": "chip.neurons_per_core",
    "rows": "chip.mapper",
}
"""Default axes of the map: keys of ``result.json``."""
MOST_PLACES = 24
"""Maximum number of values on an axis; more are not legible."""


@dataclass(frozen=True)
class Place:
    """Runs that have all four values in common.

    Parameters
    ----------
    x, y, columns, rows
        Positions among the values of each axis.
    state
        State of most of the runs; of the first run if several states are equally frequent.
    step_s
        Mean time of a step, averaged over the runs.
    runs
        Number of runs.
    """

    x: int
    y: int
    columns: int
    rows: int
    state: str
    step_s: float | None
    runs: int


@dataclass(frozen=True)
class StateMap:
    """States of runs over four keys of their records.

    Parameters
    ----------
    keys
        Axis -> key, with the axes of `AXES`.
    values
        Axis -> its values as text, ascending.
    places
        Positions that have runs.
    """

    keys: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]
    places: tuple[Place, ...]

    def to_record(self) -> dict[str, Any]:
        """A record for JSON."""
        places = [
            {**asdict(place), **{axis: self.values[axis][getattr(place, axis)] for axis in AXES}}
            for place in self.places
        ]
        return {
            "keys": dict(self.keys),
            "values": {axis: list(own) for axis, own in self.values.items()},
            "places": places,
        }


def read_state_map(paths: Sequence[Path], keys: Mapping[str, str]) -> StateMap:
    """Arrange finished runs on a chip by four keys of their records.

    Parameters
    ----------
    paths
        Results, or folders that contain results, such as the folder of a JUBE benchmark.
    keys
        Axis -> key, with the axes of `AXES`.

    Raises
    ------
    InputError
        If no run matches, a run did not use a chip, or an axis exceeds `MOST_PLACES` values.
    """
    records = []
    for found in read_runs(paths):
        if found.fault is not None:
            raise InputError(found.fault)
        if value_of(found.record, "chip") is None:
            raise InputError(f"{found.path}: this run did not use a chip; rerun with benchnn run --chip NAME")
        records.append(found.record)
    if not records:
        raise InputError(f"no results found in {', '.join(map(str, paths))}")
    return arrange(records, keys)


def arrange(records: Sequence[Any], keys: Mapping[str, str]) -> StateMap:
    """Arrange records as `read_state_map` does."""
    values = {axis: _ascending([value_of(record, key) for record in records]) for axis, key in keys.items()}
    for axis, own in values.items():
        # The default key for transforms may be missing from all runs; any other key was chosen by the user.
        if own == ("none",) and keys[axis] != AXES[axis]:
            raise InputError(f"{axis} = {keys[axis]!r} is not allowed: no run has a value for this key")
        if len(own) > MOST_PLACES:
            raise InputError(
                f"{axis} = {keys[axis]!r} is not allowed: it has {len(own)} values, but at most {MOST_PLACES} can be "
                "drawn"
            )
    groups: dict[tuple[int, ...], list[Any]] = {}
    for record in records:
        place = tuple(values[axis].index(_text(value_of(record, key))) for axis, key in keys.items())
        groups.setdefault(place, []).append(record)
    places = [_place(dict(zip(keys, place, strict=True)), group) for place, group in sorted(groups.items())]
    return StateMap(dict(keys), values, tuple(places))


def _text(value: Any) -> str:
    return "none" if value is None else value_text(value)


def _ascending(values: Iterable[Any]) -> tuple[str, ...]:
    """Distinct values as text: first texts, by their first number, then numbers by size."""
    different = {_text(value): value for value in values}
    numbers = {text: value for text, value in different.items() if isinstance(value, int | float)}
    texts = [text for text in different if text not in numbers]
    return (*sorted(texts, key=_by_number), *sorted(numbers, key=lambda text: numbers[text]))


def _by_number(text: str) -> tuple[float, str]:
    """Sort texts such as ``prune:0.5`` by their first number, after all texts without one."""
    for part in text.split(":"):
        try:
            return float(part), text
        except ValueError:
            continue
    return float("-inf"), text


def _place(position: Mapping[str, int], records: Sequence[Any]) -> Place:
    states = Counter(value_of(record, "chip.floorline.state") or UNKNOWN for record in records)
    times = [time for record in records if (time := number_of(record, "chip.step_time_s.mean")) is not None]
    step_s = sum(times) / len(times) if times else None
    return Place(**position, state=states.most_common(1)[0][0], step_s=step_s, runs=len(records))


def to_text(found: StateMap) -> str:
    """One table per panel, with the state and the time of a step."""
    blocks = []
    for row, row_text in enumerate(found.values["rows"]):
        for column, column_text in enumerate(found.values["columns"]):
            own = {(p.x, p.y): p for p in found.places if (p.rows, p.columns) == (row, column)}
            if own:
                head = f"{found.keys['rows']} = {row_text}, {found.keys['columns']} = {column_text}\n"
                lines = [(f"{found.keys['y']}, {found.keys['x']}", *found.values["x"])]
                for y, text in enumerate(found.values["y"]):
                    cells = [own.get((x, y)) for x in range(len(found.values["x"]))]
                    lines.append((text, *("-" if cell is None else _cell(cell) for cell in cells)))
                blocks.append(head + aligned(lines, "l" + "r" * len(found.values["x"])))
    return "\n".join(blocks)


def _cell(place: Place) -> str:
    return place.state if place.step_s is None else f"{place.state} {duration(place.step_s)}"
