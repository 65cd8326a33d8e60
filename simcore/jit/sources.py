"""Sources of kernels and their hash: machine code that was made from other sources is not used again.

Numba looks at the file of a function, but not at the files that it imports. Which of them end up in a kernel is hard to
tell, so the hash covers all of the package, those of the GPU included.
"""

from collections.abc import Callable
from pathlib import Path

from simcore.registry.files import sources_sha256

Gather = Callable[[tuple[int, str]], list[tuple[int, str]]]

PACKAGE = Path(__file__).parents[1]
SUFFIXES = (".py", ".cu", ".cuh")

_known: dict[Path, str] = {}
"""Hashes of packages; what is loaded does not change while a process runs."""


def source_files(package: Path) -> dict[str, Path]:
    """All sources in the folder of a package and below it, by their paths relative to it."""
    # One pass: a pattern for each suffix would list every folder once more.
    paths = (path for path in package.rglob("*") if path.suffix in SUFFIXES)
    return {path.relative_to(package).as_posix(): path for path in paths}


def package_hash(package: Path = PACKAGE) -> str:
    """Hash of all sources of a package; read once by a process."""
    if package not in _known:
        _known[package] = sources_sha256(source_files(package))
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
