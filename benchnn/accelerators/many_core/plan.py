"""The plan of ``benchnn many-core``: all inputs, checked before any design is evaluated."""

from dataclasses import dataclass
from pathlib import Path

from benchnn.accelerators.many_core.record_keys import RECORD
from benchnn.declared_types import from_text
from benchnn.studies.study import one_number, optional_folder
from simcore.accelerators.figures import Unpublished, figure
from simcore.accelerators.many_core.design import PUBLISHED, Design, design_of, designs_up_to
from simcore.accelerators.many_core.sparsity import Roofs
from simcore.accelerators.many_core.utilisation import MOST_BATCH, Shapes, shapes_of
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.sheets.quantities import MANY_CORE
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.workloads.reader import load_workload
from simcore.errors import InputError, choice, number, require

PUBLISHED_WORD, ALL, LATENCY = "published", "all", "latency"
OVERLAPPED, EXPOSED = "overlapped", "exposed"
MOST_DESIGNS, MOST_NETWORKS, MOST_BATCHES, MOST_SPARSITIES = 200, 20, 20, 200
MOST_TOPS, MOST_LATENCY_MS = 1e6, 1e6
SPARSITIES = "0,0.2,0.4,0.5,0.6,0.7,0.8,0.85,0.9,0.93,0.95,0.96,0.97,0.98,0.985,0.99,0.993,0.996,0.998,0.999"


@dataclass(frozen=True)
class ManyCoreOptions:
    """Options of ``benchnn many-core``, as text; None where not given."""

    on: str = "neurometer"
    networks: str = "resnet50,inception_v3,nasnet_a_large"
    batch: str = "1,latency,256"
    latency_ms: str = "10"
    target_tops: str | None = None
    designs: str = PUBLISHED_WORD
    weights: str = OVERLAPPED
    sparsity: str = SPARSITIES
    out: str | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class Network:
    """The name and the shapes of a network."""

    name: str
    title: str
    shapes: Shapes


@dataclass(frozen=True)
class ManyCorePlan:
    """Designs, networks and batches of a sweep.

    Parameters
    ----------
    sheet
        Sheet with the figures that all designs share.
    sheet_clock_hz, roofs
        Clock of the sheet, Hz, and its peak and bandwidth.
    networks, designs
        Networks, and designs, in the given order.
    batches
        Numbers of simultaneous inputs; None for the largest batch within the latency limit.
    latency_s
        Limit of the latency, s.
    target_operations_per_s
        Peak of each design; None if all designs have the clock of the sheet.
    overlapped
        Whether weights load while arrays work.
    sparsities
        Shares of the weights that are 0.
    folder
        Folder of the record; None for no record.
    """

    sheet: Accelerator
    sheet_clock_hz: float
    roofs: Roofs
    networks: tuple[Network, ...]
    designs: tuple[Design, ...]
    batches: tuple[int | None, ...]
    latency_s: float
    target_operations_per_s: float | None
    overlapped: bool
    sparsities: tuple[float, ...]
    folder: Path | None

    def clock_hz(self, design: Design) -> float:
        """The clock of a design, Hz: the clock of the sheet, or the clock that yields the target."""
        if self.target_operations_per_s is not None:
            return design.clock_hz(self.target_operations_per_s)
        return self.sheet_clock_hz


def plan_many_core(options: ManyCoreOptions) -> ManyCorePlan:
    """Read the sheet and the networks, and check the options.

    Raises
    ------
    InputError
        If an input is wrong, or the sheet lacks a figure that is needed.
    """
    folder = optional_folder(options.out, RECORD, "designs of many cores", options.overwrite)
    sheet = load_accelerator(options.on)
    require(sheet.kind == MANY_CORE, "on", options.on, f"use a sheet of kind {MANY_CORE}, not {sheet.kind}")
    clock, roofs = _limits(sheet)
    weights = choice(options.weights, "weights", (OVERLAPPED, EXPOSED))
    tops = None if options.target_tops is None else _positive("target_tops", options.target_tops, MOST_TOPS)
    networks = _networks(options.networks)
    return ManyCorePlan(
        sheet,
        clock,
        roofs,
        networks,
        _designs(options.designs, sheet.name, roofs.operations_per_s, clock),
        _batches(options.batch, min(network.shapes.most_batch for network in networks)),
        _positive("latency_ms", options.latency_ms, MOST_LATENCY_MS) / 1e3,
        None if tops is None else tops * 1e12,
        weights == OVERLAPPED,
        _sparsities(options.sparsity),
        folder,
    )


def _limits(sheet: Accelerator) -> tuple[float, Roofs]:
    """Clock, Hz, and roofs of a sheet."""
    try:
        clock = figure(sheet, "clock_hz")
        peak, bits = figure(sheet, "peak_operations_per_s"), figure(sheet, "dram_bandwidth_bits_per_s")
    except Unpublished as absent:
        raise InputError(f"on = {sheet.name!r} cannot be used: {absent}", "on", sheet.name) from absent
    return clock, Roofs(peak, bits / 8.0)


def _parts(field: str, text: str, separator: str, most: int) -> list[str]:
    """Distinct texts between separators."""
    parts = [part.strip() for part in text.split(separator)]
    require(len(parts) <= most, f"number of values of {field}", len(parts), f"must be at most {most}")
    twice = next((part for part in parts if parts.count(part) > 1), None)
    require(twice is None, field, text, f"{twice} appears twice; give each value once")
    return parts


def _networks(text: str) -> tuple[Network, ...]:
    found = []
    for name in _parts("networks", text, ",", MOST_NETWORKS):
        workload = load_workload(name)
        found.append(Network(workload.name, workload.title, shapes_of(workload)))
    names = [network.name for network in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    require(twice is None, "networks", text, f"use each name once; {twice} appears twice")
    return tuple(found)


def _designs(text: str, sheet: str, most: float, clock: float) -> tuple[Design, ...]:
    if text == PUBLISHED_WORD:
        return PUBLISHED
    if text == ALL:
        found = designs_up_to(most, clock)
        within = "1 design is" if len(found) == 1 else f"{len(found)} designs are"
        bounds = f"this number must be in [1, {MOST_DESIGNS}]"
        allowed = f"{within} within the peak throughput of the sheet at its clock; {bounds}"
        require(0 < len(found) <= MOST_DESIGNS, "on", sheet, allowed)
        return tuple(found)
    designs = [_design(part) for part in _parts("designs", text, ";", MOST_DESIGNS)]
    twice = next((one for one in designs if designs.count(one) > 1), None)
    require(twice is None, "designs", text, f"{twice.name if twice else ''} appears twice; give each value once")
    return tuple(designs)


def _design(text: str) -> Design:
    try:
        return design_of(text)
    except InputError as error:
        where = f"use {PUBLISHED_WORD}, {ALL}, or X,N,Tx,Ty;X,N,Tx,Ty;..."
        raise InputError(f"designs: {text!r}: {error}; {where}", "designs", text) from error


def _batches(text: str, most: int) -> tuple[int | None, ...]:
    parts = _parts("batch", text, ",", MOST_BATCHES)
    found = [None if part == LATENCY else _batch(part) for part in parts]
    largest = max((batch for batch in found if batch is not None), default=1)
    require(largest <= most, "batch", text, f"must be at most {most} for these networks")
    twice = next((batch for batch in found if found.count(batch) > 1), None)
    require(twice is None, "batch", text, f"{twice} appears twice; give each value once")
    return tuple(found)


def _batch(text: str) -> int:
    try:
        return one_number("batch", text, 1, MOST_BATCH)
    except InputError as error:
        raise InputError(f"{error}, or {LATENCY}", "batch", text) from error


def _positive(field: str, text: str, most: float) -> float:
    value = number(from_text(text, float, field), field)
    require(0.0 < value <= most, field, text, f"must be above 0 and at most {most:g}")
    # Below it a clock or a time would be 0.
    require(value >= 1e-9, field, text, "must be at least 1e-9")
    return value


def _sparsities(text: str) -> tuple[float, ...]:
    found = []
    for part in _parts("sparsity", text, ",", MOST_SPARSITIES):
        value = number(from_text(part, float, "sparsity"), "sparsity")
        require(0.0 <= value < 1.0, "sparsity", part, "must be in [0, 1), as the share of weights that are 0")
        found.append(value)
    return tuple(sorted(set(found)))
