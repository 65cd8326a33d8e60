"""Which sources a kernel's machine code is kept for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import simcore
from simcore.comm import LocalCommunicator
from simcore.jit import sources
from simcore.jit.sources import package_hash, share_package_hash, source_files
from simcore.registry.files import sources_sha256

PACKAGE = Path(simcore.__file__).parent

KERNEL = """
from numba.core.event import RecordingListener, install_listener
from plugged.kernels import twice

with install_listener("numba:compile", listener := RecordingListener()):
    result = twice(21)
print(result, len(listener.buffer) > 0)
"""


@pytest.fixture
def package(tmp_path):
    """A copy of simcore."""
    copy = tmp_path / "simcore"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_every_source_of_the_package_is_covered():
    covered = source_files(PACKAGE)
    assert {
        "neurons/iaf_psc_exp/cpu.py",
        "neurons/iaf_psc_exp/gpu.cu",
        "backends/gpu/kernels/philox.cuh",
        "neuromorphic/traffic/kernels.py",
        "network/description.py",
    } <= covered.keys()


def test_a_copy_elsewhere_has_the_same_hash(package):
    assert sources_sha256(source_files(package)) == sources_sha256(source_files(PACKAGE))


@pytest.mark.parametrize("name", ["neurons/iaf_psc_exp/cpu.py", "backends/gpu/kernels/philox.cuh", "random.py"])
def test_an_edit_of_any_source_changes_the_key(package, name):
    before = package_hash(package)
    with (package / name).open("a") as source:
        source.write("\n")
    assert sources_sha256(source_files(package)) != before


def test_a_renamed_source_changes_the_key(package):
    before = package_hash(package)
    (package / "random.py").rename(package / "other.py")
    assert sources_sha256(source_files(package)) != before


def test_sources_are_read_once_by_a_process(package):
    before = package_hash(package)
    (package / "random.py").unlink()
    assert package_hash(package) == before


def test_further_sources_change_the_key(tmp_path):
    compilation = pytest.importorskip("simcore.jit.compilation")
    plugin = tmp_path / "plugin.py"
    plugin.write_text("A = 1\n")
    keys = [compilation.kernel_fingerprint(), compilation.kernel_fingerprint({"plugin.py": plugin})]
    plugin.write_text("A = 2\n")
    keys.append(compilation.kernel_fingerprint({"plugin.py": plugin}))
    assert len(set(keys)) == 3


def test_the_processor_that_the_compiler_knows_changes_the_key(monkeypatch):
    compilation = pytest.importorskip("simcore.jit.compilation")
    before = compilation.kernel_fingerprint()
    monkeypatch.setattr("numba.config.CPU_NAME", "generic")
    assert compilation.kernel_fingerprint() != before


class Node(LocalCommunicator):
    """Rank 1 of two on a node."""

    def gather(self, value):
        return [(0, "read by rank 0"), value]


def test_the_first_rank_of_a_node_reads_the_sources(monkeypatch):
    monkeypatch.setattr(sources, "_known", {})
    monkeypatch.setattr(sources, "sources_sha256", lambda files: pytest.fail("rank 1 reads sources"))
    share_package_hash(Node().gather, rank=1, first_rank=0)
    assert package_hash() == "read by rank 0"


@pytest.mark.thorough
def test_an_edit_in_what_a_kernel_of_another_package_imports_compiles_it_again(tmp_path):
    plugged = tmp_path / "plugged"
    plugged.mkdir()
    (plugged / "__init__.py").write_text("")
    (plugged / "shared.py").write_text("FACTOR = 2\n")
    (plugged / "kernels.py").write_text(
        "from plugged.shared import FACTOR\nfrom simcore.jit.compilation import kernel\n\n"
        "@kernel\ndef twice(x):\n    return FACTOR * x\n"
    )
    paths = f"{tmp_path}:{PACKAGE.parent}"
    environment = {"PATH": "", "PYTHONPATH": paths, "BENCHNN_CACHE_DIR": str(tmp_path / "cache")}

    def run():
        command = [sys.executable, "-c", KERNEL]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.split()

    assert run() == ["42", "True"]
    assert run() == ["42", "False"]
    (plugged / "shared.py").write_text("FACTOR = 3\n")
    assert run() == ["63", "True"]
