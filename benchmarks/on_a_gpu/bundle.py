"""Packages for a machine without network access: download them as wheels elsewhere, and install them there."""

import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from installed_revisions import ComparisonError, tree_files

from on_a_gpu.errors import ScriptError

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "gpu_bundle"
NEEDED = ("numba", "llvmlite", "h5py", "nvidia-ml-py")
"""Packages to download; CuPy includes NumPy as a dependency."""
BROUGHT = ("numpy",)
"""Packages that the resolver also downloads, but that CuPy contains."""
PLATFORMS = tuple(f"manylinux{tag}_x86_64" for tag in ("_2_28", "_2_27", "_2_17", "2014", "1"))
LIMIT_BYTES = 60 * 2**20
"""Maximum size of the tree and the wheels together; 64 MiB can be carried."""


def pack(folder: Path, python: str) -> None:
    """Download the wheels into a folder, and compress them to the size limit.

    Parameters
    ----------
    folder
        The folder, which is replaced.
    python
        Version of the Python of the machine with the GPU.

    Raises
    ------
    ScriptError
        If they cannot be downloaded, or are too large together with the tree.
    """
    tree = tree_bytes()
    with tempfile.TemporaryDirectory(prefix="on_a_gpu-") as name:
        _download(Path(name), python)
        for brought in BROUGHT:
            for wheel in Path(name).glob(f"{brought}-*.whl"):
                wheel.unlink()
        recompress(Path(name), LIMIT_BYTES - tree)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(name, folder)
    for wheel in sorted(folder.iterdir()):
        print(f"{wheel.stat().st_size / 2**20:6.1f} MiB  {wheel.name}")
    total = folder_bytes(folder) + tree
    print(f"{tree / 2**20:6.1f} MiB  tree\n{total / 2**20:6.1f} MiB  together, in {folder}")
    if total > LIMIT_BYTES:
        raise ScriptError(f"tree and wheels have {total / 2**20:.1f} MiB, more than {LIMIT_BYTES // 2**20}", 1)


def _download(folder: Path, python: str) -> None:
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--implementation", "cp"]
    command = [sys.executable, "-m", "pip", "download", *options, "--python-version", python, *platforms]
    done = subprocess.run([*command, "--dest", str(folder), *NEEDED], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ScriptError(f"pip cannot download the wheels: {last_line(done.stderr)}", 1)


def recompress(folder: Path, limit_bytes: int) -> None:
    """Compress wheels with LZMA, which pip can read, largest first, until all fit."""
    for wheel in sorted(folder.glob("*.whl"), key=lambda path: path.stat().st_size, reverse=True):
        if folder_bytes(folder) <= limit_bytes:
            return
        print(f"compressing {wheel.name}, which takes a few minutes", file=sys.stderr, flush=True)
        smaller = wheel.with_suffix(".partial")
        with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(smaller, "w") as new:
            for entry in old.infolist():
                content = old.read(entry)
                entry.compress_type = zipfile.ZIP_LZMA
                new.writestr(entry, content)
        smaller.rename(wheel)


def folder_bytes(folder: Path) -> int:
    """Size of the files of a folder."""
    return sum(path.stat().st_size for path in folder.iterdir())


def tree_bytes() -> int:
    """Size of this tree's files, without those that git ignores."""
    try:
        return sum((ROOT / name).lstat().st_size for name in tree_files(ROOT))
    except ComparisonError as error:
        raise ScriptError(str(error)) from error


def install(bundle: Path, site: Path, limit_s: float) -> None:
    """Install the wheels into a folder for PYTHONPATH without network.

    A virtual environment is not sufficient: many images have CuPy in a virtual environment, and an environment created
    from that one does not see it. CuPy also expects CUDA's libraries next to the packages of its own interpreter.

    Raises
    ------
    ScriptError
        If they do not fit this Python, or it has no pip.
    """
    options = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-cache-dir", "--no-compile"]
    command = [sys.executable, "-m", "pip", "install", *options, "--find-links", str(bundle), "--target", str(site)]
    try:
        done = subprocess.run([*command, *NEEDED], capture_output=True, text=True, check=False, timeout=limit_s)
    except subprocess.TimeoutExpired as error:
        raise ScriptError(f"{bundle}: pip has not installed the wheels after {limit_s:.0f} s", 1) from error
    if done.returncode != 0:
        python = f"Python {platform.python_version()}"
        raise ScriptError(f"{bundle}: pip cannot install the wheels into {python}: {last_line(done.stderr)}", 1)


def last_line(text: str) -> str:
    """The last non-blank line of a program's output."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it printed nothing")
