"""Columns of a Parquet file, read with pyarrow."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np

from simcore.connectivity.files.table import ABOUT, PIECE, Piece, cut, faults_named, require_columns, require_numbers
from simcore.errors import InputError, UnavailableError

BUFFER = 1 << 20
"""Bytes of a column that are read ahead."""
BATCH = PIECE // 2
"""Rows that are decoded at once; with more rows, the decoder keeps 12 MB more, measured."""


class ParquetTable:
    """An open Parquet file."""

    typed = True

    def __init__(self, path: str, file: Any) -> None:
        self._path = path
        self._file = file

    def names(self) -> list[str]:
        return list(self._file.schema_arrow.names)

    def about(self) -> str | None:
        about = (self._file.schema_arrow.metadata or {}).get(ABOUT.encode())
        return None if about is None else about.decode(errors="replace")

    def place(self, row: int) -> str:
        return f"row {row}"

    def pieces(self, names: Sequence[str], rows: range | None) -> Iterator[tuple[Piece, float]]:
        require_columns(self._path, names, self.names())
        for name in names:
            require_numbers(self._path, name, self._dtype(name))
        wanted = cut(self._file.metadata.num_rows, rows, self._path)
        # Row groups outside the requested rows are not read.
        groups: list[int] = []
        first = start = 0
        for group in range(self._file.metadata.num_row_groups):
            n = self._file.metadata.row_group(group).num_rows
            if first < wanted.stop and first + n > wanted.start:
                start = start if groups else first
                groups.append(group)
            first += n
        done = start
        # One thread decodes, because the other threads of this process are busy.
        wanted_columns = list(dict.fromkeys(names))
        batches = self._file.iter_batches(BATCH, row_groups=groups, columns=wanted_columns, use_threads=False)
        for batch in batches if groups else ():
            inside = slice(max(0, wanted.start - done), max(0, wanted.stop - done))
            columns = []
            for name in names:
                column = batch.column(name)
                if column.null_count:
                    row = done + int(np.flatnonzero(np.asarray(column.is_null()))[0])
                    raise InputError(f"cannot read {self._path}: row {row} has no value in column {name!r}")
                columns.append(_values(column)[inside])
            done += batch.num_rows
            if len(columns[0]):
                yield columns, min(1.0, (done - wanted.start) / len(wanted))

    def _dtype(self, name: str) -> object:
        kind = self._file.schema_arrow.field(name).type
        try:
            return np.dtype(kind.to_pandas_dtype())
        except (NotImplementedError, TypeError):
            return str(kind)


def _values(column: Any) -> Any:
    """Return the numbers of a pyarrow array without missing values; its own method would import pandas."""
    dtype = np.dtype(column.type.to_pandas_dtype())
    if not len(column):
        return np.empty(0, dtype)
    return np.frombuffer(column.buffers()[1], dtype, len(column), column.offset * dtype.itemsize)


@contextmanager
def opened(path: str, file: IO[bytes]) -> Iterator[ParquetTable]:
    """Open a Parquet file.

    Raises
    ------
    UnavailableError
        If pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise UnavailableError(
            f"cannot read {path}: Parquet files require pyarrow ({error}): pip install 'benchnn[parquet]'"
        ) from None
    with faults_named(path, (arrow.ArrowException,)):
        # Buffered reading, because a file can be a single group of rows.
        yield ParquetTable(path, parquet.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER))
