"""Files with columns of equal length, read in pieces; each kind of file has a module."""

import importlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tokenize import TokenError
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, UnavailableError
from simcore.values import usable_path

PIECE = 1 << 17
"""Maximum number of rows that are read at a time."""
ABOUT = "benchnn_edges"
"""Key of the JSON description that `benchnn edges` writes into a file."""
FAULTS = (
    *(OSError, LookupError, AttributeError, RuntimeError, TypeError, ValueError, ArithmeticError, MemoryError),
    *(EOFError, SyntaxError, TokenError),
)
"""Errors that libraries raise for unexpected contents of a file."""
MODULES = {
    ".npz": "npz",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".h5": "hdf5",
    ".hdf5": "hdf5",
    ".parquet": "parquet",
    ".pq": "parquet",
}
"""File name endings, and the module that reads each kind."""

Piece = list[npt.NDArray[Any]]
"""Values of each column, integers or reals in any byte order."""


class Table(Protocol):
    """An open file."""

    typed: bool
    """Whether columns have types; a text file does not distinguish integers from reals."""

    def names(self) -> list[str]:
        """Names of the columns."""
        ...

    def about(self) -> str | None:
        """Return the description under `ABOUT`, or None."""
        ...

    def pieces(self, names: Sequence[str], rows: range | None) -> Iterator[tuple[Piece, float]]:
        """Yield some columns in pieces, with the share of the file read so far; `rows` limits the rows.

        A piece has at most `PIECE` rows.

        Raises
        ------
        InputError
            If a column is missing or does not contain numbers, or the columns have different lengths.
        """
        ...

    def place(self, row: int) -> str:
        """Describe the place of a row: ``row 7`` (counted from 0), or ``line 9`` of a text file (from 1)."""
        ...


def suffix_of(path: object) -> str:
    """Return the file name ending that determines the kind of file.

    Raises
    ------
    InputError
        If the ending is unknown.
    """
    name = usable_path(path, "edge file").name.lower()
    for suffix in MODULES:
        if name.endswith(suffix):
            return suffix
    raise InputError(f"edge file = {os.fspath(str(path))!r} is not allowed: its name must end in {', '.join(MODULES)}")


@contextmanager
def opened(path: str) -> Iterator[Table]:
    """Open a file for reading; all errors are InputErrors that name the file."""
    module = importlib.import_module(f"simcore.connectivity.files.{MODULES[suffix_of(path)]}")
    with faults_named(path):
        if os.path.isdir(path):
            raise InputError(f"cannot read {path}: it is a folder")
        with open(path, "rb") as file, module.opened(path, file) as table:
            yield table


@contextmanager
def faults_named(path: str, faults: tuple[type[Exception], ...] = FAULTS) -> Iterator[None]:
    """Convert errors of libraries to InputErrors that name the file."""
    try:
        yield
    except (InputError, UnavailableError):
        raise
    except faults as error:
        reason = error.args[0] if isinstance(error, KeyError) else getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {path}: {_first_line(str(reason)) or type(error).__name__}") from error


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def require_columns(path: str, names: Sequence[str], known: Sequence[str]) -> None:
    """Refuse columns that a file does not have."""
    for name in names:
        if name not in known:
            listed = ", ".join(list(known)[:20]) + (", ..." if len(known) > 20 else "")
            columns = f"its columns are {listed}" if listed else "it has no columns"
            raise InputError(f"cannot read {path}: it has no column {name!r}; {columns}")


def require_numbers(path: str, name: str, dtype: object) -> None:
    """Refuse a column of any type but integers and reals."""
    if not (isinstance(dtype, np.dtype) and dtype.kind in "iuf" and dtype.itemsize <= 8):
        raise InputError(f"cannot read {path}: column {name!r} has the type {dtype}, not numbers of up to 64 bits")


def require_one_length(path: str, lengths: dict[str, int]) -> int:
    """Return the length of columns, which must be equal."""
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name!r} {length}" for name, length in lengths.items())
        raise InputError(f"cannot read {path}: its columns differ in length: {listed}")
    return next(iter(lengths.values()), 0)


def cut(total: int, rows: range | None, path: str) -> range:
    """Return the rows to read of `total`."""
    if rows is None:
        return range(total)
    if rows.stop > total:
        raise InputError(f"cannot read {path}: it has {total} rows instead of {rows.stop}")
    return rows


def parts_of(path: str, about: str | None) -> dict[str, Any]:
    """Read the description of the projections that `benchnn edges` wrote to a file.

    Raises
    ------
    InputError
        If the file was not written by it.
    """
    try:
        described = json.loads(about or "")
        parts = described["projections"]
        known = all(isinstance(part[side], str) for part in parts for side in ("source", "target"))
        counts = [part[name] for part in parts for name in ("first_row", "rows")]
        known &= all(isinstance(count, int) and count >= 0 for count in counts)
        known &= all(_is_range(part[name]) for part in parts for name in ("weight", "delay_ms"))
        known &= all(isinstance(part["receptor"], str | None) for part in parts)
        known &= all(isinstance(p["name"], str) and isinstance(p["size"], int) for p in described["populations"])
    except (ValueError, LookupError, TypeError, RecursionError):
        known = False
    if not known:
        raise InputError(f"cannot read {path}: the description of projections that benchnn edges writes is missing")
    return dict(described)


def _is_range(given: object) -> bool:
    if given is None:
        return True
    numbers = isinstance(given, list) and len(given) == 2 and all(isinstance(v, int | float) for v in given)
    return numbers and bool(np.all(np.isfinite(np.array(given, dtype=np.float64))))
