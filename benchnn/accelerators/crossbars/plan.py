"""The plan of ``benchnn crossbar``: all inputs, checked before any array is studied."""

from dataclasses import dataclass, replace
from pathlib import Path

from benchnn.accelerators.crossbars.cases import Case, cases, require_possible_work
from benchnn.accelerators.crossbars.record_keys import (
    CYCLES,
    DEVICE_NOISE,
    LARGEST,
    RATIO,
    READ_NOISE,
    RECORD,
    STUCK,
    TIME,
)
from benchnn.declared_types import from_text
from benchnn.studies.study import numbers, one_number, optional_folder
from simcore.accelerators.analogue.device import LEAST_SHAPE, MOST_CYCLES, MOST_SHAPE
from simcore.accelerators.analogue.sheet_values import (
    cell_levels,
    converter_of,
    device_of,
    read_voltage,
    wire_resistance,
)
from simcore.accelerators.analogue.study import LEAST_SIZE, MOST_SIZE, ArrayCase
from simcore.accelerators.analogue.wires import MOST_OHM
from simcore.accelerators.figures import Unpublished
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.sheets.quantities import ANALOGUE
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.errors import InputError, integer, number, require

MOST_SEEDS, MOST_VALUES = 1000, 20
USUAL_SIZE = 64
"""Default number of rows of a crossbar if the sheet does not state it."""


@dataclass(frozen=True)
class CrossbarOptions:
    """Options of ``benchnn crossbar``, as text; None where not given."""

    sizes: str = "32,64,128"
    wire: str = "0,1,5"
    ratio: str = "10,100,1000"
    noise: str = "0,0.02,0.05,0.1,0.2"
    read_noise: str = "0,0.02,0.05,0.1,0.2"
    stuck: str = "0,0.001,0.01,0.05"
    time: str | None = None
    drift: str | None = None
    cycles: str | None = None
    endurance: str | None = None
    endurance_shape: str | None = None
    adc_bits: str | None = None
    seeds: str = "3"
    out: str | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class CrossbarPlan:
    """A crossbar, and variants of it that differ in one property.

    Parameters
    ----------
    sheet
        Sheet of its cells.
    case
        The crossbar of which one property is varied at a time.
    cases
        Cases of the rows.
    seeds
        Number of random arrays for each case.
    folder
        Folder of the record; None for no record.
    """

    sheet: Accelerator
    case: ArrayCase
    cases: tuple[Case, ...]
    seeds: int
    folder: Path | None


def plan_crossbar(name: str, options: CrossbarOptions) -> CrossbarPlan:
    """Read the sheet and check the options.

    Raises
    ------
    InputError
        If an input is wrong, or the sheet lacks a figure that a crossbar needs.
    """
    folder = optional_folder(options.out, RECORD, "the study of a crossbar", options.overwrite)
    sheet = load_accelerator(name)
    require(sheet.kind == ANALOGUE, "sheet", name, f"use a sheet of kind {ANALOGUE!r}, not {sheet.kind!r}")
    try:
        case = _case(sheet, options)
    except Unpublished as absent:
        raise InputError(f"sheet = {name!r} cannot be studied: {absent}", "sheet", name) from absent
    _require_few("sizes", options.sizes)
    sizes = numbers("sizes", options.sizes, LEAST_SIZE, MOST_SIZE)
    found = tuple(cases(case, sizes, amounts("wire", options.wire, 0.0, MOST_OHM), _swept(options)))
    seeds = one_number("seeds", options.seeds, 1, MOST_SEEDS)
    require_possible_work(found, seeds)
    return CrossbarPlan(sheet, case, found, seeds, folder)


def _case(sheet: Accelerator, options: CrossbarOptions) -> ArrayCase:
    """The crossbar according to the sheet and the options for ageing."""
    bits = None if options.adc_bits is None else one_number("adc_bits", options.adc_bits, 1, 24)
    device = device_of(sheet)
    if options.drift is not None:
        device = replace(device, drift_exponent=one_amount("drift", options.drift, 0.0, 1.0))
    if options.endurance is not None:
        cycles = one_amount("endurance", options.endurance, 1.0, MOST_CYCLES)
        shape = one_amount("endurance_shape", options.endurance_shape or "1", LEAST_SHAPE, MOST_SHAPE)
        device = replace(device, endurance_cycles=cycles, endurance_shape=shape)
    size = integer(sheet.count("crossbar_rows") or USUAL_SIZE, f"{sheet.name}: crossbar_rows", LEAST_SIZE, MOST_SIZE)
    return ArrayCase(
        size,
        device,
        cell_levels(sheet),
        converter_of(sheet, bits),
        read_voltage(sheet),
        wire_resistance(sheet),
    )


def _swept(options: CrossbarOptions) -> dict[str, tuple[float, ...]]:
    """Values of each property that is varied, without ageing if its law is not given."""
    require(options.time is None or options.drift is not None, "time", options.time, "it requires --drift")
    for field in ("cycles", "endurance_shape"):
        text = getattr(options, field)
        require(text is None or options.endurance is not None, field, text, "it requires --endurance")
    swept = {
        RATIO: amounts("ratio", options.ratio, 1.001, LARGEST),
        DEVICE_NOISE: amounts("noise", options.noise, 0.0, 1.0),
        READ_NOISE: amounts("read_noise", options.read_noise, 0.0, 1.0),
        STUCK: amounts("stuck", options.stuck, 0.0, 1.0),
    }
    if options.drift is not None:
        swept[TIME] = amounts("time", options.time or "1,1e3,1e6", 1.0, LARGEST)
    if options.cycles is not None:
        cycles = amounts("cycles", options.cycles, 0.0, LARGEST)
        inside = all(value == 0.0 or value >= 1.0 for value in cycles)
        require(inside, "cycles", options.cycles, "must be 0, or at least 1")
        swept[CYCLES] = cycles
    return swept


def amounts(field: str, text: str, low: float, high: float) -> tuple[float, ...]:
    """Read distinct numbers, separated by commas, and sort them.

    Raises
    ------
    InputError
        If the text is wrong; the message names field and text, and states what is allowed.
    """
    _require_few(field, text)
    values = [number(from_text(part.strip(), float, field), field) for part in text.split(",")]
    inside = all(low <= value <= high for value in values)
    require(inside, field, text, f"give numbers in [{low:g}, {high:g}], separated by commas")
    require(len(set(values)) == len(values), field, text, "use each number once")
    return tuple(sorted(values))


def _require_few(field: str, text: str) -> None:
    """Refuse a long list before it is read."""
    values = text.count(",") + 1
    require(values <= MOST_VALUES, f"number of values of {field}", values, f"must be at most {MOST_VALUES}")


def one_amount(field: str, text: str, low: float, high: float) -> float:
    """Read one number.

    Raises
    ------
    InputError
        If the text is wrong; the message names field and text, and states what is allowed.
    """
    values = amounts(field, text, low, high)
    require(len(values) == 1, field, text, "give one number")
    return values[0]
