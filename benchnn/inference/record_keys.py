"""The values that the keys of ``inference.json`` may have."""

from benchnn.record.allowed import AMOUNT, ANY, ANY_NAME, COUNT, NUMBER, SHARE, SIZE, TEXT, TEXTS, TRUTH, Allowed

RECORD, SCHEMA_VERSION = "inference.json", 1
DIRECT = "direct"
"""The coding in which a sample becomes constant input."""
REASONS: Allowed = {ANY_NAME: TEXT}
METRICS: Allowed = {
    "footprint_bytes": COUNT,
    "parameter_count": COUNT,
    "connection_sparsity": SHARE,
    "activation_sparsity": SHARE,
    "effective_macs": AMOUNT,
    "effective_acs": AMOUNT,
    "dense": AMOUNT,
    "membrane_updates": AMOUNT,
}
WEIGHTED_LAYER: Allowed = {
    "name": TEXT,
    "kind": TEXT,
    "channels": SIZE,
    "filters": SIZE,
    "input_size": [SIZE],
    "kernel": [SIZE],
    "stride": [SIZE],
    "padding": [COUNT],
    "groups": SIZE,
    "pooling": SIZE,
    "weight_bits": SIZE,
    "input_bits": SIZE,
    "weight_density": SHARE,
}
INFERENCE: Allowed = {
    "command": TEXTS,
    "model": {"name": TEXT, "parameters": {ANY_NAME: ANY}, "neurons": SIZE, "digest": TEXT},
    "data": {"file": TEXT, "sha256": TEXT, "samples": SIZE, "inputs": SIZE, "labelled": TRUTH},
    "coding": TEXT,
    "readout": TEXT,
    "seed": COUNT,
    "precision": TEXT,
    "weight_bits": SIZE,
    "batch": SIZE,
    "ranks": SIZE,
    "output": TEXT,
    "layers": [{"name": TEXT, "neurons": SIZE, "late_steps": NUMBER}],
    "direct_products": COUNT,
    "weighted_layers": [WEIGHTED_LAYER],
    "reasons": REASONS,
    "chips": TEXTS,
    "rows": [
        {
            "network": TEXT,
            "steps": SIZE,
            "exit_entropy": SHARE,
            "noise": AMOUNT,
            "accuracy": {"share": SHARE, "low": SHARE, "high": SHARE, "samples": SIZE},
            "mean_steps": AMOUNT,
            "spikes": AMOUNT,
            "synaptic_events": AMOUNT,
            "densities": {ANY_NAME: [AMOUNT]},
            "input_densities": {ANY_NAME: [SHARE]},
            "exits": [COUNT],
            "confusion": [[COUNT]],
            "spike_digest": TEXT,
            "answers_digest": TEXT,
            "on_front": TRUTH,
            "chip": {
                "name": TEXT,
                "latency_s": AMOUNT,
                "energy_j": AMOUNT,
                "estimate_j": AMOUNT,
                "energy_delay_js": AMOUNT,
                "cores": SIZE,
                "lower_bounds": REASONS,
            },
            "neurobench": {"layers": TEXT, "metrics": METRICS, "ours": METRICS},
            "reasons": REASONS,
        }
    ],
    "wall_s": AMOUNT,
    "samples_per_s": AMOUNT,
    "peak_rss_bytes": AMOUNT,
}
