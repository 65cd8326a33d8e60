"""One Slurm of this machine for all tests; where it cannot be started they say why."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from slurm.testbed import Testbed, unusable_because

ROOT = Path(__file__).parents[2]
MPICH_FAULT = "UCX  ERROR failed to unpack address, invalid bandwidth"
"""MPICH prints it when ranks that srun starts on a busy machine fail in MPI_Init; such a job is repeated once."""


@pytest.fixture(scope="session")
def testbed(tmp_path_factory):
    why_not = unusable_because()
    if why_not is not None:
        pytest.skip(f"Slurm: {why_not}")
    with Testbed(tmp_path_factory.mktemp("slurm") / "testbed") as started:
        yield started


@pytest.fixture(scope="session")
def benchnn(testbed):
    """Run ``benchnn *arguments`` in a folder, as a user of the testbed."""

    def call(folder, *arguments):
        # Open MPI refuses root, the only user of many containers.
        as_root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        environment = {**os.environ, **testbed.environment, **as_root, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "benchnn", *[str(argument) for argument in arguments]]
        options = {"capture_output": True, "text": True, "check": False, "timeout": 240}
        return subprocess.run(command, cwd=folder, env=environment, **options)

    return call


@pytest.fixture(scope="session")
def submitted(benchnn):
    """Submit ``*job -- run *run`` in a folder; returns the id of the job."""

    def call(folder, job, run):
        done = benchnn(folder, "slurm", "submit", *job, "--", "run", *run)
        assert done.returncode == 0, done.stderr
        assert re.fullmatch(r"\d+\n", done.stdout)
        return done.stdout.strip()

    return call


@pytest.fixture(scope="session")
def succeeded(testbed, submitted, log):
    """Submit ``*job -- run *run`` in a folder and wait for its success; returns its id and the folder of its result."""

    def call(folder, job, run):
        for out in ("out", "again"):
            number = submitted(folder, job, (*run, "--out", out))
            code, printed = testbed.wait(number)["ExitCode"], log(folder / out)
            if code == "0:0" or MPICH_FAULT not in printed:
                break
        assert code == "0:0", printed
        return number, folder / out

    return call


@pytest.fixture(scope="session")
def record():
    """The record of a result."""
    return lambda folder: json.loads((folder / "result.json").read_text())


@pytest.fixture(scope="session")
def log():
    """What a job printed."""
    return lambda folder: "".join(path.read_text() for path in sorted(folder.glob("slurm-*.out")))


@pytest.fixture(scope="session")
def compiled(benchnn, tmp_path_factory):
    """Fill the cache of compiled code, so that no job spends its time limit on that."""
    folder = tmp_path_factory.mktemp("compiled")
    done = benchnn(folder, "run", "brunel", *SMALL, "--threads", 1, "--out", "out")
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "out" / "result.json").read_text())


SMALL = ("--param", "order=20", "--time", 100, "--warmup", 10, "--record", "spikes")


@pytest.fixture(scope="session")
def small():
    """Arguments of a small run."""
    return SMALL
