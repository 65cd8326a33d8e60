"""Cells, read voltage and converters from a sheet of the kind ``analogue crossbar``."""

from simcore.accelerators.analogue.conversion import MOST_BITS, Converter
from simcore.accelerators.analogue.device import LEAST_OHM, MOST_OHM, MOST_VOLTS, Device
from simcore.accelerators.analogue.wires import MOST_OHM as MOST_WIRE_OHM
from simcore.accelerators.figures import Figures, figure, figures
from simcore.errors import InputError, integer, require

MOST_CELL_BITS = 16
MOST_ON_S = 0.1
"""Largest conductance of the top level: noise raises it at most fivefold, which is below the limit of wires."""
NOISE = {
    "device_noise": "device_noise_share",
    "read_noise": "read_noise_share",
    "stuck_on": "stuck_on_share",
    "stuck_off": "stuck_off_share",
}
"""Field of `Device` -> key of a sheet; 0 if the sheet does not state it."""


def device_of(sheet: Figures, cell_bits: int | None = None) -> Device:
    """The cells of a sheet.

    Parameters
    ----------
    sheet
        A sheet of the kind ``analogue crossbar``.
    cell_bits
        Bits of a cell, for equally spaced levels up to ``2^b - 1``; None for the largest level of the sheet.

    Returns
    -------
    Device
        The cells; if they have only two levels, with the off state of such cells. Noise and stuck cells that the sheet
        does not state are 0.

    Raises
    ------
    Unpublished
        If the sheet does not state a resistance that is needed.
    InputError
        If the values of the sheet are inconsistent.
    """
    levels = cell_levels(sheet)
    top_level = max(levels) if cell_bits is None else 2 ** integer(cell_bits, "cell_bits", 1, MOST_CELL_BITS) - 1
    base = _within(sheet, "base_resistance_ohm", LEAST_OHM, MOST_OHM, "Ohm")
    off = _within(sheet, "off_resistance_ohm" if top_level == 1 else "open_resistance_ohm", LEAST_OHM, MOST_OHM, "Ohm")
    least = top_level / MOST_ON_S
    require(base >= least, f"{sheet.name}: base_resistance_ohm", base,
            f"must be at least {least:g} Ohm for a top level of {top_level}")  # fmt: skip
    shares = {field: sheet.value(key) or 0.0 for field, key in NOISE.items()}
    try:
        return Device(base, off, top_level, **shares)
    except InputError as error:
        raise InputError(f"{sheet.name}: {error}", error.field, error.value) from error


def cell_levels(sheet: Figures) -> tuple[int, ...]:
    """The levels that a sheet lists, ascending.

    Raises
    ------
    Unpublished
        If it does not list any.
    InputError
        If 0 is the only level.
    """
    levels = tuple(sorted({round(level) for level in figures(_checked(sheet), "cell_levels")}))
    require(levels[-1] > 0, f"{sheet.name}: cell_levels", levels, "must contain a level above 0")
    return levels


def read_voltage(sheet: Figures) -> float:
    """Voltage of a row that is read, V.

    Raises
    ------
    Unpublished
        If the sheet does not state it.
    InputError
        If it is too large.
    """
    return _within(sheet, "read_voltage_v", 0.0, MOST_VOLTS, "V")


def wire_resistance(sheet: Figures) -> float:
    """Resistance of a segment of wire, Ohm; 0 if the sheet does not state it.

    Raises
    ------
    InputError
        If it is too large.
    """
    stated = _checked(sheet).value("wire_resistance_ohm") is not None
    return _within(sheet, "wire_resistance_ohm", 0.0, MOST_WIRE_OHM, "Ohm") if stated else 0.0


def converter_of(sheet: Figures, bits: int | None = None) -> Converter:
    """The converter of a sheet.

    Parameters
    ----------
    sheet
        Of the kind ``analogue crossbar``.
    bits
        Width of its code; None for the largest width that the sheet lists.

    Raises
    ------
    Unpublished
        If the sheet does not state the full scale for this width.
    """
    widths = figures(_checked(sheet), "adc_bits")
    width = round(max(widths)) if bits is None else integer(bits, "bits", 1, MOST_BITS)
    scale = figure(sheet, "full_scale_a", width)
    try:
        return Converter(width, scale)
    except InputError as error:
        raise InputError(f"{sheet.name}: {error}", error.field, error.value) from error


def _within(sheet: Figures, key: str, low: float, high: float, unit: str) -> float:
    """A number of a sheet within bounds."""
    stated = figure(_checked(sheet), key)
    require(low <= stated <= high, f"{sheet.name}: {key}", stated, f"must be in [{low:g}, {high:g}] {unit}")
    return stated


def _checked(sheet: Figures) -> Figures:
    require(callable(getattr(sheet, "value", None)), "sheet", sheet, "use a sheet from load_accelerator")
    return sheet
