"""Sources of kernels and their hash: machine code that was made from other sources is not used again.

Numba looks at the file of a function, but not at the files that it imports. Which of them end up in a kernel is hard to
tell, so the hash covers all of the package, those of the GPU included.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

Gather = Callable[[tuple[int, str]], list[tuple[int, str]]]

PACKAGE = Path(__file__).parents[1]
PATTERNS = ("*.py", "*.cu", "*.cuh")

_known: dict[Path, str] = {}
"""Hashes of packages; what is loaded does not change while a process runs."""


def source_files(package: Path) -> list[Path]:
    """All sources in the folder of a package and below it, in order."""
    return sorted(path for pattern in PATTERNS for path in package.rglob(pattern))


def hash_of(files: Iterable[Path]) -> str:
    """Hash of contents and names of files, these relative to the folder that holds them all."""
    sha = hashlib.sha256()
    ordered = sorted(files)
    folder = os.path.commonpath([path.parent for path in ordered]) if ordered else ""
    for path in ordered:
        content = path.read_bytes()
        sha.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        sha.update(content)
    return sha.hexdigest()


def package_hash(package: Path = PACKAGE) -> str:
    """Hash of all sources of a package; read once by a process."""
    if package not in _known:
        _known[package] = hash_of(source_files(package))
    return _known[package]


def share_package_hash(gather: Gather, rank: int, first_rank: int) -> None:
    """Let one rank of a node read the sources for all of them; all ranks call this together.

    From memory that takes 4 ms, but it opens 210 files, a fifth of all that a rank opens, Numba's included: where many
    ranks start at once, a shared file system has to answer them all.

    Parameters
    ----------
    gather
        Collects the values of all ranks, see `Communicator`.
    rank, first_rank
        This rank, and the first one of its node.
    """
    found = dict(gather((rank, package_hash() if rank == first_rank else "")))
    _known[PACKAGE] = found[first_rank]
