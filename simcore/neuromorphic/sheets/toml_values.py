"""Values of a TOML file: how messages show them, and the checks that every table needs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from simcore.errors import InputError, require, suggestion


def require_known(raw: Iterable[str], known: Sequence[str], where: str, allowed: str) -> None:
    """Refuse keys that are not known; the message names a near one, or begins with `allowed` and lists them."""
    for key in raw:
        if key not in known:
            near = suggestion(key, known) or f": {allowed} {', '.join(known[:30])}"
            raise InputError(f"{where}: the key {key!r} is not known{near}")


def require_all(raw: Iterable[str], needed: Iterable[str], where: str) -> None:
    """Refuse a table that lacks keys."""
    given = set(raw)
    missing = [key for key in needed if key not in given]
    if missing:
        raise InputError(f"{where} lacks {', '.join(missing)}")


@contextmanager
def naming(file: str) -> Iterator[None]:
    """Errors of the block name the file, too."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{file}: {error}", error.field, error.value) from error


def text_of(value: Any, where: str) -> str:
    """A value that must be a text."""
    require(isinstance(value, str) and bool(value.strip()), where, plain(value), "must be a text")
    return str(value)


def texts_of(raw: Mapping[str, Any], where: str) -> dict[str, str]:
    """A table of texts."""
    return {key: text_of(value, f"{where}.{key}") for key, value in raw.items()}


def plain(value: Any) -> Any:
    """A value as one would write it, for a message."""
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return float(value) if isinstance(value, Decimal) else value


def either(words: Iterable[object]) -> str:
    """Words with "or" before the last."""
    return " or ".join(", ".join(str(word) for word in words).rsplit(", ", 1))
