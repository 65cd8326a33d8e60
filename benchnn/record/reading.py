"""Reads record files: strict JSON, of a schema version that this program knows, with errors that name the file."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from benchnn.record.allowed import ANY, Allowed, require_allowed
from benchnn.record.folder import RECORD
from benchnn.record.keys import reason_of, value_of
from benchnn.record.result import SCHEMA_VERSION
from benchnn.record.run_keys import require_run
from benchnn.record.strict_json import parsed
from simcore.errors import InputError

NEEDED = ("model.name", "layout.ranks", "provenance.started_utc")
"""Keys without which a file is not the record of a run."""
NUMBERS = ("real_time_factor", "spikes", "synaptic_events", "model.neurons", "time.model_time_ms")
"""Keys of a run with which listings and tables calculate, and which are numbers or null."""
LONGEST_NAME = 200
NO_REASON = "the record does not say why"


@dataclass(frozen=True)
class Record:
    """A JSON object of a file, or a part of one, whose keys may be absent, null or of another type.

    Keys are those of `benchnn.record.keys`. A value of another type than asked for raises `InputError`, which names the
    file and the key.

    Parameters
    ----------
    values
        The object.
    path
        Its file.
    prefix
        Dotted key of the part; empty for the whole.
    """

    values: Mapping[str, Any]
    path: Path
    prefix: str = ""

    def get(self, key: str) -> Any:
        """The value under a dotted key; None if there is none."""
        return value_of(self.values, key)

    def number(self, key: str) -> float | None:
        """A finite number, or None where the record has none."""
        found = self.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float):
            self._refuse(key, "a number")
        value = float(found) if abs(found) < 1e300 else math.inf
        return value if math.isfinite(value) else self._refuse(key, "a finite number")

    def text(self, key: str) -> str | None:
        """A text, or a number or truth value as text; None where the record has none."""
        found = self.get(key)
        if isinstance(found, Mapping | list):
            self._refuse(key, "a text")
        return None if found is None else str(found)

    def flag(self, key: str) -> bool:
        """Whether a truth value is true; false where the record has none."""
        return self.get(key) is True

    def part(self, key: str) -> "Record":
        """The object under a key; empty where the record has none."""
        found = self.get(key)
        if found is not None and not isinstance(found, Mapping):
            self._refuse(key, "an object")
        return Record(found or {}, self.path, f"{self.prefix}{key}.")

    def parts(self, key: str) -> "list[Record]":
        """The objects of a list; empty where the record has none."""
        found = self.list(key)
        if not all(isinstance(entry, Mapping) for entry in found):
            self._refuse(key, "a list of objects")
        return [Record(entry, self.path, f"{self.prefix}{key}.{index}.") for index, entry in enumerate(found)]

    def list(self, key: str) -> "list[Any]":
        """A list; empty where the record has none."""
        found = self.get(key)
        if found is not None and not isinstance(found, list):
            self._refuse(key, "a list")
        return list(found or [])

    def named_parts(self, key: str) -> "Iterator[tuple[str, Record]]":
        """The objects of an object, with their names, which may contain dots."""
        whole = self.part(key)
        for name, entry in whole.values.items():
            if not isinstance(entry, Mapping):
                self._refuse(f"{key}.{name}", "an object")
            yield name, Record(entry, self.path, f"{whole.prefix}{name}.")

    def reason(self, key: str) -> str:
        """Why the value of a key, or of what it is part of, is null."""
        return reason_of(self.values, key) or NO_REASON

    def _refuse(self, key: str, kind: str) -> NoReturn:
        raise InputError(f"cannot use {self.path}: {self.prefix}{key} is not {kind}")


def read_record(path: Path, version: int, allowed: Allowed = ANY) -> Record:
    """Read the record of a run or a study.

    Parameters
    ----------
    path
        The file.
    version
        The ``schema_version`` of such records that this program knows.
    allowed
        The values that its keys may have, see `benchnn.record.allowed`; anything by default.

    Raises
    ------
    InputError
        If the file cannot be read, is not such a record, or has a value that none can have; names the file and the
        reason.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        # A pipe would be waited for.
        raise InputError(f"cannot read {path}: it is not a file")
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        values = parsed(text)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(values, dict):
        raise InputError(f"{path}: it is no record, which is a JSON object")
    if "schema_version" not in values:
        raise InputError(f"{path}: it is no record: it has no schema_version")
    found = values["schema_version"]
    if type(found) is not int or found != version:
        raise InputError(f"{path}: its schema_version is {found!r}, this program knows {version}")
    require_allowed(values, allowed, str(path))
    return Record(values, path)


def read_run(path: Path) -> Record:
    """Read the record of a run; it has a name, and `NEEDED` and `NUMBERS` are what they should be.

    Parameters
    ----------
    path
        The file, or the folder of a result.

    Raises
    ------
    InputError
        If there is none; names the file and the reason.
    """
    path = path / RECORD if path.is_dir() else path
    record = read_record(path, SCHEMA_VERSION)
    if "run_id" not in record.values:
        raise InputError(f"{path}: it is no record of a run: it has no run_id")
    run_id = record.values["run_id"]
    if not (isinstance(run_id, str) and 0 < len(run_id) <= LONGEST_NAME and run_id.isprintable()):
        raise InputError(f"{path}: its run_id is no text of 1 to {LONGEST_NAME} printable characters")
    missing = next((key for key in NEEDED if record.get(key) is None), None)
    if missing is not None:
        raise InputError(f"{path}: it is no record of a run: {missing} is missing")
    for key in NUMBERS:
        record.number(key)
    require_run(record.values, str(path))
    return record
