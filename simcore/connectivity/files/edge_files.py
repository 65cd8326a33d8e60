"""Rule with edges in files."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.column import Column
from simcore.connectivity.explicit import LARGEST_ID, Explicit
from simcore.connectivity.files.progress import tell
from simcore.connectivity.files.scan import Facts, digests_of
from simcore.connectivity.files.table import Piece, opened, parts_of, suffix_of
from simcore.connectivity.listed import Block, ListedRule
from simcore.connectivity.moments import Ends, Extreme, Moments
from simcore.connectivity.rule import IntArray, Rule, Wiring
from simcore.errors import InputError, integer, keywords_known, require, truth
from simcore.values import plain_text, usable_path

FilesLike = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@keywords_known
@dataclass(frozen=True, eq=False)
class EdgeFiles(ListedRule):
    """Edges in files, one in each row. Files are read in pieces, and each rank keeps the edges to its own neurons.

    Parameters
    ----------
    files
        Path of a file, or of several whose rows follow one another: ``.npz``, ``.csv``, ``.csv.gz``, ``.h5``,
        ``.hdf5``, or ``.parquet`` (which needs pyarrow).
    source, target
        Names of the columns with the population-local ids of the neurons, integers from 0 on. In an HDF5 file a name
        may be a path.
    part
        Number of the projection in a file that `benchnn edges` wrote, from 0 on; all rows by default.
    unique
        Whether two edges between the same two neurons are refused; the check takes 8 bytes per edge.

    Raises
    ------
    InputError
        If a path, the name of a column or the number of a part is not allowed.

    Notes
    -----
    Weights and delays are a `Column` of the files, or a constant or distribution of the projection, from which each
    edge draws one value. Files are read and checked once when the network is described, and read twice when it is
    constructed. They must not change until then.

    Examples
    --------
    >>> from simcore.network import Column, EdgeFiles, Projection
    >>> brain = EdgeFiles("brain.parquet", source="pre", target="post")
    >>> Projection("N", "N", brain, weight=Column("count", 0.275), delay_ms=1.8).rule.files
    ('brain.parquet',)
    """

    files: FilesLike
    source: str = "source"
    target: str = "target"
    part: int | None = None
    unique: bool = False
    _facts: dict[frozenset[Column], Facts] = field(default_factory=dict, init=False, repr=False)
    _sha256: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    name = "edge_files"

    def __post_init__(self) -> None:
        several = isinstance(self.files, Sequence) and not isinstance(self.files, str)
        given = list(self.files) if several else [self.files]  # type: ignore[arg-type]
        require(len(given) > 0, "edge_files.files", self.files, "name at least one file")
        object.__setattr__(self, "files", tuple(str(usable_path(path, "edge_files.files")) for path in given))
        for path in self.paths:
            suffix_of(path)
        for side in ("source", "target"):
            name = getattr(self, side)
            named = isinstance(name, str) and name != ""
            require(named, f"edge_files.{side}", name, "use a column name")
            object.__setattr__(self, side, plain_text(name))
        if self.part is not None:
            object.__setattr__(self, "part", integer(self.part, "edge_files.part", 0))
            require(len(given) == 1, "edge_files.files", self.files, "must be a single file if part is given")
        truth(self.unique, "edge_files.unique")

    @classmethod
    def parts(cls, path: str, number: int) -> "list[EdgeFiles]":
        """Return the parts 0 to `number` - 1 of a file; its digest is computed only once.

        Parameters
        ----------
        path
            The file.
        number
            Number of its parts.

        Returns
        -------
        list of EdgeFiles
            One rule for each part.
        """
        rules = [cls(path, part=part) for part in range(number)]
        for rule in rules:
            object.__setattr__(rule, "_sha256", rules[0]._sha256)
        return rules

    @property
    def paths(self) -> list[str]:
        """Paths of the files, as given."""
        return [str(path) for path in self.files]  # type: ignore[union-attr]

    @classmethod
    def example(cls) -> Rule:
        return Explicit([0], [0])

    def check(self, wiring: Wiring, field: str) -> None:
        facts = self.facts()
        for side, ends, n in (("source", facts.sources, wiring.n_source), ("target", facts.targets, wiring.n_target)):
            for end in ends if facts.rows else ():
                allowed = f"ids must be in [0, {n - 1}]"
                if not 0 <= end.value < n:
                    where = f"{field}: column {getattr(self, side)!r} = {end.value} ({self._place(end)})"
                    raise InputError(f"{where} is not allowed: {allowed}", field, end.value)

    def expected_synapses(self, wiring: Wiring) -> float:
        return float(self.facts().rows)

    def facts(self, columns: Sequence[Column] = ()) -> Facts:
        """Scan all rows, on the first call for these columns.

        Parameters
        ----------
        columns
            Columns of weights or delays that are read too.

        Returns
        -------
        Facts
            Number of rows, smallest and largest ids, and the moments of each column.

        Raises
        ------
        InputError
            If a file cannot be read, or has impossible ids or values; names file and row or line.
        """
        wanted = frozenset(columns)
        for known, facts in self._facts.items():
            if wanted <= known:
                return facts
        self._facts[wanted] = self._scanned(sorted(wanted, key=str))
        return self._facts[wanted]

    def look(self, columns: Sequence[Column], field: str) -> None:
        self.facts(columns)

    def ends(self, column: Column) -> tuple[float, float]:
        found = self.facts((column,)).columns[column]
        ends = found.low.value, found.high.value
        return ends if np.isfinite(ends).all() else (np.nan, np.nan)

    def place(self, column: Column, value: float) -> str:
        found = self.facts((column,)).columns[column]
        return self._place(found.low if found.low.value == value else found.high)

    def _place(self, end: Extreme) -> str:
        """Describe the place of a value."""
        if end.file < 0:
            return f"description in {self.paths[0]}"
        with opened(self.paths[end.file]) as table:
            return f"{self.paths[end.file]}, {table.place(end.row)}"

    def described(self) -> dict[str, Any] | None:
        """Return the description of the part by `benchnn edges`; None without a part.

        Returns
        -------
        dict or None
            The entry of the part in the description of the file; None without `part`.

        Raises
        ------
        InputError
            If the file has no such part.
        """
        if self.part is None:
            return None
        with opened(self.paths[0]) as table:
            parts = parts_of(self.paths[0], table.about())["projections"]
        allowed = f"must be a projection of {self.paths[0]}, 0 to {len(parts) - 1}"
        require(self.part < len(parts), "edge_files.part", self.part, allowed)
        return dict(parts[self.part])

    def blocks(self, columns: Sequence[Column] = ()) -> Iterator[Block]:
        facts = self.facts(columns)
        first = 0
        for number, row, piece in self._pieces(columns):
            if row == 0:
                self._require_same(number, facts)
            sources, targets = piece[0], piece[1]
            for ids, (low, high) in ((sources, facts.sources), (targets, facts.targets)):
                if ids.min() < low.value or ids.max() > high.value:
                    raise self._changed(number)
            values = {column: _scaled(given, column) for column, given in zip(columns, piece[2:], strict=True)}
            yield Block(first, sources, targets, values)
            first += len(sources)
        if first != facts.rows:
            raise self._changed(len(self.paths) - 1)

    def values(self, value: Column | npt.NDArray[np.float64]) -> Iterator[npt.NDArray[np.float64]]:
        if not isinstance(value, Column):
            yield from super().values(value)
            return
        rows = self._rows()
        for path in self.paths:
            with opened(path) as table:
                for piece, _ in table.pieces([value.name], rows):
                    yield _scaled(piece[0], value)

    def whole(self) -> tuple[IntArray, IntArray]:
        parts = [(block.sources.astype(np.int64), block.targets.astype(np.int64)) for block in self.blocks()]
        none = np.zeros(0, dtype=np.int64)
        sources, targets = (np.concatenate([none, *(part[side] for part in parts)]) for side in (0, 1))
        return sources, targets

    def _rows(self) -> range | None:
        """Rows of the part; None for all."""
        described = self.described()
        return None if described is None else range(described["first_row"], described["first_row"] + described["rows"])

    def _pieces(self, columns: Sequence[Column]) -> Iterator[tuple[int, int, Piece]]:
        """Number of the file, first row in it, and ids (integers in this machine's byte order) and values."""
        rows = self._rows()
        names = [self.source, self.target, *(column.name for column in columns)]
        for number, path in enumerate(self.paths):
            size = os.path.getsize(path) if os.path.exists(path) else 0
            with opened(path) as table:
                row = 0 if rows is None else rows.start
                start = row
                for piece, share in table.pieces(names, rows):
                    for side in (0, 1):
                        piece[side] = self._ids(piece[side], names[side], number, row, table.typed)
                    tell(path, int(size * share), size)
                    yield number, row - start, piece
                    row += len(piece[0])

    def _ids(
        self, given: npt.NDArray[Any], name: str, file: int, row: int, typed: bool
    ) -> npt.NDArray[np.integer[Any]]:
        if given.dtype.kind == "f":
            if typed:
                problem = f"column {name!r} has the type {given.dtype}, but neuron ids must be integers"
                raise InputError(f"cannot read {self.paths[file]}: {problem}")
            wrong = np.flatnonzero(~((given == np.floor(given)) & (np.abs(given) <= LARGEST_ID)))
            if len(wrong):
                raise self._wrong(name, given[wrong[0]], file, row + int(wrong[0]), "use an integer")
            return given.astype(np.int32)
        narrow = given.dtype.itemsize < 4 or given.dtype == np.int32
        if given.size and not narrow and (given.max() > LARGEST_ID or given.min() < -LARGEST_ID):
            at = int(np.flatnonzero((given > LARGEST_ID) | (given < -LARGEST_ID))[0])
            raise self._wrong(name, given[at], file, row + at, f"ids must be at most {LARGEST_ID}")
        return given.astype(np.int32, copy=False)

    def _wrong(self, name: str, value: Any, file: int, row: int, allowed: str) -> InputError:
        where = self._place(Extreme(0.0, file, row))
        return InputError(f"column {name!r} = {value} ({where}) is not allowed: {allowed}", name, value)

    def _scanned(self, columns: list[Column]) -> Facts:
        seen = []
        for path in self.paths:
            with opened(path):
                status = os.stat(path)
                seen.append((status.st_size, status.st_mtime_ns, os.getpid()))
        described = self.described()
        sides, moments, rows = (Ends(), Ends()), {column: Moments() for column in columns}, 0
        offset = 0 if described is None else described["first_row"]
        keys: list[npt.NDArray[np.uint64]] = []
        with ThreadPoolExecutor(1) as pool:
            digests = digests_of([path for path in self.paths if path not in self._sha256], pool)
            for number, row, piece in self._pieces(columns):
                for ends, ids in zip(sides, piece[:2], strict=True):
                    ends.add(ids, number, offset + row)
                for column, given in zip(columns, piece[2:], strict=True):
                    values = _scaled(given, column)
                    moments[column].add(values, number, offset + row)
                    found = moments[column].ends
                    if not (np.isfinite(found.low.value - found.high.value) and np.isfinite(values.sum())):
                        self._require_finite(column, values, number, offset + row)
                if self.unique:
                    keys.append(_pairs(piece))
                rows += len(piece[0])
            self._sha256.update({path: digest.result() for path, digest in digests.items()})
        if self.unique:
            self._require_unique(np.concatenate([np.zeros(0, dtype=np.uint64), *keys]), offset)
        return Facts(
            rows,
            (sides[0].low, sides[0].high),
            (sides[1].low, sides[1].high),
            {column: found.facts(_described_range(described, column)) for column, found in moments.items()},
            {path: self._sha256[path] for path in self.paths},
            tuple(seen),
        )

    def _require_finite(self, column: Column, values: npt.NDArray[np.float64], file: int, row: int) -> None:
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            raise self._wrong(column.name, values[wrong[0]], file, row + int(wrong[0]), "use a finite number")

    def _require_unique(self, keys: npt.NDArray[np.uint64], offset: int) -> None:
        keys.sort()
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        if not len(twice):
            return
        key, found = keys[twice[0]], []
        for number, row, piece in self._pieces(()):
            found += [(number, offset + row + int(at)) for at in np.flatnonzero(_pairs(piece) == key)]
        first, second = (self._place(Extreme(0.0, *place)) for place in found[:2])
        pair = f"the edge from {int(key) >> 32} to {int(key) & 0xFFFFFFFF}"
        raise InputError(f"{pair} is listed twice, but edges must be unique ({first}; {second})")

    def _require_same(self, number: int, facts: Facts) -> None:
        """Refuse a file that has changed since the first scan; times of change are comparable on one host only."""
        status = os.stat(self.paths[number])
        size, changed, process = facts.seen[number]
        if status.st_size != size or (process == os.getpid() and status.st_mtime_ns != changed):
            raise self._changed(number)

    def _changed(self, number: int) -> InputError:
        return InputError(f"cannot use {self.paths[number]}: it has changed since the network was described")


def _scaled(values: npt.NDArray[Any], column: Column) -> npt.NDArray[np.float64]:
    real = values.astype(np.float64)
    return real if column.scale == 1.0 else real * column.scale


def _pairs(piece: Piece) -> npt.NDArray[np.uint64]:
    """Encode source and target of each edge in one number."""
    return (piece[0].astype(np.uint64) << np.uint64(32)) | piece[1].astype(np.uint64)


def _described_range(described: dict[str, Any] | None, column: Column) -> tuple[float, float] | None:
    """Return the range of values that the exported network could draw; it determines the unit of integer weights."""
    given = None if described is None else described.get(column.name)
    return None if given is None else (given[0] * column.scale, given[1] * column.scale)
