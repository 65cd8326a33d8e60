"""The time that a chip takes for each step, from the loads of its busiest core and its busiest link.

The parts of a step overlap: cores fetch weights, update neurons and pass messages at the same time. The longest part
determines the time, and a barrier then ends the step, unless it also overlaps. docs/chip_costs.md describes how the
times follow from a sheet.
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
"""Parts of which only some sheets have a figure, with the key of that figure."""


@dataclass(frozen=True, eq=False)
class StepTimes:
    """Duration of each step and of its parts, s, float64 (steps); None if it is not known.

    Parameters
    ----------
    memory_s, compute_s
        Time of synaptic events, and of neurons, in the core that takes longest.
    traffic_s
        Time of messages on the busiest link.
    plasticity_s
        Time of updates of plastic weights and of the state of short-term plasticity, in the core that takes longest; 0
        without updates.
    barrier_s
        Time of the synchronisation at the end of a step.
    reads_s, core_links_s
        Time of reads of synapse memory in the core that takes longest, and of messages between a core and its router;
        None unless the sheet has a figure and the events were counted.
    total_s
        Time of the whole step.
    tick_s
        Fixed time of a step; None if a step ends when its work is done.
    missed_deadlines
        Number of steps whose work takes longer than the tick; None without a tick, or if the time of the work is not
        known.
    reasons
        The reason for each of ``memory``, ``compute``, ``traffic``, ``plasticity``, ``barrier``, ``total`` and
        ``missed_deadlines`` that is None.
    lower_bounds
        The unpublished figures that a part, or ``total``, leaves out, which makes the numbers lower bounds.
    assumptions
        Assumptions on figures that the sheet does not state; with a tick, that work without a known time fits into it.
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
    """Time that a core needs for each event, s, as far as it is published.

    Times of a synaptic event that are published in clock cycles are converted with the clock of the sheet.
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
    """Duration of each step: the longest of the overlapping parts plus the barrier, and at least the tick.

    Parameters
    ----------
    chip
        The sheet.
    system
        Cores, tiles and chips in use.
    summary
        Counts of the steps. Its times of cores use the figures of `core_times`, with 0 for figures that are None.
    resolution_ms
        Model time of a step.
    tick_s
        Fixed time of a step, in place of the tick of the sheet.

    Raises
    ------
    InputError
        If the tick is not positive, or shorter than the shortest tick of the chip.
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
    published = {**parts, "total": total}
    reasons = {name: left_out(chip, part.absent) for name, part in published.items() if part.seconds is None}
    known = {name: part for name, part in published.items() if part.seconds is not None}
    if missed_deadlines is None:
        reasons["missed_deadlines"] = left_out(chip, missed.absent) or "steps have no fixed time"
    assumptions = [assumption] if assumption else []
    if missed.absent:
        absent = left_out(chip, missed.absent)
        assumptions.append(f"events without a known time are assumed to fit into the tick: {absent}")
    return StepTimes(
        **{f"{name}_s": part.seconds for name, part in published.items()},
        **{f"{name}_s": further[name].seconds if name in further else None for name in FURTHER},
        tick_s=tick_s,
        missed_deadlines=missed_deadlines,
        reasons=reasons,
        lower_bounds={name: left_out(chip, part.absent) for name, part in known.items() if part.absent},
        assumptions=tuple(assumptions),
    )


def fixed_tick(chip: Chip, resolution_ms: float, tick_s: float | None) -> float | None:
    """Fixed time of a step, s; None if a step ends when its work is done.

    The user chooses it, or the sheet states it. The speed of analogue circuits, which cannot be stopped, implies one.

    Raises
    ------
    InputError
        If the user's tick is not positive or shorter than the shortest tick of the chip, or if the chip has no steps.
    """
    if tick_s is not None:
        stepless = chip.word("steps") is False or chip.value("acceleration") is not None
        require(not stepless, "tick_s", tick_s, f"{chip.name} does not run in steps")
        require(math.isfinite(tick_s) and tick_s > 0.0, "tick_s", tick_s, "must be a time > 0, in s")
        shortest = chip.value("tick_min_s")
        allowed = f"must be at least {shortest} s on {chip.name}"
        require(shortest is None or tick_s >= shortest, "tick_s", tick_s, allowed)
        return tick_s
    acceleration = chip.value("acceleration")
    if chip.value("tick_s") is None and acceleration is not None:
        return resolution_ms * 1e-3 / acceleration
    return chip.value("tick_s")


def _core_parts(chip: Chip, summary: StepSummary) -> dict[str, _Part]:
    """Memory, computation and plasticity; a figure is needed only if its events occurred."""
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
    """The parts of which only some sheets have a figure; a part with a figure but without counts is absent."""
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
    """The barrier, and the assumption behind it.

    Several chips use the figure for several chips; if it is absent, the figure for one chip is a lower bound. A single
    core has no barrier unless the sheet states a figure.
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
    """The longest of the overlapping parts, then the barrier; with a tick, an absent barrier is part of the tick."""
    overlapping = [part.seconds for name, part in parts.items() if name != "barrier" and part.seconds is not None]
    known = [np.max(overlapping, axis=0)] if overlapping else []
    barrier = parts["barrier"]
    if barrier.seconds is not None:
        known.append(barrier.seconds)
    needed = [part for name, part in parts.items() if name != "barrier" or not ticking]
    absent = tuple(dict.fromkeys(key for part in needed for key in part.absent))
    join = np.max if barrier_overlaps else np.sum
    seconds = join(known, axis=0) if known else None
    # Known parts without events do not imply anything about the unknown parts.
    silent = seconds is not None and bool(absent) and not seconds.any()
    return _Part(None if silent else seconds, absent)
