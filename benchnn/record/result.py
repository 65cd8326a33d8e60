"""The record of a run, which is written to ``result.json``; ``docs/result.md`` explains every key.

A value that was not measured is null, and `reasons` contains the reason under the same dotted key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchnn.energy.record import (
    EnergyEstimate,
    EnergyPart,
    RunEnergy,
    energy_estimate,
    energy_reasons,
    per_event_uj,
)
from benchnn.record.plasticity import PlasticPart, reasons_for
from benchnn.record.provenance import Provenance, unknowns
from benchnn.record.ranks import (
    RankMeasurement,
    Statistics,
    communication,
    imbalance,
    memory_parts,
    no_waits,
    not_pinned,
    phase_seconds,
    pinned_cpus,
    waits_of,
)
from simcore.network import EdgeFiles, Network, Silenced
from simcore.random import STREAM_VERSION
from simcore.registry import PlugIn
from simcore.registry.named import without_folder

SCHEMA_VERSION = 1
PHASES = ("deliver", "update", "communicate", "record")
COMPUTED = ("deliver", "update")
"""Phases in which each thread does its own work."""
NO_CHIP = "the run did not use a chip; use --chip"
NOT_RECORDED = "the spikes of whole populations were not recorded; use --record spikes"
ONE_OWNER = "one rank has all neurons"
BUILT_HERE = "the run constructed the synapses itself"
NOTHING_EXPECTED = "the backend does not predict memory by these parts"
NONE_SKIPPED = "each neuron was updated in each step"
NONE_SUPPRESSED = "the neuron models of the network cannot spike twice in a step"


@dataclass(frozen=True)
class SimulatorPart:
    """The simulator; for a peer also mode, connectivity, and differences of its network from the description."""

    name: str
    version: str
    mode: str | None = None
    connectivity: str = "exact"
    differences: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelPart:
    """The network with its notes; `populations_part` and `edge_files_part` describe the values of these fields."""

    name: str
    parameters: dict[str, Any]
    neurons: int
    synapses: int
    resolution_ms: float
    min_delay_ms: float | None
    max_delay_ms: float | None
    populations: dict[str, dict[str, Any]]
    edge_files: Sequence[Mapping[str, str]] = ()
    notes: Sequence[str] = ()


def populations_part(network: Network) -> dict[str, dict[str, Any]]:
    """Neuron model and number of neurons by population; the file of a model is named without its folder."""
    return {p.name: {"neuron_model": without_folder(p.model), "neurons": p.size} for p in network.populations}


def edge_files_part(network: Network) -> list[dict[str, str]]:
    """Name without folder and SHA-256 of each file from which edges were read, in order of the projections."""
    described = (projection.rule for projection in network.projections)
    rules = (rule.rule if isinstance(rule, Silenced) else rule for rule in described)
    read = (rule for rule in rules if isinstance(rule, EdgeFiles))
    digests = {path: sha256 for rule in read for path, sha256 in rule.facts().sha256.items()}
    return [{"file": Path(path).name, "sha256": sha256} for path, sha256 in digests.items()]


@dataclass(frozen=True)
class BackendPart:
    """The backend and its data types."""

    name: str
    precision: str
    weight_bits: int | None
    delivery: str | None
    exchange: str | None
    adaptations: list[str]
    delivery_reason: str | None


@dataclass(frozen=True)
class Counts:
    """Counts of the measured window, summed over ranks.

    `suppressed_spikes` also includes the warm-up, by population; None if the neuron models cannot have any.
    `active_neurons` are the neurons that fired at least once, by population with all spikes recorded; None without such
    populations. `weight_digest` and `plasticity` describe plastic projections, by their numbers in the network.
    If the run was resumed, only `timed_ms` of model time, `timed_events` synaptic events and `skipped_updates` (of
    neurons at rest; None if updates cannot be skipped) belong to the timed process; the rest was simulated before the
    checkpoint at `resumed_at_ms`.
    """

    model_time_ms: float
    warmup_ms: float
    interrupted: bool
    spikes: dict[str, int]
    synaptic_events: int
    spike_digest: str
    network_digest: str
    synapse_digest: str
    resumed_at_ms: float | None
    timed_ms: float
    timed_events: int
    suppressed_spikes: dict[str, int] | None = None
    weight_digest: str | None = None
    plasticity: Mapping[str, PlasticPart] = field(default_factory=dict)
    active_neurons: Mapping[str, int] | None = None
    skipped_updates: int | None = None


@dataclass(frozen=True)
class Result:
    """The record; its fields are the keys of ``result.json``, in their order."""

    schema_version: int
    run_id: str
    command: list[str]
    interrupted: bool
    simulator: SimulatorPart
    model: ModelPart
    seed: int
    stream_version: int | None
    backend: BackendPart
    plug_ins: list[PlugIn]
    layout: dict[str, Any]
    time: dict[str, float | None]
    real_time_factor: float | None
    wall_s: dict[str, Statistics]
    phases_s: dict[str, Statistics | None]
    load_imbalance: dict[str, float | None]
    thread_waits_log2_ns: list[int] | None
    communication: dict[str, Statistics] | None
    spikes: int | None
    active_neurons: Mapping[str, int] | None
    suppressed_spikes: dict[str, int] | None
    spike_digest: str | None
    network_digest: str | None
    synapse_digest: str | None
    synapses_built_by: str | None
    weight_digest: str | None
    plasticity: Mapping[str, PlasticPart] | None
    synaptic_events: int | None
    synaptic_events_per_s: float | None
    skipped_update_share: float | None
    mean_rate_hz: dict[str, float] | None
    memory_bytes: dict[str, Statistics | None]
    memory_parts: dict[str, dict[str, Statistics]] | None
    bytes_per_synapse: float | None
    energy: EnergyPart | None
    energy_per_synaptic_event_uj: float | None
    energy_estimate: EnergyEstimate | None
    chip: dict[str, Any] | None
    provenance: Provenance
    reasons: dict[str, str]


def make_result(
    run_id: str,
    command: list[str],
    simulator: SimulatorPart,
    model: ModelPart,
    seed: int,
    backend: BackendPart,
    counts: Counts,
    ranks: list[RankMeasurement],
    provenance: Provenance,
    energy: RunEnergy,
    power_estimate_w: float | None = None,
    chip: tuple[dict[str, Any], dict[str, str]] | None = None,
    plug_ins: Sequence[PlugIn] = (),
    built_by: str | None = None,
    placement: tuple[dict[str, Any] | None, dict[str, str]] = (None, {}),
) -> Result:
    """Derive the record from the counts and the measurements of each rank.

    `chip` is the part of a chip with reasons for null values. `built_by` is the run that constructed the synapses, if
    it was another run. `placement` is `layout.placement` with reasons for null values. `real_time_factor` and
    `synaptic_events_per_s` are computed from the state propagation of the slowest rank.
    """
    wall_s = {part: Statistics.of(rank.wall_s[part] for rank in ranks) for part in ranks[0].wall_s}
    memory = {part: Statistics.of(rank.memory_bytes[part] for rank in ranks) for part in ranks[0].memory_bytes}
    phases_s = {phase: phase_seconds(phase, ranks) for phase in PHASES}
    model_s, slowest_s = counts.model_time_ms * 1e-3, wall_s["propagation"].max
    simulated, timed = counts.model_time_ms > 0.0, counts.timed_ms > 0.0
    load_imbalance = {phase: imbalance(phases_s[phase]) for phase in COMPUTED}
    waits = waits_of(ranks)
    sizes = {name: population["neurons"] for name, population in model.populations.items()}
    rates = {name: counts.spikes[name] / (size * model_s) for name, size in sizes.items()} if simulated else None
    nodes = len({rank.host for rank in ranks})
    estimate = None
    if power_estimate_w is not None:
        estimate = energy_estimate(power_estimate_w, nodes, slowest_s, counts.timed_events)
    reasons = _reasons(model, backend, counts, phases_s, load_imbalance, provenance)
    synapse_bytes = memory["synapses"].sum + memory["index"].sum
    return Result(
        schema_version=SCHEMA_VERSION,
        run_id=run_id,
        command=command,
        interrupted=counts.interrupted,
        simulator=simulator,
        model=model,
        seed=seed,
        stream_version=STREAM_VERSION,
        backend=backend,
        plug_ins=list(plug_ins),
        layout={
            "ranks": len(ranks),
            "threads_per_rank": max(rank.threads for rank in ranks),
            "hosts": list(dict.fromkeys(rank.host for rank in ranks)),
            "pinned_cpus": pinned_cpus(ranks),
            "placement": placement[0],
        },
        time={
            "model_time_ms": counts.model_time_ms,
            "warmup_ms": counts.warmup_ms,
            "resumed_at_ms": counts.resumed_at_ms,
            "timed_ms": counts.timed_ms,
            **energy.times(),
        },
        real_time_factor=slowest_s / (counts.timed_ms * 1e-3) if timed else None,
        wall_s=wall_s,
        phases_s=phases_s,
        load_imbalance=load_imbalance,
        thread_waits_log2_ns=waits,
        communication=communication(ranks) if backend.exchange is not None else None,
        spikes=sum(counts.spikes.values()),
        active_neurons=counts.active_neurons,
        suppressed_spikes=counts.suppressed_spikes,
        spike_digest=counts.spike_digest,
        network_digest=counts.network_digest,
        synapse_digest=counts.synapse_digest,
        synapses_built_by=built_by,
        weight_digest=counts.weight_digest,
        plasticity=counts.plasticity or None,
        synaptic_events=counts.synaptic_events,
        synaptic_events_per_s=counts.timed_events / slowest_s if timed else None,
        skipped_update_share=_skipped_share(model, counts),
        mean_rate_hz=rates,
        memory_bytes=dict(memory),
        memory_parts=memory_parts(ranks),
        bytes_per_synapse=synapse_bytes / model.synapses if model.synapses else None,
        energy=energy.part,
        energy_per_synaptic_event_uj=per_event_uj(energy.part, counts.timed_events),
        energy_estimate=estimate,
        chip=None if chip is None else chip[0],
        provenance=provenance,
        reasons=reasons
        | ({"layout.placement": ONE_OWNER} if placement[0] is None else placement[1])
        | not_pinned(ranks)
        | reasons_for(counts.plasticity, counts.weight_digest)
        | ({"thread_waits_log2_ns": no_waits(ranks, timed)} if waits is None else {})
        | ({"synapses_built_by": BUILT_HERE} if built_by is None else {})
        | ({} if ranks[0].memory_parts else {"memory_parts": NOTHING_EXPECTED})
        | ({"chip": NO_CHIP} if chip is None else chip[1])
        | energy_reasons(energy, counts.timed_events, estimate is None),
    )


def _skipped_share(model: ModelPart, counts: Counts) -> float | None:
    """Share of skipped updates in the updates of all neurons in all timed steps."""
    updates = round(counts.timed_ms / model.resolution_ms) * model.neurons
    return counts.skipped_updates / updates if counts.skipped_updates is not None and updates else None


def _reasons(
    model: ModelPart,
    backend: BackendPart,
    counts: Counts,
    phases_s: Mapping[str, Statistics | None],
    load_imbalance: Mapping[str, float | None],
    provenance: Provenance,
) -> dict[str, str]:
    """Reasons for null values, by dotted key."""
    reasons = {}
    if model.min_delay_ms is None:
        reasons["model.min_delay_ms"] = reasons["model.max_delay_ms"] = "the network has no projections"
    if counts.resumed_at_ms is None:
        reasons["time.resumed_at_ms"] = "the run was not resumed from a checkpoint"
    if counts.active_neurons is None:
        reasons["active_neurons"] = NOT_RECORDED
    if counts.suppressed_spikes is None:
        reasons["suppressed_spikes"] = NONE_SUPPRESSED
    if counts.skipped_updates is None and counts.timed_ms > 0.0:
        reasons["skipped_update_share"] = NONE_SKIPPED
    reasons["simulator.mode"] = "simcore has only one mode; see backend"
    if backend.exchange is None:
        reasons["backend.exchange"] = reasons["communication"] = "a single rank does not exchange spikes"
    untimed = "no model time was simulated"
    if counts.model_time_ms == 0.0:
        reasons["mean_rate_hz"] = untimed
    elif counts.timed_ms == 0.0:
        untimed = "the measured window ended before the checkpoint"
    if counts.timed_ms == 0.0:
        for name in ("real_time_factor", "synaptic_events_per_s", "skipped_update_share"):
            reasons[name] = untimed
    for phase, seconds in phases_s.items():
        if seconds is None:
            why = "the backend does not time this phase" if counts.timed_ms > 0.0 else untimed
            reasons[f"phases_s.{phase}"] = why
    for phase, ratio in load_imbalance.items():
        if ratio is None:
            reasons[f"load_imbalance.{phase}"] = "the measured time of the phase is 0"
    if model.synapses == 0:
        reasons["bytes_per_synapse"] = "the network has no synapses"
    return reasons | {f"provenance.{name}": why for name, why in unknowns(provenance).items()}
