"""The allowed values of the keys of ``many_core.json``."""

from benchnn.record.allowed import AMOUNT, ANY_NAME, COUNT, NUMBER, POSITIVE, SHARE, SIZE, TEXT, TEXTS, Allowed

RECORD, SCHEMA_VERSION = "many_core.json", 1
REASONS: Allowed = {ANY_NAME: TEXT}
UNIT: Allowed = {"area_m2": AMOUNT, "energy_j": {ANY_NAME: AMOUNT}}
MANY_CORE: Allowed = {
    "command": TEXTS,
    "sheet": {"name": TEXT, "title": TEXT, "sha256": TEXT},
    "options": {"latency_s": POSITIVE, "target_operations_per_s": POSITIVE, "weights": TEXT},
    "networks": [{"name": TEXT, "title": TEXT, "operations": AMOUNT}],
    "designs": [
        {
            "name": TEXT,
            "size": SIZE,
            "units": SIZE,
            "tiles_x": SIZE,
            "tiles_y": SIZE,
            "multipliers": SIZE,
            "network": TEXT,
            "clock_hz": POSITIVE,
            "peak_operations_per_s": AMOUNT,
            "means": [{"batch": TEXT, "utilisation": SHARE, "operations_per_s": AMOUNT}],
        }
    ],
    "rows": [
        {
            "design": TEXT,
            "network": TEXT,
            "asked": TEXT,
            "batch": COUNT,
            "utilisation": SHARE,
            "operations_per_s": AMOUNT,
            "latency_s": AMOUNT,
            "inputs_per_s": AMOUNT,
            "reasons": REASONS,
        }
    ],
    "claims": [{"claim": TEXT, "verdict": TEXT, "rows": COUNT, "holds_in": COUNT}],
    "sparsity": {
        "operations_per_s": POSITIVE,
        "bytes_per_s": POSITIVE,
        "power_ratio": POSITIVE,
        "break_even": SHARE,
        "units": [{"names": TEXTS, "cells": SIZE, "knee_begin": SHARE, "knee_end": SHARE}],
        "rows": [
            {
                "sparsity": SHARE,
                "cells": SIZE,
                "blocks_left": SHARE,
                "stored_share": AMOUNT,
                "gains": {ANY_NAME: AMOUNT},
            }
        ],
        "note": TEXT,
    },
    "components": {
        "synthesised": UNIT,
        "chip": UNIT,
        "ratios": {ANY_NAME: NUMBER},
        "memory_m2_per_mib": {ANY_NAME: AMOUNT},
        "evidence": REASONS,
    },
    "cautions": TEXTS,
    "reasons": REASONS,
}
