"""The README stays true: its commands run, its links and its figures lead to what is there, and it stays short."""

import re

import pytest
from environments import ROOT, installed_by, required
from page_blocks import block, blocks_of, shortened, unmarked

PAGE = ROOT / "README.md"
README = PAGE.read_text()
IN_CONTINUOUS_INTEGRATION = ("main job", "test command")
"""Blocks that `.ci/run` runs, in an environment that pip makes."""
ENVIRONMENTS = {
    (): {"numba"},
    ("benchnn[report]",): {"numba", "matplotlib"},
    ("benchnn[mpi]", "mpich"): {"numba", "mpi4py"},
    # NEST's wheel requires matplotlib.
    ("benchnn[nest,brian2]",): {"numba", "matplotlib", "nest", "brian2"},
}
"""What the pages install, and which of these packages can then be imported."""


@pytest.mark.parametrize("installed", ENVIRONMENTS)
def test_an_environment_holds_what_was_installed_and_nothing_else(run, installed):
    code = "from importlib.metadata import distributions; print(*(each.name for each in distributions()))"
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in run(f"python -c '{code}'", installed).stdout.split()}
    # The distribution of the checkout, where it was installed as editable.
    assert names - {"benchnn"} == set(required(installed))
    known = sorted(set().union(*ENVIRONMENTS.values()))
    code = f"from importlib.util import find_spec; print(*[name for name in {known} if find_spec(name)])"
    assert set(run(f'python -c "{code}"', installed).stdout.split()) == ENVIRONMENTS[installed]
    assert ("mpich" in installed) == (run("command -v mpiexec || echo none", installed).stdout.strip() != "none")


def test_every_page_installs_one_of_these_environments():
    pages = [PAGE, *(ROOT / "docs" / "guides").glob("*.md")]
    installed = {installed_by(each.lines) for page in pages for each in blocks_of(page) if each.marker == "commands"}
    assert installed <= set(ENVIRONMENTS)


def test_every_command_of_the_readme_succeeds(run):
    commands = block(PAGE, "commands").lines
    for command in commands:
        if not command.startswith("pip install "):
            run(shortened(command), installed_by(commands))


def test_every_block_of_the_readme_is_run():
    assert unmarked(PAGE) == []
    script = (ROOT / ".ci" / "run").read_text()
    assert "block 'test command' README.md" in script
    # The parts of the main job, with the same environment for several steps.
    (job,) = block(PAGE, "main job").lines
    assert "pip install . && .venv/bin/benchnn run pd14" in job
    assert "pip install --quiet .\n" in script and "venv/bin/benchnn run pd14)" in script
    assert {each.marker for each in blocks_of(PAGE)} == {*IN_CONTINUOUS_INTEGRATION, "commands"}


def test_the_readme_is_short():
    assert len(README.splitlines()) < 150


def test_every_test_and_benchmark_it_names_exists():
    for path in re.findall(r"`((?:tests|benchmarks|docs|examples|containers)/[\w/.]+)`", README):
        assert (ROOT / path).exists(), path
