"""Virtual environments that hold what a page installs, and nothing else, made without pip and without a network.

The distributions that `pyproject.toml` and the metadata of the installed ones require are linked from the environment
of the tests. An environment made by pip would hold the same files, but takes half a minute and a network connection
each. Continuous integration makes the plain environment with pip.
"""

import os
import shlex
import shutil
import tomllib
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from ready import ready_python

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
INSTALL = "pip install "
FORKING = """#!/bin/sh
case "$1" in
-m | -c) exec {ready} "$@" ;;
*) exec {python} "$@" ;;
esac
"""
"""Stands for an interpreter, also for runs that a study starts."""
COMMAND = """#!/bin/sh
exec {forking} -c 'import sys; sys.executable = "{forking}"; from benchnn.cli import main; sys.exit(main())' "$@"
"""


def installed_by(lines: list[str]) -> tuple[str, ...]:
    """Words after ``pip install`` in all lines that begin with it."""
    return tuple(word for line in lines if line.startswith(INSTALL) for word in shlex.split(line[len(INSTALL) :]))


def required(installed: tuple[str, ...]) -> dict[str, Distribution]:
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


def link(found: Distribution, python: Path, site_packages: Path) -> None:
    """Link the files of a distribution into an environment; scripts for Python get its interpreter."""
    for file in found.files or ():
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


def make_environment(folder: Path, installed: tuple[str, ...], tools: tuple[str, ...] = ()) -> Path:
    """Make an environment in a folder and return its interpreter; `tools` are further distributions, such as pip."""
    distributions = {**required(installed), **{name: distribution(name) for name in tools}}
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    python = folder / "bin" / "python"
    for each in distributions.values():
        link(each, python, next(folder.glob("lib/python*/site-packages")))
    return python


def add_command(python: Path, variables: dict[str, str]) -> None:
    """Give an environment the command ``benchnn``, which runs the working tree, in forks of one interpreter of it."""
    forking, command = python.with_name("forking_python"), python.with_name("benchnn")
    forking.write_text(FORKING.format(ready=shlex.join(ready_python(variables, python=python)), python=python))
    command.write_text(COMMAND.format(forking=forking))
    for script in (forking, command):
        script.chmod(0o755)
