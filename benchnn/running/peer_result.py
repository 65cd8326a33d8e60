"""The record of a run on a peer simulator: the keys of every run, null where the peer does not report a value."""

import socket
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from benchnn.energy.record import RunEnergy, energy_estimate, energy_reasons
from benchnn.record.machine import Unknown
from benchnn.record.plasticity import NO_PLASTICITY
from benchnn.record.provenance import unknowns
from benchnn.record.ranks import Statistics
from benchnn.record.result import (
    BUILT_HERE,
    COMPUTED,
    ONE_OWNER,
    PHASES,
    SCHEMA_VERSION,
    BackendPart,
    ModelPart,
    Result,
    SimulatorPart,
    populations_part,
)
from benchnn.running.plan import Plan
from benchnn.simulators.peer import Peer, PeerJob, PeerRun
from simcore.quantisation import adaptations, weight_grid
from simcore.random import STREAM_VERSION, Purpose, digest_sum, philox
from simcore.recording.spikes import Spikes
from simcore.tables import delay_range

DIGESTED = 1 << 18
"""Number of spikes whose random words are in memory at the same time."""
NOT_TOLD = "the simulator does not report it"
NOT_RECORDED = "spikes were not recorded; use --record spikes"
NO_DIGEST = "digests of networks and weights are defined for the integers of simcore"


def peer_result(plan: Plan, peer: Peer, job: PeerJob, run: PeerRun, energy: RunEnergy) -> Result:
    """Derive the record from the measurements of the peer."""
    network = plan.network
    tics = round(network.resolution_ms * 1000.0)
    model_time_ms = job.steps * tics / 1000.0
    propagation, power_w = run.wall_s["propagation"], plan.options.power_estimate_w
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    no_tables = Unknown("a peer simulator does not have synapse tables")
    provenance = replace(plan.provenance, finished_utc=finished, tables_digest=no_tables)
    digest = None if run.spikes is None else spike_digest(run.spikes)
    counted = run.n_spikes if run.spikes is None else len(run.spikes)
    reasons = _reasons(run, job, counted) | {f"provenance.{name}": why for name, why in unknowns(provenance).items()}
    delays_ms = delay_range(network)
    if delays_ms == (None, None):
        reasons["model.min_delay_ms"] = reasons["model.max_delay_ms"] = "the network has no projections"
    memory: dict[str, Statistics | None] = {"peak_rss": Statistics.of([run.peak_rss_bytes])}
    return Result(
        schema_version=SCHEMA_VERSION,
        run_id=plan.run_id,
        command=plan.command,
        interrupted=False,
        simulator=SimulatorPart(
            peer.name, peer.version(), job.mode or peer.modes[0], job.connectivity, run.differences
        ),
        model=ModelPart(
            plan.options.model,
            plan.parameters,
            network.n_neurons,
            run.synapses,
            network.resolution_ms,
            *delays_ms,
            populations_part(network),
            plan.edge_files,
            network.notes,
        ),
        seed=job.seed,
        stream_version=STREAM_VERSION if job.connectivity == "exact" else None,
        backend=BackendPart(
            peer.name,
            "float64",
            job.weight_bits if job.connectivity == "exact" else None,
            None,
            None,
            _adapted(job),
            None,
        ),
        plug_ins=list(plan.plug_ins),
        layout={
            "ranks": 1,
            "threads_per_rank": job.threads,
            "hosts": [socket.gethostname()],
            "pinned_cpus": None,
            "placement": None,
        },
        time={
            "model_time_ms": model_time_ms,
            "warmup_ms": job.warmup_steps * tics / 1000.0,
            "resumed_at_ms": None,
            "timed_ms": model_time_ms,
            **energy.times(),
        },
        real_time_factor=propagation / (model_time_ms * 1e-3) if job.steps else None,
        wall_s={part: Statistics.of([seconds]) for part, seconds in {**run.wall_s, "routing": 0.0}.items()},
        phases_s=dict.fromkeys(PHASES),
        load_imbalance=dict.fromkeys(COMPUTED),
        thread_waits_log2_ns=None,
        communication=None,
        spikes=counted,
        active_neurons=_active_neurons(run.spikes),
        suppressed_spikes=None,
        spike_digest=digest,
        network_digest=None,
        synapse_digest=None,
        synapses_built_by=None,
        weight_digest=None,
        plasticity=None,
        synaptic_events=None,
        synaptic_events_per_s=None,
        skipped_update_share=None,
        mean_rate_hz=_rates(run.spikes, model_time_ms) if job.steps else None,
        memory_bytes=memory | dict.fromkeys(("synapses", "index", "state")),
        memory_parts=None,
        bytes_per_synapse=None,
        energy=energy.part,
        energy_per_synaptic_event_uj=None,
        energy_estimate=None if power_w is None else energy_estimate(power_w, 1, propagation, None),
        chip=None,
        provenance=provenance,
        reasons=reasons | energy_reasons(energy, None, power_w is None),
    )


def spike_digest(spikes: Spikes) -> str:
    """The digest of the spikes, as computed by `simcore`: 32 hexadecimal digits."""
    total = 0
    for first in range(0, len(spikes), DIGESTED):
        stamps, ids = (column[first : first + DIGESTED] for column in (spikes.stamps, spikes.ids))
        total += digest_sum(philox((stamps, stamps >> 32, ids, 0), (0, Purpose.SPIKE_DIGEST)))
    return f"{total % 2**128:032x}"


def _rates(spikes: Spikes | None, model_time_ms: float) -> dict[str, float] | None:
    if spikes is None:
        return None
    edges = np.array([*spikes.first_ids.values(), sum(spikes.sizes.values())])
    counts = np.histogram(spikes.ids, edges)[0].tolist()
    pairs = zip(spikes.sizes.items(), counts, strict=True)
    return {name: count / (size * model_time_ms * 1e-3) for (name, size), count in pairs}


def _active_neurons(spikes: Spikes | None) -> dict[str, int] | None:
    if spikes is None or spikes.recorded is not None:
        return None
    edges = np.array([*spikes.first_ids.values(), sum(spikes.sizes.values())])
    counts = np.histogram(np.unique(spikes.ids), edges)[0].tolist()
    return dict(zip(spikes.sizes, counts, strict=True))


def _adapted(job: PeerJob) -> list[str]:
    """Changes of weights by more than 1 % due to quantisation, if accepted."""
    if job.connectivity != "exact" or not job.accept_quantisation:
        return []
    return [str(moved) for moved in adaptations(job.network, weight_grid(job.network, job.weight_bits))]


def _reasons(run: PeerRun, job: PeerJob, counted: int | None) -> dict[str, str]:
    """Reasons for null values, by dotted key."""
    reasons = dict.fromkeys(
        (
            *(f"phases_s.{phase}" for phase in PHASES),
            *(f"load_imbalance.{phase}" for phase in COMPUTED),
            *(f"memory_bytes.{part}" for part in ("synapses", "index", "state")),
            "memory_parts",
            "thread_waits_log2_ns",
            "bytes_per_synapse",
            "backend.delivery",
            "backend.delivery_reason",
            "suppressed_spikes",
            "synaptic_events",
            "synaptic_events_per_s",
            "skipped_update_share",
        ),
        NOT_TOLD,
    )
    reasons["time.resumed_at_ms"] = "the run was not resumed from a checkpoint"
    reasons["backend.exchange"] = reasons["communication"] = "a single rank does not exchange spikes"
    reasons["network_digest"] = reasons["synapse_digest"] = NO_DIGEST
    plastic = any(projection.plasticity is not None for projection in job.network.projections)
    reasons["weight_digest"], reasons["plasticity"] = (NO_DIGEST, NOT_TOLD) if plastic else (NO_PLASTICITY,) * 2
    reasons["synapses_built_by"] = BUILT_HERE
    reasons["layout.pinned_cpus"] = "the simulator places its threads itself"
    reasons["layout.placement"] = ONE_OWNER
    reasons["chip"] = "only simcore emulates chips"
    if job.connectivity == "statistical":
        reasons["backend.weight_bits"] = "the simulator draws weights as floating-point numbers"
        reasons["stream_version"] = "the simulator draws from its own random streams"
    if job.steps == 0:
        reasons["real_time_factor"] = reasons["mean_rate_hz"] = "no model time was simulated"
    if counted is None:
        reasons["spikes"] = NOT_TOLD
    if run.spikes is None:
        reasons["spike_digest"] = NOT_RECORDED
    if _active_neurons(run.spikes) is None:
        reasons["active_neurons"] = NOT_RECORDED
        reasons.setdefault("mean_rate_hz", NOT_RECORDED)
    return reasons
