"""Install revisions of a repository into separate virtual environments with the same other packages."""

import os
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any


class ComparisonError(Exception):
    """A comparison is impossible; has a one-sentence message and the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Side:
    """An installed revision: its interpreter, its kernel cache and the folder of its last result."""

    name: str
    python: Path
    cache: Path
    result: Path


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ComparisonError("git is needed, but it is not on PATH") from error
    if done.returncode != 0:
        raise ComparisonError(f"git {arguments[0]} failed in {root}: {done.stderr.strip()}")
    return done.stdout


def resolved(root: Path, revision: str) -> str:
    """Commit of a revision."""
    _git(root, "rev-parse", "--git-dir")
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except ComparisonError as error:
        raise ComparisonError(f"BASE: {revision!r} is not a revision of the repository {root}") from error


def refuse_conflicts(root: Path) -> None:
    """Refuse a working tree in the middle of a merge."""
    names = [name for name in _git(root, "diff", "--name-only", "--diff-filter=U", "-z").split("\0") if name]
    if names:
        raise ComparisonError(f"the working tree has merge conflicts; resolve them first: {', '.join(names)}")


def working_tree(root: Path) -> dict[str, Any]:
    """Folder and commit of the candidate, and number of files that differ from the commit."""
    changed = [entry for entry in _git(root, "status", "--porcelain").splitlines() if entry]
    return {"folder": str(root), "commit": resolved(root, "HEAD"), "uncommitted_files": len(changed)}


@contextmanager
def checked_out(root: Path, commit: str, folder: Path) -> Iterator[Path]:
    """A working tree of a commit, which is always removed at the end."""
    try:
        _git(root, "worktree", "add", "--detach", "--quiet", str(folder), commit)
        yield folder
    finally:
        # A working tree that was not added need not be removed.
        remove = ["git", "-C", str(root), "worktree", "remove", "--force", str(folder)]
        subprocess.run(remove, capture_output=True, check=False)


def tree_files(root: Path) -> list[Path]:
    """Current files and links of a working tree, relative to its root, without those that git ignores.

    Raises
    ------
    ComparisonError
        If git is not installed, or cannot list them.
    """
    names = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    # A deleted file may still be in git's index; a file with a conflict is listed several times.
    present = (root / name for name in sorted(set(filter(None, names))))
    return [path.relative_to(root) for path in present if path.is_symlink() or path.is_file()]


def exported(root: Path, folder: Path) -> Path:
    """A copy of a working tree without ignored files, because a build leaves files in its folder."""
    for name in tree_files(root):
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, copy, follow_symlinks=False)
    return folder


def require_installers() -> None:
    """Refuse a Python that cannot install offline."""
    for package in ("pip", "setuptools"):
        if find_spec(package) is None:
            raise ComparisonError(f"{package} is needed to install both revisions, but is missing in {sys.executable}")


def installed(name: str, tree: Path, folder: Path) -> Side:
    """Install a source tree into a virtual environment that uses all other packages of this Python.

    A path in a ``.pth`` file comes after the environment's own packages, and ``.pth`` files in it are not read: another
    benchnn of this Python, editable or not, is not visible.

    Parameters
    ----------
    name
        Name of the side.
    tree
        The sources; building leaves files there.
    folder
        Folder in which the environment is created, in a subfolder with that name.

    Raises
    ------
    ComparisonError
        If it cannot be installed, or if its Python would import another installation.
    """
    home = folder / name
    venv.create(home, with_pip=False)
    side = Side(name, home / "bin" / "python", home / "cache", home / "result")
    purelib = Path(python_output(side, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
    shared = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (purelib / "shared_packages.pth").write_text("".join(f"{path}\n" for path in shared))
    # pip must neither download anything nor look at a benchnn among the shared packages.
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--ignore-installed")
    python_output(side, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *offline, str(tree))
    found = python_output(side, "-c", "import benchnn, simcore; print(benchnn.__file__, simcore.__file__, sep='\\n')")
    if any(not Path(path).is_relative_to(purelib) for path in found.splitlines()):
        raise ComparisonError(f"{name}: another installation comes first: {', '.join(found.splitlines())}", 1)
    return side


def python_output(side: Side, *arguments: str) -> str:
    """Return the output of a side's Python; if it fails, the last line of its errors is the reason."""
    # Neither the current folder nor PYTHONPATH may hide an installed package.
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    environment = {**inherited, "PYTHONSAFEPATH": "1", "BENCHNN_CACHE_DIR": str(side.cache)}
    command = [str(side.python), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        # A build error has many lines, none of which is sufficient.
        sys.stderr.write(done.stderr)
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ComparisonError(f"{side.name}: python {shlex.join(arguments)}: {said}", 2 if done.returncode == 2 else 1)
    return done.stdout.strip()
