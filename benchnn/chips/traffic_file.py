"""The file ``traffic.h5``: events on the cores and links of a chip, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.chips.emulation import ChipEmulation
from benchnn.chips.record import ChipMeasurement
from simcore.neuromorphic.costs.floorline import FloatArray, IntArray, Profile, longer
from simcore.recording.files import replaced_file
from simcore.recording.hdf5 import LIBVER, SparseImage, opened_file, read_values, write_dataset

CHUNK = 1 << 18
"""Numbers that are compressed together."""
DAMAGED = "the file is damaged"
STEP_COUNTS = (
    "synops", "synops_max", "messages", "messages_in_max", "messages_out_max", "spikes", "hops", "link_messages_max"
)  # fmt: skip
CORE_COUNTS = ("synops", "messages_in", "messages_out", "neurons")
LINK_COUNTS = ("messages", "origin", "target")
TIMES = ("memory_s", "compute_s", "traffic_s", "barrier_s", "total_s")
FURTHER_TIMES = ("reads_s", "plasticity_s", "core_links_s")
"""Times that only some runs have: the first two belong to memory, the third to traffic."""
OVERLAPS = "barrier_overlaps"


@dataclass(frozen=True, eq=False)
class Traffic:
    """The traffic of a run on a chip, read from its file.

    Parameters
    ----------
    profile
        Steps, cores and links.
    per_step
        Counts of each step by name, see `STEP_COUNTS`, int64 (steps).
    first_step, resolution_ms
        Number of steps before the first counted step, and the length of a step in model time, in ms.
    core_router
        Router of each core, int64 (cores).
    router_position
        Position of each router, float64 (routers, 2).
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


def write_traffic(
    path: Path,
    emulation: ChipEmulation,
    measured: ChipMeasurement,
    link_messages: npt.NDArray[np.int32] | None,
    about: Mapping[str, str | float | int],
) -> None:
    """Write the file; its contents do not depend on ranks, threads or wall time.

    Parameters
    ----------
    path
        Path of the file, which is replaced if it exists.
    emulation, measured
        The chip, and the counts on it.
    link_messages
        Load of every link in every step, int32 (steps, links); None if it was not recorded.
    about
        Attributes of the file: model, resolution, first step.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    import h5py

    system, counts, times = emulation.system, measured.counts, measured.times
    steps = {entry.name: getattr(measured.summary, entry.name) for entry in fields(measured.summary)}
    steps |= {name: getattr(times, name) for name in (*TIMES, *FURTHER_TIMES)}
    if measured.summary.plasticity_s is None:
        steps["plasticity_s"] = None
    routers = system.router_of_core
    groups = {
        "steps": steps,
        "cores": {
            "router": routers,
            "chip": system.chip_of_router[routers],
            **{name: getattr(counts, name) for name in ("neurons", "synops", "messages_in", "messages_out", "spikes")},
            **{name: getattr(counts, name) for name in ("weight_updates", "resource_updates")},
        },
        "links": {
            "origin": system.link_origin,
            "target": system.link_target,
            "kind": system.link_kind,
            "crosses_chip": system.link_crosses_chip,
            "messages": counts.link_messages,
            "messages_max": counts.link_messages_max,
        },
        "routers": {"position": system.position, "chip": system.chip_of_router},
    }
    image = SparseImage()
    with h5py.File(image, "w", libver=LIBVER) as file:
        file.attrs.update({"chip": emulation.chip.name, **about})
        if measured.profile.barrier_overlaps:
            file.attrs[OVERLAPS] = 1
        for group, datasets in groups.items():
            made = file.create_group(group)
            for name, values in datasets.items():
                if values is not None:
                    write_dataset(made, name, values, "s" if name.endswith("_s") else None)
        if link_messages is not None and link_messages.size:
            rows = min(len(link_messages), max(1, CHUNK // link_messages.shape[1]))
            file.create_dataset(
                "link_messages",
                data=link_messages.view(np.uint32),
                chunks=(rows, link_messages.shape[1]),
                compression="gzip",
                shuffle=True,
                track_times=False,
            )
    with replaced_file(path) as aside:
        image.save(aside)


def read_traffic(path: Path) -> Traffic:
    """Read the traffic file of a run on a chip.

    Raises
    ------
    InputError
        If the file cannot be read or is damaged.
    """
    with opened_file(path) as file:
        steps = _columns(file["steps"], STEP_COUNTS)
        cores = _columns(file["cores"], ("router", *CORE_COUNTS))
        links = _columns(file["links"], LINK_COUNTS)
        positions = np.asarray(read_values(file["routers"]["position"]), dtype=np.float64)
        if positions.ndim != 2 or positions.shape[1] != 2 or not np.isfinite(positions).all():
            raise ValueError(f"{DAMAGED}: /routers/position is not a list of positions")
        named = np.concatenate([cores["router"], links["origin"], links["target"]])
        if not len(cores["router"]) or named.max() >= len(positions):
            raise ValueError(f"{DAMAGED}: a core or a link refers to a router that does not exist")
        times = {name: _seconds(file["steps"], name, len(steps["synops"])) for name in (*TIMES, *FURTHER_TIMES)}
        times["memory_s"] = longer(times["memory_s"], times.pop("reads_s"), times.pop("plasticity_s"))
        times["traffic_s"] = longer(times["traffic_s"], times.pop("core_links_s"))
        columns: dict[str, Any] = {
            **times,
            OVERLAPS: bool(file.attrs.get(OVERLAPS, False)),
            **{name: steps[name] for name in ("synops_max", "synops", "link_messages_max")},
            **{f"core_{name}": cores[name] for name in CORE_COUNTS},
            **{f"link_{name}": links[name] for name in LINK_COUNTS},
        }
        first_step, resolution_ms = int(file.attrs["first_step"]), float(file.attrs["resolution_ms"])
        return Traffic(Profile(**columns), steps, first_step, resolution_ms, cores["router"], positions)


def _columns(group: Any, names: tuple[str, ...]) -> dict[str, IntArray]:
    """Columns of integers >= 0, all of the same length."""
    columns = {name: np.asarray(read_values(group[name])) for name in names}
    shape = (len(columns[names[0]]),)
    for name, values in columns.items():
        if values.dtype.kind not in "iu" or values.shape != shape or (values < 0).any():
            raise ValueError(f"{DAMAGED}: {group.name}/{name} is not a column of {shape[0]} counts")
    return {name: values.astype(np.int64) for name, values in columns.items()}


def _seconds(group: Any, name: str, steps: int) -> FloatArray | None:
    """Times of the steps; None if the file has none."""
    if name not in group:
        return None
    values = np.asarray(read_values(group[name]), dtype=np.float64)
    if values.shape != (steps,) or not (np.isfinite(values).all() and (values >= 0.0).all()):
        raise ValueError(f"{DAMAGED}: {group.name}/{name} is not a column of {steps} times")
    return values
