"""Figures of a sheet as the arithmetic of time and energy needs them: by size of the system, or left out and named."""

from collections.abc import Iterable, Mapping

import numpy as np

from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.sheets.sheet import Chip


def curve_at(chip: Chip, key: str, system: System) -> tuple[float | None, str | None]:
    """A figure for so many cores, tiles or chips, and what was assumed for it; None and None if it is absent.

    Between two rows of a table a line is drawn; outside of them the nearest row holds.

    Parameters
    ----------
    chip
        The sheet.
    key
        A quantity of the form ``curve``.
    system
        Cores, tiles and chips in use.
    """
    return figure_at(chip, key, {"cores": len(system.router_of_core), "tiles": system.tiles, "chips": system.chips})


def figure_at(chip: Chip, key: str, in_use: Mapping[str, int]) -> tuple[float | None, str | None]:
    """The same for numbers of ``cores``, ``tiles`` and ``chips`` in use."""
    fact = chip.fact(key)
    if fact is None or not fact.table:
        return chip.value(key), None
    used = in_use[str(fact.over)]
    counts, values = zip(*fact.table, strict=True)
    value = float(np.interp(used, counts, values))
    if used in counts:
        return value, None
    how = "on a line between two rows" if counts[0] < used < counts[-1] else "that of the nearest row, beyond all"
    return value, f"{key} at {used:,} {fact.over} is {how} of the table"


def left_out(chip: Chip, keys: Iterable[str]) -> str:
    """Absent figures by name, each with why it is absent."""
    return "; ".join(
        f"{key} ({chip.why_absent(key) if chip.fact(key) is None else 'what it is for is not counted'})" for key in keys
    )
