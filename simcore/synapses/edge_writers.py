"""Writers of edge files, one class for each kind of file."""

import gzip
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import numpy.typing as npt

from simcore.connectivity.files.csv import COMMENT
from simcore.connectivity.files.table import ABOUT, MODULES
from simcore.errors import UnavailableError

Columns = Mapping[str, npt.NDArray[Any]]
ROWS = 1 << 20
"""Number of rows in a row group of a Parquet file."""
COPIED = 1 << 20


class EdgeWriter(Protocol):
    """Writer of the rows of a file in order."""

    def write(self, columns: Columns) -> None:
        """Append rows."""
        ...


@contextmanager
def edge_writer(path: Path, suffix: str, types: Mapping[str, npt.DTypeLike], rows: int, about: str) -> Iterator[Any]:
    """Write a new file, which is complete when the block has ended.

    Parameters
    ----------
    path
        Path of the file, which need not end in the suffix.
    suffix
        Kind of file, one of `simcore.connectivity.files.table.MODULES`.
    types
        Type of each column.
    rows
        Total number of rows.
    about
        Text that the file contains under the name `ABOUT`.
    """
    kinds = {"npz": _npz, "csv": _csv, "hdf5": _hdf5, "parquet": _parquet}
    dtypes = {name: np.dtype(kind) for name, kind in types.items()}
    with kinds[MODULES[suffix]](path, suffix, dtypes, rows, about) as writer:
        yield writer


class _CsvWriter:
    def __init__(self, text: IO[bytes]) -> None:
        self._text = text

    def write(self, columns: Columns) -> None:
        # The shortest text that is read as the same number is written.
        words = [list(map(repr, column.tolist())) for column in columns.values()]
        lines = map(",".join, zip(*words, strict=True))
        self._text.write("".join(f"{line}\n" for line in lines).encode())


@contextmanager
def _csv(path: Path, suffix: str, types: Mapping[str, np.dtype[Any]], rows: int, about: str) -> Iterator[_CsvWriter]:
    with path.open("wb") as file:
        # Without time and name, so that equal edges give equal bytes.
        packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) if suffix.endswith(".gz") else None
        text: Any = packed or file
        text.write(f"{COMMENT} {ABOUT} {about}\n{','.join(types)}\n".encode())
        yield _CsvWriter(text)
        if packed is not None:
            packed.close()


class _Hdf5Writer:
    def __init__(self, datasets: Mapping[str, Any]) -> None:
        self._datasets = datasets
        self._rows = 0

    def write(self, columns: Columns) -> None:
        n = len(next(iter(columns.values())))
        for name, column in columns.items():
            self._datasets[name][self._rows : self._rows + n] = column
        self._rows += n


@contextmanager
def _hdf5(path: Path, suffix: str, types: Mapping[str, np.dtype[Any]], rows: int, about: str) -> Iterator[_Hdf5Writer]:
    import h5py

    with h5py.File(path, "w") as file:
        file.create_dataset(ABOUT, data=np.frombuffer(about.encode(), dtype=np.uint8), track_times=False)
        yield _Hdf5Writer(
            {name: file.create_dataset(name, (rows,), kind, track_times=False) for name, kind in types.items()}
        )


class _NpzWriter:
    def __init__(self, files: Mapping[str, IO[bytes]]) -> None:
        self._files = files

    def write(self, columns: Columns) -> None:
        for name, column in columns.items():
            self._files[name].write(np.ascontiguousarray(column).data)


@contextmanager
def _npz(path: Path, suffix: str, types: Mapping[str, np.dtype[Any]], rows: int, about: str) -> Iterator[_NpzWriter]:
    # The members of an archive are written sequentially.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".edges-") as folder:
        paths = {name: Path(folder, name) for name in types}
        files = {name: member.open("wb") for name, member in paths.items()}
        try:
            yield _NpzWriter(files)
        finally:
            for file in files.values():
                file.close()
        with zipfile.ZipFile(path, "w", allowZip64=True) as archive:
            for name, kind in types.items():
                with _member(archive, name, kind, (rows,)) as member, paths[name].open("rb") as held:
                    while content := held.read(COPIED):
                        member.write(content)
            text = np.array(about)
            with _member(archive, ABOUT, text.dtype, ()) as member:
                member.write(text.tobytes())


@contextmanager
def _member(archive: zipfile.ZipFile, name: str, kind: np.dtype[Any], shape: tuple[int, ...]) -> Iterator[IO[bytes]]:
    """Open a member of an archive, and write the header of a NumPy file."""
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
        head = {"descr": kind.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(member, head)  # type: ignore[no-untyped-call]
        yield member


class _ParquetWriter:
    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer, self._schema = writer, schema
        self._held: list[Columns] = []
        self._n_held = 0

    def write(self, columns: Columns) -> None:
        # Callers may reuse their arrays.
        self._held.append({name: column.copy() for name, column in columns.items()})
        self._n_held += len(next(iter(columns.values())))
        if self._n_held >= ROWS:
            self.flush()

    def flush(self) -> None:
        """Write a group of rows."""
        import pyarrow as arrow

        if not self._held:
            return
        joined = [np.concatenate([columns[name] for columns in self._held]) for name in self._schema.names]
        self._writer.write_table(arrow.table(joined, schema=self._schema))
        self._held, self._n_held = [], 0


@contextmanager
def _parquet(
    path: Path, suffix: str, types: Mapping[str, np.dtype[Any]], rows: int, about: str
) -> Iterator[_ParquetWriter]:
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise UnavailableError(f"Parquet files require pyarrow ({error}): pip install 'benchnn[parquet]'") from None
    fields = [(name, arrow.from_numpy_dtype(kind)) for name, kind in types.items()]
    schema = arrow.schema(fields, metadata={ABOUT: about})
    with parquet.ParquetWriter(str(path), schema) as written:
        writer = _ParquetWriter(written, schema)
        yield writer
        writer.flush()
