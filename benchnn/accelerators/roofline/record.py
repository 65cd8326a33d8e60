"""The record of ``benchnn roofline``: machines, ridges, and every point under its roofs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.accelerators.roofline.plan import PlannedMachine, RooflinePlan
from benchnn.accelerators.roofline.record_keys import EFFECTIVE, EXECUTED, RECORD, SCHEMA_VERSION
from benchnn.studies.study import write_record
from simcore.accelerators.roofline.machine import Machine, Point
from simcore.accelerators.roofline.record import machine_record
from simcore.accelerators.roofline.roofs import Placed, as_executed, energy_ridges, placed, ridges

OPERATIONS = (
    "Operations differ between machines: {}. Compare each point with its own roofs, and machines only if their "
    "operations are alike."
)
PARTS = (
    "Roofs that lack a level or a part are bounds: the true roof is lower, and the true energy is higher. The part in "
    "brackets needs the most energy among the known parts."
)


def run_roofline(plan: RooflinePlan, command: Sequence[str]) -> dict[str, Any]:
    """Compare all points with their roofs, and write the record if a folder was given.

    Parameters
    ----------
    plan
        The plan, whose folder exists.
    command
        The command line, for the record.

    Returns
    -------
    dict
        The record, ``roofline.json``.
    """
    record = {
        "schema_version": SCHEMA_VERSION,
        "command": list(command),
        "options": {"steps": plan.steps, "batch": plan.batch, "density": plan.density},
        "machines": [_machine(planned) for planned in plan.machines],
        "cautions": cautions([planned.machine for planned in plan.machines]),
    }
    if plan.folder is not None:
        write_record(plan.folder / RECORD, record)
    return record


def faults_of(record: Mapping[str, Any]) -> list[str]:
    """One sentence for each point that is above a roof; there must be none."""
    return [fault for entry in record["machines"] for row in entry["rows"] for fault in row["faults"]]


def countings(point: Point) -> list[tuple[str, Point]]:
    """A point with its effective operations, and with its executed operations if zeros are skipped."""
    if point.executed_ops is None or point.executed_ops == point.ops:
        return [(EFFECTIVE, point)]
    return [(EFFECTIVE, point), (EXECUTED, as_executed(point))]


def cautions(machines: Sequence[Machine]) -> list[str]:
    """Sentences on machines that must not be compared."""
    operations = dict.fromkeys(f"{machine.operation} on {machine.name}" for machine in machines)
    several = len({machine.operation for machine in machines}) > 1
    return [OPERATIONS.format(", ".join(operations))] * several + [PARTS]


def _machine(planned: PlannedMachine) -> dict[str, Any]:
    machine = planned.machine
    return {
        "machine": machine_record(machine, planned.points),
        "ridges_ops_per_byte": ridges(machine),
        "energy_ridges_ops_per_byte": energy_ridges(machine),
        "rows": [_row(counted, placed(machine, own)) for point in planned.points for counted, own in countings(point)],
        "not_placed": planned.not_placed,
    }


def _row(counted: str, found: Placed) -> dict[str, Any]:
    throughput, energy = found.throughput, found.energy
    intensities = found.intensities_ops_per_byte
    reasons = {key: why for key, why in found.point.reasons.items() if key in ("time_s", "energy_j")}
    reasons |= {name: "it moves no bytes" for name, value in intensities.items() if math.isinf(value)}
    return {
        "point": found.point.name,
        "counted": counted,
        "ops": found.point.ops,
        "intensities_ops_per_byte": {name: None if math.isinf(at) else at for name, at in intensities.items()},
        "ops_per_s": found.ops_per_s,
        "roof_ops_per_s": throughput.ops_per_s,
        "limits_ops_per_s": dict(throughput.limits_ops_per_s),
        "bound_by": throughput.bound_by,
        "of_throughput_roof": found.of_throughput_roof,
        "j_per_op": None if found.ops_per_j is None else 1.0 / found.ops_per_j,
        "roof_j_per_op": energy.j_per_op,
        "roof_parts_j_per_op": dict(energy.parts_j_per_op),
        "dominated_by": energy.dominated_by,
        "of_energy_roof": found.of_energy_roof,
        "regime": found.regime,
        "throughput_without": dict(throughput.without),
        "energy_without": dict(energy.without),
        "reasons": reasons,
        "faults": list(found.faults),
    }
