"""A process that lives for thousands of inputs."""

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.guards import alarm, fence, limit_memory
from fuzzing.judging import ACCEPTED, Verdict, judged
from fuzzing.reader import Reader
from fuzzing.readers import readers_of

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
    """What became of one input."""

    reader: str
    seed: int
    index: int
    verdict: Verdict


def case_of(reader: Reader, seeds: Sequence[Case], seed: int, index: int) -> Case:
    """An input: one of the valid ones, damaged."""
    dice = Dice(seed, reader.name, index)
    return reader.mutated(dice.pick(seeds), dice)


class Worker:
    """Runs inputs one by one in a folder of its own.

    Parameters
    ----------
    results
        Folder of `fuzzing.results.make_results`.
    folder
        For the inputs, and for whatever they leave.
    names
        Of the readers.
    """

    def __init__(self, results: Path, folder: Path, names: Iterable[str]) -> None:
        self._readers = readers_of(names)
        self._seeds = {name: list(reader.seeds(results)) for name, reader in self._readers.items()}
        # A path such as ../.. stays below the folder of the worker.
        self._scratch = folder / "one" / "two" / "three" / "input"

    def warm(self) -> None:
        """Run all valid inputs, which must be accepted: what is imported and compiled on the way is no input's fault."""
        ended = {(name, case.arguments): self.verdict(name, case, START_S, first=True) for name in self._seeds for case in self._seeds[name]}
        refused = [f"{what}: {verdict}" for what, verdict in ended.items() if verdict.kind != ACCEPTED]
        assert not refused, "\n".join(("valid inputs are not accepted:", *refused))

    def finding(self, task: Task, index: int) -> Finding:
        """Run an input."""
        case = case_of(self._readers[task.reader], self._seeds[task.reader], task.seed, index)
        return Finding(task.reader, task.seed, index, self.verdict(task.reader, case, task.alarm_s))

    def verdict(self, name: str, case: Case, alarm_s: float = ALARM_S, first: bool = False) -> Verdict:
        """Run an input of a reader, in an empty folder with nothing but its files."""
        os.chdir("/")
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        case.write(self._scratch)
        os.chdir(self._scratch)
        with alarm(alarm_s):
            return judged(self._readers[name], case.arguments, case.size, first)


def prepared(results: Path, folder: Path, names: Iterable[str]) -> Worker:
    """A worker that is warm, in a process that can neither grow nor write elsewhere from now on."""
    folder.mkdir(parents=True)
    os.environ["MPLCONFIGDIR"] = str(folder / "matplotlib")
    sys.stdin = open(os.devnull)  # noqa: SIM115 - until the process ends
    fence(folder, Path(os.environ.get("BENCHNN_CACHE_DIR", Path.home() / ".cache" / "benchnn")))
    worker = Worker(results, folder, names)
    worker.warm()
    limit_memory()
    return worker


def work(results: Path, folder: Path, names: list[str], tasks: Connection) -> None:
    """Run the tasks that come through a connection, and send back a finding for each input, in order."""
    worker = prepared(results, folder, names)
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
