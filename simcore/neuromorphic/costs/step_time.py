"""How long a chip takes for each step, from what its busiest core and its busiest link do in it.

The parts of a step overlap: cores fetch weights, update neurons and pass messages at the same time, and the longest of
them decides; then a barrier ends the step, unless it overlaps, too. How this follows from a sheet is in
docs/chip_costs.md.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.neuromorphic.costs.figures import curve_at, left_out
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.counts import CoreTimes, StepSummary

FloatArray = npt.NDArray[np.float64]
FURTHER = {"reads": "synapse_read_s", "core_links": "core_link_bandwidth_messages_per_s"}
"""Parts that only some sheets have, and the figure of each."""


@dataclass(frozen=True, eq=False)
class StepTimes:
    """Duration of each step and of its parts, s, float64 (steps); None where it is not known.

    Parameters
    ----------
    memory_s, compute_s
        Synaptic events and neurons in the core that takes longest.
    traffic_s
        Messages on the busiest link.
    plasticity_s
        Updates of plastic weights, and of the state of short-term plasticity, in the core that takes longest; 0 without
        any.
    barrier_s
        Synchronisation at the end of a step.
    reads_s, core_links_s
        Reads of synapse memory in the core that takes longest, and messages between a core and its router; None unless
        the sheet has a figure and they were counted.
    total_s
        The whole step.
    tick_s
        Fixed time of a step; None if a step ends when its work is done.
    missed_deadlines
        Steps whose work takes longer than the tick; None without a tick, or if no time of the work is known.
    reasons
        Why ``memory``, ``compute``, ``traffic``, ``plasticity``, ``barrier``, ``total`` or ``missed_deadlines`` is
        None.
    lower_bounds
        What a part, or ``total``, leaves out because it is not published: the numbers are lower bounds.
    assumptions
        What the sheet does not say and was assumed; with a tick, that what has no time fits into it.
    """

    memory_s: FloatArray | None
    compute_s: FloatArray | None
    traffic_s: FloatArray | None
    plasticity_s: FloatArray | None
    barrier_s: FloatArray | None
    reads_s: FloatArray | None
    core_links_s: FloatArray | None
    total_s: FloatArray | None
    tick_s: float | None
    missed_deadlines: int | None
    reasons: Mapping[str, str]
    lower_bounds: Mapping[str, str]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Part:
    """Duration of a part of each step, and the absent figures that it leaves out."""

    seconds: FloatArray | None
    absent: tuple[str, ...] = ()


def core_times(chip: Chip) -> CoreTimes:
    """Seconds that a core needs for each event, as far as they are published.

    A synaptic event that is published in clock cycles takes so many cycles of the clock.
    """
    synop_s = chip.value("synop_s")
    cycles, clock_hz = chip.value("synop_cycles"), chip.value("clock_hz")
    if synop_s is None and cycles is not None and clock_hz is not None:
        synop_s = cycles / clock_hz
    return CoreTimes(
        synop_s=synop_s,
        message_in_s=chip.value("message_in_s"),
        update_s=chip.value("update_active_s"),
        spike_out_s=chip.value("spike_out_s"),
        message_out_s=chip.value("message_out_s"),
        plasticity_s=chip.value("plasticity_s"),
        short_term_s=chip.value("short_term_s"),
    )


def step_times(
    chip: Chip, system: System, summary: StepSummary, resolution_ms: float, tick_s: float | None = None
) -> StepTimes:
    """Duration of each step: the longest of the parts that overlap, then the barrier, but at least the tick.

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
    tick_s = fixed_tick(chip, resolution_ms, tick_s)
    barrier, assumption = _barrier(chip, system, len(summary.synops))
    parts = {**_core_parts(chip, summary), "traffic": _traffic(chip, summary), "barrier": barrier}
    further = _further_parts(chip, summary)
    total = _work({**parts, **further}, tick_s is not None, bool(chip.word("barrier_overlaps")))
    missed, missed_deadlines = _Part(None), None
    if tick_s is not None:
        missed = total
        missed_deadlines = None if missed.seconds is None else int(np.count_nonzero(missed.seconds > tick_s))
        at_least = np.full(len(summary.synops), tick_s)
        total = _Part(at_least if total.seconds is None else np.maximum(total.seconds, at_least))
    told = {**parts, "total": total}
    reasons = {name: left_out(chip, part.absent) for name, part in told.items() if part.seconds is None}
    known = {name: part for name, part in told.items() if part.seconds is not None}
    if missed_deadlines is None:
        reasons["missed_deadlines"] = left_out(chip, missed.absent) or "a step has no fixed time"
    assumptions = [assumption] if assumption else []
    if missed.absent:
        assumptions.append(f"what has no time fits into the tick: {left_out(chip, missed.absent)}")
    return StepTimes(
        **{f"{name}_s": part.seconds for name, part in told.items()},
        **{f"{name}_s": further[name].seconds if name in further else None for name in FURTHER},
        tick_s=tick_s,
        missed_deadlines=missed_deadlines,
        reasons=reasons,
        lower_bounds={name: left_out(chip, part.absent) for name, part in known.items() if part.absent},
        assumptions=tuple(assumptions),
    )


def fixed_tick(chip: Chip, resolution_ms: float, tick_s: float | None) -> float | None:
    """Fixed time of a step, s; None if a step ends when its work is done.

    It is the user's, or the chip's; analogue circuits, which cannot be stopped, have one that follows from their speed.

    Raises
    ------
    InputError
        If the user's is not positive, shorter than the chip can have, or of a chip without steps.
    """
    if tick_s is not None:
        stepless = chip.word("steps") is False or chip.value("acceleration") is not None
        require(not stepless, "tick_s", tick_s, f"{chip.name} has no steps that could have a fixed time")
        require(math.isfinite(tick_s) and tick_s > 0.0, "tick_s", tick_s, "must be a time > 0, s")
        shortest = chip.value("tick_min_s")
        require(shortest is None or tick_s >= shortest, "tick_s", tick_s, f"{chip.name} needs at least {shortest} s")
        return tick_s
    acceleration = chip.value("acceleration")
    if chip.value("tick_s") is None and acceleration is not None:
        return resolution_ms * 1e-3 / acceleration
    return chip.value("tick_s")


def _core_parts(chip: Chip, summary: StepSummary) -> dict[str, _Part]:
    """Memory, computing and plasticity; a figure is needed only where what it stands for happened."""
    times = core_times(chip)
    memory = {"synop_s": (times.synop_s, summary.synops), "message_in_s": (times.message_in_s, summary.messages)}
    compute = {
        "update_active_s": (times.update_s, np.ones(1)),
        "spike_out_s": (times.spike_out_s, summary.spikes),
        "message_out_s": (times.message_out_s, summary.messages_out_max),
    }
    none = np.zeros(len(summary.synops), dtype=np.int64)
    updates = (none if counts is None else counts for counts in (summary.weight_updates, summary.resource_updates))
    each_s = (times.plasticity_s, times.short_term_s)
    plasticity = dict(zip(("plasticity_s", "short_term_s"), zip(each_s, updates, strict=True), strict=True))
    plasticity_s = np.zeros(len(none)) if summary.plasticity_s is None else summary.plasticity_s
    parts = {}
    for name, seconds, figures in (
        ("memory", summary.memory_s, memory),
        ("compute", summary.compute_s, compute),
        ("plasticity", plasticity_s, plasticity),
    ):
        needed = {key: value for key, (value, counts) in figures.items() if counts.any()}
        absent = tuple(key for key, value in needed.items() if value is None)
        nothing_known = bool(absent) and len(absent) == len(needed)
        parts[name] = _Part(None if nothing_known else seconds, absent)
    return parts


def _traffic(chip: Chip, summary: StepSummary) -> _Part:
    bandwidth = chip.value("link_bandwidth_spikes_per_s")
    if bandwidth is None and summary.link_messages_max.any():
        return _Part(None, ("link_bandwidth_spikes_per_s",))
    return _Part(summary.link_messages_max / (bandwidth or 1.0))


def _further_parts(chip: Chip, summary: StepSummary) -> dict[str, _Part]:
    """The parts that only some sheets have; what was not counted though it has a figure is left out, and told."""
    read_s, bandwidth = chip.value(FURTHER["reads"]), chip.value(FURTHER["core_links"])
    each_s = {"reads": read_s, "core_links": None if bandwidth is None else 1.0 / bandwidth}
    counts = {"reads": summary.reads_max, "core_links": summary.core_link_messages_max}
    parts = {}
    for name, seconds in each_s.items():
        counted = counts[name]
        if seconds is not None:
            parts[name] = (
                _Part(None, (FURTHER[name],))
                if counted is None
                else _Part(np.multiply(counted, seconds, dtype=np.float64))
            )
    return parts


def _barrier(chip: Chip, system: System, steps: int) -> tuple[_Part, str | None]:
    """The barrier, and what was assumed for it.

    Several chips have the barrier of several chips; if that is absent, the one of a chip is a lower bound. A single
    core waits for nobody, unless the sheet has a figure.
    """
    several = system.chips > 1
    key = "barrier_chips_s" if several and chip.fact("barrier_chips_s") is not None else "barrier_s"
    value, assumption = curve_at(chip, key, system)
    if value is None and len(system.router_of_core) == 1:
        return _Part(np.zeros(steps)), None
    if value is None:
        return _Part(None, (key,)), None
    fact = chip.fact(key)
    of_one_chip = several and key == "barrier_s" and fact is not None and fact.over != "chips"
    return _Part(np.full(steps, value), ("barrier_chips_s",) if of_one_chip else ()), assumption


def _work(parts: Mapping[str, _Part], ticking: bool, barrier_overlaps: bool) -> _Part:
    """The longest of the parts that overlap, then the barrier; with a tick, a barrier that is absent is the tick."""
    overlapping = [part.seconds for name, part in parts.items() if name != "barrier" and part.seconds is not None]
    known = [np.max(overlapping, axis=0)] if overlapping else []
    barrier = parts["barrier"]
    if barrier.seconds is not None:
        known.append(barrier.seconds)
    needed = [part for name, part in parts.items() if name != "barrier" or not ticking]
    absent = tuple(dict.fromkeys(key for part in needed for key in part.absent))
    join = np.max if barrier_overlaps else np.sum
    seconds = join(known, axis=0) if known else None
    # That nothing happened where the time is known says nothing of the rest.
    silent = seconds is not None and bool(absent) and not seconds.any()
    return _Part(None if silent else seconds, absent)
