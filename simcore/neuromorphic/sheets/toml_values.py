"""Values of a TOML file: their form in messages, and checks that every table needs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from simcore.errors import InputError, require, suggestion


def require_known(raw: Iterable[str], known: Sequence[str], where: str, allowed: str) -> None:
    """Refuse keys that are not known; the message suggests a similar key, or lists the known keys after `allowed`."""
    for key in raw:
        if key not in known:
            near = suggestion(key, known) or f": {allowed} {', '.join(known[:30])}"
            raise InputError(f"{where}: the key {key!r} is unknown{near}")


def require_all(raw: Iterable[str], needed: Iterable[str], where: str) -> None:
    """Refuse a table that lacks keys."""
    given = set(raw)
    missing = [key for key in needed if key not in given]
    if missing:
        raise InputError(f"{where}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")


@contextmanager
def naming(file: str) -> Iterator[None]:
    """Add the name of a file to errors of the block."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{file}: {error}", error.field, error.value) from error


def text_of(value: Any, where: str) -> str:
    """Require that a value is a non-blank string, and return it."""
    require(isinstance(value, str) and bool(value.strip()), where, plain(value), "must be a non-blank string")
    return str(value)


def texts_of(raw: Mapping[str, Any], where: str) -> dict[str, str]:
    """A table of strings."""
    return {key: text_of(value, f"{where}.{key}") for key, value in raw.items()}


def plain(value: Any) -> Any:
    """A value as written in a file, for a message."""
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return float(value) if isinstance(value, Decimal) else value


def either(words: Iterable[object]) -> str:
    """Words with "or" before the last."""
    return " or ".join(", ".join(str(word) for word in words).rsplit(", ", 1))
