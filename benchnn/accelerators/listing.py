"""Output of ``benchnn accelerators``: the known accelerators, or one of them with the source of every number."""

from typing import Any

from benchnn.chips.sheets import sheet_list, sheet_page, sheet_record, usable_names, written
from simcore.accelerators.sheets.parser import accelerator_names, accelerator_plug_ins, load_accelerator
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.display.numbers import TEXT

COLUMNS = ("name", "title", "kind", "process", "clock", "array")
SHOW = "benchnn accelerators show NAME|FILE.toml shows all numbers of an accelerator"


def accelerator_list() -> str:
    """All known accelerators, one per line, and the plug-ins that cannot be used."""
    return sheet_list([COLUMNS, *map(_row, _accelerators())], "llllrr", accelerator_plug_ins, SHOW)


def list_record() -> list[dict[str, Any]]:
    """All known accelerators, as JSON."""
    return [accelerator_record(accelerator) for accelerator in _accelerators()]


def accelerator_page(accelerator: Accelerator) -> str:
    """One accelerator: its published figures, the figures that are not published, and the sources."""
    return sheet_page(accelerator, accelerator.kind)


def accelerator_record(accelerator: Accelerator) -> dict[str, Any]:
    """One accelerator, as JSON: values in SI units, or null if absent, without keys that its kind cannot have."""
    return sheet_record(accelerator)


def _accelerators() -> list[Accelerator]:
    return [load_accelerator(name) for name in (*accelerator_names(), *usable_names(accelerator_plug_ins))]


def _row(accelerator: Accelerator) -> list[str]:
    process = str(accelerator.word("process") or TEXT.absent)
    clock = written(accelerator, "clock_hz")
    return [accelerator.name, accelerator.title, accelerator.kind, process, clock, _array(accelerator)]


def _array(accelerator: Accelerator) -> str:
    """Rows and columns, such as ``16 x 8``, with the number of arrays if there are several."""
    side = accelerator.count("crossbar_rows")
    rows, columns = accelerator.count("rows") or side, accelerator.count("columns") or side
    if rows is None or columns is None:
        return TEXT.absent
    arrays = accelerator.count("arrays") or 1
    return f"{rows} x {columns}" if arrays == 1 else f"{arrays} of {rows} x {columns}"
