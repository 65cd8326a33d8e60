"""The README stays true: its example and its commands run; continuous integration runs those of its start."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from benchnn.run.launcher import mpi_launcher
from simcore.errors import UnavailableError

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def fenced(marker):
    """The fenced block after the comment with the marker."""
    return re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```", README, re.DOTALL).group(1)


def test_the_example_runs_and_its_network_is_active():
    code = fenced("example")
    assert len([line for line in code.splitlines() if line.strip()]) <= 25
    names: dict = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - the README is ours
    for count, size in zip(names["result"].spikes.values(), (800, 200), strict=True):
        assert 1.0 < count / size / 0.4 < 50.0
    assert len(names["times_ms"]) == len(names["ids"]) >= names["result"].spikes["E"]


@pytest.mark.parametrize("command", fenced("commands").splitlines())
def test_every_command_succeeds(command, tmp_path):
    run(command, tmp_path, {})


def test_the_commands_of_a_report_succeed_one_after_the_other(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    for command in fenced("report").splitlines():
        run(command, tmp_path, {})
    assert (tmp_path / "results/seen/report.html").exists()


def test_the_commands_of_chips_succeed_one_after_the_other(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    for command in fenced("chips").splitlines():
        run(command, tmp_path, {})
    assert (tmp_path / "results/on_loihi/report.html").exists()


@pytest.mark.parametrize("command", fenced("peers").splitlines())
def test_every_command_of_peers_succeeds(command, tmp_path):
    pytest.importorskip("nest", reason="NEST is not installed")
    run(command, tmp_path, {})


@pytest.mark.parametrize("command", fenced("ranks").splitlines())
def test_every_command_of_several_ranks_succeeds(command, tmp_path):
    try:
        launcher, environment = mpi_launcher()
    except UnavailableError as error:
        pytest.skip(f"MPI: {error}")
    # Open MPI needs to be told that there may be more ranks than cores.
    run(command.replace("mpiexec -n 2", " ".join(launcher).format(ranks=2)), tmp_path, environment)


def run(command, folder, added):
    """Run a command of the README in a folder, with the benchnn of this checkout."""
    words = shlex.split(command)
    place = words.index("benchnn")
    words[place : place + 1] = [sys.executable, "-m", "benchnn"]
    environment = {**os.environ, **added, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_every_test_and_benchmark_it_names_exists():
    for path in re.findall(r"`((?:tests|benchmarks|docs)/[\w/.]+)`", README):
        assert (ROOT / path).exists(), path
