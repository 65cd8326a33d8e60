"""The fault test: a run that is stopped or killed at random times, again and again, ends as if nothing had been."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from launch import benchnn, command, environment

SEED = 20250
FAULTS = 13
MOST_OF_A_RUN = 7
NETWORK = ("run", "brunel", "--param", "order=500", "--param", "j_mv=0.45", "--time", 12_000, "--warmup", 60)
OPTIONS = ("--record", "spikes", "--record", "V_m:E:3", "--checkpoint-every", 300)
KINDS = [(number, whom) for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGKILL) for whom in ("launcher", "rank")]
MARK = "BENCHNN_FAULT_TEST"


def left_by(folder):
    """What must not depend on faults."""
    record = json.loads((folder / "result.json").read_text())
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.h5")}
    counted = (record["spike_digest"], record["network_digest"], record["spikes"], record["synaptic_events"])
    return (*counted, record["interrupted"], record["time"]["model_time_ms"], files)


@dataclass
class Faults:
    """How often what was done to whom, how often a run went on from a checkpoint then, and how often from nothing."""

    hit: Counter = field(default_factory=Counter)
    resumed: int = 0
    anew: int = 0

    def rarest(self, chance):
        """What to do next."""
        return min(chance.sample(KINDS, len(KINDS)), key=lambda kind: self.hit[kind])


class Attempt:
    """A process on some ranks, known by a mark in its environment and that of everything it starts."""

    def __init__(self, ranks, threads, arguments, stderr):
        self.mark = f"{MARK}={uuid.uuid4().hex}".encode()
        name, _, value = self.mark.decode().partition("=")
        words = command(ranks, "-m", "benchnn", *arguments, "--threads", threads)
        self.stderr = stderr
        with stderr.open("wb") as sink:
            self.process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
                env={**environment(), name: value},
                start_new_session=True,
            )

    def processes(self, ranks_only=False):
        """Ids of the living ones."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and self.mark in (entry / "environ").read_bytes().split(b"\0"):
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    if not ranks_only or words[0] == os.fsencode(sys.executable):
                        found.append(int(entry.name))
            except OSError:
                continue
        return sorted(found)

    def told(self, word, timeout=60):
        """Wait until rank 0 has written a word, or the end."""
        end = time.monotonic() + timeout
        while word not in self.stderr.read_bytes() and self.process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.01)

    def strike(self, number, whom, chance):
        """Send a signal to the launcher or to a rank."""
        victims = self.processes(ranks_only=True) if whom == "rank" else [self.process.pid]
        with suppress(ProcessLookupError, IndexError):
            os.kill(chance.choice(victims), number)

    def end(self, timeout=60):
        """Wait until nothing of it runs; a launcher that was killed leaves ranks that notice it a little later."""
        self.process.wait(timeout)
        end = time.monotonic() + 15
        while self.processes():
            assert time.monotonic() < end, f"still running: {self.processes()}"
            time.sleep(0.02)

    def kill(self):
        """Leave nothing, whatever happened."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def attempts(tmp_path):
    started = []

    def start(ranks, threads, arguments):
        started.append(Attempt(ranks, threads, arguments, tmp_path / "stderr"))
        return started[-1]

    yield start
    for attempt in started:
        attempt.kill()


def struck(attempt, kind, chance, latest_s):
    """Strike once at a random time, mostly of the propagation; False if the run came to its end all the same."""
    attempt.told(b"building" if chance.random() < 0.2 else b" RTF ")
    with suppress(subprocess.TimeoutExpired):
        attempt.process.wait(chance.uniform(0.0, latest_s))
    if attempt.process.returncode is None:
        attempt.strike(*kind, chance)
    attempt.end()
    return attempt.process.returncode != 0


def run_with_faults(attempts, folder, chance, faults, latest_s):
    """One run from its start to its end."""
    shutil.rmtree(folder, ignore_errors=True)
    for done in range(MOST_OF_A_RUN + 1):
        resumable = any((folder / "checkpoints").glob("step-*.h5"))
        arguments = ("run", "--resume", folder) if resumable else (*NETWORK, *OPTIONS, "--out", folder, "--overwrite")
        if done > 0:
            faults.resumed += resumable
            faults.anew += not resumable
        attempt = attempts(chance.choice([1, 2, 3]), chance.choice([1, 2]), arguments)
        kind = faults.rarest(chance)
        if done == MOST_OF_A_RUN or not struck(attempt, kind, chance, latest_s):
            attempt.end(120)
            assert attempt.process.returncode == 0, attempt.stderr.read_text()
            return
        faults.hit[kind] += 1


def test_random_faults_change_neither_spikes_nor_files(tmp_path, attempts):
    chance = random.Random(SEED)  # noqa: S311 - faults, not secrets
    reference = tmp_path / "reference"
    assert benchnn(1, *NETWORK, *OPTIONS, "--threads", 2, "--out", reference).returncode == 0
    wall_s = json.loads((reference / "result.json").read_text())["wall_s"]
    latest_s = 0.6 * wall_s["propagation"]["max"]
    expected = left_by(reference)
    assert expected[2] > 10_000 and expected[4] is False
    faults = Faults()
    while sum(faults.hit.values()) < FAULTS:
        run_with_faults(attempts, tmp_path / "run", chance, faults, latest_s)
        assert left_by(tmp_path / "run") == expected
        assert {path.name for path in (tmp_path / "run").iterdir()} == {path.name for path in reference.iterdir()}
    # Most faults met a run that had got somewhere; each kind came several times.
    assert faults.resumed > FAULTS // 3, faults
    assert min(faults.hit[kind] for kind in KINDS) >= 2, faults
