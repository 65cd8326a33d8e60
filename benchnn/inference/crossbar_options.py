"""Options of ``benchnn infer --crossbar``: the crossbars and their errors."""

import math
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from benchnn.inference.option_values import integer_of, reals_of
from benchnn.studies.study import numbers
from simcore.accelerators.analogue.conversion import MOST_BITS as MOST_ADC_BITS
from simcore.accelerators.analogue.conversion import Converter
from simcore.accelerators.analogue.device import Device
from simcore.accelerators.analogue.encoding import DIFFERENTIAL, MAPPINGS
from simcore.accelerators.analogue.encoding import MOST_BITS as MOST_WEIGHT_BITS
from simcore.accelerators.analogue.evaluator import MOST_INPUT_BITS
from simcore.accelerators.analogue.reader import LEAST_SIZE, MOST_SIZE, Crossbars
from simcore.accelerators.analogue.sheet_values import (
    cell_levels,
    converter_of,
    device_of,
    read_voltage,
    wire_resistance,
)
from simcore.accelerators.analogue.variates import MAX_SEED
from simcore.accelerators.analogue.wires import MOST_OHM
from simcore.accelerators.figures import Figures, figures, whole
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.sheets.quantities import ANALOGUE
from simcore.errors import InputError, choice, require

COMPLEMENTED = "_complemented"
ENCODINGS = (*MAPPINGS, *(f"{mapping}{COMPLEMENTED}" for mapping in MAPPINGS))
DIRECT_BITS = "8"
MOST_VALUES, MOST_LINES = 100, 1000
"""Limits of the length of a list, and of the lines of all lists together."""


@dataclass(frozen=True)
class CrossbarOptions:
    """Options of the command line, as text; None where not given."""

    sheet: str | None = None
    size: str | None = None
    wire: str | None = None
    conductance_noise: str | None = None
    read_noise: str | None = None
    stuck: str | None = None
    resistance_ratio: str | None = None
    drift_exponent: str | None = None
    drift_time: str | None = None
    adc_bits: str | None = None
    cell_bits: str | None = None
    weight_encoding: str | None = None
    input_bits: str | None = None
    adapt_normalisation: str | None = None
    seed: str | None = None


@dataclass(frozen=True)
class CrossbarPlan:
    """Crossbars, and options for running a network on them.

    Parameters
    ----------
    sheet
        Name of the sheet.
    crossbars
        Storage of weights on crossbars, and their readout.
    input_bits
        Bits of a value of a sample with direct coding.
    adapted_samples
        Number of samples for the correction of sums; None for no correction.
    """

    sheet: str
    crossbars: Crossbars
    input_bits: int
    adapted_samples: int | None

    @property
    def summary(self) -> str:
        """A short summary."""
        own = self.crossbars
        return f"{self.sheet}, noise {own.device.device_noise:g}, {own.wire_ohm:g} Ohm, seed {own.seed}"

    def described(self) -> dict[str, Any]:
        """The plan as keys of a record."""
        own, device = self.crossbars, self.crossbars.device
        return {
            "sheet": self.sheet,
            "size": own.size,
            "weight_encoding": f"{own.mapping}{COMPLEMENTED if own.complements else ''}",
            "cell_bits": own.cell_bits,
            "adc_bits": own.converter.bits,
            "full_scale_a": own.converter.full_scale_a,
            "input_bits": self.input_bits,
            "wire_ohm": own.wire_ohm,
            "resistance_ratio": device.ratio,
            "conductance_noise": device.device_noise,
            "read_noise": device.read_noise,
            "stuck_on": device.stuck_on,
            "stuck_off": device.stuck_off,
            "drift_exponent": device.drift_exponent,
            "drift_time_s": own.time_s,
            "adapted_samples": self.adapted_samples,
            "seed": own.seed,
        }


def plan_crossbars(options: CrossbarOptions, weight_bits: int, samples: int) -> tuple[CrossbarPlan, ...]:
    """The crossbars for given options: one plan for each noise, each wire resistance and each seed.

    Parameters
    ----------
    options
        Options of the command line.
    weight_bits
        Bits of the simulator's weights.
    samples
        Number of samples.

    Raises
    ------
    InputError
        If an option is wrong, the sheet is of another kind, or options are given without a sheet.
    UnavailableError
        If the sheet does not state what is needed.
    """
    if options.sheet is None:
        given = next((one.name for one in fields(options) if getattr(options, one.name) is not None), None)
        if given is not None:
            raise InputError(f"{given} is an option of crossbars; add --crossbar NAME", given)
        return ()
    sheet = load_accelerator(options.sheet)
    require(sheet.kind == ANALOGUE, "crossbar", options.sheet, f"use a sheet of kind {ANALOGUE}, not {sheet.kind}")
    allowed = f"must be at most {MOST_WEIGHT_BITS} on crossbars"
    require(weight_bits <= MOST_WEIGHT_BITS, "weight_bits", weight_bits, allowed)
    cell_bits = integer_of("cell_bits", options.cell_bits, 1, 16) or max(cell_levels(sheet)).bit_length()
    device = _device(options, sheet, cell_bits)
    read_v = read_voltage(sheet)
    encoding = choice(options.weight_encoding or DIFFERENTIAL, "weight_encoding", ENCODINGS)
    mapping = encoding.removesuffix(COMPLEMENTED)
    size = integer_of("crossbar_size", options.size, LEAST_SIZE, MOST_SIZE) or whole(sheet, "crossbar_rows")
    _require_short_lists(options)
    wires = reals_of("wire", options.wire, 0.0, MOST_OHM) or [wire_resistance(sheet)]
    noises = reals_of("conductance_noise", options.conductance_noise, 0.0, 1.0) or [device.device_noise]
    seeds = numbers("crossbar_seed", options.seed or "1", 0, MAX_SEED)
    lines = len(wires) * len(noises) * len(seeds)
    combined = "number of combinations of wire, conductance_noise and crossbar_seed"
    require(lines <= MOST_LINES, combined, lines, f"must be at most {MOST_LINES}")
    crossbars = Crossbars(
        size,
        device,
        _converter(options, sheet, device, read_v),
        read_v,
        0.0,
        weight_bits,
        cell_bits,
        mapping,
        mapping != encoding,
        0,
        _one_real("drift_time", options.drift_time, device.drift_start_s, math.inf),
    )
    input_bits = integer_of("input_bits", options.input_bits or DIRECT_BITS, 1, MOST_INPUT_BITS) or 0
    adapted = integer_of("adapt_normalisation", options.adapt_normalisation, 2, samples)
    return tuple(
        CrossbarPlan(
            sheet.name,
            replace(crossbars, device=replace(device, device_noise=noise), wire_ohm=wire, seed=seed),
            input_bits,
            adapted,
        )
        for wire, noise, seed in product(wires, noises, seeds)
    )


def _require_short_lists(options: CrossbarOptions) -> None:
    lists = {"wire": options.wire, "conductance_noise": options.conductance_noise, "crossbar_seed": options.seed}
    for field, text in lists.items():
        values = (text or "").count(",") + 1
        require(values <= MOST_VALUES, f"number of values of {field}", values, f"must be at most {MOST_VALUES}")


def _device(options: CrossbarOptions, sheet: Figures, cell_bits: int) -> Device:
    """The cells of the sheet, with the values of options."""
    device = device_of(sheet, cell_bits)
    read_noise, drift, stuck = (
        _one_real(name, getattr(options, name), 0.0, 1.0) for name in ("read_noise", "drift_exponent", "stuck")
    )
    if read_noise is not None:
        device = replace(device, read_noise=read_noise)
    if drift is not None:
        device = replace(device, drift_exponent=drift)
    if stuck is not None:
        device = replace(device, stuck_on=stuck / 2.0, stuck_off=stuck / 2.0)
    ratio = _one_real("resistance_ratio", options.resistance_ratio, 1.0, device.most_ratio, above=True)
    return device if ratio is None else device.with_ratio(ratio)


def _converter(options: CrossbarOptions, sheet: Figures, device: Device, read_v: float) -> Converter:
    """The converter of the sheet, or one of the given width whose step is the current of one level of a cell."""
    bits = integer_of("adc_bits", options.adc_bits, 1, MOST_ADC_BITS)
    if bits is None or bits in {round(one) for one in figures(sheet, "adc_bits")}:
        return converter_of(sheet, bits)
    return Converter.of_levels(bits, device, read_v)


def _one_real(field: str, text: str | None, low: float, high: float, above: bool = False) -> float | None:
    values = reals_of(field, text, low, high, above)
    require(len(values) <= 1, field, text, "give one number")
    return values[0] if values else None
