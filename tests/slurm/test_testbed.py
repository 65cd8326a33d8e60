"""A testbed starts, runs jobs, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from slurm.testbed import Testbed, TestbedError, configuration, unusable_because
from slurm.testbed.processes import marked

ROOT = Path(__file__).parents[2]

needs_slurm = pytest.mark.skipif(unusable_because() is not None, reason=f"Slurm: {unusable_because()}")


def by_hand(action, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "slurm.testbed", action, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=90)


def alive(process):
    """Whether a process is there; of one that has ended an entry stays until its parent looks at it."""
    try:
        return Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_exit_code_of_a_job_and_both_nodes(testbed, tmp_path):
    script = "srun hostname > hosts; srun env | grep SLURMD_NODENAME | sort > nodes; exit 3"
    asked = ("--parsable", f"--chdir={tmp_path}", "--nodes=2", "--account=anything", f"--wrap={script}")
    number = testbed.client("sbatch", *asked).stdout.strip()
    ended = testbed.wait(number)
    assert (ended["JobState"], ended["ExitCode"]) == ("FAILED", "3:0")
    assert (tmp_path / "nodes").read_text().split() == ["SLURMD_NODENAME=n1", "SLURMD_NODENAME=n2"]


@pytest.mark.thorough
@needs_slurm
def test_up_and_down_beside_another_leave_no_process(testbed, tmp_path):
    folder = tmp_path / "second"
    up = by_hand("up", folder)
    expected = f"export SLURM_CONF={folder}/slurm.conf\nexport LD_BIND_NOW=''\n"
    assert (up.returncode, up.stdout) == (0, expected), up.stderr
    second = Testbed(folder)
    assert "PARTITION" in second.client("sinfo").stdout
    # A job with a process that ignores what ends it politely.
    stubborn = "trap '' TERM; while true; do sleep 1; done"
    number = second.client("sbatch", "--parsable", f"--chdir={tmp_path}", f"--wrap={stubborn}").stdout.strip()
    while second.job(number)["JobState"] != "RUNNING":
        time.sleep(0.1)
    running = marked(folder)
    assert len(running) >= 5
    down = by_hand("down", folder)
    assert down.returncode == 0, down.stderr
    assert not [process for process in running if alive(process)]
    assert "PARTITION" in testbed.client("sinfo").stdout


@needs_slurm
def test_a_daemon_that_does_not_start_is_quoted(tmp_path, monkeypatch):
    monkeypatch.setattr(configuration, "TEXT", f"NoSuchKey=1\n{configuration.TEXT}")
    with pytest.raises(TestbedError, match=r"slurmctld ended[\s\S]*NoSuchKey"):
        Testbed(tmp_path / "broken").up()
    assert not marked(tmp_path / "broken")


@pytest.mark.thorough
@needs_slurm
def test_a_killed_daemon_does_not_keep_it_from_stopping(tmp_path):
    testbed = Testbed(tmp_path / "bed")
    testbed.up()
    controller = int((tmp_path / "bed" / "slurmctld.pid").read_text())
    os.kill(controller, signal.SIGKILL)
    testbed.down()
    assert not marked(tmp_path / "bed")


@needs_slurm
def test_a_folder_in_use_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TestbedError, match="not empty"):
        Testbed(tmp_path).up()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr("slurm.testbed.cluster._program", lambda name: None if name == "slurmctld" else name)
    assert unusable_because().startswith("not installed: slurmctld (Debian: ")
