"""Environments for the commands of pages, each made once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from environments import ROOT, add_command, make_environment


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make an environment, once: ``made(("benchnn[report]",))`` is the variables of its programs."""
    environments = {}

    def make(installed):
        if installed not in environments:
            python = make_environment(tmp_path_factory.mktemp("environment"), installed)
            others = os.environ["PATH"].split(os.pathsep)
            path = [str(python.parent), *(name for name in others if Path(name) != Path(sys.executable).parent)]
            variables = {"PATH": os.pathsep.join(path), "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
            environments[installed] = {**os.environ, **variables}
            add_command(python, environments[installed])
        return environments[installed]

    return make


@pytest.fixture
def run(made, tmp_path):
    """Run a command line in the folder of the test: ``run("benchnn doctor", ("benchnn[mpi]",))``."""

    def call(command, installed=()):
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=made(installed), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    return call
