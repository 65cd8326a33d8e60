"""Points with published throughput, and the included machines without a sheet."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simcore.accelerators.roofline.machine import Machine, Point
from simcore.accelerators.roofline.record import read_machine

FOLDER = Path(__file__).parent
POINTS = "published.toml"


def published_points(machine: str) -> tuple[Point, ...]:
    """Published points of an accelerator, by the name of its sheet; empty if there are none."""
    raw = tomllib.loads((FOLDER / POINTS).read_text(encoding="utf-8"))
    return tuple(_points(raw, machine))


def _points(raw: dict[str, Any], machine: str) -> Iterator[Point]:
    for entry in raw["point"]:
        given = dict(entry)
        if given["machine"] != machine:
            continue
        time_s = given["ops"] / given["ops_per_s"]
        power_w = given.get("power_w")
        yield Point(
            given["name"],
            given["ops"],
            given["traffic_bytes"],
            time_s,
            {} if power_w is None else {"all": power_w * time_s},
            basis=f"{given['evidence']}: {given['note']}; {raw['sources'][given['source']]}",
            reasons={} if power_w is not None else {"energy_j": "the power for this network is not published"},
        )


def machine_names() -> list[str]:
    """Names of the included machines without a sheet."""
    return sorted(path.stem for path in FOLDER.glob("*.toml") if path.name != POINTS)


def load_machine(name: str) -> tuple[Machine, tuple[Point, ...]]:
    """A machine of `machine_names`, and its points."""
    return read_machine(FOLDER / f"{name}.toml")
