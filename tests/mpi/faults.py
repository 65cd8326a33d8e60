"""Faults of all kinds at random points of a run, again and again, until it has come to its end: as if nothing had been.

``python tests/mpi/faults.py --points 100 --ranks 1,2 --seed 1`` tries 100 points and prints what happened, by kind.
"""

import argparse
import errno
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from attempts import Attempt
from failing_disk import NEVER, OPERATIONS, FailingDisk, Fault, compiler
from launch import why_not

from benchnn.record.folder import PARTS
from benchnn.record.lock import LOCK
from simcore.checkpoint import CHECKPOINTS, read_checkpoint
from simcore.errors import InputError
from simcore.recording.parts import SpikeParts
from simcore.recording.sonata import read_spikes

NETWORK = ("run", "brunel", "--param", "order=100", "--param", "j_mv=0.45", "--time", 6000, "--warmup", 60)
OPTIONS = ("--record", "spikes", "--record", "V_m:E:3", "--checkpoint-every", 300, "--meters", "none", "--overwrite")
MOST_OF_A_RUN = 7
"""Faults until a run is let come to its end."""
DISK_BYTES = 1 << 26
FULL_DISK = "full disk"
SIGNALS = MappingProxyType(
    {
        f"{number.name} of a {whom}": (number, whom)
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGKILL)
        for whom in ("launcher", "rank")
    }
)
"""Sent at a random time, mostly of the propagation."""
DISK_FAULTS = MappingProxyType(
    {f"ENOSPC from a {name} on": Fault(name, "error", errno.ENOSPC, lasting=True) for name in OPERATIONS}
    | {f"EIO of a {name}": Fault(name, "error", errno.EIO) for name in OPERATIONS}
    | {"short writes": Fault("write", "short", lasting=True)}
    | {
        f"{number.name} at a {name}": Fault(name, "signal", number)
        for number in (signal.SIGTERM, signal.SIGKILL)
        for name in ("write", "fsync", "rename", "create")
    }
)
"""At a random one of the operations of a run below its folder."""
REASONS = MappingProxyType({errno.ENOSPC: "No space left on device", errno.EIO: "Input/output error"})


@dataclass(frozen=True)
class Scenario:
    """What may happen to a run.

    Parameters
    ----------
    kinds
        Of faults: keys of `SIGNALS` and `DISK_FAULTS`, and `FULL_DISK`.
    ranks, threads
        Each attempt has one of them.
    """

    kinds: tuple[str, ...]
    ranks: tuple[int, ...] = (1, 2)
    threads: tuple[int, ...] = (1, 2)


@dataclass
class Counts:
    """What happened to the points: how often a kind hit a run, and how often the run was over before.

    Parameters
    ----------
    hit, missed
        By kind.
    resumed, anew
        How often the run after a hit went on from a checkpoint, and how often from nothing.
    completed
        Runs that have come to their end.
    """

    hit: Counter = field(default_factory=Counter)
    missed: Counter = field(default_factory=Counter)
    resumed: int = 0
    anew: int = 0
    completed: int = 0

    @property
    def points(self):
        return self.hit.total() + self.missed.total()

    def rarest(self, kinds, chance):
        """What to do next."""
        return min(chance.sample(kinds, len(kinds)), key=lambda kind: self.hit[kind] + self.missed[kind])


class FaultTest:
    """Runs in a folder of its own, compared with one that nothing happened to.

    Parameters
    ----------
    scratch
        An empty folder. `FULL_DISK` needs a small file system at ``scratch/disk``, see `mounted`.
    """

    def __init__(self, scratch):
        self._disk, self._stderr = scratch / "disk", scratch / "stderr"
        self._disk.mkdir(exist_ok=True)
        self._run, self._killed = self._disk / "run", False
        self._attempt = None
        self._failing = None
        if compiler() is not None:
            self._failing = FailingDisk(scratch, self._disk)
            self._failing.arm()
        self._start(1, 2, (*NETWORK, *OPTIONS, "--out", self._run)).end(120)
        assert self._attempt.process.returncode == 0, self._printed()
        self._operations = None if self._failing is None else self._failing.counts
        # Every file is written through before it gets its name.
        assert self._operations is None or self._operations["fsync"] >= self._operations["rename"] > 0
        wall_s = json.loads((self._run / "result.json").read_text())["wall_s"]
        self._latest_s = 0.8 * wall_s["propagation"]["max"]
        self.expected = left_by(self._run)
        self._bytes = sum(path.stat().st_size for path in self._run.iterdir())

    def begin(self, scenario, chance):
        """Set what is done, and in which order, and count from 0 again."""
        self.scenario, self.chance, self.counts = scenario, chance, Counts()

    def go(self, points):
        """Try some points, and bring the last run to its end.

        Raises
        ------
        AssertionError
            If something is not as if nothing had been.
        """
        while self.counts.points < points:
            self.one_run(points)

    def one_run(self, points):
        """One run from its start to its end, with faults until `points` are reached."""
        shutil.rmtree(self._run, ignore_errors=True)
        self._killed = False
        for done in range(MOST_OF_A_RUN + 1):
            resumable = any((self._run / CHECKPOINTS).glob("step-*.h5"))
            if done > 0:
                self.counts.resumed += resumable
                self.counts.anew += not resumable
            last = done == MOST_OF_A_RUN or self.counts.points >= points
            kind = None if last else self.counts.rarest(self.scenario.kinds, self.chance)
            arguments = ("run", "--resume", self._run) if resumable else (*NETWORK, *OPTIONS, "--out", self._run)
            if self._over(kind, arguments):
                break
        assert left_by(self._run) == self.expected
        self.counts.completed += 1

    def end(self):
        """Leave no process."""
        if self._attempt is not None:
            self._attempt.kill()

    def _over(self, kind, arguments):
        """One attempt, with a fault of some kind or with none; whether the run came to its end."""
        ranks, threads = (self.chance.choice(some) for some in (self.scenario.ranks, self.scenario.threads))
        fault = DISK_FAULTS.get(kind)
        if self._failing is not None:
            self._failing.arm(fault, self._place_of(fault) if fault else NEVER)
        with self._filled(kind):
            attempt = self._start(ranks, threads, arguments)
            hit = kind in SIGNALS and self._struck(attempt, kind)
            attempt.end(120)
        code = attempt.process.returncode
        if fault is not None:
            hit = self._failing.hits > 0
        if kind == FULL_DISK:
            hit = code != 0
        if kind is not None:
            (self.counts.hit if hit else self.counts.missed)[kind] += 1
        printed = self._printed()
        where = (
            f"{kind}, {ranks} ranks, exit code {code}, first hit {self._failing and self._failing.first_hit}: {printed}"
        )
        assert "Traceback" not in printed, where
        if not hit or (fault is not None and fault.action == "short"):
            assert code == 0, where
        elif kind == FULL_DISK or (fault is not None and fault.action == "error"):
            self._refused(code, printed, errno.ENOSPC if kind == FULL_DISK else fault.number, where)
        self._killed = self._killed or kind in SIGNALS or (fault is not None and fault.action == "signal")
        require_whole(self._run, self._killed, where)
        return code == 0

    def _place_of(self, fault):
        """Number of a random operation; small ones more often, because a run that was resumed has fewer operations."""
        return round(self._operations[fault.operation] ** self.chance.random())

    def _refused(self, code, printed, number, where):
        """A run that met a fault of the disk says so, in one sentence; with exit code 2 only before it simulates."""
        lines = [line for line in printed.splitlines() if line.startswith("benchnn: error")]
        assert len(lines) == 1 and REASONS[number] in lines[0], where
        assert str(self._run) in lines[0] and " on rank " not in lines[0], where
        assert code == 1 or (code == 2 and " RTF " not in printed), where

    def _start(self, ranks, threads, arguments):
        added = {} if self._failing is None else self._failing.environment
        self._attempt = Attempt(ranks, threads, arguments, self._stderr, added)
        return self._attempt

    def _printed(self):
        return self._stderr.read_text(errors="replace")

    def _struck(self, attempt, kind):
        """Strike once at a random time, mostly of the propagation; whether it met a run that was not over."""
        attempt.await_word(b"constructing" if self.chance.random() < 0.2 else b" RTF ")
        with suppress(subprocess.TimeoutExpired):
            attempt.process.wait(self.chance.uniform(0.0, self._latest_s))
        struck = attempt.strike(*SIGNALS[kind], self.chance)
        attempt.end()
        return struck and attempt.process.returncode != 0

    @contextmanager
    def _filled(self, kind):
        """Leave, for `FULL_DISK`, less room on the small disk than a run needs."""
        ballast = self._disk / "ballast"
        if kind == FULL_DISK:
            state = os.statvfs(self._disk)
            room = self.chance.randrange(0, self._bytes)
            ballast.write_bytes(bytes(max(0, state.f_bavail * state.f_bsize - room)))
        try:
            yield
        finally:
            ballast.unlink(missing_ok=True)


def left_by(folder):
    """What must not depend on faults."""
    record = json.loads((folder / "result.json").read_text())
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.h5")}
    counted = (record["spike_digest"], record["network_digest"], record["spikes"], record["synaptic_events"])
    names = sorted(path.name for path in folder.iterdir())
    return (*counted, record["interrupted"], record["time"]["model_time_ms"], files, names)


def require_whole(folder, killed, where):
    """Require every file of a run to be whole; if it was killed, files aside and its lock are there until its end."""
    if not folder.exists():
        return
    for path in (folder / CHECKPOINTS).glob("step-*.h5"):
        read_checkpoint(path)
    SpikeParts(folder / PARTS).check()
    for path in folder.glob("spikes.h5"):
        spikes = read_spikes(path).spikes()
        # What was reserved and never written would read as spikes at time 0.
        assert all(spikes.stamps > spikes.start_step), where
    if (folder / "result.json").exists():
        assert json.loads((folder / "result.json").read_text())["spikes"] == len(read_spikes(folder / "spikes.h5")), (
            where
        )
    hidden = [path.name for path in folder.rglob(".*")]
    assert all(killed and (name == LOCK or name.endswith(".partial")) for name in hidden), f"{hidden}: {where}"


@contextmanager
def mounted(folder):
    """A small file system at a folder; yields why there is none, or None."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder],
        capture_output=True, text=True, check=False,
    ) if shutil.which("mount") else None  # fmt: skip
    if done is None or done.returncode != 0:
        yield "no file system can be mounted here: " + (done.stderr.strip() if done else "there is no mount")
        return
    try:
        yield None
    finally:
        subprocess.run(["umount", folder], check=True)


def main():
    """Try the points, and print what happened; exit code 1 if anything is unexplained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--ranks", default="1,2", help="each attempt has one of these numbers of ranks")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    ranks = tuple(int(number) for number in arguments.ranks.split(","))
    if max(ranks) > 1 and why_not() is not None:
        parser.error(f"several ranks: {why_not()}")
    if compiler() is None:
        parser.error("there is no g++")
    unexplained = []
    with tempfile.TemporaryDirectory(prefix="benchnn-faults-") as name, mounted(Path(name) / "disk") as why:
        kinds = (*SIGNALS, *DISK_FAULTS, *((FULL_DISK,) if why is None else ()))
        print(why or f"files lie on a file system of {DISK_BYTES >> 20} MiB")
        chance = random.Random(arguments.seed)  # noqa: S311 - faults, not secrets
        test = FaultTest(Path(name))
        test.begin(Scenario(kinds, ranks), chance)
        while test.counts.points < arguments.points:
            try:
                test.one_run(arguments.points)
            except (AssertionError, InputError, subprocess.TimeoutExpired) as error:
                unexplained.append(str(error))
                print(f"UNEXPLAINED: {error}", flush=True)
            except KeyboardInterrupt:
                break
            finally:
                test.end()
    counts = test.counts
    for kind in kinds:
        print(f"{kind:32} hit {counts.hit[kind]:3}   over before {counts.missed[kind]:3}")
    print(f"{counts.points} points: {counts.hit.total()} hit a run, {counts.missed.total()} came after its end")
    print(f"{counts.resumed} went on from a checkpoint, {counts.anew} from nothing; {counts.completed} runs completed")
    print(f"{len(unexplained)} unexplained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
