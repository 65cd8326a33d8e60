"""Results of every kind, made once by the command line itself."""

import contextlib
import io
import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from benchnn.cli import main
from tests.benchnn.runs_in_process import runs_in_process

BRUNEL = ("brunel", "--param", "order=40", "--time", 100, "--warmup", 50, "--threads", 1)


def call(*arguments):
    """Run a command that must succeed, or whose exit code is returned."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as printed:
        code = main([str(argument) for argument in arguments])
    return code, printed.getvalue()


def succeed(*arguments):
    """Run a command that must succeed."""
    code, printed = call(*arguments)
    assert code == 0, printed


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder with the results ``run``, ``series``, ``comparison`` and ``validation``."""
    home = tmp_path_factory.mktemp("results")
    with runs_in_process():
        make_results(home)
    return home


def make_results(home):
    """Make the results of `made`."""
    succeed("run", *BRUNEL, "--record", "spikes", "--out", home / "run")
    short = ("--threads", "1,2", "--time", 50, "--warmup", 0)
    pd14 = ("pd14", "--param", "scale=0.01", "--ranks", 1, "--seeds", "1,2", *short)
    succeed("scale", "strong", *pd14, "--out", home / "series")
    sides = []
    for side, first in (("candidate", 1), ("reference", 11)):
        for seed in range(first, first + 2):
            folder = home / "recorded" / str(seed)
            succeed("run", *BRUNEL, "--record", "spikes", "--seed", seed, "--out", folder)
            sides += [f"--{side}", folder]
    # Two recordings of each side are too few for a verdict, which the command tells by its exit code.
    code, printed = call("validate", *BRUNEL, *sides, "--out", home / "validation")
    assert code == 1 and (home / "validation" / "validation.json").exists(), printed
    succeed("compare", *BRUNEL, "--simulators", "simcore", "--repeats", 1, "--out", home / "comparison")


@pytest.fixture
def copied(made, tmp_path):
    """Copy a result: ``copied("run")`` gives a folder that a test may change."""

    def copy(name):
        return Path(shutil.copytree(made / name, tmp_path / name))

    return copy


@pytest.fixture
def changed(copied):
    """Copy a result and change its record: ``changed("run", edit)``; without spikes, fewer figures are drawn."""
    records = {
        "run": "result.json",
        "series": "scaling.json",
        "comparison": "comparison.json",
        "validation": "validation.json",
    }

    def change(name, edit, spikes=True):
        folder = copied(name)
        if not spikes:
            (folder / "spikes.h5").unlink()
        path = folder / records[name]
        record = json.loads(path.read_text())
        edit(record)
        path.write_text(json.dumps(record))
        return folder

    return change


@pytest.fixture(scope="session")
def pages():
    """Pages of results that no test changes, by the arguments of the command."""
    return {}


@pytest.fixture
def page(tmp_path, pages):
    """Make the page of folders and read it: ``page(folder, "--reference", file)``."""

    def make(*arguments):
        out = tmp_path / "page.html"
        if arguments in pages:
            out.write_text(pages[arguments], encoding="utf-8")
            return pages[arguments]
        succeed("report", *arguments, "--out", out, "--overwrite")
        text = out.read_text(encoding="utf-8")
        if not any(Path(argument).is_relative_to(tmp_path) for argument in arguments):
            pages[arguments] = text
        return text

    return make
