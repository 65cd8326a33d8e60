"""The allowed values of the keys of ``accelerators.json``."""

from benchnn.record.allowed import AMOUNT, ANY_NAME, COUNT, NUMBER, SHARE, SIZE, TEXT, TEXTS, TRUTH, Allowed

RECORD, SCHEMA_VERSION = "accelerators.json", 1
AS_PUBLISHED, CORRECTED = "as published", "corrected"
REASONS: Allowed = {ANY_NAME: TEXT}
ACCURACY: Allowed = {"share": SHARE, "low": SHARE, "high": SHARE, "samples": SIZE}
PAIR: Allowed = [COUNT]
ACCELERATORS: Allowed = {
    "command": TEXTS,
    "workload": {
        "name": TEXT,
        "title": TEXT,
        "origin": TEXT,
        "measured": TRUTH,
        "densities": TEXT,
        "steps": SIZE,
        "operations": AMOUNT,
        "weights": COUNT,
        "data": COUNT,
        "layers": [
            {
                "name": TEXT,
                "kind": TEXT,
                "channels": SIZE,
                "filters": SIZE,
                "input_size": PAIR,
                "output_size": PAIR,
                "kernel": PAIR,
                "stride": PAIR,
                "padding": PAIR,
                "groups": SIZE,
                "pooling": SIZE,
                "weight_bits": SIZE,
                "input_bits": SIZE,
                "operations": AMOUNT,
                "weights": COUNT,
                "input_density": SHARE,
                "weight_density": SHARE,
            }
        ],
        "sources": REASONS,
        "note": TEXT,
        "reasons": REASONS,
    },
    "options": {
        "density": SHARE,
        "activity": TEXT,
        "weight_bits": SIZE,
        "exit_entropy": SHARE,
        "dataflow": TEXT,
        "lif_sharing": SIZE,
        "membrane_bits": SIZE,
        "accountings": TEXTS,
        "training": [{"gradient_sparsity": SHARE, "forward_bits": SIZE, "packed_spikes": SIZE}],
    },
    "accuracy": ACCURACY,
    "models": [{"on": TEXT, "sheet_sha256": TEXT, "model": TEXT, "includes": TEXT, "leaves_out": TEXT}],
    "cautions": TEXTS,
    "rows": [
        {
            "on": TEXT,
            "model": TEXT,
            "accounting": TEXT,
            "network": TEXT,
            "accuracy": ACCURACY,
            "steps": SIZE,
            "mean_steps": AMOUNT,
            "energy_j": AMOUNT,
            "energy_parts_j": {ANY_NAME: AMOUNT},
            "latency_s": AMOUNT,
            "energy_delay_js": AMOUNT,
            "energy_delay_of_means_js": AMOUNT,
            "area_m2": AMOUNT,
            "counts": {ANY_NAME: AMOUNT},
            "reasons": REASONS,
            "lower_bounds": REASONS,
        }
    ],
    "training": [
        {
            "on": TEXT,
            "accounting": TEXT,
            "steps": SIZE,
            "model": TEXT,
            "energy_macs": AMOUNT,
            "energy_parts_macs": {ANY_NAME: {ANY_NAME: AMOUNT}},
            "counts": {ANY_NAME: AMOUNT},
            "reasons": REASONS,
        }
    ],
    "published": [
        {
            "source": TEXT,
            "case": TEXT,
            "quantity": TEXT,
            "on": TEXT,
            "printed": TEXT,
            "unit": TEXT,
            "ours": AMOUNT,
            "deviation": NUMBER,
            "agrees": TRUTH,
            "verdict": TEXT,
            "reason": TEXT,
            "note": TEXT,
        }
    ],
}
