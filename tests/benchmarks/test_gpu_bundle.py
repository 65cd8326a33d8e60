"""Packing and installing the wheels for a machine without network."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from on_a_gpu import bundle
from on_a_gpu.__main__ import main
from on_a_gpu.bundle import BUNDLE, NEEDED, ROOT, install, pack, recompress, tree_bytes
from on_a_gpu.errors import ScriptError


def wheel_of(package, folder, content="version = 1\n", tag="py3-none-any"):
    """A wheel with one module and an entry that does not compress well."""
    name = package.replace("-", "_")
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": content,
        f"{name}.bin": os.urandom(1000).hex() * 20,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    digests = {
        path: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        for path, text in files.items()
    }
    record = "".join(f"{path},sha256={digests[path]},{len(text)}\n" for path, text in files.items())
    wheel = folder / f"{name}-1.0-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)
    return wheel


@pytest.fixture
def wheels(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    for package in NEEDED:
        wheel_of(package, folder)
    return folder


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheels_are_compressed_again_only_until_they_fit(wheels):
    (largest, *others) = sorted(wheels.iterdir(), key=lambda path: path.stat().st_size, reverse=True)
    before, sizes = contents(largest), {path: path.stat().st_size for path in wheels.iterdir()}
    recompress(wheels, sum(sizes.values()))
    assert {path: path.stat().st_size for path in wheels.iterdir()} == sizes
    recompress(wheels, sum(sizes.values()) - 1)
    assert largest.stat().st_size < sizes[largest] and contents(largest) == before
    assert all(path.stat().st_size == sizes[path] for path in others)
    assert sorted(sizes) == sorted(wheels.iterdir())


def test_compressed_wheels_install_without_network(wheels, tmp_path):
    recompress(wheels, 0)
    install(wheels, tmp_path / "site", 60)
    program = "import numba, llvmlite, h5py, nvidia_ml_py; print(numba.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / "site" / "numba.py")


def test_wheels_of_another_python_are_refused_in_one_sentence(tmp_path):
    for package in NEEDED:
        wheel_of(package, tmp_path, tag="cp27-cp27m-manylinux1_x86_64")
    with pytest.raises(ScriptError, match=r"pip cannot install the wheels into Python .*numba") as refused:
        install(tmp_path, tmp_path / "site", 60)
    assert refused.value.code == 1


def downloaded(monkeypatch, wheels):
    """Let pack find these wheels instead of the network's, and NumPy's, which CuPy brings."""
    wheel_of("numpy", wheels)
    monkeypatch.setattr(bundle, "_download", lambda folder, python: shutil.copytree(wheels, folder, dirs_exist_ok=True))


def test_packing_replaces_the_folder_and_leaves_numpy_out(monkeypatch, wheels, tmp_path, capsys):
    downloaded(monkeypatch, wheels)
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "old.whl").touch()
    assert main(["pack", "--bundle", str(folder)]) == 0
    assert sorted(path.name.split("-")[0] for path in folder.iterdir()) == ["h5py", "llvmlite", "numba", "nvidia_ml_py"]
    assert "MiB  together" in capsys.readouterr().out


def test_a_bundle_that_is_too_large_is_an_error(monkeypatch, wheels, tmp_path):
    downloaded(monkeypatch, wheels)
    monkeypatch.setattr(bundle, "LIMIT_BYTES", tree_bytes() + 1000)
    with pytest.raises(ScriptError, match="MiB, more than"):
        pack(tmp_path / "bundle", "3.12")


def test_a_bundle_that_is_not_there_is_refused(capsys, tmp_path):
    assert main(["check", "--bundle", str(tmp_path / "absent"), "--out", str(tmp_path)]) == 2
    assert "absent is not a folder; make it with: on_a_gpu.sh pack" in capsys.readouterr().err


def test_the_tree_leaves_room_for_the_wheels():
    # The wheels have the other 50 MiB.
    assert tree_bytes() < bundle.LIMIT_BYTES - 50 * 2**20


def python_312():
    """A Python 3.12 that works: those of pyenv are there, but start only where they are chosen."""
    roots = [Path(path) for path in (os.environ.get("PYENV_ROOT", ""), Path.home() / ".pyenv") if path]
    found = [str(path) for root in roots for path in sorted(root.glob("versions/3.12.*/bin/python3.12"))]
    for path in filter(None, (shutil.which("python3.12"), *found)):
        if subprocess.run([path, "-c", "import venv, pip"], capture_output=True, check=False).returncode == 0:
            return path
    return None


@pytest.mark.skipif(not BUNDLE.is_dir(), reason="no packed bundle: bash benchmarks/on_a_gpu.sh pack makes it")
def test_the_packed_wheels_install_into_an_empty_python_of_their_version(tmp_path):
    python = python_312()
    if python is None:
        pytest.skip("there is no Python 3.12")
    total = sum(path.stat().st_size for path in BUNDLE.iterdir()) + tree_bytes()
    assert total <= bundle.LIMIT_BYTES
    subprocess.run([python, "-m", "venv", str(tmp_path / "empty")], check=True, timeout=60)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from on_a_gpu.bundle import install\n"
        "install(Path(sys.argv[2]), Path(sys.argv[3]), 60)\n"
    )
    # No proxy and no index: whatever asks the network fails.
    environment = {
        "PATH": os.environ["PATH"],
        "PIP_INDEX_URL": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    words = [str(ROOT / "benchmarks"), str(BUNDLE), str(tmp_path / "site")]
    done = subprocess.run(
        [str(tmp_path / "empty" / "bin" / "python"), "-c", program, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    libraries = {path.name for path in (tmp_path / "site").iterdir()}
    assert {"numba", "llvmlite", "h5py", "pynvml.py"} <= libraries and "numpy" not in libraries
