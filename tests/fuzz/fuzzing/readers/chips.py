"""Chip sheets, mapping files, and what runs on chips leave."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchnn.chips.floorline import floorline_record, read_timed_run, to_text
from benchnn.chips.listing import chip_page, chip_record
from benchnn.chips.traffic_file import read_traffic
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.hdf5_mutations import mutated_hdf5
from fuzzing.json_files import damaged_json
from fuzzing.reader import Reader, any_file
from fuzzing.toml_files import mutated_toml
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.files import MappingFile, read_mapping, require_mapping_of, write_mapping
from simcore.neuromorphic.sheets.parser import FOLDER, load_chip

SHEET, TRAFFIC, MAPPING = "sheet.toml", "traffic.h5", "mapping.h5"


def _sheets(results: Path) -> list[Case]:
    return [Case({SHEET: path.read_bytes()}) for path in sorted(FOLDER.glob("*.toml"))]


def _damaged_sheet(case: Case, dice: Dice) -> Case:
    return any_file(case, dice, mutated_toml)


def _read_sheet(arguments: Sequence[str]) -> None:
    chip = load_chip(Path(SHEET))
    chip_page(chip)
    json.dumps(chip_record(chip), allow_nan=False)


def _mappings(results: Path) -> list[Case]:
    core_of = np.arange(40) % 7
    cases = []
    for slots in (None, np.array([3, 9, 0, 12, 5, 6, 1])):
        with TemporaryDirectory() as folder:
            path = Path(folder) / MAPPING
            mapping = CoreMapping("in_order", 7, core_of, slots)
            write_mapping(path, MappingFile(mapping, "a" * 64, "b" * 64, "anneal", "hops", 1))
            cases.append(Case({MAPPING: path.read_bytes()}))
    return cases


def _damaged_mapping(case: Case, dice: Dice) -> Case:
    return case.changed(MAPPING, mutated_hdf5(case.files[MAPPING], dice))


def _read_mapping(arguments: Sequence[str]) -> None:
    require_mapping_of(read_mapping(Path(MAPPING)), "a" * 64, "b" * 64, 40, 16)


def _traffic(results: Path) -> list[Case]:
    return [Case({TRAFFIC: (results / "chip" / TRAFFIC).read_bytes()})]


def _damaged_traffic(case: Case, dice: Dice) -> Case:
    return case.changed(TRAFFIC, mutated_hdf5(case.files[TRAFFIC], dice))


def _read_traffic(arguments: Sequence[str]) -> None:
    _ = read_traffic(Path(TRAFFIC)).times_ms


def _chip_runs(results: Path) -> list[Case]:
    folder = results / "chip"
    return [Case({name: (folder / name).read_bytes() for name in ("result.json", TRAFFIC)})]


def _damaged_chip_run(case: Case, dice: Dice) -> Case:
    return _damaged_traffic(case, dice) if dice.chance(0.6) else damaged_json(case, dice)


def _read_chip_run(arguments: Sequence[str]) -> None:
    run = read_timed_run(Path())
    record = floorline_record(run)
    json.dumps(record, allow_nan=False)
    to_text(record)


READERS = (
    Reader("chip sheet", _sheets, _damaged_sheet, _read_sheet, 3.0),
    Reader("mapping file", _mappings, _damaged_mapping, _read_mapping, 2.0),
    Reader("traffic.h5", _traffic, _damaged_traffic, _read_traffic, 2.0),
    Reader("floorline of a run", _chip_runs, _damaged_chip_run, _read_chip_run, 0.7),
)
