"""Allowed values of the keys of the records of studies."""

from benchnn.record.allowed import (
    AMOUNT,
    ANY,
    ANY_NAME,
    CORRELATION,
    COUNT,
    NUMBER,
    POSITIVE,
    SHARE,
    SIZE,
    TEXT,
    TEXTS,
    TRUTH,
    WORD,
    Allowed,
)

SPREAD: Allowed = {"median": AMOUNT, "min": AMOUNT, "max": AMOUNT}
INTERVAL: Allowed = {"low": AMOUNT, "high": AMOUNT, "confidence": SHARE}
MEDIAN: Allowed = {"median": AMOUNT, "min": AMOUNT, "max": AMOUNT, "interval_95": INTERVAL}
SHARES: Allowed = {"median": SHARE, "min": SHARE, "max": SHARE}
REASONS: Allowed = {ANY_NAME: TEXT}
PARAMETERS: Allowed = {ANY_NAME: ANY}
MODEL: Allowed = {"name": TEXT, "parameters": PARAMETERS}
TIME: Allowed = {"model_time_ms": AMOUNT, "warmup_ms": AMOUNT}
MEASURES = (
    "synapses",
    "real_time_factor",
    "construction_s",
    "load_imbalance_update",
    "load_imbalance_deliver",
    "peak_rss_bytes",
    "synaptic_events_per_s",
    "energy_per_synaptic_event_uj",
    "mean_rate_hz",
)
SHARED = ("update_share", "deliver_share", "communicate_share")

PREDICTED = (
    *("real_time_factor", "deliver_us_per_step", "update_us_per_step", "construction_s", "peak_rss_bytes"),
    *("spikes_per_model_s", "events_per_model_s", "bytes_sent_per_exchange"),
)
VALUE: Allowed = {"predicted": AMOUNT, "low": AMOUNT, "high": AMOUNT, "measured": AMOUNT}
LINK: dict[str, Allowed] = {"latency_us": POSITIVE, "bandwidth_gb_s": POSITIVE, "source": TEXT}
COSTS: Allowed = {**LINK, "ranks_per_node": SIZE, "inside_node": LINK}
PREDICTION: Allowed = {
    "complete": TRUTH,
    "communication": COSTS,
    "communication_here": COSTS,
    "confidence": SHARE,
    "band_factors": dict.fromkeys(PREDICTED, AMOUNT),
    "band_layouts": dict.fromkeys(PREDICTED, COUNT),
    "tried_values": COUNT,
    "tried_inside": COUNT,
    "reasons": REASONS,
    "rows": [
        {
            "layout": TEXT,
            "ranks": SIZE,
            "threads": SIZE,
            "cores": SIZE,
            "network_factor": POSITIVE,
            "grown": PARAMETERS,
            "neurons": SIZE,
            "run_here": TRUTH,
            "rates_hz": {ANY_NAME: AMOUNT},
            "rates_source": TEXT,
            **dict.fromkeys(PREDICTED, VALUE),
            "real_time_factor_hidden": AMOUNT,
            "parts_us_per_step": dict.fromkeys(("deliver", "update", "exchange", "unpack", "other"), AMOUNT),
            "efficiency": AMOUNT,
            "reasons": REASONS,
            "played": [
                {
                    "rank": COUNT,
                    "expected_events_per_s": AMOUNT,
                    "command": TEXTS,
                    "result": TEXT,
                    "log": TEXT,
                    "exit_code": NUMBER,
                    "error": TEXT,
                    "real_time_factor": AMOUNT,
                }
            ],
        }
    ],
}

SERIES: Allowed = {
    "command": TEXTS,
    "kind": TEXT,
    "model": TEXT,
    "parameters": PARAMETERS,
    "scaled": TEXT,
    "seeds": [COUNT],
    "usable_cpus": SIZE,
    "complete": TRUTH,
    "interrupted_by": TEXT,
    "errors": TEXTS,
    "prediction": PREDICTION,
    "rows": [
        {
            "layout": TEXT,
            "ranks": SIZE,
            "threads": SIZE,
            "cores": SIZE,
            "network_factor": POSITIVE,
            "grown": PARAMETERS,
            "oversubscribed": TRUTH,
            "neurons": SIZE,
            **dict.fromkeys(MEASURES, SPREAD),
            **dict.fromkeys(SHARED, SHARES),
            "reasons": REASONS,
            "efficiency": AMOUNT,
            "runs": [
                {
                    "seed": COUNT,
                    "command": TEXTS,
                    "result": TEXT,
                    "log": TEXT,
                    "exit_code": NUMBER,
                    "error": TEXT,
                    **dict.fromkeys(MEASURES, AMOUNT),
                    **dict.fromkeys(SHARED, SHARE),
                    "spike_digest": TEXT,
                    "network_digest": TEXT,
                    "reasons": REASONS,
                }
            ],
        }
    ],
}
FIRST_DIFFERENCE: Allowed = {"time_ms": AMOUNT, "population": TEXT, "neuron": COUNT, "spikes_in": TEXT}
DISTANCE: Allowed = {"mean": AMOUNT, "low": AMOUNT, "high": AMOUNT, "neurons": SIZE}
TRAIN_DISTANCES: Allowed = {
    "coincidence_steps": COUNT,
    "van_rossum_tau_ms": POSITIVE,
    "victor_purpura_cost_hz": POSITIVE,
    "window_ms": AMOUNT,
    "pairs": [
        {
            "candidate": TEXT,
            "reference": TEXT,
            "populations": {
                ANY_NAME: {
                    "coincident_share": {"mean": SHARE, "low": SHARE, "high": SHARE, "neurons": SIZE},
                    "van_rossum": DISTANCE,
                    "victor_purpura": DISTANCE,
                }
            },
        }
    ],
}
COMPARISON: Allowed = {
    "command": TEXTS,
    "interrupted_by": TEXT,
    "model": MODEL,
    "drives": TEXTS,
    "connectivity": TEXT,
    "repeats": SIZE,
    "threads": SIZE,
    "seed": COUNT,
    "time": TIME,
    "machine": {"cpu_model": TEXT, "stream_triad_gb_s": [POSITIVE]},
    "simulators": {
        ANY_NAME: {
            "version": TEXT,
            "mode": TEXT,
            "differences": TEXTS,
            "runs": COUNT,
            "reasons": REASONS,
            "ratio_to_first": AMOUNT,
            ANY_NAME: MEDIAN,
        }
    },
    "statistics": {
        ANY_NAME: {ANY_NAME: {"rate (1/s)": AMOUNT, "CV of ISI": AMOUNT, "correlation": CORRELATION, ANY_NAME: NUMBER}}
    },
    "agreement": [
        {
            "simulator": TEXT,
            "reference": TEXT,
            "equal_spikes": COUNT,
            "first_difference": FIRST_DIFFERENCE,
        }
    ],
    "train_distances": TRAIN_DISTANCES,
    "runs": [
        {
            "simulator": TEXT,
            "repeat": COUNT,
            "recorded": TRUTH,
            "folder": TEXT,
            "command": TEXTS,
            "error": TEXT,
            "real_time_factor": AMOUNT,
        }
    ],
}
AGREED: dict[str, Allowed] = {"share": SHARE, "spikes": COUNT, "spikes_of_other": COUNT}
PROTOCOL: Allowed = {
    "command": TEXTS,
    "interrupted_by": TEXT,
    "model": MODEL,
    "seed": COUNT,
    "threads": SIZE,
    "time": {"model_time_ms": AMOUNT, "warmup_ms": AMOUNT, "compared_ms": AMOUNT},
    "machine": {"cpu_model": TEXT},
    "speed": {
        "real_time_factor": AMOUNT,
        "synaptic_events": COUNT,
        "synaptic_events_per_s": AMOUNT,
        "energy_per_synaptic_event_uj": AMOUNT,
        "mean_power_w": AMOUNT,
        "power_every_ms": POSITIVE,
        "power_w": [AMOUNT],
        "spike_digest": TEXT,
    },
    "mean_rate_hz": {ANY_NAME: AMOUNT},
    "burst_interval_ms": POSITIVE,
    "burst_shares": {ANY_NAME: SHARE},
    "agreement": {
        **AGREED,
        "within_steps": COUNT,
        "populations": {ANY_NAME: AGREED},
        "simulator": TEXT,
        "reference": TEXT,
        "equal_spikes": COUNT,
        "first_difference": FIRST_DIFFERENCE,
    },
    "runs": [{"name": TEXT, "command": TEXTS, "error": TEXT, "real_time_factor": AMOUNT, "spike_digest": TEXT}],
    "reasons": REASONS,
}
SIDE: Allowed = {"simulator": TEXT, "seeds": [COUNT], "spike_digests": TEXTS, "provenance": PARAMETERS}
VALIDATION: Allowed = {
    "command": TEXTS,
    "model": MODEL,
    "time": TIME,
    "differing_parameters": PARAMETERS,
    "candidate": SIDE,
    "reference": SIDE,
    "passed": TRUTH,
    "level": SHARE,
    "divisions": COUNT,
    "findings": [
        {
            "population": TEXT,
            "statistic": TEXT,
            "metric": TEXT,
            "candidate": WORD,
            "reference": WORD,
            "spread": WORD,
            "threshold": WORD,
            "adjusted_p": SHARE,
            "within_threshold": TRUTH,
            "published_largest": AMOUNT,
        }
    ],
    "train_distances": TRAIN_DISTANCES,
    "reasons": REASONS,
}
PARTS: Allowed = dict.fromkeys(("memory", "compute", "traffic", "barrier", "total"), AMOUNT)
PORTFOLIO: Allowed = {
    "command": TEXTS,
    "model": {"name": TEXT, "parameters": PARAMETERS, "neurons": SIZE},
    "chip": TEXT,
    "topology": TEXT,
    "seed": COUNT,
    "synapses": COUNT,
    "rates_hz": {ANY_NAME: AMOUNT},
    "messages_bound_per_s": AMOUNT,
    "rows": [
        {
            "mapper": TEXT,
            "place": TEXT,
            "objective": TEXT,
            "error": TEXT,
            "refusal": TEXT,
            "cores": SIZE,
            "chips": SIZE,
            "messages_per_s": AMOUNT,
            "over_bound": NUMBER,
            "hops_per_s": AMOUNT,
            "mean_hops": AMOUNT,
            "busiest_link_messages_per_s": AMOUNT,
            "busiest_core_synops_per_step": AMOUNT,
            "latency_s": {"mean": AMOUNT, "largest": AMOUNT},
            "step_time_s": PARTS,
            "state": TEXT,
            "energy_j": AMOUNT,
            "energy_per_spike_j": AMOUNT,
            "spike_loss": SHARE,
            "wall_s": {"map": AMOUNT, "place": AMOUNT},
            "loads": {
                "router_position": [[NUMBER]],
                "core_router": [COUNT],
                "core_synops_per_s": [AMOUNT],
                "link_origin": [COUNT],
                "link_target": [COUNT],
                "link_messages_per_s": [AMOUNT],
            },
            "reasons": REASONS,
        }
    ],
}
