"""Environments for the commands of pages, each made once."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from environments import ROOT, add_command, make_environment

from tests.forking import Forking


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make an environment, once: ``made(("benchnn[report]",))`` is its variables and its interpreter."""
    environments = {}

    def make(installed):
        if installed not in environments:
            python = make_environment(tmp_path_factory.mktemp("environment"), installed)
            add_command(python)
            others = os.environ["PATH"].split(os.pathsep)
            path = [str(python.parent), *(folder for folder in others if Path(folder) != Path(sys.executable).parent)]
            variables = {**os.environ, "PATH": os.pathsep.join(path), "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
            environments[installed] = variables, Forking(python, variables)
        return environments[installed]

    yield make
    for _, forking in environments.values():
        forking.close()


@pytest.fixture
def run(made, tmp_path):
    """Run a command line in the folder of the test: ``run("benchnn doctor", ("benchnn[mpi]",))``."""

    def call(command, installed=()):
        variables, forking = made(installed)
        words = shlex.split(command)
        if words[0] == "benchnn":
            code, out, err = forking("-m", *words, folder=tmp_path)
        else:
            done = subprocess.run(
                ["bash", "-c", command], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
            )
            code, out, err = done.returncode, done.stdout, done.stderr
        assert code == 0, f"{command}\n{out}\n{err}"
        return out

    return call
