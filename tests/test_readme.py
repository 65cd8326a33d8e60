"""The README stays true: its example and its commands run, each sequence in an environment with only what it installs.

A sequence runs in a virtual environment of its own that holds what the lines ``pip install`` at its head bring, and
what the plain installation brings, and nothing else: the distributions that `pyproject.toml` and the metadata of the
installed ones require are linked from the environment of the tests. An environment made by pip would hold the same
files, but takes half a minute and a network connection each. That pip installs what the metadata say is seen in
continuous integration, which makes the plain environment, and runs the commands of the README's start. Commands
simulate 50 ms, after 50 ms of warm-up, instead of the longer times that they are shown with.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
INSTALL = "pip install "
SCRIPT = "#!{python}\nimport sys\nfrom benchnn.cli import main\nsys.exit(main())\n"


def fenced(marker):
    """The fenced block after the comment with the marker."""
    return re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```", README, re.DOTALL).group(1)


def sequence(marker):
    """What a sequence installs, and its commands."""
    lines = fenced(marker).splitlines()
    installed = [word for line in lines if line.startswith(INSTALL) for word in shlex.split(line[len(INSTALL) :])]
    return tuple(installed), [line for line in lines if not line.startswith(INSTALL)]


def shortened(command):
    """The same command for a short time; statistics of a validation need all of it."""
    if "validate" in command.split():
        return command
    command = re.sub(r"--time \d+", "--time 50 --warmup 50", command)
    return re.sub(r"--checkpoint-every \d+", "--checkpoint-every 50", command)


def required(installed):
    """Distributions by name that an installation of benchnn and of these words of ``pip install`` has.

    Skips the test where one of them is not installed.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = list(PROJECT["dependencies"])
    for word in installed:
        extras = Requirement(word).extras if word.startswith("benchnn[") else ()
        lines += [line for extra in extras for line in PROJECT["optional-dependencies"][extra]] or [word]
    waiting = [(Requirement(line), "") for line in lines]
    seen, found = set(), {}
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": extra})
        if not applies or (name, extras := frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            pytest.skip(f"{name} is not installed")
        needs = [Requirement(text) for text in found[name].requires or ()]
        waiting += [(need, of) for need in needs for of in ("", *extras)]
    return found


def link(found: Distribution, python: Path, site_packages: Path):
    """Link the files of a distribution into an environment; scripts for Python get its interpreter."""
    for file in found.files:
        if file.parts[0] != "..":
            source, target = Path(found.locate_file(file.parts[0])), site_packages / file.parts[0]
        else:
            source, target = Path(found.locate_file(file)), Path(os.path.normpath(site_packages / file))
        if target.exists() or not source.exists() or file.parts[0] == "__pycache__":
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        head, _, body = source.read_bytes().partition(b"\n") if target.parent == python.parent else (b"", b"", b"")
        if head.startswith(b"#!") and b"python" in head:
            target.write_bytes(f"#!{python}\n".encode() + body)
            shutil.copymode(source, target)
        else:
            target.symlink_to(source)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make an environment, once: ``made(("benchnn[report]",))`` is its folder."""
    folders = {}

    def make(installed):
        if installed not in folders:
            distributions = required(installed)
            folder = tmp_path_factory.mktemp("environment")
            venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
            python = folder / "bin" / "python"
            for each in distributions.values():
                link(each, python, next(folder.glob("lib/python*/site-packages")))
            (folder / "bin" / "benchnn").write_text(SCRIPT.format(python=python))
            (folder / "bin" / "benchnn").chmod(0o755)
            folders[installed] = folder
        return folders[installed]

    return make


@pytest.fixture
def run(made, tmp_path):
    """Run a command line in the empty folder of the test: ``run("benchnn doctor", ("benchnn[mpi]",))``."""

    def call(command, installed=()):
        own, others = str(made(installed) / "bin"), os.environ["PATH"].split(os.pathsep)
        path = [own, *(folder for folder in others if Path(folder) != Path(sys.executable).parent)]
        environment = {**os.environ, "PATH": os.pathsep.join(path), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
        return done

    return call


def parameters(*markers):
    """Each command of the sequences, with what they install."""
    return [(command, sequence(marker)[0]) for marker in markers for command in sequence(marker)[1]]


ENVIRONMENTS = {
    (): {"numba"},
    ("benchnn[report]",): {"numba", "matplotlib"},
    ("benchnn[mpi]", "mpich"): {"numba", "mpi4py"},
    # NEST's wheel requires matplotlib.
    ("benchnn[nest,brian2]",): {"numba", "matplotlib", "nest", "brian2"},
}
"""What the sequences install, and which of these packages can then be imported."""


@pytest.mark.parametrize("installed", ENVIRONMENTS)
def test_an_environment_holds_what_was_installed_and_nothing_else(run, installed):
    code = "from importlib.metadata import distributions; print(*(each.name for each in distributions()))"
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in run(f"python -c '{code}'", installed).stdout.split()}
    # That of the checkout, where it was installed as editable.
    assert names - {"benchnn"} == set(required(installed))
    known = sorted(set().union(*ENVIRONMENTS.values()))
    code = f"from importlib.util import find_spec; print(*[name for name in {known} if find_spec(name)])"
    assert set(run(f'python -c "{code}"', installed).stdout.split()) == ENVIRONMENTS[installed]
    assert ("mpich" in installed) == (run("command -v mpiexec || echo none", installed).stdout.strip() != "none")


def test_every_sequence_is_one_of_these_environments():
    markers = re.findall(r"<!-- (\w+) -->", README)
    assert {sequence(marker)[0] for marker in markers} == set(ENVIRONMENTS)


def test_the_example_runs_and_its_network_is_active(run):
    code = fenced("example")
    assert len([line for line in code.splitlines() if line.strip()]) <= 25
    checked = """
for count, size in zip(result.spikes.values(), (800, 200), strict=True):
    assert 1.0 < count / size / 0.4 < 50.0
assert len(times_ms) == len(ids) >= result.spikes["E"]
"""
    run(f"python -c {shlex.quote(code + checked)}")


@pytest.mark.parametrize(("command", "installed"), parameters("commands", "ranks", "peers"))
def test_every_command_succeeds(run, command, installed):
    run(shortened(command), installed)


@pytest.mark.parametrize(("marker", "left"), [
    ("report", "results/seen/report.html"),
    ("results", "results/results.sqlite"),
    ("chips", "results/on_loihi/traffic.h5"),
])  # fmt: skip
def test_the_commands_of_a_sequence_succeed_one_after_the_other(run, tmp_path, marker, left):
    installed, commands = sequence(marker)
    for command in commands:
        run(shortened(command), installed)
    assert (tmp_path / left).exists()


def test_every_test_and_benchmark_it_names_exists():
    for path in re.findall(r"`((?:tests|benchmarks|docs)/[\w/.]+)`", README):
        assert (ROOT / path).exists(), path
