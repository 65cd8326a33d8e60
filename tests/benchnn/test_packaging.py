"""Both ways to install: the plain and the editable one; without a network connection."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETUPTOOLS = tuple(int(part) for part in version("setuptools").split(".")[:2])

pytestmark = pytest.mark.skipif(SETUPTOOLS < (77, 0), reason="needs setuptools >= 77 to build without a network")


def pip(*arguments):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *[str(argument) for argument in arguments]]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


PRELUDE = """
import site, sys
own, dependencies = {own!r}, {dependencies!r}
finders = len(sys.meta_path)
site.addsitedir(own)
# The finder of an editable installation comes last, after the folders of the dependencies, which may hold benchnn too.
sys.meta_path[:] = sys.meta_path[finders:] + sys.meta_path[:finders]
sys.path += dependencies
"""


def python(code, site_packages, folder):
    """Run code in a new interpreter that knows `site_packages` and what benchnn depends on, but no other benchnn."""
    dependencies = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    prelude = PRELUDE.format(own=str(site_packages), dependencies=dependencies)
    command = [sys.executable, "-I", "-S", "-c", prelude + code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the sources, because setuptools leaves files in the folder that it builds."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("simcore", "benchnn", "models"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    """The wheel, built offline."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", checkout, "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder)
    return next(folder.glob("*.whl"))


RUN = """
import sys
import benchnn, benchnn.models, simcore.network
from benchnn.cli import main
print(benchnn.__file__, benchnn.models.__file__, simcore.network.__file__, file=sys.stderr)
code = main(["run", "brunel", "--param", "order=10", "--param", "epsilon=0.5", "--time", "2", "--warmup", "0",
             "--backend", "oracle", "--out", "out", "--json"])
sys.exit(code)
"""


def test_models_is_a_link():
    assert (ROOT / "benchnn" / "models").is_symlink()
    assert os.readlink(ROOT / "benchnn" / "models") == "../models"


def test_wheel_holds_every_source_once_and_nothing_else(wheel, checkout):
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    folders = (folder for package in ("simcore", "benchnn") for folder in os.walk(checkout / package, followlinks=True))
    sources = [Path(folder, name) for folder, _, files in folders for name in files]
    wanted = (".py", ".css", ".cu", ".cuh", ".sh", ".toml", ".typed")
    expected = [path.relative_to(checkout).as_posix() for path in sources if path.suffix in wanted]
    assert sorted(names) == sorted(expected)
    assert {"benchnn/models/__init__.py", "benchnn/models/pd14/network.py", "simcore/__init__.py"} <= set(names)


def test_wheel_states_and_holds_the_license(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    assert "License-Expression: BSD-3-Clause\n" in archive.read(metadata).decode()
    license_file = metadata.replace("METADATA", "licenses/LICENSE")
    assert archive.read(license_file) == (ROOT / "LICENSE").read_bytes()


@pytest.mark.thorough
def test_plain_installation(wheel, tmp_path):
    pip("install", wheel, "--no-deps", "--no-index", "--no-compile", "--target", tmp_path / "site")
    finished = python(RUN, tmp_path / "site", tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr.splitlines()[0].count(str(tmp_path / "site")) == 3
    assert '"git_commit": null' in finished.stdout
    script = (tmp_path / "site" / "bin" / "benchnn").read_text()
    assert "from benchnn.cli import main" in script and "sys.exit(main())" in script


@pytest.mark.thorough
def test_editable_installation(checkout, tmp_path):
    editable = ("--editable", checkout, "--no-deps", "--no-build-isolation", "--no-index")
    pip("install", *editable, "--prefix", tmp_path / "prefix", "--ignore-installed")
    site = next((tmp_path / "prefix").glob("lib/python*/site-packages"))
    finished = python(RUN, site, tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr.splitlines()[0].count(str(checkout)) == 3


def test_from_the_repository(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "benchnn", "--version"]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stdout) == (0, "benchnn 0.1.0\n")
