"""The allowed values of the keys of ``roofline.json``."""

from benchnn.record.allowed import AMOUNT, ANY_NAME, COUNT, SHARE, TEXT, TEXTS, Allowed

RECORD, SCHEMA_VERSION = "roofline.json", 1
EFFECTIVE, EXECUTED = "effective", "executed"
REASONS: Allowed = {ANY_NAME: TEXT}
AMOUNTS: Allowed = {ANY_NAME: AMOUNT}
ROOFLINE: Allowed = {
    "command": TEXTS,
    "options": {"steps": COUNT, "batch": COUNT, "density": SHARE},
    "machines": [
        {
            "machine": {
                "name": TEXT,
                "title": TEXT,
                "operation": TEXT,
                "peak_ops_per_s": AMOUNT,
                "levels": [
                    {
                        "name": TEXT,
                        "bandwidth_bytes_per_s": AMOUNT,
                        "energy_j_per_byte": AMOUNT,
                        "energy_ops_per_byte": AMOUNT,
                        "reasons": REASONS,
                    }
                ],
                "op_energy_j": AMOUNT,
                "static_w": AMOUNT,
                "basis": TEXT,
                "reasons": REASONS,
                "points": [
                    {
                        "name": TEXT,
                        "ops": AMOUNT,
                        "traffic_bytes": AMOUNTS,
                        "time_s": AMOUNT,
                        "energy_parts_j": AMOUNTS,
                        "utilisation": SHARE,
                        "executed_ops": AMOUNT,
                        "basis": TEXT,
                        "reasons": REASONS,
                    }
                ],
            },
            "ridges_ops_per_byte": AMOUNTS,
            "energy_ridges_ops_per_byte": AMOUNTS,
            "rows": [
                {
                    "point": TEXT,
                    "counted": TEXT,
                    "ops": AMOUNT,
                    "intensities_ops_per_byte": AMOUNTS,
                    "ops_per_s": AMOUNT,
                    "roof_ops_per_s": AMOUNT,
                    "limits_ops_per_s": AMOUNTS,
                    "bound_by": TEXT,
                    "of_throughput_roof": AMOUNT,
                    "j_per_op": AMOUNT,
                    "roof_j_per_op": AMOUNT,
                    "roof_parts_j_per_op": AMOUNTS,
                    "dominated_by": TEXT,
                    "of_energy_roof": AMOUNT,
                    "regime": TEXT,
                    "throughput_without": REASONS,
                    "energy_without": REASONS,
                    "reasons": REASONS,
                    "faults": TEXTS,
                }
            ],
            "not_placed": REASONS,
        }
    ],
    "cautions": TEXTS,
}
