"""The values that the keys of ``result.json`` may have; ``docs/result.md`` explains each key."""

from collections.abc import Mapping
from typing import Any

from benchnn.record.allowed import (
    AMOUNT,
    ANY,
    ANY_NAME,
    COUNT,
    NUMBER,
    POSITIVE,
    SHARE,
    SIZE,
    STATISTICS,
    TEXT,
    TEXTS,
    TRUTH,
    WORD,
    Allowed,
    require_allowed,
)
from benchnn.record.keys import number_of
from benchnn.record.plasticity import UPDATES
from simcore.errors import InputError

ENERGY_WINDOWS: dict[str, Allowed] = dict.fromkeys(("idle_w", "construction_j", "warmup_j", "propagation_j"), AMOUNT)
MODEL: Allowed = {
    "name": TEXT,
    "parameters": {ANY_NAME: ANY},
    "neurons": SIZE,
    "synapses": COUNT,
    "resolution_ms": POSITIVE,
    "min_delay_ms": AMOUNT,
    "max_delay_ms": AMOUNT,
    "populations": {ANY_NAME: {"neuron_model": TEXT, "neurons": COUNT}},
    "edge_files": [{"file": TEXT, "sha256": TEXT}],
    "notes": TEXTS,
}
ENERGY: Allowed = {
    **ENERGY_WINDOWS,
    "mean_power_w": AMOUNT,
    "clock": TEXT,
    "power_every_ms": POSITIVE,
    "power_w": [AMOUNT],
    "covers": TEXTS,
    "hosts": TEXTS,
    "domains": [
        {
            **ENERGY_WINDOWS,
            "host": TEXT,
            "meter": TEXT,
            "domain": TEXT,
            "covers": TEXT,
            "counted": TRUTH,
            "fault": TEXT,
            "power_w": [AMOUNT],
        }
    ],
    "slurm_job": {"job_id": WORD, "consumed_j": AMOUNT, "elapsed_s": AMOUNT, "nodes": WORD, "state": TEXT},
}
CHIP: Allowed = {
    "name": TEXT,
    "title": TEXT,
    "sheet_sha256": TEXT,
    "mapper": TEXT,
    "place": TEXT,
    "neurons_per_core": SIZE,
    "weight_bits": SIZE,
    "on_violation": TEXT,
    "cores": COUNT,
    "tiles": COUNT,
    "chips": COUNT,
    "limits": [
        {
            "quantity": TEXT,
            "allowed": AMOUNT,
            "largest": AMOUNT,
            "place": TEXT,
            "over": COUNT,
            "places": COUNT,
            "reason": TEXT,
            "merging": {"unmerged": COUNT, "different_routes": COUNT, "unmerged_max": COUNT},
        }
    ],
    "adaptation": {"weights": [{"source": TEXT, "target": TEXT, ANY_NAME: NUMBER}], ANY_NAME: AMOUNT},
    "network_on_chip": {"topology": TEXT, "multicast": TRUTH, "busiest_link": [ANY], ANY_NAME: AMOUNT},
    "per_core": {ANY_NAME: AMOUNT},
    "plasticity": {ANY_NAME: COUNT},
    "step_time_s": {ANY_NAME: AMOUNT},
    "tick_s": POSITIVE,
    "emulated_real_time_factor": AMOUNT,
    "missed_deadlines": COUNT,
    "energy_j": {ANY_NAME: AMOUNT},
    "energy_per_synaptic_event_pj": AMOUNT,
    "floorline": {"state": TEXT, "steps": {ANY_NAME: COUNT}, "imbalance": {ANY_NAME: AMOUNT}, "advice": TEXT},
    "neurobench": {"activation_sparsity": SHARE, "connection_sparsity": SHARE, ANY_NAME: AMOUNT},
    "lower_bounds": {ANY_NAME: TEXT},
    "assumptions": TEXTS,
    "wall_s": {ANY_NAME: STATISTICS},
}
RUN: Allowed = {
    "run_id": TEXT,
    "command": TEXTS,
    "interrupted": TRUTH,
    "simulator": {"name": TEXT, "version": TEXT, "mode": TEXT, "connectivity": TEXT, "differences": TEXTS},
    "model": MODEL,
    "seed": COUNT,
    "stream_version": COUNT,
    "backend": {"weight_bits": SIZE, "adaptations": TEXTS, ANY_NAME: TEXT},
    "plug_ins": [{ANY_NAME: TEXT}],
    "layout": {
        "ranks": SIZE,
        "threads_per_rank": SIZE,
        "hosts": TEXTS,
        "pinned_cpus": TEXTS,
        "placement": {
            "name": TEXT,
            "groups": SIZE,
            "neurons": STATISTICS,
            "rates_source": TEXT,
            "expected_load_imbalance": AMOUNT,
            "expected_traffic": {"leaving_share": SHARE, "destinations": AMOUNT, "bytes_per_step": AMOUNT},
            "exchange_interval_steps": {"within_groups": SIZE, "between_groups": SIZE},
            "exchange_interval_reason": TEXT,
        },
    },
    "time": {
        "model_time_ms": AMOUNT,
        "warmup_ms": AMOUNT,
        "resumed_at_ms": AMOUNT,
        "timed_ms": AMOUNT,
        "propagation_start_unix_s": AMOUNT,
        "propagation_end_unix_s": AMOUNT,
        "propagation_clock_step_s": NUMBER,
    },
    "real_time_factor": AMOUNT,
    "wall_s": {ANY_NAME: STATISTICS},
    "phases_s": {ANY_NAME: STATISTICS},
    "load_imbalance": {ANY_NAME: AMOUNT},
    "thread_waits_log2_ns": [COUNT],
    "communication": {ANY_NAME: STATISTICS},
    "spikes": COUNT,
    "active_neurons": {ANY_NAME: COUNT},
    "suppressed_spikes": {ANY_NAME: COUNT},
    "spike_digest": TEXT,
    "network_digest": TEXT,
    "synapse_digest": TEXT,
    "synapses_built_by": TEXT,
    "weight_digest": TEXT,
    "plasticity": {
        ANY_NAME: {
            "projection": TEXT,
            "rule": TEXT,
            "parameters": {ANY_NAME: NUMBER},
            "synapses": COUNT,
            "lsb": POSITIVE,
            "weight_unit": TEXT,
            **dict.fromkeys(("mean", "min", "max"), NUMBER),
            "sd": AMOUNT,
            **dict.fromkeys(UPDATES, COUNT),
        }
    },
    "synaptic_events": COUNT,
    "synaptic_events_per_s": AMOUNT,
    "skipped_update_share": SHARE,
    "mean_rate_hz": {ANY_NAME: AMOUNT},
    "memory_bytes": {ANY_NAME: STATISTICS},
    "memory_parts": {ANY_NAME: {"expected_bytes": STATISTICS, "used_bytes": STATISTICS}},
    "bytes_per_synapse": AMOUNT,
    "energy": ENERGY,
    "energy_per_synaptic_event_uj": AMOUNT,
    "energy_estimate": {"propagation_j": AMOUNT, "per_synaptic_event_uj": AMOUNT, "basis": TEXT},
    "chip": CHIP,
    "provenance": {
        "options": {ANY_NAME: ANY},
        "packages": {ANY_NAME: TEXT},
        "memory_total_bytes": COUNT,
        "slurm_job_id": WORD,
        ANY_NAME: TEXT,
    },
    "reasons": {ANY_NAME: TEXT},
}
ROUNDING_MS = 1e-3


def require_run(values: Mapping[str, Any], source: str) -> None:
    """Refuse values that are impossible for a run.

    Parameters
    ----------
    values
        The record.
    source
        Its file, for messages.

    Raises
    ------
    InputError
        If a value is not allowed.
    """
    require_allowed(values, RUN, source)
    simulated, warmup = (number_of(values, f"time.{name}_ms") for name in ("model_time", "warmup"))
    if simulated is None:
        return
    longest = {"timed_ms": simulated, "resumed_at_ms": simulated + (warmup or 0.0)}
    for name, most in longest.items():
        value = number_of(values, f"time.{name}")
        if value is not None and value > most + ROUNDING_MS:
            problem = f"time.{name} = {value:g} is not allowed: must be at most {most:g} ms, the end of the run"
            raise InputError(f"cannot use {source}: {problem}", f"time.{name}", value)
