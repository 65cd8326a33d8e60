"""Execution of ``benchnn crossbar``: arrays of all seeds for each value of each property, record, and folder."""

import math
from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise
from typing import Any

from benchnn.accelerators.crossbars.plan import CrossbarPlan
from benchnn.accelerators.crossbars.record_keys import RECORD, SCHEMA_VERSION, TIME, WORN_OUT
from benchnn.studies.study import write_record
from simcore.accelerators.analogue.study import READS, ArrayCase, ArrayOutcome, studied

LOSS = 0.1
"""Tolerated loss of decision accuracy, relative to an array that is not worn."""
NO_DRIFT = "drift requires an exponent, which the sheet does not state; pass --drift"
NO_ENDURANCE = "wear requires an endurance, which the sheet does not state; pass --endurance"
NO_LOSS = f"the decision accuracy stays above {1 - LOSS:g} times its value before wear"
IN_LSB = {"error_rms": "error_rms_lsb", "error_mean": "error_mean_lsb", "error_worst": "error_worst_lsb"}


def run_crossbar(plan: CrossbarPlan, command: Sequence[str]) -> dict[str, Any]:
    """Study all arrays, and write the record if a folder was given.

    Parameters
    ----------
    plan
        The plan, whose folder exists.
    command
        The command line, for the record.

    Returns
    -------
    dict
        The record, ``crossbar.json``.
    """
    rows = [_row(sweep, value, case, plan.seeds) for sweep, value, case in plan.cases]
    wear, reasons = _wear(plan.case, [row for row in rows if row["sweep"] == WORN_OUT])
    reasons |= {} if any(row["sweep"] == TIME for row in rows) else {TIME: NO_DRIFT}
    record = {
        "schema_version": SCHEMA_VERSION,
        "command": list(command),
        "sheet": {"name": plan.sheet.name, "title": plan.sheet.title, "sha256": plan.sheet.sha256},
        "array": _array(plan.case),
        "seeds": plan.seeds,
        "reads": READS,
        "rows": rows,
        "wear": wear,
        "reasons": reasons,
    }
    if plan.folder is not None:
        write_record(plan.folder / RECORD, record)
    return record


def _row(sweep: str, value: float, case: ArrayCase, seeds: int) -> dict[str, Any]:
    outcomes = [studied(case, seed) for seed in range(1, seeds + 1)]
    measures = {}
    for field in fields(ArrayOutcome):
        found = [getattr(outcome, field.name) for outcome in outcomes]
        measures[IN_LSB.get(field.name, field.name)] = {
            "mean": math.fsum(found) / seeds,
            "low": min(found),
            "high": max(found),
        }
    return {"sweep": sweep, "value": value, "size": case.size, "wire_ohm": case.wire_ohm, **measures}


def _wear(case: ArrayCase, rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Worn-out cells, and cycles, that cost a tenth of the decision accuracy, and reasons for unknown values."""
    points = [(row["value"], row["decision_accuracy"]["mean"]) for row in rows]
    fresh = points[0][1]
    wear: dict[str, Any] = {"fresh_accuracy": fresh, "loss": LOSS, "worn_out_share": None, "cycles": None}
    share = crossing(points, (1.0 - LOSS) * fresh)
    if share is None:
        return wear, dict.fromkeys(("worn_out_share", "cycles"), NO_LOSS)
    wear |= {"worn_out_share": share, "cycles": case.device.cycles_until(share)}
    return wear, {"cycles": NO_ENDURANCE} if wear["cycles"] is None else {}


def crossing(points: Sequence[tuple[float, float]], level: float) -> float | None:
    """Position where a line through ascending points first falls below a level; None if it does not."""
    for (left, before), (right, after) in pairwise(points):
        if before >= level > after:
            return left + (right - left) * (before - level) / (before - after)
    return None


def _array(case: ArrayCase) -> dict[str, Any]:
    device = case.device
    return {
        "size": case.size,
        "wire_ohm": case.wire_ohm,
        "base_ohm": device.base_ohm,
        "off_ohm": device.off_ohm,
        "top_level": device.top_level,
        "levels": list(case.levels),
        "read_v": case.read_v,
        "adc_bits": case.converter.bits,
        "full_scale_a": case.converter.full_scale_a,
        "device_noise": device.device_noise,
        "read_noise": device.read_noise,
        "stuck_on": device.stuck_on,
        "stuck_off": device.stuck_off,
        "drift_exponent": device.drift_exponent,
        "drift_start_s": device.drift_start_s,
        "endurance_cycles": device.endurance_cycles,
        "endurance_shape": device.endurance_shape,
    }
