"""Interconnects: latency and bandwidth between two nodes, each with its source, from TOML files.

Each file in this folder describes one interconnect; docs/ranks.md explains the format. Values must have sources.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcore.errors import InputError, number, require, suggestion
from simcore.neuromorphic.sheets.reading import read_toml
from simcore.neuromorphic.sheets.toml_values import plain, require_all, require_known, text_of

FOLDER = Path(__file__).parent
VALUES = ("latency_us", "bandwidth_gb_s")
LEAST, MOST = 1e-9, 1e9
"""Range of latencies in us and bandwidths in GB/s."""


@dataclass(frozen=True)
class Link:
    """Costs of a message between two ranks.

    Parameters
    ----------
    latency_us
        Time of an empty message, microseconds.
    bandwidth_gb_s
        Bytes of a message divided by their additional time, 10^9 bytes per second.
    source
        Source of both values.
    """

    latency_us: float
    bandwidth_gb_s: float
    source: str


def interconnect_names() -> list[str]:
    """Return the names of the built-in interconnects."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_interconnect(name_or_path: str) -> Link:
    """Read an interconnect.

    Parameters
    ----------
    name_or_path
        One of `interconnect_names`, or the path of a user's own file, which ends in ``.toml``.

    Raises
    ------
    InputError
        If the interconnect is unknown, or its file is wrong.
    """
    names = interconnect_names()
    own = name_or_path.endswith(".toml")
    if not own and name_or_path not in names:
        near = suggestion(name_or_path, names) or f"; the known names are {', '.join(names)}"
        raise InputError(f"interconnect = {name_or_path!r} is unknown; use a known name or a file FILE.toml{near}")
    path = Path(name_or_path) if own else FOLDER / f"{name_or_path}.toml"
    raw, _ = read_toml(path, "interconnect")
    require_known(raw, ("title", *VALUES), path.name, "use")
    require_all(raw, ("title", *VALUES), path.name)
    title = text_of(raw["title"], f"{path.name}: title")
    latency, bandwidth = (_stated(raw[key], f"{path.name}: {key}") for key in VALUES)
    return Link(latency[0], bandwidth[0], f"{title}; latency: {latency[1]}; bandwidth: {bandwidth[1]}")


def require_cost(value: float, where: str) -> None:
    """Refuse an implausible latency or bandwidth: the resulting times must be finite."""
    require(LEAST <= value <= MOST, where, value, f"must be in [{LEAST:g}, {MOST:g}]")


def _stated(raw: Any, where: str) -> tuple[float, str]:
    """A value and its source."""
    require(isinstance(raw, Mapping), where, plain(raw), "must be a table { value = ..., source = ... }")
    require_known(raw, ("value", "source"), where, "use")
    require_all(raw, ("value", "source"), where)
    value = number(plain(raw["value"]), where)
    require_cost(value, where)
    return value, text_of(raw["source"], f"{where}.source")
