"""The record of a run on a chip: the key ``chip`` of ``result.json``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchnn.chips.emulation import ChipEmulation
from benchnn.chips.map import limit_record
from benchnn.record.ranks import Statistics
from simcore.neuromorphic.costs.advice import advice
from simcore.neuromorphic.costs.energy import PARTS, ChipEnergy, energy_parts
from simcore.neuromorphic.costs.figures import left_out
from simcore.neuromorphic.costs.floorline import Profile, imbalance, longer, run_state, step_counts_by_state
from simcore.neuromorphic.costs.neurobench import NeuroBench, neurobench_metrics
from simcore.neuromorphic.costs.step_time import FURTHER, StepTimes, step_times
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.counts import RunCounts, StepSummary
from simcore.quantisation import listed_codes
from simcore.simulator import Simulator
from simcore.tables import LISTED

NO_TICK = "a step ends when its work is done"
NO_STEPS = "no model time was simulated"
NOTHING = "the count is 0 on all cores"
NO_MESSAGE, NO_HOP = "no messages entered a core", "no messages traversed a link"


@dataclass(frozen=True, eq=False)
class ChipMeasurement:
    """Counts on a chip, and the time and energy that follow from them.

    Parameters
    ----------
    summary, counts
        Counts of each step of the measured window, and of the whole window.
    times, energy, neurobench, profile
        Results that follow from the counts.
    mapping_s, counting_s
        Time of mapping and of counting over ranks, in s.
    """

    summary: StepSummary
    counts: RunCounts
    times: StepTimes
    energy: ChipEnergy
    neurobench: NeuroBench
    profile: Profile
    mapping_s: Statistics
    counting_s: Statistics


def measure_chip(emulation: ChipEmulation, simulator: Simulator, tick_s: float | None) -> ChipMeasurement:
    """Add up the counts of all ranks; all ranks call this together."""
    meter, comm, network = emulation.meter, simulator.comm, simulator.network
    summary, counts = meter.summary(), meter.totals()
    times = step_times(emulation.chip, emulation.system, summary, network.resolution_ms, tick_s)
    duration_s = None if times.total_s is None else float(times.total_s.sum())
    energy = energy_parts(emulation.chip, counts, emulation.system, duration_s, times.lower_bounds.get("total"))
    neurobench = neurobench_metrics(
        steps=counts.steps,
        neurons=network.n_neurons,
        spikes=int(counts.spikes.sum()),
        synapses=simulator.n_synapses,
        synaptic_events=int(counts.synops.sum()),
        cores=len(counts.neurons),
        synops_max=int(summary.synops_max.max(initial=0)),
        zero_weights=None if _may_be_zero(simulator) else 0,
    )
    plasticity_s = None if summary.plasticity_s is None else times.plasticity_s
    profile = Profile(
        longer(times.memory_s, times.reads_s, plasticity_s),
        times.compute_s,
        longer(times.traffic_s, times.core_links_s),
        times.barrier_s,
        times.total_s,
        summary.synops_max,
        summary.synops,
        summary.link_messages_max,
        counts.synops,
        counts.messages_in,
        counts.messages_out,
        counts.neurons,
        counts.link_messages,
        emulation.system.link_origin.astype(np.int64),
        emulation.system.link_target.astype(np.int64),
        bool(emulation.chip.word("barrier_overlaps")),
    )
    return ChipMeasurement(
        summary,
        counts,
        times,
        energy,
        neurobench,
        profile,
        Statistics.of(comm.gather(emulation.mapping_s)),
        Statistics.of(comm.gather(meter.wall_s)),
    )


def _may_be_zero(simulator: Simulator) -> bool:
    """Whether a weight can be or become 0; synapses of weight 0 would have to be counted."""
    if any(one.plasticity is not None and one.plasticity.changes_weights for one in simulator.network.projections):
        return True
    tables = simulator.plan.tables
    for index, look_up in enumerate(tables.weights):
        pieces = listed_codes(simulator.network, tables.grid, index) if look_up.kind == LISTED else [look_up.entries]
        if any(bool(np.any(piece == 0)) for piece in pieces):
            return True
    return False


def chip_record(
    emulation: ChipEmulation, measured: ChipMeasurement, resolution_ms: float
) -> tuple[dict[str, Any], dict[str, str]]:
    """The record, and the reason for each value that is None, by dotted key."""
    chip, system = emulation.chip, emulation.system
    reasons: dict[str, str] = {}
    record = {
        "name": chip.name,
        "title": chip.title,
        "sheet_sha256": chip.sha256,
        "mapper": emulation.mapping.mapper,
        "place": emulation.options.place if emulation.options.given is None else emulation.options.given.place or None,
        "neurons_per_core": emulation.neurons_per_core,
        "weight_bits": emulation.weight_bits,
        "on_violation": emulation.options.on_violation,
        "cores": emulation.mapping.cores,
        "tiles": system.tiles,
        "chips": system.chips,
        "limits": [limit_record(check) for check in emulation.checks],
        "adaptation": emulation.adaptation,
        "network_on_chip": _network_on_chip(emulation, measured, reasons),
        "per_core": _per_core(measured, reasons),
        "plasticity": _plasticity(measured),
        **_times(chip, measured, resolution_ms, reasons),
        **_energy(measured, reasons),
        "floorline": _floorline(measured, reasons),
        "neurobench": _neurobench(measured, reasons),
        "lower_bounds": _dotted(measured.times.lower_bounds, _TIME_KEYS)
        | _dotted(measured.energy.lower_bounds, _ENERGY_KEYS),
        "assumptions": [*system.assumptions, *measured.times.assumptions, *measured.energy.assumptions],
        "wall_s": {"mapping": measured.mapping_s, "counting": measured.counting_s},
    }
    if record["place"] is None:
        reasons["place"] = "the mapping file does not state it"
    if emulation.adaptation is None:
        reasons["adaptation"] = "no adaptation was needed"
    return record, {f"chip.{key}": why for key, why in reasons.items()}


def _network_on_chip(emulation: ChipEmulation, measured: ChipMeasurement, reasons: dict[str, str]) -> dict[str, Any]:
    system, counts, summary = emulation.system, measured.counts, measured.summary
    entered, hops = int(counts.messages_in.sum()), int(counts.link_messages.sum())
    busiest = int(counts.link_messages.argmax()) if hops else None
    ends = None if busiest is None else [int(system.link_origin[busiest]), int(system.link_target[busiest])]
    if entered == 0:
        reasons["network_on_chip.mean_hops"] = NO_MESSAGE
    if hops == 0:
        reasons["network_on_chip.busiest_link"] = NO_HOP
    return {
        "topology": system.topology,
        "multicast": system.multicast,
        "routers": len(system.chip_of_router),
        "links": len(system.link_origin),
        "messages_out": int(counts.messages_out.sum()),
        "messages_in": entered,
        "within_tile": counts.within_tile,
        "hops": hops,
        "mean_hops": hops / entered if entered else None,
        "chip_crossings": int(counts.link_messages[system.link_crosses_chip].sum()),
        "link_messages_max": int(summary.link_messages_max.max(initial=0)),
        "busiest_link": ends,
    }


def _per_core(measured: ChipMeasurement, reasons: dict[str, str]) -> dict[str, Any]:
    summary, cores = measured.summary, len(measured.counts.neurons)
    any_step = len(summary.synops) > 0
    if not any_step:
        reasons |= dict.fromkeys(("per_core.synops_max_mean", "per_core.synops_mean"), NO_STEPS)
    return {
        "neurons_max": int(measured.counts.neurons.max()),
        "synops_max": int(summary.synops_max.max(initial=0)),
        "synops_max_mean": float(summary.synops_max.mean()) if any_step else None,
        "synops_mean": float(summary.synops.mean()) / cores if any_step else None,
        "messages_in_max": int(summary.messages_in_max.max(initial=0)),
        "messages_out_max": int(summary.messages_out_max.max(initial=0)),
        "spikes_max": int(summary.spikes_max.max(initial=0)),
    }


def _plasticity(measured: ChipMeasurement) -> dict[str, int]:
    """Updates of weights and of the state of short-term plasticity; 0 without plastic synapses."""
    counts, summary = measured.counts, measured.summary
    weights, states, largest = counts.weight_updates, counts.resource_updates, summary.weight_updates_max
    return {
        "weight_updates": 0 if weights is None else int(weights.sum()),
        "weight_updates_max": 0 if largest is None else int(largest.max(initial=0)),
        "resource_updates": 0 if states is None else int(states.sum()),
    }


_TIME_KEYS = {part: f"step_time_s.{part}" for part in ("memory", "compute", "traffic", "plasticity", "barrier")} | {
    "total": "step_time_s"
}


def _times(chip: Chip, measured: ChipMeasurement, resolution_ms: float, reasons: dict[str, str]) -> dict[str, Any]:
    times, total_s = measured.times, measured.times.total_s
    parts = {
        "memory": times.memory_s,
        "compute": times.compute_s,
        "traffic": times.traffic_s,
        "plasticity": times.plasticity_s,
        "barrier": times.barrier_s,
        "reads": times.reads_s,
        "core_links": times.core_links_s,
    }
    reasons |= _dotted(times.reasons, _TIME_KEYS | {"missed_deadlines": "missed_deadlines"})
    step_time, factor = None, None
    if measured.counts.steps == 0:
        reasons["step_time_s"] = NO_STEPS
    elif total_s is not None:
        whole = {"mean": total_s.mean(), "min": total_s.min(), "max": total_s.max(), "sum": total_s.sum()}
        means = {part: None if seconds is None else float(seconds.mean()) for part, seconds in parts.items()}
        step_time = {name: float(value) for name, value in whole.items()} | means
        reasons |= {f"step_time_s.{name}": left_out(chip, [FURTHER[name]]) for name in FURTHER if means[name] is None}
        factor = float(total_s.mean()) / (resolution_ms * 1e-3)
    if step_time is None:
        reasons["emulated_real_time_factor"] = reasons["step_time_s"]
    if times.tick_s is None:
        reasons["tick_s"] = NO_TICK
    return {
        "step_time_s": step_time,
        "tick_s": times.tick_s,
        "emulated_real_time_factor": factor,
        "missed_deadlines": times.missed_deadlines,
    }


_ENERGY_KEYS = {part: f"energy_j.{part}" for part in (*PARTS, "total")}


def _energy(measured: ChipMeasurement, reasons: dict[str, str]) -> dict[str, Any]:
    energy, events = measured.energy, int(measured.counts.synops.sum())
    reasons |= _dotted(energy.reasons, _ENERGY_KEYS)
    each_pj = None
    if energy.total_j is None:
        reasons["energy_per_synaptic_event_pj"] = energy.reasons["total"]
    elif events == 0:
        reasons["energy_per_synaptic_event_pj"] = "no synaptic events were counted"
    else:
        each_pj = energy.total_j * 1e12 / events
    return {"energy_j": {**energy.parts, "total": energy.total_j}, "energy_per_synaptic_event_pj": each_pj}


def _floorline(measured: ChipMeasurement, reasons: dict[str, str]) -> dict[str, Any] | None:
    if measured.counts.steps == 0:
        reasons["floorline"] = NO_STEPS
        return None
    profile = measured.profile
    factors = imbalance(profile)
    reasons |= {f"floorline.imbalance.{name}": NOTHING for name, factor in factors.items() if factor is None}
    return {
        "state": run_state(profile),
        "steps": step_counts_by_state(profile),
        "imbalance": factors,
        "advice": advice(profile),
    }


def _neurobench(measured: ChipMeasurement, reasons: dict[str, str]) -> dict[str, Any]:
    metrics = {name: value for name, value in vars(measured.neurobench).items() if name != "reasons"}
    reasons |= {f"neurobench.{name}": why for name, why in measured.neurobench.reasons.items()}
    return metrics


def _dotted(reasons: Mapping[str, str], keys: Mapping[str, str]) -> dict[str, str]:
    return {keys[name]: why for name, why in reasons.items()}
