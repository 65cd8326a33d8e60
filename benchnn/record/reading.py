"""Read record files: strict JSON of a known schema version, with errors that name the file."""

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
"""Required keys of the record of a run."""
NUMBERS = ("real_time_factor", "spikes", "synaptic_events", "model.neurons", "time.model_time_ms")
"""Keys that are used in the computations of listings and tables; their values are numbers or null."""
LONGEST_NAME = 200
NO_REASON = "the record does not contain a reason"


@dataclass(frozen=True)
class Record:
    """A JSON object of a file, or a part of one, whose keys may be absent, null or of another type.

    Keys have the form of `benchnn.record.keys`. A value of an unexpected type raises `InputError`, which names the file
    and the key.

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
        """Return the value of a dotted key; None if the key is missing."""
        return value_of(self.values, key)

    def number(self, key: str) -> float | None:
        """Return a finite number; None if the key is missing or null."""
        found = self.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float):
            self._refuse(key, "a number")
        value = float(found) if abs(found) < 1e300 else math.inf
        return value if math.isfinite(value) else self._refuse(key, "a finite number")

    def text(self, key: str) -> str | None:
        """Return a text, or a number or truth value as text; None if the key is missing or null."""
        found = self.get(key)
        if isinstance(found, Mapping | list):
            self._refuse(key, "a text")
        return None if found is None else str(found)

    def flag(self, key: str) -> bool:
        """Return a truth value; False if the key is missing or null."""
        return self.get(key) is True

    def part(self, key: str) -> "Record":
        """Return an object; empty if the key is missing or null."""
        found = self.get(key)
        if found is not None and not isinstance(found, Mapping):
            self._refuse(key, "an object")
        return Record(found or {}, self.path, f"{self.prefix}{key}.")

    def parts(self, key: str) -> "list[Record]":
        """Return a list of objects; empty if the key is missing or null."""
        found = self.list(key)
        if not all(isinstance(entry, Mapping) for entry in found):
            self._refuse(key, "a list of objects")
        return [Record(entry, self.path, f"{self.prefix}{key}.{index}.") for index, entry in enumerate(found)]

    def list(self, key: str) -> "list[Any]":
        """Return a list; empty if the key is missing or null."""
        found = self.get(key)
        if found is not None and not isinstance(found, list):
            self._refuse(key, "a list")
        return list(found or [])

    def named_parts(self, key: str) -> "Iterator[tuple[str, Record]]":
        """Iterate over the objects in an object, with their names, which may contain dots."""
        whole = self.part(key)
        for name, entry in whole.values.items():
            if not isinstance(entry, Mapping):
                self._refuse(f"{key}.{name}", "an object")
            yield name, Record(entry, self.path, f"{whole.prefix}{name}.")

    def reason(self, key: str) -> str:
        """Return why a key, or a part of the record that contains it, is null."""
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
        The known ``schema_version`` of these records.
    allowed
        Allowed values of its keys, see `benchnn.record.allowed`; anything by default.

    Raises
    ------
    InputError
        If the file cannot be read, is not such a record, or contains an impossible value.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        # Reading a pipe would block.
        raise InputError(f"cannot read {path}: it is not a regular file")
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        values = parsed(text)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(values, dict):
        raise InputError(f"{path} is not a record: it is not a JSON object")
    if "schema_version" not in values:
        raise InputError(f"{path} is not a record: schema_version is missing")
    found = values["schema_version"]
    if type(found) is not int or found != version:
        raise InputError(f"{path}: schema_version = {found!r} is not allowed: must be {version}")
    require_allowed(values, allowed, str(path))
    return Record(values, path)


def read_run(path: Path) -> Record:
    """Read the record of a run, and check its name, `NEEDED` and `NUMBERS`.

    Parameters
    ----------
    path
        The file, or the folder of a result.

    Raises
    ------
    InputError
        If the record is missing or wrong.
    """
    path = path / RECORD if path.is_dir() else path
    record = read_record(path, SCHEMA_VERSION)
    if "run_id" not in record.values:
        raise InputError(f"{path} is not the record of a run: run_id is missing")
    run_id = record.values["run_id"]
    if not (isinstance(run_id, str) and 0 < len(run_id) <= LONGEST_NAME and run_id.isprintable()):
        raise InputError(f"{path}: run_id must be a string of 1 to {LONGEST_NAME} printable characters")
    missing = next((key for key in NEEDED if record.get(key) is None), None)
    if missing is not None:
        raise InputError(f"{path} is not the record of a run: {missing} is missing")
    for key in NUMBERS:
        record.number(key)
    require_run(record.values, str(path))
    return record
