"""Open registry of names, which import on use and can report why they are not usable on this machine.

Built-in names come first. Other names belong to plug-ins: entry points of installed distributions, which are read only
for names that are not built in, or ``FILE.py:NAME``.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar, cast

from simcore.errors import InputError, UnavailableError
from simcore.registry.files import import_file_once
from simcore.registry.named import NameInFile, name_in_file
from simcore.registry.plugins import Offer, PlugIn, file_of, imported, offers_of, sha256_of

T = TypeVar("T")


def always_usable() -> str | None:
    """Availability check of an entry that needs only the package's own dependencies."""
    return None


def no_fault(name: str, implementation: object) -> str | None:
    """Check of a registry that accepts any plug-in."""
    return None


@dataclass(frozen=True)
class Entry:
    """Location of an implementation, and a check that returns why it is not usable, or None.

    Parameters
    ----------
    location
        ``"module:attribute"``.
    unusable_because
        Returns the reason why the entry cannot be used on this machine, or None.
    """

    location: str
    unusable_because: Callable[[], str | None] = always_usable


@dataclass(frozen=True)
class Listed:
    """Plug-in in a listing: its name, the distribution that provides it, and why it cannot be used, or None.

    Parameters
    ----------
    name
        Name of the plug-in.
    origin
        Distribution and version.
    problem
        Reason why it cannot be used, or None.
    """

    name: str
    origin: str
    problem: str | None


class Registry(Generic[T]):
    """Implementations of one kind by name.

    Parameters
    ----------
    kind
        Kind of the entries, for messages (``"neuron model"``).
    entries
        Name -> `Entry` of the built-in implementations.
    group
        Group of the entry points that add to the registry; None for a closed registry.
    fault
        Function of the name and the implementation of a plug-in that returns why the plug-in is not of this kind, or
        None. The name is the required name of the implementation; it is empty for a file.
    files
        Whether ``FILE.py:NAME`` is also accepted as a name.
    reserved
        Names with a different meaning in places where names of this kind are given.
    """

    def __init__(
        self,
        kind: str,
        entries: Mapping[str, Entry],
        group: str | None = None,
        fault: Callable[[str, object], str | None] = no_fault,
        files: bool = False,
        reserved: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        self._entries = dict(entries)
        self._group, self._fault, self._files, self._reserved = group, fault, files, tuple(reserved)

    def names(self) -> list[str]:
        """Return the built-in names in order of registration.

        Returns
        -------
        list of str
            The names.
        """
        return list(self._entries)

    def known(self) -> list[str]:
        """Return the built-in names, followed by the names of plug-ins.

        Returns
        -------
        list of str
            The names, each once.
        """
        return [*self._entries, *dict.fromkeys(offer.name for offer in self._offers if offer.name not in self._entries)]

    def __contains__(self, name: str) -> bool:
        """Whether the name is known; True for a file, which `get` may refuse."""
        return name in self._entries or self._file(name) is not None or name in self.known()

    def unusable_because(self, name: str) -> str | None:
        """Return why the named entry cannot be used on this machine; None if it can.

        Parameters
        ----------
        name
            Name of an entry.

        Returns
        -------
        str or None
            The reason.

        Raises
        ------
        InputError
            If the name is not known.
        """
        if name in self._entries:
            return self._entries[name].unusable_because()
        try:
            self.get(name)
        except UnavailableError as error:
            return str(error)
        return None

    def get(self, name: str) -> T:
        """Import and return the named implementation.

        Parameters
        ----------
        name
            Name of an entry, or ``FILE.py:NAME`` if files are allowed.

        Returns
        -------
        object
            The implementation.

        Raises
        ------
        InputError
            If the name is unknown, or several plug-ins have the same name.
        UnavailableError
            If it cannot be used on this machine; the message states the reason.
        """
        if name in self._entries:
            why = self.unusable_because(name)
            if why is not None:
                raise UnavailableError(f"{self.kind} {name} cannot be used here: {why}", self.kind, name)
            module, attribute = self._entries[name].location.split(":")
            return cast(T, getattr(importlib.import_module(module), attribute))
        file = self._file(name)
        return self._of_file(name, file) if file is not None else self._of_offer(self._offer(name))

    def plug_in(self, name: str) -> PlugIn | None:
        """Identify the implementation of a name; None for built-in ones. Errors are as in `get`.

        Parameters
        ----------
        name
            Name of an entry.

        Returns
        -------
        PlugIn or None
            Distribution, version and hash of the sources.

        Raises
        ------
        InputError
            As `get`.
        UnavailableError
            As `get`, or if the plug-in has no file.
        """
        if name in self._entries:
            return None
        implementation = self.get(name)
        file = self._file(name)
        if file is not None:
            return PlugIn(self.kind, file.without_folder, None, None, sha256_of(file.file, implementation))
        offer = self._offer(name)
        source = file_of(offer.location.partition(":")[0])
        if source is None:
            raise UnavailableError(f"{self.kind} {name} of {offer.origin} is not defined in a file", self.kind, name)
        return PlugIn(self.kind, name, offer.distribution, offer.version, sha256_of(source, implementation))

    def plug_ins(self) -> list[Listed]:
        """List the plug-ins of installed distributions, and import them to check whether they can be used.

        Returns
        -------
        list of Listed
            The plug-ins of the group.
        """
        return [Listed(offer.name, offer.origin, self._problem(offer)) for offer in self._offers]

    @cached_property
    def _offers(self) -> tuple[Offer, ...]:
        return () if self._group is None else offers_of(self._group)

    def _offer(self, name: str) -> Offer:
        """Return a distribution's offer for a name; raise InputError if any name of this kind is not unique."""
        for offer in self._offers:
            contention = self._contention(offer)
            if contention is not None:
                raise InputError(contention, self.kind, offer.name)
        for offer in self._offers:
            if offer.name == name:
                return offer
        raise InputError(f"{self.kind} = {name!r} is unknown; use {', '.join(self.known())}", self.kind, name)

    def _problem(self, offer: Offer) -> str | None:
        """Return why a plug-in cannot be used, or None."""
        try:
            self._of_offer(self._offer(offer.name))
        except (InputError, UnavailableError) as error:
            # If several names conflict, its own conflict comes first.
            return self._contention(offer) or " ".join(str(error).split())
        return None

    def _contention(self, offer: Offer) -> str | None:
        """Return why a plug-in cannot have its name, or None."""
        refused = f"{self.kind} {offer.name!r} of {offer.origin} is not allowed"
        if not offer.name.isidentifier():
            return f"{refused}: plug-in names consist of letters, digits and _; uninstall the plug-in"
        if offer.name in self._entries or offer.name in self._reserved:
            return f"{refused}: the name is built into benchnn; uninstall the plug-in"
        others = [other.origin for other in self._offers if other.name == offer.name and other != offer]
        return f"{refused}: {', '.join(others)} has the same name; uninstall one" if others else None

    def _of_offer(self, offer: Offer) -> T:
        implementation = imported(offer, self.kind)
        wrong = self._fault(offer.name, implementation)
        if wrong is not None:
            refused = f"{self.kind} {offer.name} of {offer.origin} cannot be used here"
            raise UnavailableError(f"{refused}: {offer.location} {wrong}", self.kind, offer.name)
        return cast(T, implementation)

    def _file(self, name: str) -> NameInFile | None:
        return name_in_file(name) if self._files else None

    def _of_file(self, name: str, given: NameInFile) -> T:
        module = import_file_once(given.file, f"{self.kind} file")
        if not hasattr(module, given.name):
            refused = f"{self.kind} = {name!r} is unknown: {given.file} does not define {given.name!r}"
            raise InputError(refused, self.kind, name)
        implementation = getattr(module, given.name)
        wrong = self._fault("", implementation)
        if wrong is not None:
            raise InputError(f"{self.kind} = {name!r} is not allowed: it {wrong}", self.kind, name)
        return cast(T, implementation)
