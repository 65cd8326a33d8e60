"""Results of a scan of all edges in files before network construction: their number, ids and values."""

import hashlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from simcore.connectivity.column import Column
from simcore.connectivity.moments import ColumnFacts, Extreme


@dataclass(frozen=True)
class Facts:
    """Properties of files with edges.

    Parameters
    ----------
    rows
        Number of edges.
    sources, targets
        Smallest and largest id.
    columns
        Properties of the columns with values, by column.
    sha256
        Digest of each file, by its path as given.
    seen
        Size and time of change of each file, and the process that read it.
    """

    rows: int
    sources: tuple[Extreme, Extreme]
    targets: tuple[Extreme, Extreme]
    columns: Mapping[Column, ColumnFacts]
    sha256: Mapping[str, str]
    seen: tuple[tuple[int, int, int], ...]


def digests_of(paths: list[str], pool: ThreadPoolExecutor) -> dict[str, Future[str]]:
    """Compute the SHA-256 of files by path, concurrently with the scan of their contents."""

    def digest(path: str) -> str:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return {path: pool.submit(digest, path) for path in paths}
