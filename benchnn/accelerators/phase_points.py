"""The phases `deliver` and `update` of a recorded run as points of a roofline of this machine.

Their times are those of the record, means over threads. Bytes and operations are counted in a second run of the same
network and seed, whose digests must be the same (`simcore.backends.cpu.work`): a run is a function of these, and the
one that is timed need not count.

What a phase moves is charged to the level whose capacity holds the arrays that it goes over, and to every level between
it and the processor. The hardware may do better: a line that is still in a nearer cache from before, or one that is
fetched ahead, is charged all the same. Additions of `deliver` into its input buffers are charged to the scatter-add,
too. The peak of the machine is that of the operations of `update`. Additions of `deliver` are of another kind, and the
peak stands far above their roof.
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
        Of the run.
    work
        Of `deliver` and of `update`.
    """

    record: Record
    work: tuple[PhaseWork, PhaseWork]

    @property
    def threads(self) -> int:
        """Threads of the run."""
        return _whole(self.record, "layout.threads_per_rank")

    def points(self) -> tuple[Point, ...]:
        """The phases as points."""
        return tuple(_point(self.record, one, self.threads) for one in self.work)


def points_of_run(folder: str | Path) -> tuple[Point, ...]:
    """The phases of a recorded run, counted by running it again on this machine.

    Parameters
    ----------
    folder
        Of the result, or its file.

    Raises
    ------
    InputError
        If the record is missing, its work is not counted (see `simcore.backends.cpu.work.phase_work`), it was
        interrupted or resumed, or its network cannot be described again from the record.
    """
    return counted_run(folder).points()


def this_machine(folder: str | Path) -> tuple[Machine, tuple[Point, ...]]:
    """Measure this machine with as many threads as a recorded run had; it, and the phases of the run.

    Raises
    ------
    InputError
        As `points_of_run` and `measured_machine` do.
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
    # A number can be given as it is, null only as a text.
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
                    f"{record.path}: {key} = {record.get(key)!r} of the run is not that of its network run again, "
                    f"{found[key]!r}: its options are not all in the record, or the program has changed"
                )
        assert isinstance(simulator.engine, CpuEngine)  # noqa: S101 - the simulator's default
        work = simulator.engine.work(np.concatenate(stamps), np.concatenate(ids), begin, simulator.step)
    if work[0].operations != propagation.synaptic_events:
        raise RuntimeError(f"counted {work[0].operations} synaptic events of {propagation.synaptic_events}")
    return CountedRun(record, work)


def levels_of(traffic: Traffic, threads: int, sizes: dict[str, int]) -> tuple[str, ...]:
    """The level that holds the arrays of some traffic, and those between it and the processor, nearest first.

    Parameters
    ----------
    threads
        That share the L3 cache; each has an L2 cache of its own.
    sizes
        Bytes of the caches, see `level_bytes`.
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
    """Refuse runs that cannot be run again as they were, or whose times are not of their counts."""
    name = record.get("model.name")
    # A record may come from anywhere: it names no file that is run.
    if name not in models.names():
        raise InputError(
            f"{record.path}: model.name = {name!r}: a run is counted only where its model is one of "
            f"{', '.join(models.names())}"
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
                f"{record.path}: {key} = {found!r}: the work of a run is counted only where it is {allowed!r}"
            )


def _seconds(record: Record, phase: str) -> float:
    """Time of a phase, mean of threads."""
    key = f"phases_s.{phase}.mean"
    found = _number(record, key)
    if not found > 0.0:
        raise InputError(f"{record.path}: {key} = {found:g}: a phase that took no time has no throughput")
    return found


def _number(record: Record, key: str) -> float:
    found = record.number(key)
    if found is None:
        raise InputError(f"{record.path}: {key} is null: {record.reason(key)}")
    return found


def _whole(record: Record, key: str) -> int:
    return int(_number(record, key))
