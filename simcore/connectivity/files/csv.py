"""Columns of a CSV file with a line of names, separated by commas, semicolons, tabs or spaces, or compressed (.gz)."""

import gzip
import itertools
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import numpy as np

from simcore.connectivity.files.table import ABOUT, PIECE, Piece, faults_named, require_columns
from simcore.errors import InputError, shown

CHARACTERS = 1 << 22
"""Number of bytes that are parsed at a time, and maximum length of a line."""
SEPARATORS = (",", ";", "\t")
COMMENT = "#"


class CsvTable:
    """An open text file."""

    typed = False

    def __init__(self, path: str, text: IO[bytes], file: IO[bytes]) -> None:
        self._path = path
        self._text = text
        self._file = file
        self._size = max(1, os.fstat(file.fileno()).st_size)
        self._about: str | None = None
        self._lines = 0
        header = self._header()
        self._separator = next((separator for separator in SEPARATORS if separator in header), None)
        self._names = [name.strip().strip('"') for name in header.split(self._separator)]
        self._header_line = self._lines

    def names(self) -> list[str]:
        return self._names

    def about(self) -> str | None:
        return self._about

    def place(self, row: int) -> str:
        return f"line {next(itertools.islice(self._numbers_of_rows(), row, None), 0)}"

    def _numbers_of_rows(self) -> Iterator[int]:
        """Yield the line number of each row, by reading the file again."""
        self._text.seek(0)
        for number, line in enumerate(self._text, 1):
            if number > self._header_line and line.partition(COMMENT.encode())[0].strip():
                yield number

    def pieces(self, names: Sequence[str], rows: range | None) -> Iterator[tuple[Piece, float]]:
        require_columns(self._path, names, self._names)
        places = [self._names.index(name) for name in names]
        done = 0
        for lines in self._chunks():
            values = self._parsed(lines, places)
            self._lines += len(lines)
            share = self._file.tell() / self._size
            low, high = (0, len(values)) if rows is None else (max(0, rows.start - done), max(0, rows.stop - done))
            done += len(values)
            for first in range(low, min(high, len(values)), PIECE):
                piece = values[first : min(high, first + PIECE)]
                yield list(np.ascontiguousarray(piece.T)), share
            if rows is not None and done >= rows.stop:
                return
        if rows is not None and done < rows.stop:
            raise InputError(f"cannot read {self._path}: it has {done} rows instead of {rows.stop}")

    def _header(self) -> str:
        """Read the line of names, and the description in the comments before it, if there is one."""
        while True:
            raw = self._text.readline(CHARACTERS)
            self._lines += 1
            line = raw.decode("utf-8-sig" if self._lines == 1 else "utf-8").strip()
            if not raw:
                raise InputError(f"cannot read {self._path}: the line with the column names is missing")
            if line.startswith(f"{COMMENT} {ABOUT} "):
                self._about = line.partition(ABOUT)[2].strip()
            elif line and not line.startswith(COMMENT):
                break
        if all(_is_number(word) for word in line.replace(",", " ").replace(";", " ").split()):
            found = f"line {self._lines} is {shown(line)}"
            raise InputError(f"cannot read {self._path}: {found}, but must contain the column names")
        return line

    def _chunks(self) -> Iterator[list[str]]:
        """Yield the remaining lines, some megabytes at a time."""
        kept = b""
        while content := self._text.read(CHARACTERS):
            whole, newline, kept_now = (kept + content).rpartition(b"\n")
            if not newline and len(kept_now) > CHARACTERS:
                raise InputError(f"cannot read {self._path}: line {self._lines + 1} is longer than {CHARACTERS} bytes")
            kept = kept_now
            if newline:
                yield whole.replace(b"\r", b"").decode().split("\n")
        if kept.strip():
            yield [kept.decode()]

    def _parsed(self, lines: list[str], places: list[int]) -> np.ndarray:
        """Parse the values of some columns, shape (rows, columns)."""
        options = {"delimiter": self._separator, "usecols": places, "ndmin": 2, "comments": COMMENT}
        if not any(line.strip() for line in lines):
            return np.zeros((0, len(places)))
        try:
            return np.loadtxt(lines, dtype=np.float64, **options)  # type: ignore[call-overload,no-any-return]
        except (ValueError, IndexError) as error:
            for number, line in enumerate(lines):
                content = line.partition(COMMENT)[0].strip()
                words = content.split(self._separator)
                if content and not all(place < len(words) and _is_number(words[place]) for place in places):
                    found = f"line {self._lines + number + 1} is {shown(line)}, not {len(self._names)} numbers"
                    raise InputError(f"cannot read {self._path}: {found}") from None
            raise InputError(f"cannot read {self._path}: after line {self._lines}: {error}") from None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


@contextmanager
def opened(path: str, file: IO[bytes]) -> Iterator[CsvTable]:
    """Open a text file."""
    with faults_named(path, (zlib.error,)):
        yield CsvTable(path, gzip.GzipFile(fileobj=file) if path.lower().endswith(".gz") else file, file)  # type: ignore[arg-type]
