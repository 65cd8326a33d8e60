"""The state that binds the mean step of a chip: its longest part, and the core or link with that part."""

from dataclasses import dataclass

import numpy as np

from simcore.neuromorphic.costs.expected_step import expected_step_times
from simcore.neuromorphic.costs.floorline import STATES, UNKNOWN, FloatArray, longer
from simcore.neuromorphic.costs.step_time import StepTimes, core_times
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.expected_loads import ExpectedLoads


@dataclass(frozen=True, eq=False)
class MeanStep:
    """A step in which every core and link has its mean load.

    The steps of a run take longer, because the slowest core determines each step and is by chance slower than the mean.

    Parameters
    ----------
    times
        Times of this step.
    state
        The longest part, of `simcore.neuromorphic.costs.floorline.STATES`, or ``unknown`` if fewer than two are known.
    core
        The core that takes longest, if the state is memory or compute, else None.
    link
        The busiest link, if the state is traffic, else None.
    """

    times: StepTimes
    state: str
    core: int | None
    link: int | None

    @property
    def total_s(self) -> float | None:
        """Time of the whole step, s; None if no time is known."""
        return self.part_s("total")

    def part_s(self, name: str) -> float | None:
        """Time of one part, or of the whole step with ``total``, s; None if it is not known."""
        seconds = getattr(self.times, f"{name}_s")
        return None if seconds is None else float(seconds[0])


def mean_step(
    chip: Chip, system: System, loads: ExpectedLoads, resolution_ms: float, tick_s: float | None = None
) -> MeanStep:
    """The mean step of these loads; for the parameters see `costs.expected_step.expected_step_times`."""
    times = expected_step_times(chip, system, loads, resolution_ms, tick_s)
    known = {state: getattr(times, f"{state}_s") for state in STATES}
    updated_s = _plasticity_s(chip, loads)
    if updated_s.any():
        known["memory"] = longer(known["memory"], times.plasticity_s)
    parts = {state: float(seconds[0]) for state, seconds in known.items() if seconds is not None}
    state = UNKNOWN
    if len(parts) > 1 and max(parts.values()) > 0.0:
        state = max(parts, key=lambda name: parts[name])
    each, core = core_times(chip), None
    if state == "memory":
        core = (each.synop_s or 0.0) * loads.synops + (each.message_in_s or 0.0) * loads.messages_in
        core = updated_s if updated_s.max() > core.max() else core
    if state == "compute":
        core = (each.update_s or 0.0) * loads.steps * loads.neurons + (each.spike_out_s or 0.0) * loads.spikes
        core = core + (each.message_out_s or 0.0) * loads.messages_out
    link = int(loads.link_messages.argmax()) if state == "traffic" else None
    return MeanStep(times, state, None if core is None else int(np.argmax(core)), link)


def _plasticity_s(chip: Chip, loads: ExpectedLoads) -> FloatArray:
    """Time of each core for plasticity updates in a second, from published figures; 0 without plastic synapses."""
    each, seconds = core_times(chip), np.zeros(len(loads.neurons))
    if loads.weight_updates is not None:
        seconds = seconds + (each.plasticity_s or 0.0) * loads.weight_updates
    if loads.resource_updates is not None:
        seconds = seconds + (each.short_term_s or 0.0) * loads.resource_updates
    return seconds
