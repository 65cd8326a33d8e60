"""Cells, read voltage and converters as a sheet of the kind ``analogue crossbar`` states them."""

from simcore.accelerators.analogue.conversion import Converter
from simcore.accelerators.analogue.device import Device
from simcore.accelerators.figures import Figures, figure, figures
from simcore.errors import require

NOISE = {
    "device_noise": "device_noise_share",
    "read_noise": "read_noise_share",
    "stuck_on": "stuck_on_share",
    "stuck_off": "stuck_off_share",
}
"""Field of `Device`, and key of a sheet; 0 where the sheet states nothing."""


def device_of(sheet: Figures, cell_bits: int | None = None) -> Device:
    """The cells of a sheet.

    Parameters
    ----------
    sheet
        Of the kind ``analogue crossbar``.
    cell_bits
        Bits of a cell, for equally spaced levels up to ``2^b - 1``; None for a largest level as the sheet lists it.

    Returns
    -------
    Device
        With the off state of cells of two levels if there are but two. Noise and stuck cells that the sheet does not
        state are 0.

    Raises
    ------
    Unpublished
        If the sheet does not state a resistance that is needed.
    InputError
        If the sheet's values do not fit each other.
    """
    top_level = max(cell_levels(sheet)) if cell_bits is None else 2**cell_bits - 1
    off = figure(sheet, "off_resistance_ohm" if top_level == 1 else "open_resistance_ohm")
    shares = {field: sheet.value(key) or 0.0 for field, key in NOISE.items()}
    return Device(figure(sheet, "base_resistance_ohm"), off, top_level, **shares)


def cell_levels(sheet: Figures) -> tuple[int, ...]:
    """The levels that a sheet lists, ascending.

    Raises
    ------
    Unpublished
        If it lists none.
    InputError
        If 0 is the only one.
    """
    levels = tuple(sorted({round(level) for level in figures(sheet, "cell_levels")}))
    require(levels[-1] > 0, f"{sheet.name}: cell_levels", levels, "one level must be above 0")
    return levels


def read_voltage(sheet: Figures) -> float:
    """Voltage of a row that is read, V.

    Raises
    ------
    Unpublished
        If the sheet does not state it.
    """
    return figure(sheet, "read_voltage_v")


def converter_of(sheet: Figures, bits: int | None = None) -> Converter:
    """A converter of a sheet.

    Parameters
    ----------
    sheet
        Of the kind ``analogue crossbar``.
    bits
        Of its code; None for the most that the sheet lists.

    Raises
    ------
    Unpublished
        If the sheet states no full scale of this width.
    """
    width = round(max(figures(sheet, "adc_bits"))) if bits is None else bits
    return Converter(width, figure(sheet, "full_scale_a", width))
