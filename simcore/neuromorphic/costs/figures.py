"""Figures of a sheet for the computation of time and energy: by size of the system, or the names of absent figures."""

from collections.abc import Iterable, Mapping

import numpy as np

from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.sheets.sheet import Chip


def curve_at(chip: Chip, key: str, system: System) -> tuple[float | None, str | None]:
    """A figure for the cores, tiles or chips in use, and the assumption behind it; None and None if it is absent.

    Values between two rows of a table are interpolated linearly; outside of the table, the nearest row is used.

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
    """As `curve_at`, for given numbers of ``cores``, ``tiles`` and ``chips`` in use."""
    fact = chip.fact(key)
    if fact is None or not fact.table:
        return chip.value(key), None
    used = in_use[str(fact.over)]
    counts, values = zip(*fact.table, strict=True)
    value = float(np.interp(used, counts, values))
    if used in counts:
        return value, None
    inside = counts[0] < used < counts[-1]
    how = "interpolated between two rows" if inside else "taken from the nearest row"
    return value, f"{key} at {used:,} {fact.over} is {how} of the table"


def left_out(chip: Chip, keys: Iterable[str]) -> str:
    """The names of absent figures, each with the reason."""
    return "; ".join(
        f"{key} ({chip.why_absent(key) if chip.fact(key) is None else 'its events are not counted'})" for key in keys
    )
