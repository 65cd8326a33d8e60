"""A small registry: names that import on use and can say why they are not usable here."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from simcore.errors import InputError, UnavailableError

T = TypeVar("T")


def always_usable() -> str | None:
    """Availability check of an entry that needs nothing beyond the package's own dependencies."""
    return None


@dataclass(frozen=True)
class Entry:
    """Where an implementation lives (``"module:attribute"``) and a check that returns why it is not usable, or None."""

    location: str
    unusable_because: Callable[[], str | None] = always_usable


class Registry(Generic[T]):
    """Implementations of one kind by name.

    Parameters
    ----------
    kind
        What the entries are, for messages (``"neuron model"``).
    entries
        Name -> `Entry`.
    """

    def __init__(self, kind: str, entries: Mapping[str, Entry]) -> None:
        self.kind = kind
        self._entries = dict(entries)

    def names(self) -> list[str]:
        """All known names, in order of registration."""
        return list(self._entries)

    def unusable_because(self, name: str) -> str | None:
        """Why the named entry cannot be used here; None if it can.

        Raises
        ------
        InputError
            If the name is not known.
        """
        return self._entry(name).unusable_because()

    def get(self, name: str) -> T:
        """Import and return the named implementation.

        Raises
        ------
        InputError
            If the name is not known.
        UnavailableError
            If it cannot be used here; the message says why.
        """
        why = self.unusable_because(name)
        if why is not None:
            raise UnavailableError(f"{self.kind} {name} cannot be used here: {why}")
        module, attribute = self._entry(name).location.split(":")
        return cast(T, getattr(importlib.import_module(module), attribute))

    def _entry(self, name: str) -> Entry:
        if name not in self._entries:
            raise InputError(f"{self.kind} = {name!r} is not known: known are {', '.join(self._entries)}")
        return self._entries[name]
