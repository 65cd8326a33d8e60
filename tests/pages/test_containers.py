"""The container files agree with each other, copy what an installation needs, and their install lines succeed.

No container is built: the lines run in a virtual environment that has the required packages already, so that pip needs
no network, on the files that the container files copy and no others.
"""

import os
import re
import shlex
import shutil
import subprocess
import sysconfig

import pytest
from environments import ROOT, make_environment
from page_blocks import block

CONTAINERS = ROOT / "containers"
PAGE = ROOT / "docs" / "guides" / "cluster.md"
FOLDER = "/opt/benchnn"
"""Where the sources are in a container."""


def docker_steps():
    """Instructions of the Dockerfile: pairs of a name and its text."""
    lines = (CONTAINERS / "Dockerfile").read_text().splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line and not line.startswith("#")]


def apptainer_sections():
    """Lines of each section of the definition file by its name; the head has the name ''."""
    sections: dict[str, list[str]] = {"": []}
    name = ""
    for line in (CONTAINERS / "apptainer.def").read_text().splitlines():
        if line.startswith("%"):
            name = line[1:].strip()
            sections[name] = []
        elif line.strip() and not line.startswith("#"):
            sections[name].append(line.strip())
    return sections


def docker_copies():
    """Each file or folder that is copied, and where to."""
    found = {}
    for name, text in docker_steps():
        if name == "COPY":
            *sources, target = text.split()
            into = target.endswith("/")
            found |= {source: f"{target.rstrip('/')}/{source}" if into else target for source in sources}
    return found


def install_lines():
    return [text for name, text in docker_steps() if name == "RUN"]


def test_both_files_have_the_same_base_the_same_files_and_the_same_steps():
    steps, sections = docker_steps(), apptainer_sections()
    base = dict(line.split(": ") for line in sections[""])
    assert base == {"Bootstrap": "docker", "From": dict(steps)["FROM"]}
    assert dict(line.split() for line in sections["files"]) == docker_copies()
    assert sections["post"] == install_lines()
    assert sections["runscript"] == ['exec benchnn "$@"'] and dict(steps)["ENTRYPOINT"] == '["benchnn"]'
    assert [name for name, _ in steps] == ["FROM", *["COPY"] * 4, *["RUN"] * 2, "WORKDIR", "ENTRYPOINT"]


def test_the_python_of_the_base_is_one_that_the_package_allows():
    version = re.search(r"python:3\.(\d+)-", dict(docker_steps())["FROM"]).group(1)
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text() and int(version) >= 11


def test_the_commands_of_the_guide_name_these_files():
    lines = block(PAGE, "container").lines
    assert [line.split()[:2] for line in lines] == [
        ["docker", "build"], ["docker", "run"], ["apptainer", "build"], ["apptainer", "run"], ["srun", "--mpi=pmi2"],
    ]  # fmt: skip
    named = [word for line in lines for word in shlex.split(line) if word.startswith("containers/")]
    assert named == ["containers/Dockerfile", "containers/apptainer.def"]
    comments = [re.findall(r"^# (\w+ build.*)$", (ROOT / one).read_text(), re.MULTILINE) for one in named]
    assert comments == [[lines[0]], [lines[2]]]


@pytest.mark.skipif(sysconfig.get_platform() != "linux-x86_64", reason="the wheels of mpich are for x86-64")
def test_the_install_lines_succeed_on_the_copied_files(tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    for source, target in docker_copies().items():
        to, ignored = sources / target.removeprefix(f"{FOLDER}/"), shutil.ignore_patterns("__pycache__")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to, symlinks=True, ignore=ignored)
        else:
            shutil.copy(ROOT / source, to)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    python = make_environment(tmp_path / "made", ("benchnn[mpi,report]", "mpich"), ("pip", "setuptools"))
    environment |= {
        "PATH": f"{python.parent}{os.pathsep}{environment['PATH']}",
        # Everything else is there already; building needs no other environment.
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    printed = ""
    for line in [*install_lines(), 'set -- --version; exec benchnn "$@"']:
        line = line.replace(FOLDER, str(sources))
        done = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        printed += done.stdout
    assert re.search(r"^Successfully installed benchnn-\S+$", printed, re.MULTILINE)
    assert re.search(r"^benchnn \d+\.\d+\.\d+$", printed, re.MULTILINE)
    assert ["matplotlib", "yes"] in [line.split()[:2] for line in printed.splitlines()]
