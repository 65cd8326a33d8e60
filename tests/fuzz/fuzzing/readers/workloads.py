"""Workloads of accelerators."""

from collections.abc import Sequence
from pathlib import Path

from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.reader import Reader, any_file
from fuzzing.toml_files import mutated_toml
from simcore.accelerators.workloads.normalisation import convolution_parameters, normalised_operations
from simcore.accelerators.workloads.reader import FOLDER, load_workload

WORKLOAD = "workload.toml"


def _workloads(results: Path) -> list[Case]:
    return [Case({WORKLOAD: path.read_bytes()}) for path in sorted(FOLDER.glob("*.toml"))]


def _damaged(case: Case, dice: Dice) -> Case:
    return any_file(case, dice, mutated_toml)


def _read(arguments: Sequence[str]) -> None:
    workload = load_workload(Path(WORKLOAD))
    normalised_operations(workload)
    convolution_parameters(workload)
    for layer in workload.layers:
        if layer.input_density is not None:
            layer.densities(workload.steps or 1)


READERS = (Reader("workload", _workloads, _damaged, _read, 2.0),)
