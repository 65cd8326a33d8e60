"""Sources of kernels and their hash, so that machine code from other sources is not reused.

Numba checks the file of a function, but not the files that it imports. Because it is difficult to determine which of
them affect a kernel, the hash covers the whole package, including the sources for GPUs.
"""

from collections.abc import Callable
from pathlib import Path

from simcore.registry.files import sources_sha256

Gather = Callable[[tuple[int, str]], list[tuple[int, str]]]

PACKAGE = Path(__file__).parents[1]
SUFFIXES = (".py", ".cu", ".cuh")

_known: dict[Path, str] = {}
"""Hashes of packages; loaded sources do not change while a process runs."""


def source_files(package: Path) -> dict[str, Path]:
    """Return all sources in the folder of a package and below it, by their relative paths."""
    # One pass, because a pattern for each suffix would list every folder again.
    paths = (path for path in package.rglob("*") if path.suffix in SUFFIXES)
    return {path.relative_to(package).as_posix(): path for path in paths}


def package_hash(package: Path = PACKAGE) -> str:
    """Return the hash of all sources of a package, which a process reads once."""
    if package not in _known:
        _known[package] = sources_sha256(source_files(package))
    return _known[package]


def share_package_hash(gather: Gather, rank: int, first_rank: int) -> None:
    """Read the sources on one rank of a node for all of its ranks; all ranks call this together.

    With cached files this takes 4 ms, but it opens 210 files, a fifth of all files that a rank opens including Numba's.
    If many ranks start at the same time, a shared file system has to serve all of these requests.

    Parameters
    ----------
    gather
        Function that collects the values of all ranks; see `Communicator`.
    rank, first_rank
        This rank, and the first rank of its node.
    """
    found = dict(gather((rank, package_hash() if rank == first_rank else "")))
    _known[PACKAGE] = found[first_rank]
