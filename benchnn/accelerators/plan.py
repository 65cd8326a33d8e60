"""The plan of ``benchnn accelerate``: all inputs, checked before any model is evaluated."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from benchnn.accelerators.record_keys import AS_PUBLISHED, CORRECTED, RECORD
from benchnn.accelerators.sources.activity import read_activity, with_activity
from benchnn.accelerators.sources.run import MeasuredRun
from benchnn.accelerators.sources.source import TABLE, find_workload
from benchnn.declared_types import from_text
from benchnn.studies.study import numbers, one_number, optional_folder
from simcore.accelerators.answer import DATAFLOWS
from simcore.accelerators.sheets.parser import accelerator_names, accelerator_plug_ins, load_accelerator
from simcore.accelerators.sheets.quantities import KINDS, TRAINING
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.workloads.numbers import MOST_STEPS
from simcore.accelerators.workloads.workload import Workload, with_density
from simcore.errors import InputError, choice, number, require, suggestion
from simcore.neuromorphic import chip_names, chip_plug_ins, load_chip

MOST_SHARING, MOST_BITS = 4096, 32
ACCOUNTINGS = {"both": (AS_PUBLISHED, CORRECTED), "published": (AS_PUBLISHED,), "corrected": (CORRECTED,)}
TRAINING_OPTIONS = ("gradient_density", "forward_bits", "packed_spikes")
USUAL = "sata,spikesim_65nm,estimate_28nm"


@dataclass(frozen=True)
class AccelerateOptions:
    """Options of ``benchnn accelerate``, as text; None where not given."""

    on: str = USUAL
    steps: str | None = None
    density: str | None = None
    activity: str | None = None
    weight_bits: str | None = None
    exit_entropy: str | None = None
    dataflow: str | None = None
    lif_sharing: str = "1"
    membrane_bits: str | None = None
    gradient_density: str | None = None
    forward_bits: str | None = None
    packed_spikes: str | None = None
    accounting: str = "both"
    compare: bool = False
    out: str | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class TrainingPlan:
    """A sheet for training, with training options; see `simcore.accelerators.training.TrainingOptions`."""

    accelerator: Accelerator
    gradient_sparsity: float
    forward_bits: int
    packed_spikes: int


@dataclass(frozen=True)
class AcceleratePlan:
    """A workload, and the accelerators and options for its evaluation.

    Parameters
    ----------
    workload, origin
        The workload, and the kind of its source in words.
    run
        The run that measured its densities; None without a run.
    accelerators, training, chips
        Sheets of accelerators for inference and for training, and names of chips.
    steps
        Numbers of time steps, in the given order.
    accountings
        Accountings, of `benchnn.accelerators.record_keys`.
    """

    workload: Workload
    origin: str
    run: MeasuredRun | None
    accelerators: tuple[Accelerator, ...]
    training: tuple[TrainingPlan, ...]
    chips: tuple[str, ...]
    steps: tuple[int, ...]
    accountings: tuple[str, ...]
    density: float | None
    activity: str | None
    weight_bits: int | None
    exit_entropy: float | None
    dataflow: str | None
    lif_sharing: int
    membrane_bits: int | None
    compare: bool
    folder: Path | None

    @property
    def densities(self) -> str:
        """The origin of the densities of the inputs, in words."""
        own = "measured in a run" if self.run is not None else "assumed"
        if self.density is not None:
            return "given"
        return own if self.activity is None else f"from {self.activity}; other layers: {own}"

    def exit_shares(self, steps: int) -> tuple[float, ...] | None:
        """Share of the samples that are answered after each step; None without early exit."""
        return None if self.run is None or self.exit_entropy is None else self.run.exit_shares(steps)


def plan_accelerate(name: str, options: AccelerateOptions) -> AcceleratePlan:
    """Read the workload and the sheets, and check the options.

    Raises
    ------
    InputError
        If an input is wrong.
    """
    folder = optional_folder(options.out, RECORD, "a workload on accelerators", options.overwrite)
    choice(options.accounting, "accounting", tuple(ACCOUNTINGS))
    dataflow = None if options.dataflow is None else choice(options.dataflow, "dataflow", DATAFLOWS)
    sharing = one_number("lif_sharing", options.lif_sharing, 1, MOST_SHARING)
    bits, weight_bits = (
        None if text is None else one_number(field, text, 1, MOST_BITS)
        for field, text in (("membrane_bits", options.membrane_bits), ("weight_bits", options.weight_bits))
    )
    accelerators, chips = machines(options.on)
    training = tuple(_training(one, options) for one in accelerators if one.kind == TRAINING)
    for field in TRAINING_OPTIONS if not training else ():
        given = getattr(options, field)
        require(given is None, field, given, "it applies only to accelerators for training, such as sata_training")
    exit_entropy = _share("exit_entropy", options.exit_entropy)
    found = find_workload(name, exit_entropy)
    shipped = found.origin == TABLE
    allowed = "use the name of an included workload, for which figures are published"
    require(shipped or not options.compare, "compare", name, allowed)
    workload = _with_densities(found.workload, options)
    if weight_bits is not None:
        layers = (replace(layer, weight_bits=weight_bits) for layer in workload.layers)
        workload = replace(workload, layers=tuple(layers))
    steps = _steps(workload, options.steps)
    if found.run is not None and workload.measured:
        for length in steps:
            found.run.require_steps(length)
    return AcceleratePlan(
        workload,
        found.origin,
        found.run,
        tuple(one for one in accelerators if one.kind != TRAINING),
        training,
        chips,
        steps,
        ACCOUNTINGS[options.accounting],
        _share("density", options.density),
        options.activity,
        weight_bits,
        exit_entropy,
        dataflow,
        sharing,
        bits,
        options.compare,
        folder,
    )


def machines(text: str) -> tuple[list[Accelerator], tuple[str, ...]]:
    """Read sheets of accelerators and names of chips, separated by commas; the kind in a file determines its reader.

    Raises
    ------
    InputError
        If a name is not known or appears twice, or its sheet is wrong.
    """
    accelerators, chips = [], []
    for name in (part.strip() for part in text.split(",")):
        require(bool(name), "on", text, "use names separated by commas")
        if name.endswith(".toml") and not Path(name).is_file():
            raise InputError(f"on = {name!r} does not exist", "on", name)
        if _is_accelerator(name):
            accelerators.append(load_accelerator(name))
        elif name.endswith(".toml") or name in chip_names() or name in chip_plug_ins:
            chips.append(load_chip(name).name)
        else:
            known = [*accelerator_names(), *accelerator_plug_ins.known(), *chip_names(), *chip_plug_ins.known()]
            near = suggestion(name, known) or f"; the known names are {', '.join(known)}"
            raise InputError(f"on = {name!r} is unknown: use a known name, or the path of a sheet, FILE.toml{near}")
    found = [*(one.name for one in accelerators), *chips]
    twice = next((name for name in found if found.count(name) > 1), None)
    require(twice is None, "on", text, f"use each sheet once; {twice} appears twice")
    return accelerators, tuple(chips)


def _is_accelerator(name: str) -> bool:
    """Whether a name or file belongs to an accelerator; plug-ins are searched only for names that are not built in."""
    if name.endswith(".toml"):
        return _kind_in(name) in KINDS
    return name in accelerator_names() or (name not in chip_names() and name in accelerator_plug_ins)


def _kind_in(name: str) -> str | None:
    """The kind that a sheet file states; None for files that the reader of chips will refuse."""
    try:
        return str(tomllib.loads(Path(name).read_text(encoding="utf-8-sig")).get("kind"))
    except (OSError, ValueError, RecursionError):
        return None


def _with_densities(workload: Workload, options: AccelerateOptions) -> Workload:
    """The workload with the requested densities in place of its own."""
    allowed = "omit it, because --activity states the densities"
    require(options.density is None or options.activity is None, "density", options.density, allowed)
    density = _share("density", options.density)
    if density is not None:
        return with_density(workload, density)
    return workload if options.activity is None else with_activity(workload, read_activity(Path(options.activity)))


def _steps(workload: Workload, text: str | None) -> tuple[int, ...]:
    if text is not None:
        return tuple(numbers("steps", text, 1, MOST_STEPS))
    if workload.steps is None:
        raise InputError(f"{workload.name} does not state a number of time steps; pass --steps", "steps")
    return (workload.steps,)


def _training(accelerator: Accelerator, options: AccelerateOptions) -> TrainingPlan:
    density = _share("gradient_density", options.gradient_density)
    if density is None:
        raise InputError("training requires the share of gradients that are not 0; pass --gradient-density")
    bits = one_number("forward_bits", options.forward_bits or "16", 1, MOST_BITS)
    packed = one_number("packed_spikes", options.packed_spikes or "1", 1, MOST_BITS)
    return TrainingPlan(accelerator, 1.0 - density, bits, packed)


def _share(field: str, text: str | None) -> float | None:
    if text is None:
        return None
    value = number(from_text(text, float, field), field)
    require(0.0 <= value <= 1.0, field, text, "must be in [0, 1]")
    return value
