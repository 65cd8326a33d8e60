"""The package that docs/extending.md shows, installed once, and programs that run with it."""

import os
import subprocess

import pytest
from packages import OWN_FILES, ROOT, Ended, install, shown_files
from ready import ready_python


@pytest.fixture(scope="session")
def kernel_cache(tmp_path_factory):
    """A folder for the machine code of plug-ins, in which that of simcore is the one that all tests share."""
    compilation = pytest.importorskip("simcore.jit.compilation")
    folder = tmp_path_factory.mktemp("cache")
    shared = compilation.cache_folder()
    if shared is not None:
        (folder / "benchnn").mkdir()
        (folder / "benchnn" / shared.name).symlink_to(shared)
    return folder


@pytest.fixture(scope="session")
def python(kernel_cache):
    """Run the interpreter with the benchnn of this checkout and what is installed in `sites`."""
    inherited = {**os.environ, "BENCHNN_CACHE_DIR": str(kernel_cache)}
    ready = ready_python(inherited)

    def run(*arguments, folder, sites=(), **variables):
        paths = os.pathsep.join(str(path) for path in (*sites, ROOT))
        added = {"PYTHONPATH": paths, **{name: str(value) for name, value in variables.items()}}
        environment = {**inherited, **added}
        command = [*ready, *[str(argument) for argument in arguments]]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def example(tmp_path_factory):
    """Folder in which the package of the page is installed."""
    sources, site = tmp_path_factory.mktemp("example"), tmp_path_factory.mktemp("site")
    for name, content in shown_files().items():
        if name not in OWN_FILES:
            (sources / name).parent.mkdir(exist_ok=True)
            (sources / name).write_text(content)
    install(sources, site)
    return site


@pytest.fixture
def benchnn(python, example, tmp_path):
    """Call the command line with the package installed: ``benchnn("doctor")``."""

    def call(*arguments, sites=(), **variables):
        return python("-m", "benchnn", *arguments, sites=(*sites, example), folder=tmp_path, **variables)

    return call
