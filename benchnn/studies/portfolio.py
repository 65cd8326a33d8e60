"""Comparison of many mappings of one network onto one chip, without a run: ``benchnn map --compare``."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from benchnn.chips.expected import bound_record
from benchnn.chips.map import MapOptions, PlannedMap, plan_map
from benchnn.running.progress import show
from benchnn.studies.portfolio_table import PARTS, RECORD, SCHEMA_VERSION
from benchnn.studies.study import optional_folder, write_record
from simcore.errors import BenchnnError, require
from simcore.neuromorphic.costs.binding import mean_step
from simcore.neuromorphic.costs.expected_step import expected_energy
from simcore.neuromorphic.costs.floorline import UNKNOWN
from simcore.neuromorphic.costs.latency import latency
from simcore.neuromorphic.fitting import on_routers
from simcore.neuromorphic.mapping.adaptation import ADAPT, Fitted, place
from simcore.neuromorphic.mapping.core_mapping import mappers, rates_of_neurons
from simcore.neuromorphic.mapping.in_edges import InEdges, draw_in_edges
from simcore.neuromorphic.mapping.limits import chips_needed
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.schedule import unscheduled_share
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.places.placing import IN_ORDER, places
from simcore.neuromorphic.traffic.expected import expected_traffic
from simcore.neuromorphic.traffic.expected_loads import ExpectedLoads, expected_loads
from simcore.neuromorphic.traffic.weight_updates import plastic_synapses
from simcore.synapses.edges import edges_in_memory

USUAL_PLACES = (IN_ORDER, "anneal")
LADDER_BUS = "ladder_bus"
NO_CONTENTION = "contention is not modelled"
VALUES = (
    "messages_per_s",
    "over_bound",
    "hops_per_s",
    "mean_hops",
    "busiest_link_messages_per_s",
    "busiest_core_synops_per_step",
    "state",
    "energy_j",
    "energy_per_spike_j",
    "spike_loss",
)
"""Keys of a row that are null if unknown."""


@dataclass(frozen=True)
class PortfolioOptions:
    """Options of ``benchnn map --compare``, as text; None if not given."""

    mappers: str | None
    places: str | None
    out: str | None
    overwrite: bool


@dataclass(frozen=True, eq=False)
class _Task:
    """The common part of all mappings."""

    planned: PlannedMap
    rates_hz: npt.NDArray[np.float64]
    edges: InEdges


class _Clock:
    """Seconds in a block, without the time of the compiler."""

    def __enter__(self) -> "_Clock":
        from simcore.jit.watch import CompilerWatch

        self._watch = CompilerWatch()
        self._watch.__enter__()
        self._start = time.perf_counter()
        return self

    def __exit__(self, *error: Any) -> None:
        self.seconds = time.perf_counter() - self._start
        self._watch.__exit__(*error)
        self.seconds -= self._watch.seconds


def compare_mappings(
    name: str,
    params: Mapping[str, str],
    options: MapOptions,
    portfolio: PortfolioOptions,
    command: Sequence[str],
    stream: TextIO,
) -> dict[str, Any]:
    """Map a network with each mapper, place it with each place, and predict traffic, time and energy.

    Parameters
    ----------
    name, params
        The model, and its parameters as text.
    options
        Options of the mapping; its mapper and place are not used.
    portfolio
        Mappers and places to compare, and the folder of the record.
    command
        The command line, for the record.
    stream
        Stream for progress.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong; the failure of a single mapper or place is in its row.
    """
    planned = plan_map(name, params, options)
    chosen = _chosen("mappers", portfolio.mappers, mappers.names(), mappers.names())
    placed = _chosen("places", portfolio.places, places.names(), USUAL_PLACES)
    folder = optional_folder(portfolio.out, RECORD, "a comparison of mappings", portfolio.overwrite)
    network = edges_in_memory(planned.network)
    task = _Task(planned, rates_of_neurons(network, planned.rates), draw_in_edges(network, planned.how.seed))
    rows = []
    for number, mapper in enumerate(chosen, 1):
        show(stream, f"benchnn: mapper {mapper} ({number} of {len(chosen)})\n")
        rows += _rows(task, mapper, placed)
    record = {
        "schema_version": SCHEMA_VERSION,
        "command": list(command),
        "model": {"name": name, "parameters": planned.parameters, "neurons": network.n_neurons},
        "chip": planned.chip.name,
        "topology": planned.chip.word("topology"),
        "seed": planned.how.seed,
        "synapses": len(task.edges.sources),
        "rates_hz": planned.rates,
        "rows": rows,
    }
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        write_record(folder / RECORD, record)
    return record


def _chosen(field: str, text: str | None, known: Sequence[str], usual: Sequence[str]) -> list[str]:
    names = list(usual) if text is None else [part.strip() for part in text.split(",")]
    for name in names:
        exists = name in known or name.endswith(".py") or ".py:" in name or name.isidentifier()
        require(bool(name) and exists, field, text, f"use names of {', '.join(known)}, separated by commas")
        require(names.count(name) == 1, field, text, f"{name} appears twice")
    return names


def _rows(task: _Task, mapper: str, placed: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each place of one mapper; a single row if the mapper cannot be used."""
    how = task.planned.how
    try:
        with _Clock() as clock:
            fitted = place(
                edges_in_memory(task.planned.network),
                task.planned.chip,
                mapper,
                how.seed,
                how.on_violation == ADAPT,
                how.neurons_per_core,
                how.weight_bits,
                task.rates_hz,
                known_edges=task.edges,
                **how.aims,
            )
    except BenchnnError as error:
        return [_failed(mapper, "", error)]
    map_s = clock.seconds
    rows = []
    for name in placed:
        try:
            options = replace(how, mapper=mapper, place=name)
            with _Clock() as clock:
                standing, system = on_routers(fitted, task.planned.chip, options, task.rates_hz)
            wall_s = {"map": map_s, "place": clock.seconds}
            rows.append({**_row(task, standing, system, name), "wall_s": wall_s})
        except BenchnnError as error:
            rows.append(_failed(mapper, name, error))
    return rows


def _failed(mapper: str, name: str, error: BenchnnError) -> dict[str, Any]:
    return {
        "mapper": mapper,
        "place": name,
        "error": str(error),
        "refusal": None,
        "cores": None,
        "chips": None,
        **dict.fromkeys(VALUES),
        "latency_s": {"mean": None, "largest": None},
        "step_time_s": dict.fromkeys(PARTS),
        "loads": None,
        "reasons": {},
        "wall_s": {"map": None, "place": None},
    }


def _row(task: _Task, fitted: Fitted, system: System, name: str) -> dict[str, Any]:
    """The predictions for one mapping."""
    chip, network, mapping = task.planned.chip, task.planned.network, fitted.mapping
    rates, axons = task.rates_hz, fitted.axons
    routes, plastic = (
        make_routes(system, axons, mapping.core_of),
        plastic_synapses(network, task.planned.how.seed, mapping),
    )
    loads = expected_loads(axons, routes, mapping.core_of, system, rates, network.resolution_ms, plastic)
    messages = expected_traffic(fitted.demand, rates).messages_per_s
    bound, reasons = bound_record(network, rates, int(fitted.demand.neurons.max()))
    if bound is None:
        reasons = {"over_bound": reasons["messages_bound_per_s"]}
    travel = latency(chip, system, axons, mapping.core_of, rates)
    if travel.reason is not None:
        reasons["latency_s"] = travel.reason
    return {
        "mapper": mapping.mapper,
        "place": name,
        "error": None,
        "refusal": fitted.refusal,
        "cores": mapping.cores,
        "chips": chips_needed(chip, mapping.cores),
        "messages_per_s": messages,
        "over_bound": messages / bound - 1.0 if bound else None,
        "hops_per_s": float(loads.link_messages.sum()),
        "mean_hops": float(loads.link_messages.sum()) / messages if messages else None,
        "busiest_link_messages_per_s": float(loads.link_messages.max(initial=0.0)),
        "busiest_core_synops_per_step": float(loads.synops.max()) / loads.steps,
        "latency_s": {"mean": travel.mean_s, "largest": travel.largest_s},
        **_costs(task, system, loads, reasons),
        "spike_loss": _spike_loss(task, fitted, system, reasons),
        "loads": _loads(system, loads),
        "reasons": reasons,
    }


def _spike_loss(task: _Task, fitted: Fitted, system: System, reasons: dict[str, str]) -> float | None:
    """Share of the messages of a step without a schedule group on a segmented bus; None for other chips."""
    groups = task.planned.chip.count("schedule_groups_per_step")
    if system.topology != LADDER_BUS or groups is None:
        why = f"schedule_groups_per_step: {task.planned.chip.why_absent('schedule_groups_per_step')}"
        reasons["spike_loss"] = why if system.topology == LADDER_BUS else NO_CONTENTION
        return None
    share = unscheduled_share(
        system,
        fitted.axons,
        fitted.mapping.core_of,
        task.rates_hz * task.planned.network.resolution_ms * 1e-3,
        groups,
        task.planned.chip.count("lanes_per_rail") or 1,
        task.planned.how.seed,
    )
    if share is None:
        reasons["spike_loss"] = "messages do not traverse a link in the drawn steps"
    return share


def _costs(task: _Task, system: System, loads: ExpectedLoads, reasons: dict[str, str]) -> dict[str, Any]:
    """Time of the mean step by part, its bottleneck, and energy; reasons for null values are added to `reasons`."""
    chip = task.planned.chip
    step = mean_step(chip, system, loads, task.planned.network.resolution_ms)
    energy = expected_energy(chip, system, loads, step.times)
    reasons |= {f"step_time_s.{part}": step.times.reasons[part] for part in PARTS if step.part_s(part) is None}
    spikes = float(loads.spikes.sum())
    if step.state == UNKNOWN:
        reasons["state"] = "fewer than two parts of a step have a published time"
    if energy.total_j is None:
        reasons["energy_j"] = reasons["energy_per_spike_j"] = energy.reasons["total"]
    elif not spikes:
        reasons["energy_per_spike_j"] = "no spikes are expected"
    return {
        "step_time_s": {part: step.part_s(part) for part in PARTS},
        "state": None if step.state == UNKNOWN else step.state,
        "energy_j": energy.total_j,
        "energy_per_spike_j": None if energy.total_j is None or not spikes else energy.total_j / spikes,
    }


def _loads(system: System, loads: ExpectedLoads) -> dict[str, Any]:
    """The data of heat maps."""
    return {
        "router_position": system.position.tolist(),
        "core_router": system.router_of_core.tolist(),
        "core_synops_per_s": loads.synops.tolist(),
        "link_origin": system.link_origin.tolist(),
        "link_target": system.link_target.tolist(),
        "link_messages_per_s": loads.link_messages.tolist(),
    }
