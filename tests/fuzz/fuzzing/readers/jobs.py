"""Templates of job scripts."""

from pathlib import Path

from benchnn.slurm.script import TEMPLATE
from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.reader import Reader
from fuzzing.readers.command import call_main

FILE = "template.sh"


def _templates(results: Path) -> list[Case]:
    arguments = ("slurm", "render", "--nodes", "2", "--template", FILE, "--", "run", "brunel")
    return [Case({FILE: TEMPLATE.read_bytes()}, arguments)]


def _damaged(case: Case, dice: Dice) -> Case:
    return case.changed(FILE, mutated(case.files[FILE], dice))


READERS = (Reader("job template", _templates, _damaged, call_main, 0.3),)
