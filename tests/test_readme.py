"""The README stays true: its example and its commands run; continuous integration runs those of its start."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

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
    program, *arguments = shlex.split(command)
    assert program == "benchnn"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "benchnn", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_every_file_it_names_exists():
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link
    for path in re.findall(r"`((?:tests|benchmarks|docs)/[\w/.]+)`", README):
        assert (ROOT / path).exists(), path
