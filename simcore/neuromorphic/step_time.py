"""How long a chip takes for each step, from what its busiest core and its busiest link do in it.

The parts of a step overlap: cores fetch weights, update neurons and pass messages at the same time, and the longest of
the three decides; then a barrier ends the step. How this follows from a sheet is in docs/chip_costs.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.neuromorphic.curve import curve_at
from simcore.neuromorphic.sheet import Chip
from simcore.neuromorphic.step_counts import CoreTimes, StepSummary

if TYPE_CHECKING:
    from simcore.neuromorphic.noc.system import System

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StepTimes:
    """Duration of each step and of its parts, s, float64 (steps); None where it is not known.

    Parameters
    ----------
    memory_s, compute_s
        Synaptic events and neurons in the core that takes longest.
    traffic_s
        Messages on the busiest link.
    barrier_s
        Synchronisation at the end of a step.
    total_s
        The whole step.
    tick_s
        Fixed time of a step; None if a step ends when its work is done.
    missed_deadlines
        Steps whose work takes longer than the tick; None without a tick, or if no time of the work is known.
    reasons
        Why ``memory``, ``compute``, ``traffic``, ``barrier``, ``total`` or ``missed_deadlines`` is None.
    lower_bounds
        What one of them leaves out because it is not published: the number is a lower bound.
    assumptions
        What the sheet does not say and was assumed.
    """

    memory_s: FloatArray | None
    compute_s: FloatArray | None
    traffic_s: FloatArray | None
    barrier_s: FloatArray | None
    total_s: FloatArray | None
    tick_s: float | None
    missed_deadlines: int | None
    reasons: Mapping[str, str] = field(default_factory=dict)
    lower_bounds: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()


def core_times(chip: Chip) -> CoreTimes:
    """Seconds that a core needs for each event, as far as they are published.

    A synaptic event that is published in clock cycles takes so many cycles of the clock.
    """
    raise NotImplementedError


def step_times(
    chip: Chip, system: "System", summary: StepSummary, resolution_ms: float, tick_s: float | None = None
) -> StepTimes:
    """Duration of each step.

    Parameters
    ----------
    chip
        The sheet.
    system
        Cores, tiles and chips in use.
    summary
        Of the steps; its times of cores are those of `core_times`, with 0 for a figure that is None.
    resolution_ms
        Model time of a step.
    tick_s
        Fixed time of a step, instead of that of the sheet.

    Raises
    ------
    InputError
        If the tick is not positive, or shorter than the chip can have.
    """
    raise NotImplementedError
