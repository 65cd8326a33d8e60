"""The energy that a chip would need for a run: counts of what happened times what the sheet states for each.

How the parts follow from a sheet is in docs/chip_costs.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simcore.neuromorphic.figures import curve_at, left_out
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.sheet import Chip
from simcore.neuromorphic.step_counts import RunCounts

PARTS = ("synop", "update", "spike", "message", "hop", "barrier", "static")
EAST_WEST, NORTH_SOUTH = 0, 1
"""Kinds of links."""


@dataclass(frozen=True)
class ChipEnergy:
    """Energy of a run, J.

    Parameters
    ----------
    parts
        By `PARTS`; None where nothing is published, or where another figure contains it.
    total_j
        Sum of the parts; None if nothing that happened has a published energy.
    reasons
        Why a part, or ``total``, is None.
    lower_bounds
        What a part, or ``total``, leaves out because it is not published: the number is a lower bound.
    assumptions
        What the sheet does not say and was assumed.
    """

    parts: Mapping[str, float | None]
    total_j: float | None
    reasons: Mapping[str, str]
    lower_bounds: Mapping[str, str]
    assumptions: tuple[str, ...]


def energy_parts(
    chip: Chip, counts: RunCounts, system: System, duration_s: float | None, duration_leaves_out: str | None = None
) -> ChipEnergy:
    """Energy of a run, by what needs it.

    An energy that another figure of the sheet contains is not added. ``synop_all_in_j`` is never used: it is the power
    of a whole chip at one load.

    Parameters
    ----------
    chip
        The sheet.
    counts
        Of the whole run.
    system
        Links, cores, tiles and chips in use.
    duration_s
        Time that the chip needs for the run; None if it is not known.
    duration_leaves_out
        What that time leaves out, if it is a lower bound.
    """
