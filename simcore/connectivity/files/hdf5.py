"""Columns in datasets of an HDF5 file; a name can be a path such as ``edges/source``."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np

from simcore.connectivity.files.table import (
    ABOUT,
    PIECE,
    Piece,
    cut,
    require_columns,
    require_numbers,
    require_one_length,
)
from simcore.errors import InputError

DEFLATED = 1032
"""Maximum ratio of uncompressed to compressed bytes with deflate (RFC 1951)."""
SMALL = 1 << 20
LARGEST_CHUNK = 1 << 28
"""Maximum bytes of a chunk, which is read as a whole."""
MOST_NAMES = 1000


class Hdf5Table:
    """An open HDF5 file."""

    typed = True

    def __init__(self, path: str, file: Any) -> None:
        self._path = path
        self._file = file

    def names(self) -> list[str]:
        import h5py

        found: list[str] = []

        def visit(name: str, item: object) -> bool | None:
            if isinstance(item, h5py.Dataset) and name != ABOUT:
                found.append(name)
            return True if len(found) >= MOST_NAMES else None

        self._file.visititems(visit)
        return found

    def about(self) -> str | None:
        import h5py

        # Bytes in a dataset: HDF5 does not return from some damaged variable-length strings, and attributes are short.
        if not isinstance(self._file.get(ABOUT), h5py.Dataset):
            return None
        about = self._dataset(ABOUT)
        return bytes(about[()]).decode(errors="replace") if about.dtype == np.uint8 else None

    def place(self, row: int) -> str:
        return f"row {row}"

    def pieces(self, names: Sequence[str], rows: range | None) -> Iterator[tuple[Piece, float]]:
        datasets = [self._dataset(name) for name in names]
        lengths = {name: dataset.shape[0] for name, dataset in zip(names, datasets, strict=True)}
        wanted = cut(require_one_length(self._path, lengths), rows, self._path)
        for first in range(wanted.start, wanted.stop, PIECE):
            after = min(first + PIECE, wanted.stop)
            yield [dataset[first:after] for dataset in datasets], (after - wanted.start) / len(wanted)

    def _dataset(self, name: str) -> Any:
        import h5py

        dataset = self._file.get(name)
        if not isinstance(dataset, h5py.Dataset):
            require_columns(self._path, [name], self.names())
            raise InputError(f"cannot read {self._path}: {name!r} is not a column of the file")
        if dataset.shape is None or len(dataset.shape) != 1:
            dimensions = 0 if dataset.shape is None else len(dataset.shape)
            raise InputError(f"cannot read {self._path}: column {name!r} has {dimensions} dimensions, not one")
        require_numbers(self._path, name, dataset.dtype)
        kept = dataset.id.get_create_plist()
        if kept.get_layout() == h5py.h5d.VIRTUAL or kept.get_external_count() > 0:
            raise InputError(f"cannot read {self._path}: the values of column {name!r} are in another file")
        stored = min(dataset.id.get_storage_size(), self._file.id.get_filesize())
        size = math.prod(dataset.shape) * dataset.dtype.itemsize
        chunk = math.prod(dataset.chunks or (0,)) * dataset.dtype.itemsize
        # A small file can claim any number of values: chunks that were never written.
        if size > DEFLATED * stored + SMALL or chunk > LARGEST_CHUNK:
            claimed = f"{size:,} bytes of values in chunks of {chunk:,}, of which the file contains {stored:,}"
            raise InputError(f"cannot read {self._path}: column {name!r} claims to hold {claimed}")
        return dataset


@contextmanager
def opened(path: str, file: IO[bytes]) -> Iterator[Hdf5Table]:
    """Open a file with Python, because HDF5 might lock it."""
    import h5py

    if not h5py.is_hdf5(path):
        raise InputError(f"cannot read {path}: it is not an HDF5 file")
    with h5py.File(file, "r") as opened_file:
        yield Hdf5Table(path, opened_file)
