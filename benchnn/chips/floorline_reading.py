"""The record of a run on a chip, and what it counted and timed step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchnn.record.folder import TRAFFIC
from benchnn.record.keys import reason_of, value_of
from benchnn.record.reading import read_run
from simcore.errors import InputError
from simcore.neuromorphic.costs.floorline import STATES, FloatArray, IntArray, Profile
from simcore.recording.hdf5 import opened_file

DAMAGED = "it is damaged"
STEP_COUNTS = (
    "synops", "synops_max", "messages", "messages_in_max", "messages_out_max", "spikes", "hops", "link_messages_max"
)  # fmt: skip
CORE_COUNTS = ("synops", "messages_in", "messages_out", "neurons")
LINK_COUNTS = ("messages", "origin", "target")
TIMES = ("memory_s", "compute_s", "traffic_s", "barrier_s", "total_s")


@dataclass(frozen=True, eq=False)
class Traffic:
    """What a run did to a chip, as its file tells.

    Parameters
    ----------
    profile
        Steps, cores and links.
    per_step
        Counts of each step by name, see `STEP_COUNTS`, int64 (steps).
    first_step, resolution_ms
        Steps of the simulation before the first that was counted, and their length in model time.
    core_router
        Router of each core, int64 (cores).
    router_position
        Where routers lie, float64 (routers, 2).
    """

    profile: Profile
    per_step: Mapping[str, IntArray]
    first_step: int
    resolution_ms: float
    core_router: IntArray
    router_position: FloatArray

    @property
    def times_ms(self) -> FloatArray:
        """Model time at the end of each step, ms."""
        ends = self.first_step + np.arange(1, self.profile.steps + 1, dtype=np.float64)
        return ends * self.resolution_ms


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
        """How the neurons were laid on cores."""
        chip = self.record["chip"]
        return f"{value_of(chip, 'mapper')}, {value_of(chip, 'neurons_per_core')} a core"


def read_timed_run(folder: Path) -> ChipRun:
    """Read a run that was made with ``--chip``, on one of which times are published.

    Raises
    ------
    InputError
        If there is no such run, it had no chip, a file is damaged, or no part of a step has a time.
    """
    record = read_run(folder).values
    if value_of(record, "chip") is None:
        raise InputError(f"{folder}: the run was on no chip: benchnn run --chip NAME counts what a chip would do")
    run = ChipRun(folder, record, read_traffic(folder / TRAFFIC))
    if not run.traffic.profile.steps:
        raise InputError(f"{folder}: there is no floorline of {run.name}: no step was counted")
    if not run.traffic.profile.timed or not run.traffic.profile.durations:
        reasons = dict.fromkeys(reason_of(record, f"chip.step_time_s.{part}") for part in STATES)
        told = "; ".join(why for why in reasons if why) or "its sheet has no times"
        raise InputError(f"{folder}: there is no floorline of {run.name}: no time of a step is known: {told}")
    return run


def read_traffic(path: Path) -> Traffic:
    """Read the file that a run on a chip leaves.

    Raises
    ------
    InputError
        If it cannot be read or is damaged.
    """
    with opened_file(path) as file:
        steps = _columns(file["steps"], STEP_COUNTS)
        cores = _columns(file["cores"], ("router", *CORE_COUNTS))
        links = _columns(file["links"], LINK_COUNTS)
        positions = np.asarray(file["routers"]["position"][()], dtype=np.float64)
        if positions.ndim != 2 or positions.shape[1] != 2 or not np.isfinite(positions).all():
            raise ValueError(f"{DAMAGED}: /routers/position is no list of places")
        named = np.concatenate([cores["router"], links["origin"], links["target"]])
        if not len(cores["router"]) or named.max() >= len(positions):
            raise ValueError(f"{DAMAGED}: a core or a link has a router that is not there")
        columns: dict[str, Any] = {
            **{name: _seconds(file["steps"], name, len(steps["synops"])) for name in TIMES},
            **{name: steps[name] for name in ("synops_max", "synops", "link_messages_max")},
            **{f"core_{name}": cores[name] for name in CORE_COUNTS},
            **{f"link_{name}": links[name] for name in LINK_COUNTS},
        }
        first_step, resolution_ms = int(file.attrs["first_step"]), float(file.attrs["resolution_ms"])
        return Traffic(Profile(**columns), steps, first_step, resolution_ms, cores["router"], positions)


def _columns(group: Any, names: tuple[str, ...]) -> dict[str, IntArray]:
    """Columns of whole numbers >= 0 of equal length."""
    columns = {name: np.asarray(group[name][()]) for name in names}
    shape = (len(columns[names[0]]),)
    for name, values in columns.items():
        if values.dtype.kind not in "iu" or values.shape != shape or (values < 0).any():
            raise ValueError(f"{DAMAGED}: {group.name}/{name} is no column of {shape[0]} counts")
    return {name: values.astype(np.int64) for name, values in columns.items()}


def _seconds(group: Any, name: str, steps: int) -> FloatArray | None:
    """Times of the steps; None where the file has none."""
    if name not in group:
        return None
    values = np.asarray(group[name][()], dtype=np.float64)
    if values.shape != (steps,) or not (np.isfinite(values).all() and (values >= 0.0).all()):
        raise ValueError(f"{DAMAGED}: {group.name}/{name} is no column of {steps} times")
    return values
