"""Environments for the commands of pages, each made once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from environments import ROOT, add_command, make_environment


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make an environment, once: ``made(("benchnn[report]",))`` is its folder."""
    folders = {}

    def make(installed):
        if installed not in folders:
            folder = tmp_path_factory.mktemp("environment")
            add_command(make_environment(folder, installed))
            folders[installed] = folder
        return folders[installed]

    return make


@pytest.fixture
def run(made, tmp_path):
    """Run a command line in the folder of the test: ``run("benchnn doctor", ("benchnn[mpi]",))``."""

    def call(command, installed=()):
        own, others = str(made(installed) / "bin"), os.environ["PATH"].split(os.pathsep)
        path = [own, *(folder for folder in others if Path(folder) != Path(sys.executable).parent)]
        environment = {**os.environ, "PATH": os.pathsep.join(path), "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    return call
