"""The phases `deliver` and `update` of a recorded run as points in a roofline of this machine.

Their times are from the record, averaged over threads. Bytes and operations are counted in a second run of the same
network and seed, whose digests must be equal (`simcore.backends.cpu.work`), so that the timed run does not need to
count.

The traffic of a phase is charged to the level whose capacity holds its arrays, and to every level between it and the
processor. Lines that remain in a nearer cache, or that are prefetched, are also charged, although the hardware may be
faster. Additions of `deliver` into its input buffers are also charged to the scatter-add. The peak of the machine is
measured with the operations of `update`. Additions of `deliver` are of another kind, and the peak is far above their
roof.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.accelerators.machine_roofs import (
    DRAM,
    L2,
    L3,
    NO_ENERGY,
    SCATTER,
    SCATTER_BYTES,
    level_bytes,
    measured_machine,
)
from benchnn.model_source import describe_network, find_model, parameter_values
from benchnn.models import models
from benchnn.record.reading import Record, read_run
from simcore.accelerators.roofline.machine import Machine, Point
from simcore.backends.cpu.engine import CpuEngine
from simcore.backends.cpu.work import PhaseWork, Traffic
from simcore.errors import InputError
from simcore.simulator import Simulator

PHASES = ("deliver", "update")
SAME = ("network_digest", "spike_digest", "synaptic_events")


@dataclass(frozen=True)
class CountedRun:
    """A recorded run and the work of its phases.

    Parameters
    ----------
    record
        Record of the run.
    work
        Work of `deliver` and of `update`.
    """

    record: Record
    work: tuple[PhaseWork, PhaseWork]

    @property
    def threads(self) -> int:
        """Number of threads of the run."""
        return _whole(self.record, "layout.threads_per_rank")

    def points(self) -> tuple[Point, ...]:
        """The phases as points."""
        return tuple(_point(self.record, one, self.threads) for one in self.work)


def points_of_run(folder: str | Path) -> tuple[Point, ...]:
    """The phases of a recorded run, counted by running it again on this machine.

    Parameters
    ----------
    folder
        Folder of the result, or its file.

    Raises
    ------
    InputError
        If the record is missing, the work of the run cannot be counted (see `simcore.backends.cpu.work.phase_work`),
        the run was interrupted or resumed, or the record does not determine its network.
    """
    return counted_run(folder).points()


def this_machine(folder: str | Path) -> tuple[Machine, tuple[Point, ...]]:
    """Measure this machine with the number of threads of a recorded run, and count the phases of the run.

    Raises
    ------
    InputError
        As in `points_of_run` and `measured_machine`.
    """
    run = counted_run(folder)
    return measured_machine(run.threads), run.points()


def counted_run(folder: str | Path) -> CountedRun:
    """Count the work of a recorded run; see `points_of_run`."""
    record = read_run(Path(folder))
    _require_countable(record)
    for phase in PHASES:
        _seconds(record, phase)
    model = find_model(str(record.text("model.name")))
    given = record.part("model.parameters").values
    # Numbers can be passed unchanged, null only as text.
    nulls = {key: "none" for key, value in given.items() if value is None}
    values = parameter_values(model, nulls, {key: value for key, value in given.items() if key not in nulls})
    network = describe_network(model, values)
    warmup_ms, time_ms = _number(record, "time.warmup_ms"), _number(record, "time.model_time_ms")
    none = np.zeros(0, dtype=np.int64)
    stamps, ids = [none], [none]

    def observe(_: int, __: int, some: npt.NDArray[np.int64], of: npt.NDArray[np.int64]) -> None:
        stamps.append(some)
        ids.append(of)

    with Simulator(
        network,
        seed=_whole(record, "seed"),
        threads=_whole(record, "layout.threads_per_rank"),
        precision=str(record.text("backend.precision")),
        weight_bits=_whole(record, "backend.weight_bits"),
        accept_quantisation=True,
        delivery=str(record.text("backend.delivery")),
    ) as simulator:
        simulator.run(warmup_ms, observe=observe)
        begin = simulator.step
        propagation = simulator.run(time_ms, observe=observe)
        found = {
            "network_digest": simulator.network_digest,
            "spike_digest": propagation.spike_digest,
            "synaptic_events": propagation.synaptic_events,
        }
        for key in SAME:
            if record.get(key) != found[key]:
                raise InputError(
                    f"{record.path}: {key} = {record.get(key)!r}, but a repeated run has {found[key]!r}; the record "
                    "does not contain all options, or the program has changed"
                )
        assert isinstance(simulator.engine, CpuEngine)  # noqa: S101 - the simulator's default
        work = simulator.engine.work(np.concatenate(stamps), np.concatenate(ids), begin, simulator.step)
    if work[0].operations != propagation.synaptic_events:
        raise RuntimeError(f"counted {work[0].operations} synaptic events instead of {propagation.synaptic_events}")
    return CountedRun(record, work)


def levels_of(traffic: Traffic, threads: int, sizes: dict[str, int]) -> tuple[str, ...]:
    """The level that holds the arrays of some traffic, and all levels between it and the processor, nearest first.

    Parameters
    ----------
    threads
        Number of threads that share the L3 cache; each has its own L2 cache.
    sizes
        Bytes of the caches; see `level_bytes`.
    """
    if traffic.resident_bytes <= sizes[L2]:
        return (L2,)
    if L3 not in sizes:
        return (L2, DRAM)
    return (L2, L3) if traffic.resident_bytes * threads <= sizes[L3] else (L2, L3, DRAM)


def _point(record: Record, work: PhaseWork, threads: int) -> Point:
    sizes, moved = level_bytes(), {}
    names = [SCATTER, L2, *([L3] if L3 in sizes else []), DRAM]
    moved = dict.fromkeys(names, 0)
    for one in work.traffic:
        for name in levels_of(one, threads, sizes):
            moved[name] += one.moved_bytes
    if work.phase == "deliver":
        moved[SCATTER] = SCATTER_BYTES * work.operations
    parts = "; ".join(
        f"{one.arrays} {one.moved_bytes:,} bytes ({levels_of(one, threads, sizes)[-1]})" for one in work.traffic
    )
    name = f"{work.phase} of {record.text('model.name')}"
    return Point(
        name,
        work.operations,
        moved,
        _seconds(record, work.phase),
        basis=f"counted: {parts}; {', '.join(f'{key} {value:,}' for key, value in work.counts.items())}",
        reasons={"energy_j": NO_ENERGY},
    )


def _require_countable(record: Record) -> None:
    """Refuse runs that cannot be repeated exactly, or whose times do not belong to their counts."""
    name = record.get("model.name")
    # Records may come from untrusted sources: they must not name a file to execute.
    if name not in models.names():
        raise InputError(
            f"{record.path}: model.name = {name!r} is not allowed: the work of a run can be counted only for the "
            f"models {', '.join(models.names())}"
        )
    for key, allowed in (
        ("simulator.name", "simcore"),
        ("backend.name", "cpu"),
        ("backend.delivery", "just_in_time"),
        ("layout.ranks", 1),
        ("interrupted", False),
        ("time.resumed_at_ms", None),
    ):
        found: Any = record.get(key)
        if found != allowed:
            raise InputError(
                f"{record.path}: {key} = {found!r} is not allowed: the work of a run can be counted only if {key} is "
                f"{allowed!r}"
            )


def _seconds(record: Record, phase: str) -> float:
    """Time of a phase, averaged over threads."""
    key = f"phases_s.{phase}.mean"
    found = _number(record, key)
    if not found > 0.0:
        raise InputError(f"{record.path}: {key} = {found:g} is not allowed: must be > 0 s")
    return found


def _number(record: Record, key: str) -> float:
    found = record.number(key)
    if found is None:
        raise InputError(f"{record.path}: {key} is null: {record.reason(key)}")
    return found


def _whole(record: Record, key: str) -> int:
    return int(_number(record, key))
