"""Many inputs, on several workers: what became of them, by reader."""

import math
import multiprocessing
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fuzzing.judging import ACCEPTED, REFUSED, Verdict
from fuzzing.readers import readers_of
from fuzzing.worker import ALARM_S, READY, START_S, Finding, Task, work

CHUNK = 50
"""Inputs of a task."""
GRACE = 2.0
"""The alarm waits for Python's next instruction; a worker that does not come back after so many alarms is killed."""


@dataclass
class Campaign:
    """What became of the inputs of each reader, by kind, the CPU time that they took, and the faults."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    cpu_s: Counter[str] = field(default_factory=Counter)
    faults: list[Finding] = field(default_factory=list)
    wall_s: float = 0.0

    @property
    def inputs(self) -> int:
        """How many inputs were run."""
        return sum(count.total() for count in self.counts.values())

    def add(self, finding: Finding) -> None:
        """Count a finding."""
        self.counts.setdefault(finding.reader, Counter())[finding.verdict.kind] += 1
        self.cpu_s[finding.reader] += finding.cpu_s
        if finding.verdict.faulty:
            self.faults.append(finding)

    def table(self) -> str:
        """The counts, a line for each reader."""
        rows = [f"{'reader':<24}{'inputs':>9}{'accepted':>10}{'refused':>9}{'faults':>8}{'ms each':>9}"]
        named = (*sorted(self.counts.items()), ("all", sum(self.counts.values(), Counter())))
        for name, count in named:
            faults = count.total() - count[ACCEPTED] - count[REFUSED]
            each_ms = (self.cpu_s[name] if name in self.counts else self.cpu_s.total()) / count.total() * 1000.0
            numbers = f"{count.total():>9,}{count[ACCEPTED]:>10,}{count[REFUSED]:>9,}{faults:>8,}{each_ms:>9.1f}"
            rows.append(f"{name:<24}{numbers}")
        spent = f"{self.wall_s:.0f} s, {self.cpu_s.total():.0f} s of CPU time"
        return "\n".join(rows) + f"\n{self.inputs:,} inputs in {spent}\n"


def shares(inputs: int, names: Sequence[str]) -> dict[str, int]:
    """How many inputs each reader gets: at least `inputs` in all."""
    readers = readers_of(names)
    whole = sum(reader.share for reader in readers.values())
    return {name: math.ceil(inputs * reader.share / whole) for name, reader in readers.items()}


def run_campaign(
    results: Path, folder: Path, counts: Mapping[str, int], seed: int, workers: int = 2, alarm_s: float = ALARM_S
) -> Campaign:
    """Run inputs.

    Parameters
    ----------
    results
        Folder of `fuzzing.results.make_results`.
    folder
        An empty one, for the workers.
    counts
        Inputs of each reader.
    seed
        Of the inputs: reader, seed and index give an input.
    workers
        Number of processes.
    alarm_s
        Wall time of an input.
    """
    started = time.monotonic()
    tasks = deque(
        Task(name, seed, range(start, min(start + CHUNK, count)), alarm_s)
        for name, count in counts.items()
        for start in range(0, count, CHUNK)
    )
    campaign = Campaign()

    def serve(number: int) -> None:
        with _Hand(results, folder / str(number), list(counts)) as hand:
            while tasks:
                for finding in hand.findings(tasks.popleft()):
                    campaign.add(finding)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(serve, range(workers)))
    campaign.wall_s = time.monotonic() - started
    return campaign


class _Hand:
    """A worker process, replaced when an input ends it."""

    def __init__(self, results: Path, folder: Path, names: list[str]) -> None:
        self._what = results, folder, names
        self._lives = 0

    def __enter__(self) -> "_Hand":
        self._hire()
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def findings(self, task: Task) -> Iterator[Finding]:
        """What becomes of the inputs of a task, one by one; the input after which nothing comes ended the process."""
        left = task.indices
        while left:
            self._connection.send(replace(task, indices=left))
            for index in left:
                heard = self._heard(GRACE * task.alarm_s)
                if isinstance(heard, Exception):
                    raise heard
                left = range(index + 1, left.stop)
                if isinstance(heard, Verdict):
                    yield Finding(task.reader, task.seed, index, heard)
                    self._end()
                    self._hire()
                    break
                yield heard

    def _heard(self, patience_s: float) -> Any:
        """What the process sends, or how it ended."""
        if not self._connection.poll(patience_s):
            return Verdict("hang", "killed: the alarm did not end it")
        try:
            return self._connection.recv()
        except EOFError:
            self._process.join()
            return Verdict("death", f"exit code {self._process.exitcode}")

    def _hire(self) -> None:
        results, folder, names = self._what
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (results, folder / str(self._lives), names, theirs)
        self._process = context.Process(target=work, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self._lives += 1
        heard = self._heard(START_S)
        if heard != READY:
            raise RuntimeError(f"a worker did not start: {heard}")

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()
