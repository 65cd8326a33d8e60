"""Read JSON files of a user and check their values; errors name the file and the key."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from simcore.errors import InputError, printable, shown, suggestion


@dataclass(frozen=True)
class Section:
    """An object of a JSON file.

    Parameters
    ----------
    file
        The file.
    place
        Path of the object in the file, such as ``run`` or ``inputs.lgn``; empty for the whole file.
    values
        Its content.
    """

    file: Path
    place: str
    values: dict[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def refuse(self, key: str, allowed: str) -> NoReturn:
        """Raise an `InputError` that names the file, the key and its value."""
        found = f" = {shown(self.values[key])}" if key in self.values else " is missing"
        raise InputError(printable(f"{self.file}: {self.place_of(key)}{found}: {allowed}"), key)

    def place_of(self, key: str) -> str:
        """Path of a key of the object in the file."""
        return f"{self.place}.{key}" if self.place else key

    def known(self, keys: Sequence[str]) -> None:
        """Refuse all other keys."""
        for key in self.values:
            if key not in keys:
                self.refuse(key, f"unknown key; the supported keys are {', '.join(keys)}{suggestion(key, keys)}")

    def text(self, key: str) -> str:
        """A non-empty text."""
        value = self.values.get(key)
        if not isinstance(value, str) or value == "":
            self.refuse(key, "must be a string")
        return str(value)

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        """One of several texts."""
        value = self.text(key)
        if value not in choices:
            self.refuse(key, f"use {', '.join(choices)}")
        return value

    def number(self, key: str) -> float:
        """A finite number."""
        value = self.values.get(key)
        # The reader refuses numbers that are not finite, but accepts integers beyond the range of float64.
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e300:
            self.refuse(key, "must be a number")
        return float(value)

    def switch(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return bool(value)

    def section(self, key: str) -> "Section":
        """An object within the object; empty if missing."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, "must be an object {...}")
        return Section(self.file, self.place_of(key), value)

    def sections(self, key: str) -> Iterator["Section"]:
        """The objects of a list; none if the list is missing."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.refuse(key, "must be a list of objects [{...}]")
        for place, entry in enumerate(value):
            yield Section(self.file, f"{self.place_of(key)}[{place}]", entry)

    def members(self) -> Iterator["Section"]:
        """The objects that are the values of the object."""
        for key in self.values:
            yield self.section(key)


def read_json(path: Path) -> Section:
    """The object in a JSON file.

    Raises
    ------
    InputError
        If the file cannot be read, is not valid JSON, does not contain an object, or an object has a duplicate key.
    """
    if path.exists() and not path.is_file():
        raise InputError(printable(f"cannot read {path}: it is not a file"))
    try:
        value = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except OSError as error:
        raise InputError(printable(f"cannot read {path}: {error.strerror}")) from error
    except (ValueError, RecursionError) as error:
        raise InputError(printable(f"cannot read {path}: it is not valid JSON: {error}")) from error
    if not isinstance(value, dict):
        raise InputError(printable(f"cannot read {path}: it does not contain an object {{...}}"))
    return Section(path, "", value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"an object has the key {key!r} twice")
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")
