"""Sheets of accelerators."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchnn.accelerators.listing import accelerator_page, accelerator_record
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.reader import Reader, any_file
from fuzzing.toml_files import mutated_toml
from simcore.accelerators.sheets.parser import FOLDER, load_accelerator

SHEET = "sheet.toml"


def _sheets(results: Path) -> list[Case]:
    return [Case({SHEET: path.read_bytes()}) for path in sorted(FOLDER.glob("*.toml"))]


def _damaged_sheet(case: Case, dice: Dice) -> Case:
    return any_file(case, dice, mutated_toml)


def _read_sheet(arguments: Sequence[str]) -> None:
    accelerator = load_accelerator(Path(SHEET))
    accelerator_page(accelerator)
    json.dumps(accelerator_record(accelerator), allow_nan=False)


READERS = (Reader("accelerator sheet", _sheets, _damaged_sheet, _read_sheet, 3.0),)
