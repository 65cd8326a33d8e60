"""Interconnects from TOML files."""

import math
from collections.abc import Sequence
from pathlib import Path

from benchnn.interconnects.interconnect import FOLDER, load_interconnect
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.reader import Reader, any_file
from fuzzing.toml_files import mutated_toml

FILE = "interconnect.toml"


def _interconnects(results: Path) -> list[Case]:
    return [Case({FILE: path.read_bytes()}) for path in sorted(FOLDER.glob("*.toml"))]


def _damaged(case: Case, dice: Dice) -> Case:
    return any_file(case, dice, mutated_toml)


def _read(arguments: Sequence[str]) -> None:
    link = load_interconnect(FILE)
    if not (0.0 < link.latency_us < math.inf and 0.0 < link.bandwidth_gb_s < math.inf and link.source):
        raise ValueError(f"{link} was read")


READERS = (Reader("interconnects", _interconnects, _damaged, _read),)
