"""Records with dotted keys: ``wall_s.construction.max`` instead of objects in objects."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from simcore.errors import InputError


def look_up(record: Any, key: str) -> tuple[Any, ...]:
    """The value under a dotted key, in a tuple; an empty one if there is none.

    A name may itself have dots, as those of `reasons` do.
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
    """The value under a dotted key; None if there is none, as for one that is null."""
    found = look_up(record, key)
    return found[0] if found else None


def number_of(record: Any, key: str) -> float | None:
    """The number under a dotted key; None if there is none."""
    found = value_of(record, key)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def reason_of(record: Any, key: str) -> str | None:
    """Why a dotted key is null: the reason for it, or for what it is a part of; None if a record gives none."""
    told = value_of(record, "reasons") or {}
    return next((why for name, why in told.items() if f"{key}.".startswith(f"{name}.")), None)


def flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and their values, in the order of the record; lists and empty objects are values."""
    for name, value in record.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def value_text(value: Any) -> str:
    """A value in one line: text as it is, anything else, and text that a line cannot show, in JSON's notation."""
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value)


def to_lines(record: Mapping[str, Any]) -> str:
    """One line ``key: value`` for every dotted key."""
    return "".join(f"{value_text(key)}: {value_text(value)}\n" for key, value in flat(record))


def read_record(text: str | bytes) -> Any:
    """What strict JSON says: NaN and infinite numbers, which JSON does not have, are refused.

    Raises
    ------
    InputError
        If it is no JSON; says where.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise InputError("it is no record: objects are nested too deeply") from None
    except ValueError as error:
        raise InputError(f"it is no JSON: {error}") from None


def _refuse(text: str) -> Any:
    raise ValueError(f"{text[:40]} is no number")


def _whole(text: str) -> int:
    # Nothing that is counted or measured is larger, and floating-point numbers end there.
    return _refuse(text) if len(text) > 300 else int(text)


def _finite(text: str) -> float:
    number = float(text)
    return _refuse(text) if number in (float("inf"), float("-inf")) else number
