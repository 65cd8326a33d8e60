"""Dotted keys of a record, such as ``wall_s.construction.max``, and the reasons for nulls."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def look_up(record: Any, key: str) -> tuple[Any, ...]:
    """Return the value of a dotted key in a tuple; an empty tuple if the key is missing.

    A name may contain dots, as the names in `reasons` do.
    """
    if not isinstance(record, Mapping):
        return ()
    if key in record:
        return (record[key],)
    place = key.find(".")
    while place >= 0:
        found = look_up(record.get(key[:place]), key[place + 1 :])
        if found:
            return found
        place = key.find(".", place + 1)
    return ()


def value_of(record: Any, key: str) -> Any:
    """Return the value of a dotted key; None if the key is missing or null."""
    found = look_up(record, key)
    return found[0] if found else None


def number_of(record: Any, key: str) -> float | None:
    """Return the number of a dotted key; None if the value is not a number."""
    found = value_of(record, key)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def reason_of(record: Any, key: str) -> str | None:
    """Return why a dotted key is null: its reason, or the reason of the smallest enclosing part that has one."""
    reasons = value_of(record, "reasons")
    names = key.split(".")
    whole = (".".join(names[:length]) for length in range(len(names), 0, -1))
    found = (reasons.get(name) for name in whole) if isinstance(reasons, Mapping) else ()
    return next((why for why in found if isinstance(why, str)), None)


def flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Iterate over dotted keys and values in the order of the record; lists and empty objects are values."""
    for name, value in record.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def value_text(value: Any) -> str:
    """Format a value in one line: printable text unchanged, everything else as JSON."""
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value)


def to_lines(record: Mapping[str, Any]) -> str:
    """Format a record as one line ``key: value`` for each dotted key."""
    return "".join(f"{value_text(key)}: {value_text(value)}\n" for key, value in flat(record))
