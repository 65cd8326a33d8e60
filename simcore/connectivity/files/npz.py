"""Columns of a NumPy archive (``np.savez``, ``np.savez_compressed``), read as a stream and never unpickled."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.files.table import (
    ABOUT,
    PIECE,
    Piece,
    cut,
    faults_named,
    require_columns,
    require_numbers,
    require_one_length,
)
from simcore.errors import InputError

LONGEST_TEXT = 1 << 24


class NpzTable:
    """Columns of an archive."""

    typed = True

    def __init__(self, path: str, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive

    def names(self) -> list[str]:
        return [name.removesuffix(".npy") for name in self._archive.namelist() if name.endswith(".npy")]

    def about(self) -> str | None:
        if ABOUT not in self.names():
            return None
        with self._archive.open(f"{ABOUT}.npy") as member:
            dtype, shape, _ = array_header(self._path, ABOUT, member)
            if dtype.kind != "U" or shape != () or dtype.itemsize > LONGEST_TEXT:
                return None
            text = np.frombuffer(exactly(member, dtype.itemsize, self._path), dtype)
        return str(text[0])

    def place(self, row: int) -> str:
        return f"row {row}"

    def pieces(self, names: Sequence[str], rows: range | None) -> Iterator[tuple[Piece, float]]:
        require_columns(self._path, names, self.names())
        with ExitStack() as stack, faults_named(self._path, (zipfile.BadZipFile, NotImplementedError)):
            members = [stack.enter_context(self._archive.open(f"{name}.npy")) for name in names]
            headers = [array_header(self._path, name, member) for name, member in zip(names, members, strict=True)]
            for name, (dtype, shape, _) in zip(names, headers, strict=True):
                require_numbers(self._path, name, dtype)
                if len(shape) != 1:
                    raise InputError(f"cannot read {self._path}: column {name!r} has {len(shape)} dimensions, not one")
            pairs = zip(names, headers, strict=True)
            total = require_one_length(self._path, {name: shape[0] for name, (_, shape, _) in pairs})
            wanted = cut(total, rows, self._path)
            for member, (dtype, _, _) in zip(members, headers, strict=True):
                _skip(member, wanted.start * dtype.itemsize, self._path)
            for first in range(wanted.start, wanted.stop, PIECE):
                n = min(PIECE, wanted.stop - first)
                columns: list[npt.NDArray[Any]] = []
                for member, (dtype, _, _) in zip(members, headers, strict=True):
                    columns.append(np.frombuffer(exactly(member, n * dtype.itemsize, self._path), dtype))
                yield columns, (first + n - wanted.start) / len(wanted)


def array_header(path: str, name: str, member: IO[bytes]) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    """Read type and shape of an array, and whether its first index varies fastest; `member` is then at the values."""
    with faults_named(path), warnings.catch_warnings():
        # A damaged header is parsed as Python, which may warn about backslashes.
        warnings.simplefilter("ignore")
        version = np.lib.format.read_magic(member)  # type: ignore[no-untyped-call]
        if version not in ((1, 0), (2, 0)):
            raise InputError(f"cannot read {path}: column {name!r} has NPY version {version}, not 1.0 or 2.0")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(member)  # type: ignore[no-untyped-call]
    return dtype, shape, fortran


def exactly(member: IO[bytes], size: int, path: str) -> bytes:
    """Read exactly `size` bytes of a file; raise `InputError` if there are fewer."""
    content = member.read(size)
    if len(content) < size:
        raise InputError(f"cannot read {path}: it ends too early")
    return content


def _skip(member: IO[bytes], size: int, path: str) -> None:
    while size > 0:
        size -= len(exactly(member, min(size, 1 << 20), path))


@contextmanager
def opened(path: str, file: IO[bytes]) -> Iterator[NpzTable]:
    """Open an archive."""
    with faults_named(path, (zipfile.BadZipFile, NotImplementedError)), zipfile.ZipFile(file) as archive:
        yield NpzTable(path, archive)
