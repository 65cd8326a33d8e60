"""What one look at all edges of files tells before anything is built: how many, and which ids and values."""

import hashlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from simcore.connectivity.column import Column
from simcore.connectivity.moments import ColumnFacts, Extreme


@dataclass(frozen=True)
class Facts:
    """What is known of files with edges.

    Parameters
    ----------
    rows
        Number of edges.
    sources, targets
        Smallest and largest id.
    columns
        Of the columns with values, by column.
    sha256
        Digest of each file, by its path as it was given.
    seen
        Size and time of change of each file, and the process that looked.
    """

    rows: int
    sources: tuple[Extreme, Extreme]
    targets: tuple[Extreme, Extreme]
    columns: Mapping[Column, ColumnFacts]
    sha256: Mapping[str, str]
    seen: tuple[tuple[int, int, int], ...]


def digests_of(paths: list[str], pool: ThreadPoolExecutor) -> dict[str, Future[str]]:
    """The SHA-256 of files by path, computed while others look at what they contain."""

    def digest(path: str) -> str:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return {path: pool.submit(digest, path) for path in paths}
