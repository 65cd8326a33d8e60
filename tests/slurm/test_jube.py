"""JUBE submits the runs of a definition as jobs, looks after them, and makes the table."""

import csv
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simcore.comm.mpi import unusable_because
from tests.jube import quick_jube

JUBE = Path(__file__).parents[2] / "jube"
CHANGES = [
    ('"--param scale=0.05"', '"--param scale=0.01"'),
    ('_: "500"}', '_: "50"}'),
    ('_: "100"}', '_: "10"}'),
    ('"1,2,3"', '"1"'),
]


@pytest.mark.skipif(shutil.which("jube") is None, reason="JUBE: jube is not installed")
@pytest.mark.skipif(unusable_because() is not None, reason=f"MPI: {unusable_because()}")
def test_strong_scaling_as_jobs(testbed, compiled, tmp_path):
    shutil.copytree(JUBE, tmp_path / "jube")
    for name in ("strong_scaling.yaml", "benchnn.yaml"):
        text = (tmp_path / "jube" / name).read_text()
        for old, new in CHANGES:
            text = text.replace(old, new)
        (tmp_path / "jube" / name).write_text(text)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "PYTHONPATH": str(JUBE.parent), "SLURM_MPI_TYPE": "pmi2"}
    environment = {**os.environ, **testbed.environment, **own}

    def jube(*arguments):
        command = [*quick_jube.command(), *[str(argument) for argument in arguments]]
        options = {"capture_output": True, "text": True, "check": True, "timeout": 120}
        return subprocess.run(command, cwd=tmp_path, env=environment, **options).stdout

    jube("run", tmp_path / "jube" / "strong_scaling.yaml", "--tag", "slurm", "--hide-animation")
    runs = tmp_path / "jube" / "strong_scaling_runs"
    scripts = [path.read_text() for path in runs.rglob("slurm.job")]
    assert len(scripts) == 2 and all("#SBATCH --partition=batch" in script for script in scripts)
    jube("continue", runs, "--id", 0, "--hide-animation")
    deadline = time.monotonic() + 120.0
    while len(list(runs.rglob("ready"))) < 2 and not list(runs.rglob("error")) and time.monotonic() < deadline:
        time.sleep(0.2)
    jube("continue", runs, "--id", 0, "--hide-animation")
    jube("result", runs, "--id", 0)
    logs = "".join(path.read_text() for path in runs.rglob("job.err"))
    with open(runs / "000000/result/result.dat", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["taskspernode"] for row in rows] == ["1", "2"], logs
    assert rows[0]["digest"] == rows[1]["digest"] and all(float(row["real_time_factor"]) > 0.0 for row in rows)
    records = [path.read_text() for path in runs.rglob("result.json")]
    assert len(records) == 2 and all('"slurm_job_id": "' in record for record in records)
