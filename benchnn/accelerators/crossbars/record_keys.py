"""The allowed values of the keys of ``crossbar.json``."""

from benchnn.record.allowed import AMOUNT, ANY_NAME, REAL, SHARE, SIZE, TEXT, TEXTS, Allowed, Kind

RECORD, SCHEMA_VERSION = "crossbar.json", 1
WIRES, RATIO, DEVICE_NOISE, READ_NOISE, STUCK, TIME, WORN_OUT, CYCLES = (
    "wires", "ratio", "device_noise", "read_noise", "stuck", "time", "worn_out", "cycles"
)  # fmt: skip
SWEEPS = (WIRES, RATIO, DEVICE_NOISE, READ_NOISE, STUCK, TIME, WORN_OUT, CYCLES)
LARGEST = 1e30
"""Largest value of a property and of a measure."""
VALUE, ERROR = Kind(REAL, "a number", 0, LARGEST), Kind(REAL, "a number", -LARGEST, LARGEST)
AMOUNTS: Allowed = {"mean": VALUE, "low": VALUE, "high": VALUE}
SHARES: Allowed = {"mean": SHARE, "low": SHARE, "high": SHARE}
ERRORS: Allowed = {"mean": ERROR, "low": ERROR, "high": ERROR}
CROSSBAR: Allowed = {
    "command": TEXTS,
    "sheet": {"name": TEXT, "title": TEXT, "sha256": TEXT},
    "array": {
        "size": SIZE,
        "wire_ohm": AMOUNT,
        "base_ohm": AMOUNT,
        "off_ohm": AMOUNT,
        "top_level": SIZE,
        "levels": [AMOUNT],
        "read_v": AMOUNT,
        "adc_bits": SIZE,
        "full_scale_a": AMOUNT,
        "device_noise": SHARE,
        "read_noise": SHARE,
        "stuck_on": SHARE,
        "stuck_off": SHARE,
        "drift_exponent": AMOUNT,
        "drift_start_s": AMOUNT,
        "endurance_cycles": AMOUNT,
        "endurance_shape": AMOUNT,
    },
    "seeds": SIZE,
    "reads": SIZE,
    "rows": [
        {
            "sweep": TEXT,
            "value": VALUE,
            "size": SIZE,
            "wire_ohm": AMOUNT,
            "current_share": AMOUNTS,
            "worst_column_share": AMOUNTS,
            "error_rms_lsb": AMOUNTS,
            "error_mean_lsb": ERRORS,
            "error_worst_lsb": AMOUNTS,
            "clipped_share": SHARES,
            "decision_accuracy": SHARES,
        }
    ],
    "wear": {
        "fresh_accuracy": SHARE,
        "loss": SHARE,
        "worn_out_share": SHARE,
        "cycles": AMOUNT,
    },
    "reasons": {ANY_NAME: TEXT},
}
