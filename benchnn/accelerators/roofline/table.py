"""The tables of ``benchnn roofline``: machines with their ridges, and points under their roofs."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchnn.accelerators.roofline.record_keys import RECORD
from simcore.accelerators.roofline.machine import Machine, Point
from simcore.accelerators.roofline.record import machine_of_record
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

MACHINES = ("machine", "level", "bandwidth", "ridge", "energy per byte", "energy ridge")
POINTS = (
    ("machine", "l"), ("point", "l"), ("counted", "l"), ("ops/byte", "r"), ("roof", "r"), ("bound by", "l"),
    ("reached", "r"), ("of roof", "r"), ("least energy", "r"), ("needed", "r"), ("of roof", "r"), ("most energy", "l"),
)  # fmt: skip
WIDTH = 118
VALUES = {
    "peak_ops_per_s": "peak",
    "op_energy_j": "energy per operation",
    "static_w": "static power",
    "bandwidth_bytes_per_s": "bandwidth",
    "energy_j_per_byte": "energy",
    "time_s": "throughput",
    "energy_j": "energy",
}
"""Descriptions of values that may be missing."""


def to_text(record: Mapping[str, Any]) -> str:
    """Machines, points, and the reasons for missing values."""
    lines: list[tuple[str, ...]] = [MACHINES, *(line for entry in record["machines"] for line in _machine(entry))]
    points = [_point(entry, row) for entry in record["machines"] for row in entry["rows"]]
    blocks = [aligned(lines, "llrrrr")]
    if points:
        heads = tuple(title for title, _ in POINTS)
        blocks.append(aligned([heads, *points], "".join(side for _, side in POINTS)))
    notes = [
        f"above its roof: {fault}" for entry in record["machines"] for row in entry["rows"] for fault in row["faults"]
    ]
    notes += [*record["cautions"], *_reasons(record)]
    wrapped = (textwrap.fill(note, WIDTH, subsequent_indent="  ") for note in notes)
    return "\n".join([*blocks, "".join(f"{note}\n" for note in wrapped)])


def _machine(entry: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    machine = entry["machine"]
    peak = TEXT.prefixed(machine["peak_ops_per_s"], "op/s")
    yield machine["name"], f"peak, {machine['operation']}", peak, "", TEXT.prefixed(machine["op_energy_j"], "J/op"), ""
    if machine["static_w"] is not None:
        yield "", "static power", "", "", TEXT.prefixed(machine["static_w"], "W"), ""
    for level in machine["levels"]:
        name = level["name"]
        yield (
            "",
            name,
            TEXT.prefixed(level["bandwidth_bytes_per_s"], "B/s"),
            _intensity(entry["ridges_ops_per_byte"][name]),
            TEXT.prefixed(level["energy_j_per_byte"], "J/B"),
            _intensity(entry["energy_ridges_ops_per_byte"][name]),
        )


def _intensity(value: float | None) -> str:
    return TEXT.absent if value is None else f"{TEXT.figures(value)} op/B"


def shown_intensity(intensities: Mapping[str, float | None], bound_by: str | None) -> float | None:
    """Intensity at the level that binds, or otherwise at the last level with traffic; None if nothing was counted."""
    known = [value for value in intensities.values() if value is not None]
    bound = None if bound_by is None else intensities.get(bound_by)
    return bound if bound is not None else next(reversed(known), None)


def most_energy(part: str | None, without: Mapping[str, str]) -> str | None:
    """The part that needs the most energy, in brackets if other parts are not known."""
    return f"({part})" if part is not None and without else part


def _point(entry: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, ...]:
    below = "<= " if row["throughput_without"] else ""
    above = ">= " if row["energy_without"] else ""
    roof, energy = row["roof_ops_per_s"], row["roof_j_per_op"]
    return (
        entry["machine"]["name"],
        row["point"],
        row["counted"],
        TEXT.figures(shown_intensity(row["intensities_ops_per_byte"], row["bound_by"])),
        TEXT.absent if roof is None else below + TEXT.prefixed(roof, "op/s"),
        row["bound_by"] or TEXT.absent,
        TEXT.prefixed(row["ops_per_s"], "op/s"),
        TEXT.share(row["of_throughput_roof"]),
        TEXT.absent if energy is None else above + TEXT.prefixed(energy, "J"),
        TEXT.prefixed(row["j_per_op"], "J"),
        TEXT.share(row["of_energy_roof"]),
        most_energy(row["dominated_by"], row["energy_without"]) or TEXT.absent,
    )


def _reasons(record: Mapping[str, Any]) -> Iterator[str]:
    """The reasons for missing values, with equal reasons grouped."""
    for entry in record["machines"]:
        machine, points = machine_of_record(entry["machine"], RECORD)
        values: dict[str, list[str]] = {}
        for key, why in unknown_values(machine, points, entry["not_placed"]):
            values.setdefault(why.removeprefix(f"{machine.name}: "), []).append(key)
        for why, keys in values.items():
            yield f"{machine.name}: {', '.join(dict.fromkeys(keys))}: unknown ({why})"


def unknown_values(
    machine: Machine, points: Sequence[Point], not_placed: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Missing values of a machine and its points, with the reasons."""
    yield from ((VALUES.get(key, key), why) for key, why in machine.reasons.items())
    for level in machine.levels:
        yield from ((f"{VALUES.get(key, key)} of {level.name}", why) for key, why in level.reasons.items())
    for point in points:
        yield from ((f"{VALUES.get(key, key)} of {point.name}", why) for key, why in point.reasons.items())
    yield from not_placed.items()
