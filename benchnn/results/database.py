"""The SQLite file of records: the text of each record, its SHA-256, its origin, and the time when it was added.

Parts of a record are not copied to columns: the view `runs` and all commands derive them from the text. The database
uses the rollback journal, which is SQLite's default: the write-ahead log requires memory that processes share, which
network and parallel file systems do not offer. On a file system without locks, where SQLite would wait forever, a lock
file of this program ensures that processes take turns.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchnn.record.lock import has_locks, held
from benchnn.record.run_keys import require_run
from benchnn.record.strict_json import parsed
from simcore.errors import InputError, WriteError

if TYPE_CHECKING:
    import sqlite3

APPLICATION_ID = 0x626E6368
"""Distinguishes this database from other SQLite files: "bnch" in ASCII."""
SCHEMA_VERSION = 1
WAIT_S = 60.0
"""Time to wait for other processes that write, while none of them makes progress, s."""
VIEW = {
    "started_utc": "provenance.started_utc",
    "model": "model.name",
    "seed": "seed",
    "simulator": "simulator.name",
    "ranks": "layout.ranks",
    "threads_per_rank": "layout.threads_per_rank",
    "host": "provenance.host",
    "model_time_ms": "time.model_time_ms",
    "real_time_factor": "real_time_factor",
    "construction_s": "wall_s.construction.max",
    "peak_rss_bytes": "memory_bytes.peak_rss.sum",
    "energy_per_synaptic_event_uj": "energy_per_synaptic_event_uj",
    "spikes": "spikes",
    "spike_digest": "spike_digest",
    "network_digest": "network_digest",
    "source_digest": "provenance.source_digest",
    "git_commit": "provenance.git_commit",
}
"""Key of the record for each column of the view `runs`."""
ENERGY_KEYS = ("energy", "energy_per_synaptic_event_uj", "energy_estimate")
"""Keys that may be added to a record after its run."""


class Added(Enum):
    """The outcome of adding a record."""

    NEW = "added"
    KNOWN = "already known"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Stored:
    """A record of the database, its file, and the time when it was added."""

    record: Mapping[str, Any]
    path: str
    added_utc: str


class Database:
    """An open database; use it as ``with opened(path) as database``."""

    def __init__(self, connection: "sqlite3.Connection", path: Path) -> None:
        self._connection = connection
        self.path = path

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Apply all or none of the changes in the block; other processes that write wait."""
        self._begin()
        try:
            yield
        except BaseException:
            # SQLite has already rolled back if the disk is full.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _begin(self) -> None:
        """Wait for the lock, which SQLite does not grant in the order of requests."""
        import sqlite3

        while True:
            before = self._version()
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or self._version() == before:
                    raise
            else:
                return

    def _version(self) -> int:
        """A number that changes when another process changes the database."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def add(self, record: Mapping[str, Any], path: Path, replace: bool = False) -> Added:
        """Add a record once: `run_id` identifies the run. Call this in a transaction.

        Parameters
        ----------
        record
            A checked record; see `benchnn.results.reading`.
        path
            Its file.
        replace
            Whether a record with added energy replaces the record without it.

        Raises
        ------
        InputError
            If the database contains the run with different content.
        """
        run_id = record["run_id"]
        rows = self._texts(run_id)
        if not rows:
            self._insert(record, path)
            return Added.NEW
        known = self._record(*rows[0])
        if known == record:
            return Added.KNOWN
        if _without_energy(known) != _without_energy(record):
            raise InputError(
                f"run {run_id} already exists with different content: {_first_difference(known, record)}; "
                f"to add this record, first use benchnn results remove {run_id}"
            )
        if record.get("energy") is None and known.get("energy") is not None:
            return Added.KNOWN
        if not replace:
            raise InputError(f"run {run_id} already exists without this energy; pass --replace to replace it")
        self._connection.execute("DELETE FROM record WHERE run_id = ?", (run_id,))
        self._insert(record, path)
        return Added.REPLACED

    def _insert(self, record: Mapping[str, Any], path: Path) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        where = str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")
        text = json.dumps(record, separators=(",", ":"), allow_nan=False)
        self._connection.execute("INSERT INTO record VALUES (?, ?, ?, ?)", (record["run_id"], text, where, now))
        # Databases of earlier versions do not have this table.
        self._connection.execute("CREATE TABLE IF NOT EXISTS digest (run_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL)")
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        self._connection.execute("INSERT OR REPLACE INTO digest VALUES (?, ?)", (record["run_id"], sha256))

    def records(self) -> list[Mapping[str, Any]]:
        """Return all records in the order of the names of their runs.

        Raises
        ------
        InputError
            If a record was changed after it was written; the message names its run.
        """
        return [self._record(*row) for row in self._texts()]

    def stored(self, run_id: str) -> Stored:
        """Return a record by its full name, which must exist.

        Raises
        ------
        InputError
            If the record was changed after it was written.
        """
        query = "SELECT path, added_utc FROM record WHERE run_id = ?"
        row, rows = self._connection.execute(query, (run_id,)).fetchone(), self._texts(run_id)
        if row is None or not rows:
            raise self._damaged(run_id)
        return Stored(self._record(*rows[0]), *row)

    def path_of(self, run_id: str) -> str:
        """Return the file from which a record was read, even of a damaged record."""
        row = self._connection.execute("SELECT path FROM record WHERE run_id = ?", (run_id,)).fetchone()
        return "" if row is None else str(row[0])

    def _texts(self, run_id: str | None = None) -> list[tuple[str, bytes, str | None]]:
        """Name, text and SHA-256 of one or all records, in the order of the names."""
        named = "SELECT count(*) FROM sqlite_master WHERE name = 'digest'"
        known = self._connection.execute(named).fetchone()[0] > 0
        sha256, joined = ("sha256", "LEFT JOIN digest USING (run_id)") if known else ("NULL", "")
        # As bytes, because damaged text may not be valid text.
        query = f"SELECT run_id, CAST(record AS BLOB), {sha256} FROM record {joined}"  # noqa: S608 - constants
        if run_id is not None:
            return self._connection.execute(f"{query} WHERE run_id = ?", (run_id,)).fetchall()
        return self._connection.execute(f"{query} ORDER BY run_id").fetchall()

    def _record(self, run_id: str, text: bytes, sha256: str | None) -> dict[str, Any]:
        if text is None or (sha256 is not None and hashlib.sha256(text).hexdigest() != sha256):
            raise self._damaged(run_id)
        try:
            record = parsed(text)
        except InputError as error:
            raise self._damaged(run_id) from error
        if not isinstance(record, dict) or record.get("run_id") != run_id:
            raise self._damaged(run_id)
        if sha256 is None:  # A record with a digest was checked when it was added.
            require_run(record, f"run {run_id} of {self.path}")
        return record

    def _damaged(self, run_id: str) -> InputError:
        return InputError(
            f"database = {str(self.path)!r} is damaged: the record of run {run_id!r} was changed; remove the "
            "file and use benchnn results add to rebuild it"
        )

    def find(self, name: str) -> str:
        """Return the full name of a run from its beginning, or from the beginning of the random digits at its end.

        Raises
        ------
        InputError
            If the name matches no run or several runs.
        """
        known = [
            run_id
            for (run_id,) in self._connection.execute(
                "SELECT run_id FROM record WHERE typeof(run_id) = 'text' ORDER BY run_id"
            )
        ]
        found = [name] if name in known else []
        found = found or [run_id for run_id in known if name and _begins(run_id, name)]
        if not found:
            reason = f"no run_id in {self.path} starts with it, nor do the random digits at the end of a run_id"
            raise InputError(f"run = {name!r} is unknown: {reason}")
        if len(found) > 1:
            listed = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
            raise InputError(f"run = {name!r} is ambiguous: it matches {len(found)} runs in {self.path}: {listed}")
        return found[0]

    def remove(self, run_id: str) -> None:
        """Remove a record from the database, but keep its file."""
        with self.transaction():
            self._connection.execute("DELETE FROM record WHERE run_id = ?", (run_id,))


@contextmanager
def opened(path: Path, make: bool = False) -> Iterator[Database]:
    """Open a database; make it if it does not exist and `make` is true.

    Raises
    ------
    InputError
        If the database does not exist, or the file is of another kind or of a newer version.
    WriteError
        If the file cannot be written to, or another process holds it too long.
    """
    if path.is_dir() or not (make or path.exists()):
        fault = "is a folder" if path.is_dir() else "does not exist; use benchnn results add to create it"
        raise InputError(f"database {path} {fault}")
    try:
        if make:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"cannot make the database {path}: {error.strerror}") from error
    locks = has_locks(path.parent)
    lock = path.absolute().with_name(f".{path.name[:100]}.lock")
    turn = nullcontext() if locks else held(lock, f"database = {str(path)!r}", WAIT_S)
    with turn, _connected(path, make, "" if locks else "&vfs=unix-none") as database:
        yield database


@contextmanager
def _connected(path: Path, make: bool, how: str) -> Iterator[Database]:
    import sqlite3

    connection = None
    try:
        address = f"{path.absolute().as_uri()}?mode={'rwc' if make else 'rw'}{how}"
        connection = sqlite3.connect(address, timeout=WAIT_S, isolation_level=None, uri=True)
        # The digest reveals damaged text.
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        database = Database(connection, path)
        if _is_empty(connection, path, make):
            with database.transaction():
                if _is_empty(connection, path, make):  # Another process may have made it in the meantime.
                    _make_schema(connection)
        yield database
    except sqlite3.OperationalError as error:
        raise WriteError(f"cannot use the database {path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise InputError(f"database {path} cannot be used: {error}") from error
    except UnicodeDecodeError as error:
        # SQLite's own message quotes damaged text.
        remedy = "remove the file and use benchnn results add to rebuild it"
        raise InputError(f"database {path} is damaged; {remedy}") from error
    finally:
        if connection is not None:
            connection.close()


def _is_empty(connection: "sqlite3.Connection", path: Path, make: bool) -> bool:
    """Whether the tables must still be made; files of other programs and newer versions are refused."""
    # In one transaction, because another process may make the database between two of them.
    within = nullcontext() if connection.in_transaction else _one_moment(connection)
    with within:
        application, version, tables = (
            connection.execute(query).fetchone()[0]
            for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
        )
    empty = application == version == tables == 0
    if empty and not make:
        # The disk was full when the database was made, or the process was killed.
        raise InputError(f"database {path} is empty; use benchnn results add to create it")
    if application != APPLICATION_ID and not empty:
        raise InputError(f"{path} is not a database of benchnn results")
    if version > SCHEMA_VERSION:
        raise InputError(f"database {path}: version {version} is not allowed: must be {SCHEMA_VERSION}")
    return bool(empty)


@contextmanager
def _one_moment(connection: "sqlite3.Connection") -> Iterator[None]:
    """A transaction for consistent reading."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _make_schema(connection: "sqlite3.Connection") -> None:
    paths = {name: "$" + "".join(f'."{part}"' for part in key.split(".")) for name, key in VIEW.items()}
    columns = ", ".join(f"json_extract(record, '{path}') AS {name}" for name, path in paths.items())
    for statement in (
        "CREATE TABLE IF NOT EXISTS record "
        "(run_id TEXT PRIMARY KEY, record TEXT NOT NULL, path TEXT NOT NULL, added_utc TEXT NOT NULL)",
        # A view cannot have parameters; the names are constants of this file.
        f"CREATE VIEW IF NOT EXISTS runs AS SELECT run_id, {columns}, path, added_utc FROM record",  # noqa: S608
        f"PRAGMA application_id = {APPLICATION_ID}",
        f"PRAGMA user_version = {SCHEMA_VERSION}",
    ):
        connection.execute(statement)


def _begins(run_id: str, name: str) -> bool:
    return run_id.startswith(name) or run_id.rpartition("-")[2].startswith(name)


def _without_energy(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without energy, and without reasons for missing energy."""
    rest = {key: value for key, value in record.items() if key not in ENERGY_KEYS}
    reasons = record.get("reasons")
    if isinstance(reasons, Mapping):
        rest["reasons"] = {key: why for key, why in reasons.items() if key.partition(".")[0] not in ENERGY_KEYS}
    return rest


def _first_difference(known: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    from benchnn.record.keys import flat, value_text

    before, now = dict(flat(_without_energy(known))), dict(flat(_without_energy(record)))
    missing = object()
    key = next(key for key in (*before, *now) if before.get(key, missing) != now.get(key, missing))
    was, is_now = (value_text(part[key]) if key in part else "missing" for part in (before, now))
    return f"{key} was {was}, is {is_now}"
