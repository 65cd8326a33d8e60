"""Records of runs and studies, by the commands that read them."""

from pathlib import Path

from fuzzing.case import Case, of_folder
from fuzzing.dice import Dice
from fuzzing.hdf5_mutations import mutated_hdf5
from fuzzing.json_files import damaged_json
from fuzzing.reader import Reader
from fuzzing.readers.command import call_main

KINDS = ("run", "seed1", "chip", "comparison", "series", "validation")


def _records(results: Path) -> list[Case]:
    run, chip = (of_folder(results / name, within=name).files for name in ("seed1", "chip"))
    both = run | chip
    return [
        Case(run, ("results", "show", "./seed1")),
        Case(chip, ("results", "show", "--json", "./chip")),
        Case(both, ("results", "compare", "./seed1", "./chip")),
        Case(run, ("map", "brunel", "--param", "order=8", "--chip", "loihi1", "--rates", "seed1")),
    ]


def _added(results: Path) -> list[Case]:
    run, chip = (of_folder(results / name, within=f"runs/{name}").files for name in ("seed1", "chip"))
    runs = run | chip
    return [
        Case(runs, ("results", "add", "runs", "--database", "runs.sqlite")),
        Case(
            {**runs, "runs.sqlite": (results / "runs.sqlite").read_bytes()},
            ("results", "add", "--replace", "runs", "--database", "runs.sqlite"),
        ),
    ]


def _reports(results: Path) -> list[Case]:
    return [of_folder(results / kind, "report", kind, "--out", "page.html", within=kind) for kind in KINDS]


def _damaged_report(case: Case, dice: Dice) -> Case:
    files = [name for name in sorted(case.files) if name.endswith(".h5")]
    if not files or dice.chance(0.7):
        return damaged_json(case, dice)
    name = dice.pick(files)
    return case.changed(name, mutated_hdf5(case.files[name], dice))


READERS = (
    Reader("record", _records, damaged_json, call_main, 1.5, (0, 1, 2)),
    Reader("records of a folder", _added, damaged_json, call_main, 0.5, (0, 1, 2)),
    Reader("report", _reports, _damaged_report, call_main, 0.06),
)
