"""A sheet: the published figures of a chip, every number with its source and kind of evidence.

`Sheet` is the base class that sheets of chips share with sheets of other things, such as accelerators.
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
        The quantity.
    written
        Number and unit as in the sheet.
    sources
        Keys of `sources` of the sheet.
    evidence
        ``measured`` on the chip, ``simulated``, ``vendor`` (stated by the makers of the chip or its software),
        ``derived`` from other figures, or another word of the catalogue.
    value, values, table
        In SI units: one number, a list of numbers, or rows of (count, number). The two that do not apply are None or
        empty.
    over
        Things that the first column of `table` counts, such as ``cores``.
    scope
        Scope of an energy: ``marginal``, the energy of one additional event, or ``all-in``, power divided by events per
        second at one load.
    voltage_v
        Supply voltage, V; None if it is not known.
    includes
        For an energy or a power: keys of energies that it contains, and that must not be added to it.
    note
        Further statements of the source.
    node
        Technology node of an energy, a power or an area; None if the catalogue does not ask for nodes.
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
    """A property stated in a word, such as the topology.

    Parameters
    ----------
    key
        Name in the sheet.
    value
        The word.
    sources
        Keys of the sheet's `sources`.
    note
        Further statements of the source.
    """

    key: str
    value: str | bool
    sources: tuple[str, ...]
    note: str | None = None


class Sheet:
    """Statements of a sheet; figures that are not published are absent, never 0.

    Subclasses are frozen dataclasses with these fields; `catalogue` lists the possible keys.
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
        """A quantity in SI units; None if it is absent.

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
            If the quantity is not known, or the sheet states it as a table or a list.
        """
        fact = self.fact(key)
        if fact is not None and fact.table:
            raise InputError(f"{self.name}: {key} is a table over {fact.over}, not one number")
        if fact is not None and fact.values:
            raise InputError(f"{self.name}: {key} is a list, not one number")
        return None if fact is None else fact.value

    def count(self, key: str) -> int | None:
        """A count, or a number of bits; None if it is absent.

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
        """The rows (count, number in SI units) of a quantity, by ascending count; empty if it has none.

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
        """The number, in SI units, of the row `at` of a table, without interpolation; None without such a row.

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
        """The numbers, in SI units, of a quantity that is a list; empty if it is absent.

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
        """A property stated in a word; None if it is absent.

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
            If the property is not known.
        """
        if key not in self.catalogue.words:
            raise InputError(f"word = {key!r} is unknown{suggestion(key, self.catalogue.words)}")
        return next((word.value for word in self.words if word.key == key), None)

    def fact(self, key: str) -> Fact | None:
        """The statement of the sheet about a quantity; None if it is absent.

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
            If the quantity is not known.
        """
        if key not in self.catalogue.quantities:
            raise InputError(f"quantity = {key!r} is unknown{suggestion(key, self.catalogue.quantities)}")
        return next((fact for fact in self.facts if fact.quantity.key == key), None)

    def why_absent(self, key: str) -> str:
        """The reason why a quantity or word is absent.

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
        return "not in the sheet" if known is None else f"unpublished: {known}"


@dataclass(frozen=True)
class Packing:
    """The storage of synapses in a core: the name of a rule, and its parameters.

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
        """A parameter that is one number, in SI units.

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
            raise KeyError(f"{key} is a list; use values()")
        return value

    def values(self, key: str) -> tuple[float, ...]:
        """A parameter that is a list of numbers, in SI units.

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
    """A network that others have mapped onto the chip: name of its model here, number of chips, sources, and a note.

    Parameters
    ----------
    model
        Name of the network in `benchnn models`.
    chips
        Number of chips.
    sources
        Keys of the sheet's `sources`.
    note
        Further statements of the source.
    """

    model: str
    chips: int
    sources: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True)
class Chip(Sheet):
    """The published figures of a chip; figures that are not published are absent, never 0.

    Parameters
    ----------
    name
        Name of the sheet.
    title, kind, neurons
        Full name, one of `simcore.neuromorphic.sheets.quantities.KINDS`, and its neuron models in words.
    facts, words
        Statements of the sheet, in the order of `simcore.neuromorphic.sheets.quantities`.
    sources
        Key and full citation.
    packing
        Storage of synapses in a core; None if the exact rule is not known.
    networks
        Networks that others have mapped onto the chip.
    unpublished
        Keys of quantities and words that are not published, with a remark.
    sha256
        SHA-256 of the file of the sheet; None without a file.
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
