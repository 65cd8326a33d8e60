"""Reading values from a record whose keys may be absent, null or, in a damaged file, of another type."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from simcore.errors import InputError

NO_REASON = "the record does not say why"


@dataclass(frozen=True)
class Record:
    """A JSON object, or a part of one.

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
        """The value under a dotted key; None if there is none. A name that contains dots is found, too."""
        if key in self.values:
            return self.values[key]
        found: Any = self.values
        for name in key.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

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
        told = self.part("reasons").values
        names = key.split(".")
        for length in range(len(names), 0, -1):
            why = told.get(".".join(names[:length]))
            if isinstance(why, str):
                return why
        return NO_REASON

    def _refuse(self, key: str, kind: str) -> NoReturn:
        raise InputError(f"cannot use {self.path}: {self.prefix}{key} is not {kind}")


def read_record(path: Path) -> Record:
    """Read a record.

    Raises
    ------
    InputError
        If the file cannot be read or holds no JSON object.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"cannot use {path}: it is damaged: {error}") from error
    if not isinstance(values, dict):
        raise InputError(f"cannot use {path}: it is no record, which is a JSON object")
    return Record(values, path)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
