"""Machines of rooflines, in JSON and TOML."""

import json
from collections.abc import Sequence
from pathlib import Path

from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.json_files import damaged_json
from fuzzing.reader import Reader, any_file
from fuzzing.toml_files import mutated_toml
from simcore.accelerators.roofline.published import FOLDER, load_machine
from simcore.accelerators.roofline.record import machine_record, read_machine
from simcore.accelerators.roofline.roofs import as_executed, energy_ridges, placed, ridges
from simcore.accelerators.roofline.sheet_machines import machine_of
from simcore.accelerators.roofline.work import workload_point
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.workloads.reader import load_workload


def _machines(results: Path) -> list[Case]:
    sata = load_accelerator("sata")
    records = (
        machine_record(*load_machine("eyeriss_like")),
        machine_record(machine_of(sata), [workload_point(load_workload("vgg5"), sata, 2)]),
    )
    toml = Case({"machine.toml": (FOLDER / "eyeriss_like.toml").read_bytes()}, ("machine.toml",))
    return [toml, *(Case({"machine.json": json.dumps(one).encode()}, ("machine.json",)) for one in records)]


def _damaged(case: Case, dice: Dice) -> Case:
    return damaged_json(case, dice) if "machine.json" in case.files else any_file(case, dice, mutated_toml)


def _read(arguments: Sequence[str]) -> None:
    machine, points = read_machine(arguments[0])
    assert all(value is None or value >= 0.0 for found in (ridges, energy_ridges) for value in found(machine).values())
    for point in points:
        for counted in (point, as_executed(point)):
            placed(machine, counted)
    machine_record(machine, points)


READERS = (Reader("machine of a roofline", _machines, _damaged, _read, 2.0),)
