"""A call with a time limit, which starts programs with their environment and stops them in time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from on_a_gpu.bundle import ROOT, last_line
from on_a_gpu.errors import NotMeasuredError
from on_a_gpu.results import NOT_REACHED, Results

FEWEST_S = 3.0
"""Smallest remaining time, s, in which a program is started."""


@dataclass(eq=False)
class Running:
    """A started program; its output goes to files, so that it never waits for a reader."""

    name: str
    process: subprocess.Popen[bytes]
    stdout: Path
    stderr: Path
    end: float


@dataclass
class Session:
    """State shared by the steps of a call.

    Parameters
    ----------
    out, work
        Folder of the results, and folder of files that are deleted at the end.
    deadline
        End of the call, by the monotonic clock.
    emulated
        True on threads of the CPU instead of a GPU.
    results
        Results of the call.
    site
        Folder of the installed wheels; None if they are not needed.
    """

    out: Path
    work: Path
    deadline: float
    emulated: bool
    results: Results
    site: Path | None
    running: list[Running] = field(default_factory=list)

    @property
    def device(self) -> str:
        """Name of the device in `on_a_gpu.simulate`."""
        return "emulated" if self.emulated else "gpu"

    def left_s(self) -> float:
        """Seconds until the call ends."""
        return self.deadline - time.monotonic()

    def environment(self) -> dict[str, str]:
        """Environment variables with the paths of the wheels and of the tree's code."""
        folders = [*([] if self.site is None else [self.site]), ROOT, ROOT / "benchmarks", ROOT / "tests" / "gpu"]
        inherited = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
        path = os.pathsep.join([*map(str, folders), *inherited])
        return {**os.environ, "PYTHONPATH": path, "ON_A_GPU_WORK": str(self.work), "PYTHONUNBUFFERED": "1"}

    def start(self, name: str, command: Sequence[str], limit_s: float) -> Running:
        """Start a program.

        Raises
        ------
        NotMeasuredError
            If no time is left for it.
        """
        left = min(limit_s, self.left_s())
        if left < FEWEST_S:
            raise NotMeasuredError(NOT_REACHED)
        paths = [self.work / f"{name}.{stream}" for stream in ("stdout", "stderr")]
        with paths[0].open("wb") as stdout, paths[1].open("wb") as stderr:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                cwd=self.work,
                env=self.environment(),
                start_new_session=True,
            )
        started = Running(name, process, *paths, time.monotonic() + left)
        self.running.append(started)
        print(f"{self.left_s():5.0f} s left: {name}", file=sys.stderr, flush=True)
        return started

    def finish(self, started: Running, codes: Sequence[int] = (0,)) -> str:
        """Wait for a program, stop it at its limit, and return its standard output.

        Parameters
        ----------
        started
            The program.
        codes
            Exit codes that do not count as failures.

        Raises
        ------
        NotMeasuredError
            If it failed, or was stopped.
        """
        try:
            code = started.process.wait(max(0.0, started.end - time.monotonic()))
        except subprocess.TimeoutExpired:
            why = NOT_REACHED if self.left_s() < FEWEST_S else f"{started.name} was stopped: it took too long"
            raise NotMeasuredError(why) from None
        finally:
            self.stop(started)
        if code not in codes:
            said = last_line(started.stderr.read_text(errors="replace"))
            raise NotMeasuredError(f"{started.name} failed with exit code {code}: {said}")
        return started.stdout.read_text(errors="replace")

    def call(self, name: str, command: Sequence[str], limit_s: float) -> str:
        """Run a program; see `start` and `finish`."""
        return self.finish(self.start(name, command, limit_s))

    def stop_all(self) -> None:
        """Stop all running programs."""
        for started in list(self.running):
            self.stop(started)

    def stop(self, started: Running) -> None:
        """Kill a program and its children if it still runs, and keep its output."""
        if started not in self.running:
            return
        if started.process.poll() is None:
            os.killpg(started.process.pid, signal.SIGKILL)
            started.process.wait()
        self.running.remove(started)
        with (self.out / f"{self.results.mode}.log").open("a", encoding="utf-8") as log:
            said = "".join(path.read_text(errors="replace") for path in (started.stderr, started.stdout))
            log.write(f"=== {started.name}: exit code {started.process.returncode}\n{said}\n")

    def start_run(self, name: str, device: str, words: Sequence[str], limit_s: float) -> Running:
        """Start ``benchnn run`` on a device; see `on_a_gpu.simulate`."""
        folder = ["--json", "--overwrite", "--out", str(self.work / "result" / name)]
        if self.emulated:
            folder += ["--idle", "0"]
        return self.start(name, self.python("on_a_gpu.simulate", device, *words, *folder), limit_s)

    def finish_run(self, started: Running) -> dict[str, Any]:
        """Wait for a run and store its record."""
        record: dict[str, Any] = json.loads(self.finish(started))
        self.results.keep_run(started.name, record)
        return record

    def run(self, name: str, device: str, words: Sequence[str], limit_s: float) -> dict[str, Any]:
        """Run ``benchnn run`` on a device and return its record."""
        return self.finish_run(self.start_run(name, device, words, limit_s))

    def python(self, module: str, *words: str) -> list[str]:
        """Command of a module."""
        return [sys.executable, "-m", module, *words]

    def probe(self, subject: str, limit_s: float) -> dict[str, Any]:
        """Run `on_a_gpu.probe` on a subject and return its answer."""
        said = self.call(f"probe-{subject}", self.python("on_a_gpu.probe", self.device, subject), limit_s)
        answer: dict[str, Any] = json.loads(said)
        return answer
