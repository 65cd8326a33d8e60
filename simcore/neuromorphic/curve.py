"""Figures of a sheet that depend on how much of a chip is in use, such as the time of a barrier."""

from typing import TYPE_CHECKING

import numpy as np

from simcore.neuromorphic.sheet import Chip

if TYPE_CHECKING:
    from simcore.neuromorphic.noc.system import System


def curve_at(chip: Chip, key: str, system: "System") -> tuple[float | None, str | None]:
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
    fact = chip.fact(key)
    if fact is None or not fact.table:
        return chip.value(key), None
    used = {"cores": len(system.router_of_core), "tiles": system.tiles, "chips": system.chips}[str(fact.over)]
    counts, values = zip(*fact.table, strict=True)
    value = float(np.interp(used, counts, values))
    if used in counts:
        return value, None
    how = "between two rows" if counts[0] < used < counts[-1] else "the nearest row, outside of all"
    return value, f"{key} at {used:,} {fact.over}: {how} of the table"
