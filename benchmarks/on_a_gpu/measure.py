"""The second call, which measures the speed of full-scale PD14 on the GPU and the parts of a step."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from on_a_gpu import ncu, nvidia_smi
from on_a_gpu.errors import NotMeasuredError
from on_a_gpu.results import spread
from on_a_gpu.session import Session

PHASES = ("update", "deliver", "communicate", "record")
DRIVES = ("poisson", "dc")
GRID = ("barrier_ns_by_blocks", "launch_us")
ENERGY = ("energy_j_per_model_s", "energy_per_synaptic_event_uj", "energy_covers")
OF_DRIVE = (
    "real_time_factor",
    "step_us",
    "phases_us_per_step",
    "construction_s",
    "synaptic_events_per_s",
    "device_memory_bytes",
    *ENERGY,
)
KERNELS = ("propagate", "halves")


@dataclass(frozen=True)
class Plan:
    """Parameters of the runs.

    Parameters
    ----------
    scale, initial_v
        Parameters of PD14.
    repeats
        Number of runs with each drive.
    short_ms, long_ms
        Model time of the first run, and maximum model time of the repeats, ms.
    repeat_s
        Wall time that a repeat should not exceed, s, unless `short_ms` takes longer.
    warmup_ms, counted_ms
        Model time before all runs, and model time that ncu examines, ms.
    """

    scale: float
    initial_v: str
    repeats: int
    short_ms: int
    long_ms: int
    repeat_s: float
    warmup_ms: int
    counted_ms: int


FULL = Plan(1.0, "optimised", 3, 1000, 10_000, 6.0, 100, 20)
TINY = Plan(0.02, "original", 2, 40, 40, 6.0, 1, 2)
"""Initial values with which such a small network fires with both drives."""


def figures() -> list[str]:
    """Keys of all figures."""
    of_drives = [f"{drive}.{name}" for drive in DRIVES for name in OF_DRIVE]
    grid = [f"grid.{name}" for name in GRID]
    return [*grid, *of_drives, "by_step", "under_load", *(f"ncu.{kernel}" for kernel in KERNELS)]


def agreements() -> list[str]:
    """Names of all comparisons."""
    return [*(f"repeats with {drive} input" for drive in DRIVES), "launch by launch"]


def measure(session: Session) -> None:
    """Measure as long as time remains, the most important values first."""
    plan = TINY if session.emulated else FULL
    first = _run(session, plan, "poisson", "poisson-first", plan.short_ms)
    _grid(session)
    # This still yields values if blocks that wait for each other hang.
    _by_step(session, plan, first)
    _repeats(session, plan, first)
    _under_load(session, plan, first)
    warmup_steps = 10 * plan.warmup_ms
    _counters(session, plan, "propagate", session.device, "^propagate$", 1, 1)
    _counters(session, plan, "halves", f"{session.device}-by-step", "^(begin|end)_step$", 2 * warmup_steps, 4)


def _words(plan: Plan, drive: str, time_ms: int) -> list[str]:
    times = ["--time", str(time_ms), "--warmup", str(plan.warmup_ms)]
    parameters = (f"scale={plan.scale}", f"initial_v={plan.initial_v}", f"input={drive}")
    return ["pd14", *(word for parameter in parameters for word in ("--param", parameter)), *times]


def _run(session: Session, plan: Plan, drive: str, name: str, time_ms: int, device: str = "") -> dict[str, Any] | str:
    """The record of a run, or the reason why it is missing."""
    try:
        return session.run(name, device or session.device, _words(plan, drive, time_ms), 60)
    except NotMeasuredError as error:
        return str(error)


def _grid(session: Session) -> None:
    """Measure the cost of a grid barrier and of a kernel launch."""
    try:
        measured = session.probe("grid", 40)
    except NotMeasuredError as error:
        measured = {"reason": str(error)}
    for name in GRID:
        if name in measured:
            session.results.put(f"grid.{name}", measured[name])
        else:
            session.results.lacks(f"grid.{name}", measured["reason"])


def _time_ms(plan: Plan, first: Mapping[str, Any] | str) -> int:
    """Model time of the repeats, long enough for steady values and short enough for all repeats."""
    rtf = None if isinstance(first, str) else first["real_time_factor"]
    if not rtf:
        return plan.short_ms
    in_time = int(1000 * plan.repeat_s / rtf) // plan.short_ms * plan.short_ms
    return max(plan.short_ms, min(plan.long_ms, in_time))


def _repeats(session: Session, plan: Plan, first: Mapping[str, Any] | str) -> None:
    """Run both drives alternately, so that a drift of the machine favours neither, and store values immediately."""
    time_ms = _time_ms(plan, first)
    records: dict[str, list[dict[str, Any]]] = {drive: [] for drive in DRIVES}
    for repeat in range(plan.repeats):
        for drive in DRIVES if repeat % 2 == 0 else DRIVES[::-1]:
            record = _run(session, plan, drive, f"{drive}-{repeat + 1}", time_ms)
            if isinstance(record, str):
                if not records[drive]:
                    for name in OF_DRIVE:
                        session.results.lacks(f"{drive}.{name}", record)
                session.results.agree(f"repeats with {drive} input", None, record)
                continue
            records[drive].append(record)
            _put_drive(session, drive, records[drive])
    for drive, done in records.items():
        if len(done) == plan.repeats:
            session.results.same_spikes(f"repeats with {drive} input", done)


def _put_drive(session: Session, drive: str, records: Sequence[Mapping[str, Any]]) -> None:
    latest = records[-1]
    steps = [record["time"]["timed_ms"] / record["model"]["resolution_ms"] for record in records]
    walls = [record["wall_s"]["propagation"]["max"] for record in records]
    step_us = [1e6 * wall / n for wall, n in zip(walls, steps, strict=True)]
    phases: dict[str, Any] = {}
    for phase in PHASES:
        seconds = [record["phases_s"][phase]["mean"] for record in records]
        phases[phase] = spread([1e6 * value / n for value, n in zip(seconds, steps, strict=True)])
    inside = zip(*(phases[phase]["values"] for phase in PHASES), strict=True)
    phases["outside_launches"] = spread([us - sum(each) for us, each in zip(step_us, inside, strict=True)])
    memory = {part: latest["memory_bytes"][part]["sum"] for part in ("synapses", "index", "state")}
    measured = {
        "real_time_factor": spread([record["real_time_factor"] for record in records]),
        "step_us": spread(step_us),
        "phases_us_per_step": phases,
        "construction_s": spread([record["wall_s"]["construction"]["max"] for record in records]),
        "synaptic_events_per_s": spread([record["synaptic_events_per_s"] for record in records]),
        "device_memory_bytes": memory,
    }
    for name, value in measured.items():
        session.results.put(f"{drive}.{name}", value)
    _put_energy(session, drive, records)


def _put_energy(session: Session, drive: str, records: Sequence[Mapping[str, Any]]) -> None:
    known = [record for record in records if record["energy"] and record["energy"]["propagation_j"] is not None]
    if not known:
        reasons = records[-1]["reasons"]
        for name in ENERGY:
            why = reasons.get("energy.propagation_j") or reasons.get("energy", "the record does not give the reason")
            session.results.lacks(f"{drive}.{name}", why)
        return
    per_second = [1e3 * record["energy"]["propagation_j"] / record["time"]["timed_ms"] for record in known]
    session.results.put(f"{drive}.energy_j_per_model_s", spread(per_second))
    session.results.put(f"{drive}.energy_covers", ", ".join(known[-1]["energy"]["covers"]))
    per_event = [record["energy_per_synaptic_event_uj"] for record in known]
    if None in per_event:
        session.results.lacks(f"{drive}.energy_per_synaptic_event_uj", "no synaptic events")
    else:
        session.results.put(f"{drive}.energy_per_synaptic_event_uj", spread(per_event))


def _by_step(session: Session, plan: Plan, first: Mapping[str, Any] | str) -> None:
    """Check that two launches per step give the same spikes, and measure their cost."""
    record = _run(session, plan, "poisson", "poisson-by-step", plan.short_ms, f"{session.device}-by-step")
    if isinstance(record, str):
        session.results.lacks("by_step", record)
        session.results.agree("launch by launch", None, record)
        return
    phases = {phase: record["phases_s"][phase]["mean"] for phase in PHASES}
    session.results.put("by_step", {"real_time_factor": record["real_time_factor"], "phases_s": phases})
    if isinstance(first, str):
        session.results.agree("launch by launch", None, first)
    else:
        session.results.same_spikes("launch by launch", [first, record])


def _under_load(session: Session, plan: Plan, first: Mapping[str, Any] | str) -> None:
    """Measure clocks, power and memory in a separate run, because queries of the driver may disturb timed runs."""
    if shutil.which("nvidia-smi") is None:
        session.results.lacks("under_load", "nvidia-smi is not installed")
        return
    samples = session.work / "samples.csv"
    with nvidia_smi.sampled(samples):
        record = _run(session, plan, "poisson", "poisson-sampled", _time_ms(plan, first))
    try:
        summary = nvidia_smi.summary(samples)
    except NotMeasuredError as error:
        session.results.lacks("under_load", record if isinstance(record, str) else str(error))
        return
    rtf = None if isinstance(record, str) else record["real_time_factor"]
    session.results.put("under_load", {**summary, "real_time_factor": rtf}, "the driver does not report it")


def _counters(session: Session, plan: Plan, name: str, device: str, kernels: str, skip: int, count: int) -> None:
    """Counters of launches after the warm-up: of `Plan.counted_ms` in one, or of two steps in four."""
    stretches = [str(plan.warmup_ms), str(plan.counted_ms)]
    program = session.python("on_a_gpu.launches", device, str(plan.scale), *stretches)
    try:
        launches = ncu.counters(session, name, program, kernels, skip, count, 90)
    except NotMeasuredError as error:
        session.results.lacks(f"ncu.{name}", str(error))
        return
    session.results.put(f"ncu.{name}", launches)
