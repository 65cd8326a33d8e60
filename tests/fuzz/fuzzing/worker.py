"""A process that lives for thousands of inputs."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time

from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.guards import alarm, fence, limit_memory
from fuzzing.judging import ACCEPTED, Verdict, judged
from fuzzing.reader import Reader
from fuzzing.readers import readers_of
from simcore.jit.compilation import cache_folder

ALARM_S = 15.0
"""Wall time of an input; machines may be busy."""
START_S = 300.0
READY = "ready"


@dataclass(frozen=True)
class Task:
    """Inputs of one reader: those with the indices of a range."""

    reader: str
    seed: int
    indices: range
    alarm_s: float = ALARM_S


@dataclass(frozen=True)
class Finding:
    """What became of one input, and the CPU time that it took."""

    reader: str
    seed: int
    index: int
    verdict: Verdict
    cpu_s: float = 0.0


def case_of(reader: Reader, seeds: Sequence[Case], seed: int, index: int) -> Case:
    """An input: one of the valid ones, damaged."""
    dice = Dice(seed, reader.name, index)
    return reader.mutated(dice.pick(seeds), dice)


class Worker:
    """Runs inputs one by one in a folder of its own.

    Parameters
    ----------
    folder
        For the inputs, and for whatever they leave.
    seeds
        Name of a reader -> its valid inputs.
    """

    def __init__(self, folder: Path, seeds: Mapping[str, Sequence[Case]]) -> None:
        self._seeds = seeds
        self._readers = readers_of(seeds)
        # A path such as ../.. stays below the folder of the worker.
        self._scratch = folder / "one" / "two" / "three" / "input"

    def warm(self) -> list[str]:
        """Run the valid inputs, so that what is imported and compiled on the way is no fault of later ones.

        Returns
        -------
        list of str
            What became of those that were not accepted.
        """
        faults = []
        for name, cases in self._seeds.items():
            for case in cases:
                verdict = self.verdict(name, case, START_S, first=True)
                faults += [] if verdict.kind == ACCEPTED else [f"{name} {case.arguments}: {verdict}"]
        return faults

    def finding(self, task: Task, index: int) -> Finding:
        """Run an input."""
        case = case_of(self._readers[task.reader], self._seeds[task.reader], task.seed, index)
        started = process_time()
        verdict = self.verdict(task.reader, case, task.alarm_s)
        return Finding(task.reader, task.seed, index, verdict, process_time() - started)

    def verdict(self, name: str, case: Case, alarm_s: float = ALARM_S, first: bool = False) -> Verdict:
        """Run an input of a reader, in an empty folder with nothing but its files."""
        os.chdir("/")
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        case.write(self._scratch)
        os.chdir(self._scratch)
        with alarm(alarm_s):
            return judged(self._readers[name], case.arguments, case.size, first)


def prepared(folder: Path, seeds: Mapping[str, Sequence[Case]]) -> tuple[Worker, list[str]]:
    """A warm worker, in a process that can neither grow nor write elsewhere from now on, and what `warm` returned."""
    folder.mkdir(parents=True)
    os.environ["MPLCONFIGDIR"] = str(folder / "matplotlib")
    sys.stdin = open(os.devnull)  # noqa: SIM115 - until the process ends
    fence(folder, cache_folder() or folder)
    worker = Worker(folder, seeds)
    refused = worker.warm()
    limit_memory()
    return worker, refused


def work(results: Path, folder: Path, names: list[str], tasks: Connection) -> None:
    """Run the tasks that come through a connection, and send back a finding for each input, in order."""
    worker, refused = prepared(folder, {name: reader.seeds(results) for name, reader in readers_of(names).items()})
    assert not refused, "\n".join(("valid inputs are not accepted:", *refused))
    tasks.send(READY)
    while True:
        task: Task = tasks.recv()
        for index in task.indices:
            try:
                tasks.send(worker.finding(task, index))
            except Exception as error:
                # No fault of a reader, but of its mutations: it ends the campaign.
                tasks.send(RuntimeError(f"input {index} of {task.reader} with seed {task.seed}: {error!r}"))
                raise
