"""JSON files of a user, and checks of the values in them that name file and place."""

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
        Keys that lead to the object, such as ``run`` or ``inputs.lgn``; empty for the whole file.
    values
        Its content.
    """

    file: Path
    place: str
    values: dict[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def refuse(self, key: str, allowed: str) -> NoReturn:
        """Raise `InputError` with file, place and value of a key."""
        found = f" = {shown(self.values[key])}" if key in self.values else " is missing"
        raise InputError(printable(f"{self.file}: {self.place_of(key)}{found}: {allowed}"), key)

    def place_of(self, key: str) -> str:
        """The keys that lead to a key of the object."""
        return f"{self.place}.{key}" if self.place else key

    def known(self, keys: Sequence[str]) -> None:
        """Refuse any other key."""
        for key in self.values:
            if key not in keys:
                self.refuse(key, f"it is not known; known are {', '.join(keys)}{suggestion(key, keys)}")

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or value == "":
            self.refuse(key, "use a text")
        return str(value)

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        """A text among some."""
        value = self.text(key)
        if value not in choices:
            self.refuse(key, f"supported are {', '.join(choices)}")
        return value

    def number(self, key: str) -> float:
        """A finite number."""
        value = self.values.get(key)
        # The reader yields no numbers that are not finite, but integers beyond the range of float64.
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e300:
            self.refuse(key, "use a number")
        return float(value)

    def switch(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, "use true or false")
        return bool(value)

    def section(self, key: str) -> "Section":
        """An object within the object, empty where there is none."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, "use an object {...}")
        return Section(self.file, self.place_of(key), value)

    def sections(self, key: str) -> Iterator["Section"]:
        """The objects of a list, none where there is no list."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.refuse(key, "use a list of objects [{...}]")
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
        If the file cannot be read, is no JSON, holds no object, or an object has a key twice.
    """
    if path.exists() and not path.is_file():
        raise InputError(printable(f"cannot read {path}: it is not a file"))
    try:
        value = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except OSError as error:
        raise InputError(printable(f"cannot read {path}: {error.strerror}")) from error
    except (ValueError, RecursionError) as error:
        raise InputError(printable(f"cannot read {path}: it is no valid JSON: {error}")) from error
    if not isinstance(value, dict):
        raise InputError(printable(f"cannot read {path}: it holds no object {{...}}"))
    return Section(path, "", value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in an object")
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
