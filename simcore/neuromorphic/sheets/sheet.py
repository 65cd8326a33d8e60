"""A sheet: what is published about a chip, every number with its source and what kind of evidence it is.

`Sheet` is what the sheets of other things, such as accelerators, share with those of chips.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from simcore.errors import InputError, suggestion
from simcore.neuromorphic.sheets.catalogue import Catalogue, Quantity
from simcore.neuromorphic.sheets.quantities import CHIPS


@dataclass(frozen=True)
class Fact:
    """A quantity as a sheet states it.

    Parameters
    ----------
    quantity
        What it is.
    written
        Number and unit as in the sheet.
    sources
        Keys of the sheet's `sources`.
    evidence
        ``measured`` on the chip, ``simulated``, ``vendor`` (stated by those who make the chip or its software),
        ``derived`` from other figures, or another word of the catalogue.
    value, values, table
        In SI: one number, or a list of them, or rows of (count, number); the others are None and empty.
    over
        What the first column of `table` counts, such as ``cores``.
    scope
        Of an energy: ``marginal``, what one more event adds, or ``all-in``, power over events at one load.
    voltage_v
        Supply voltage, V; None if it is not known.
    includes
        Of an energy or a power: keys of energies that it contains, and that must not be added to it.
    note
        What else the source says.
    node
        Technology node to which an energy, a power or an area belongs; None where the catalogue asks for none.
    """

    quantity: Quantity
    written: str
    sources: tuple[str, ...]
    evidence: str
    value: float | None = None
    values: tuple[float, ...] = ()
    table: tuple[tuple[int, float], ...] = ()
    over: str | None = None
    scope: str | None = None
    voltage_v: float | None = None
    includes: tuple[str, ...] = ()
    note: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Word:
    """A property in a word, such as the topology.

    Parameters
    ----------
    key
        Name in the sheet.
    value
        The word.
    sources
        Keys of the sheet's `sources`.
    note
        What else the source says.
    """

    key: str
    value: str | bool
    sources: tuple[str, ...]
    note: str | None = None


class Sheet:
    """Statements of a sheet of anything; what is not published is absent, never 0.

    Subclasses are frozen dataclasses with these fields; `catalogue` says which keys there can be.
    """

    catalogue: ClassVar[Catalogue]
    name: str
    title: str
    kind: str
    facts: tuple[Fact, ...]
    words: tuple[Word, ...]
    sources: tuple[tuple[str, str], ...]
    unpublished: tuple[tuple[str, str], ...]
    sha256: str | None

    def value(self, key: str) -> float | None:
        """A quantity in SI; None if it is absent.

        Parameters
        ----------
        key
            Name of the quantity.

        Returns
        -------
        float or None
            The number.

        Raises
        ------
        InputError
            If no such quantity is known, or the sheet states it as a table or a list.
        """
        fact = self.fact(key)
        if fact is not None and fact.table:
            raise InputError(f"{self.name}: {key} is a table over {fact.over}, not one number")
        if fact is not None and fact.values:
            raise InputError(f"{self.name}: {key} is a list, not one number")
        return None if fact is None else fact.value

    def count(self, key: str) -> int | None:
        """A quantity that counts something, or bits; None if it is absent.

        Parameters
        ----------
        key
            Name of the quantity.

        Returns
        -------
        int or None
            The number.
        """
        value = self.value(key)
        return None if value is None else int(value)

    def table(self, key: str) -> tuple[tuple[int, float], ...]:
        """The rows (count, number in SI) of a quantity, the smallest count first; empty if it has none.

        Parameters
        ----------
        key
            Name of the quantity.

        Returns
        -------
        tuple of (int, float)
            The rows.
        """
        fact = self.fact(key)
        return () if fact is None else fact.table

    def row(self, key: str, at: int) -> float | None:
        """The number, in SI, of the row `at` of a table; None without such a row: nothing is interpolated.

        Parameters
        ----------
        key
            Name of the quantity.
        at
            Count of the row.

        Returns
        -------
        float or None
            The number.
        """
        return dict(self.table(key)).get(at)

    def values(self, key: str) -> tuple[float, ...]:
        """The numbers, in SI, of a quantity that is a list; empty if it is absent.

        Parameters
        ----------
        key
            Name of the quantity.

        Returns
        -------
        tuple of float
            The numbers.
        """
        fact = self.fact(key)
        return () if fact is None else fact.values

    def word(self, key: str) -> str | bool | None:
        """A property in a word; None if it is absent.

        Parameters
        ----------
        key
            Name of the property.

        Returns
        -------
        str, bool or None
            The word.

        Raises
        ------
        InputError
            If no such property is known.
        """
        if key not in self.catalogue.words:
            raise InputError(f"word = {key!r} is not known{suggestion(key, self.catalogue.words)}")
        return next((word.value for word in self.words if word.key == key), None)

    def fact(self, key: str) -> Fact | None:
        """All that the sheet states about a quantity; None if it is absent.

        Parameters
        ----------
        key
            Name of the quantity.

        Returns
        -------
        Fact or None
            The statement.

        Raises
        ------
        InputError
            If no such quantity is known.
        """
        if key not in self.catalogue.quantities:
            raise InputError(f"quantity = {key!r} is not known{suggestion(key, self.catalogue.quantities)}")
        return next((fact for fact in self.facts if fact.quantity.key == key), None)

    def why_absent(self, key: str) -> str:
        """Why a quantity or word is absent, in words.

        Parameters
        ----------
        key
            Name of the quantity or property.

        Returns
        -------
        str
            The reason.
        """
        known = dict(self.unpublished).get(key)
        return "the sheet does not give it" if known is None else f"unpublished: {known}"


@dataclass(frozen=True)
class Packing:
    """How a core stores its synapses: a rule by name, and the rule's parameters.

    Parameters
    ----------
    rule
        Name of the rule.
    facts
        Its parameters.
    """

    rule: str
    facts: tuple[Fact, ...]

    def value(self, key: str) -> float:
        """A parameter that is one number, in SI.

        Parameters
        ----------
        key
            Name of the parameter.

        Returns
        -------
        float
            The number.
        """
        value = self._fact(key).value
        if value is None:
            raise KeyError(f"{key} is a list: use values")
        return value

    def values(self, key: str) -> tuple[float, ...]:
        """A parameter that is a list of numbers, in SI.

        Parameters
        ----------
        key
            Name of the parameter.

        Returns
        -------
        tuple of float
            The numbers.
        """
        return self._fact(key).values

    def _fact(self, key: str) -> Fact:
        return next(fact for fact in self.facts if fact.quantity.key == key)


@dataclass(frozen=True)
class PublishedNetwork:
    """A network that others have laid on the chip: name of the model here, number of chips, sources, and a note."""

    model: str
    chips: int
    sources: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True)
class Chip(Sheet):
    """A chip, as far as it is published; what is not is absent, never 0.

    Parameters
    ----------
    name
        Of the sheet.
    title, kind, neurons
        Full name, one of `simcore.neuromorphic.sheets.quantities.KINDS`, and its neuron models in words.
    facts, words
        What the sheet states, in the order of `simcore.neuromorphic.sheets.quantities`.
    sources
        Key and full citation.
    packing
        How a core stores synapses; None if no exact rule is known.
    networks
        Networks that others have laid on the chip.
    unpublished
        Key of a quantity or word that is not published, and what is known about it.
    sha256
        SHA-256 of the file of the sheet; None if it is of none.
    """

    catalogue: ClassVar[Catalogue] = CHIPS

    name: str
    title: str
    kind: str
    neurons: str
    facts: tuple[Fact, ...]
    words: tuple[Word, ...]
    sources: tuple[tuple[str, str], ...]
    packing: Packing | None = None
    networks: tuple[PublishedNetwork, ...] = ()
    unpublished: tuple[tuple[str, str], ...] = field(default=())
    sha256: str | None = None
