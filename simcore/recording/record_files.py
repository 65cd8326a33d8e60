"""Files of equal records with a checksum in the header, written and read in blocks."""

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, ResourceError
from simcore.recording.files import NO_SPACE, replaced_file

VERSION = 1
HEADER = struct.Struct("<8sQQQQ32s")
"""Header: magic, version, two numbers, number of records, SHA-256 of the records."""


@dataclass(frozen=True)
class RecordFile:
    """File of records.

    Parameters
    ----------
    path
        The file, in an existing folder.
    magic
        Eight bytes that identify the kind of file.
    numbers
        Two numbers of the header, which identify the contents.
    label
        Description of the numbers for messages, such as ``"steps {} to {}"``.
    dtype
        Type of a record.
    what
        Name of the records, for messages.
    """

    path: Path
    magic: bytes
    numbers: tuple[int, int]
    label: str
    dtype: np.dtype[Any]
    what: str

    def write(self, blocks: Iterable[npt.NDArray[Any]]) -> int:
        """Write records in blocks, replacing an existing file when the new one is complete; return their number.

        Raises
        ------
        InputError
            If the file cannot be written (`ResourceError` if the disk is full).
        """
        checksum, count = hashlib.sha256(), 0
        with replaced_file(self.path) as aside, aside.open("wb") as file:
            file.seek(HEADER.size)
            for records in blocks:
                content = records.view(np.uint8).data
                checksum.update(content)
                file.write(content)
                count += len(records)
            file.seek(0)
            file.write(HEADER.pack(self.magic, VERSION, *self.numbers, count, checksum.digest()))
        return count

    def check_header(self) -> int:
        """Compare header and length with the expected ones; return the number of records.

        Raises
        ------
        InputError
            If they differ; names the file and the reason.
        """
        with self._opened() as (_, count, _):
            return count

    def records(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Yield the records in order, at most `size` at a time; the checksum is compared at the end.

        Raises
        ------
        InputError
            If the file is missing or damaged; names the file and the reason.
        """
        with self._opened() as (file, count, expected):
            checksum = hashlib.sha256()
            for first in range(0, count, size):
                records = np.fromfile(file, dtype=self.dtype, count=min(size, count - first))
                checksum.update(records.view(np.uint8).data)
                yield records
            if checksum.digest() != expected:
                raise self.damage(f"its {self.what} do not match the checksum in its header")

    def damage(self, reason: str) -> InputError:
        """Return the error for a file that cannot be used."""
        return InputError(f"cannot read {self.path}: {reason}")

    @contextmanager
    def _opened(self) -> Iterator[tuple[BinaryIO, int, bytes]]:
        """Yield the file at its first record, the number of records and their checksum, after checking the header."""
        with named_faults("read", self.path), self.path.open("rb") as file:
            header, size = file.read(HEADER.size), os.fstat(file.fileno()).st_size
            if len(header) < HEADER.size:
                raise self.damage(f"it has only {size} bytes, fewer than a header")
            magic, version, first, second, count, checksum = HEADER.unpack(header)
            if (magic, version) != (self.magic, VERSION):
                raise self.damage(f"it is not a part file of version {VERSION}")
            if (first, second) != self.numbers:
                raise self.damage(f"its header is for {self.label.format(first, second)}")
            expected = HEADER.size + count * self.dtype.itemsize
            if size != expected:
                raise self.damage(f"it has {size} bytes instead of {expected}")
            yield file, count, checksum


def delete(path: Path) -> None:
    """Delete a file if it exists."""
    with named_faults("remove", path):
        path.unlink(missing_ok=True)


@contextmanager
def named_faults(action: str, path: Path) -> Iterator[None]:
    """Convert system errors to InputErrors (`ResourceError` if the disk is full) that name the path."""
    try:
        yield
    except OSError as error:
        kind = ResourceError if error.errno in NO_SPACE else InputError
        raise kind(f"cannot {action} {path}: {error.strerror or error}") from error
