"""The plan of ``benchnn roofline``: machines and their points."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchnn.accelerators.roofline.chip import chip_roofline
from benchnn.accelerators.roofline.record_keys import RECORD
from benchnn.accelerators.sources.source import find_workload
from benchnn.chips.floorline import ChipRun, read_timed_run
from benchnn.declared_types import from_text
from benchnn.studies.study import one_number, optional_folder
from simcore.accelerators.figures import Unpublished
from simcore.accelerators.roofline.machine import Machine, Point
from simcore.accelerators.roofline.published import load_machine, machine_names, published_points
from simcore.accelerators.roofline.record import read_machine
from simcore.accelerators.roofline.sheet_machines import machine_of
from simcore.accelerators.roofline.work import LARGEST_BATCH, workload_point
from simcore.accelerators.sheets.parser import accelerator_names, accelerator_plug_ins, load_accelerator
from simcore.accelerators.workloads.numbers import MOST_STEPS
from simcore.accelerators.workloads.workload import Workload, with_density
from simcore.errors import InputError, number, require, suggestion

USUAL, USUAL_WORKLOADS = "tpu_v1,eyeriss,sata,spikesim_65nm", "vgg9"


@dataclass(frozen=True)
class RooflineOptions:
    """Options of ``benchnn roofline``, as text; None where not given."""

    folders: Sequence[str] = ()
    on: str | None = None
    workload: str | None = None
    machine: Sequence[str] = ()
    this_machine: str | None = None
    steps: str | None = None
    batch: str = "1"
    density: str | None = None
    out: str | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class PlannedMachine:
    """A machine, its points, and workloads without a point, with the reason."""

    machine: Machine
    points: tuple[Point, ...]
    not_placed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RooflinePlan:
    """Machines, points and options of a roofline.

    Parameters
    ----------
    machines
        Machines in the given order.
    runs
        Runs on chips, whose floorlines are also drawn.
    steps, batch, density
        Given values; None for the values of each workload.
    folder
        Folder of the record; None for no record.
    """

    machines: tuple[PlannedMachine, ...]
    runs: tuple[ChipRun, ...]
    steps: int | None
    batch: int
    density: float | None
    folder: Path | None


def plan_roofline(options: RooflineOptions) -> RooflinePlan:
    """Read all inputs, and evaluate each workload on each machine.

    Raises
    ------
    InputError
        If an input is wrong.
    """
    folder = optional_folder(options.out, RECORD, "a roofline", options.overwrite)
    steps = None if options.steps is None else one_number("steps", options.steps, 1, MOST_STEPS)
    batch = one_number("batch", options.batch, 1, LARGEST_BATCH)
    density = _density(options.density)
    others = bool(options.folders or options.machine or options.this_machine is not None)
    on = options.on or (None if others else USUAL)
    given = {"workload": options.workload, "steps": options.steps, "density": options.density}
    given["batch"] = None if batch == 1 else options.batch
    for key, value in given.items():
        if on is None and value is not None:
            raise InputError(f"{key} needs --on; machines from files and runs have their own points")
    workloads = _workloads(options.workload or (None if on is None else USUAL_WORKLOADS), density)
    machines = [] if on is None else [_named(name, workloads, steps, batch) for name in _names("on", on)]
    machines += [PlannedMachine(*read_machine(path)) for path in options.machine]
    if options.this_machine is not None:
        # Kernels are compiled only on request.
        from benchnn.accelerators.phase_points import this_machine

        machines.append(PlannedMachine(*this_machine(options.this_machine)))
    runs = tuple(read_timed_run(Path(path)) for path in options.folders)
    for run in runs:
        machine, point = chip_roofline(run)
        machines.append(PlannedMachine(machine, (point,)))
    return RooflinePlan(tuple(machines), runs, steps, batch, density, folder)


def _named(name: str, workloads: Sequence[Workload], steps: int | None, batch: int) -> PlannedMachine:
    """A machine from a name or a sheet, with its published points and the workloads."""
    if name in machine_names():
        no_layers = "this machine has only published points, not a model of layers"
        return PlannedMachine(*load_machine(name), {workload.name: no_layers for workload in workloads})
    if not (name.endswith(".toml") or name in accelerator_names() or name in accelerator_plug_ins):
        known = [*accelerator_names(), *accelerator_plug_ins.known(), *machine_names()]
        near = suggestion(name, known) or f"; the known names are {', '.join(known)}"
        raise InputError(f"on = {name!r} is unknown: use a known name, or the path of a sheet, FILE.toml{near}")
    accelerator = load_accelerator(name)
    machine = machine_of(accelerator)
    points, not_placed = list(published_points(accelerator.name)), {}
    for workload in workloads:
        own = steps or workload.steps
        if own is None:
            raise InputError(f"{workload.name} does not state a number of time steps; pass --steps", "steps")
        try:
            points.append(workload_point(workload, accelerator, own, batch))
        except Unpublished as absent:
            not_placed[workload.name] = str(absent)
    return PlannedMachine(machine, tuple(points), not_placed)


def _workloads(text: str | None, density: float | None) -> list[Workload]:
    found = [] if text is None else [find_workload(name).workload for name in _names("workload", text)]
    return found if density is None else [with_density(workload, density) for workload in found]


def _names(key: str, text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    require(all(names), key, text, "use names separated by commas")
    for name in names:
        require(names.count(name) == 1, key, text, f"use each name once; {name} appears twice")
    return names


def _density(text: str | None) -> float | None:
    if text is None:
        return None
    value = number(from_text(text, float, "density"), "density")
    require(0.0 < value <= 1.0, "density", text, "must be in (0, 1]")
    return value
