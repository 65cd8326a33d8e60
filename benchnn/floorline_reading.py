"""The record of a run on a chip, and what it counted and timed step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.flat_record import reason_of, value_of
from benchnn.results.reading import record_of
from simcore.errors import InputError
from simcore.neuromorphic.floorline import IntArray, Profile
from simcore.recording.hdf5 import opened_file

TRAFFIC = "traffic.h5"
DAMAGED = "it is damaged"
STEP_COUNTS = (
    "synops", "synops_max", "messages", "messages_in_max", "messages_out_max", "spikes", "hops", "link_messages_max"
)  # fmt: skip
CORE_COUNTS = ("synops", "messages_in", "messages_out", "neurons")
LINK_COUNTS = ("messages", "origin", "target")
TIMES = ("memory_s", "compute_s", "traffic_s", "barrier_s", "total_s")


@dataclass(frozen=True, eq=False)
class ChipRun:
    """A finished run on a chip.

    Parameters
    ----------
    folder
        Of its result.
    record
        What ``result.json`` says.
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

    folder: Path
    record: Mapping[str, Any]
    profile: Profile
    per_step: Mapping[str, IntArray]
    first_step: int
    resolution_ms: float
    core_router: IntArray
    router_position: npt.NDArray[np.float64]

    @property
    def name(self) -> str:
        """Model and chip."""
        return f"{value_of(self.record, 'model.name')} on {value_of(self.record, 'chip.name')}"

    @property
    def mapping(self) -> str:
        """How the neurons were laid on cores."""
        chip = self.record["chip"]
        return f"{chip['mapper']}, {chip['neurons_per_core']} a core"


def read_chip_run(folder: Path) -> ChipRun:
    """Read a run that was made with ``--chip``.

    Raises
    ------
    InputError
        If there is no such run, it had no chip, or a file is damaged.
    """
    record = record_of(folder)
    if value_of(record, "chip") is None:
        raise InputError(f"{folder}: the run was on no chip: benchnn run --chip NAME counts what a chip would do")
    path = folder / TRAFFIC
    with opened_file(path) as file:
        return _chip_run(folder, record, file)


def read_timed_run(folder: Path) -> ChipRun:
    """Read a run that was made with ``--chip``, on one of which times are published.

    Raises
    ------
    InputError
        As `read_chip_run`, or if no step has a time.
    """
    run = read_chip_run(folder)
    if not run.profile.timed:
        why = reason_of(run.record, "chip.step_time_s") or "its sheet has no times"
        raise InputError(f"{folder}: there is no floorline of {run.name}: {why}")
    return run


def _chip_run(folder: Path, record: Mapping[str, Any], file: Any) -> ChipRun:
    """Take what is needed from an open file; its faults end as those of `opened_file`."""
    steps = _columns(file["steps"], STEP_COUNTS)
    cores = _columns(file["cores"], ("router", *CORE_COUNTS))
    links = _columns(file["links"], LINK_COUNTS)
    positions = np.asarray(file["routers"]["position"][()], dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] != 2 or not np.isfinite(positions).all():
        raise ValueError(f"{DAMAGED}: /routers/position is no list of places")
    named = np.concatenate([cores["router"], links["origin"], links["target"]])
    if named.size and named.max() >= len(positions):
        raise ValueError(f"{DAMAGED}: router {named.max()} has no position")
    columns: dict[str, Any] = {
        **{name: _seconds(file["steps"], name, len(steps["synops"])) for name in TIMES},
        **{name: steps[name] for name in ("synops_max", "synops", "link_messages_max")},
        **{f"core_{name}": cores[name] for name in CORE_COUNTS},
        **{f"link_{name}": links[name] for name in LINK_COUNTS},
    }
    first_step, resolution_ms = int(file.attrs["first_step"]), float(file.attrs["resolution_ms"])
    return ChipRun(folder, record, Profile(**columns), steps, first_step, resolution_ms, cores["router"], positions)


def _columns(group: Any, names: tuple[str, ...]) -> dict[str, IntArray]:
    """Columns of whole numbers >= 0 of equal length."""
    columns = {name: np.asarray(group[name][()]) for name in names}
    shape = (len(columns[names[0]]),)
    for name, values in columns.items():
        if values.dtype.kind not in "iu" or values.shape != shape or (values < 0).any():
            raise ValueError(f"{DAMAGED}: {group.name}/{name} is no column of {shape[0]} counts")
    return {name: values.astype(np.int64) for name, values in columns.items()}


def _seconds(group: Any, name: str, steps: int) -> npt.NDArray[np.float64] | None:
    """Times of the steps; None where the file has none."""
    if name not in group:
        return None
    values = np.asarray(group[name][()], dtype=np.float64)
    if values.shape != (steps,) or not (np.isfinite(values).all() and (values >= 0.0).all()):
        raise ValueError(f"{DAMAGED}: {group.name}/{name} is no column of {steps} times")
    return values
