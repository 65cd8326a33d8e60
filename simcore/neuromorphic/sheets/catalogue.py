"""Catalogue of the sheets of one thing, such as a chip: quantities, words, and the marks that each number carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

SCOPES = ("marginal", "all-in")


@dataclass(frozen=True)
class Quantity:
    """A number that a sheet can state.

    Parameters
    ----------
    key, unit, meaning, group
        Name in a sheet, SI unit, what it is, and the table of a sheet to which it belongs. Counts (``1``) and bits are
        whole numbers.
    form
        ``number``; ``list`` of numbers; ``table``: rows of a count and a number; or ``curve``: a number or a table.
    scope
        The only scope that an energy can have, if there is one.
    kinds
        Kinds of the thing for which it may stand; for all if there are none.
    """

    key: str
    unit: str
    meaning: str
    group: str
    form: str = "number"
    scope: str | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class WordQuestion:
    """A question that a sheet answers in a word: `allowed` answers, or any text if there are none.

    It may stand for some `kinds` of the thing, or for all if there are none.
    """

    key: str
    meaning: str
    group: str
    allowed: tuple[str | bool, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All that sheets of one thing can state.

    Parameters
    ----------
    thing
        What a sheet is about, for messages.
    kinds
        Of the thing.
    quantities, words
        By their keys.
    evidence
        Words for where a number is from.
    over
        What the first column of a table can count.
    texts, tables
        Keys outside the tables of quantities: texts that every sheet has, and tables that the thing's parser reads.
    units_with_node
        SI units of the quantities that state the technology node to which they belong. If there are none, a node is
        not a key of a fact.
    energies_need_voltage
        Whether an energy without a voltage has a note that says why.
    """

    thing: str
    kinds: tuple[str, ...]
    quantities: Mapping[str, Quantity]
    words: Mapping[str, WordQuestion]
    evidence: tuple[str, ...]
    over: tuple[str, ...]
    texts: tuple[str, ...] = ("title", "kind")
    tables: tuple[str, ...] = ()
    units_with_node: tuple[str, ...] = ()
    energies_need_voltage: bool = True

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Tables of a sheet that hold quantities and words."""
        return tuple(dict.fromkeys(quantity.group for quantity in self.quantities.values()))

    @cached_property
    def keys(self) -> Mapping[str, Quantity | WordQuestion]:
        """Quantities and words."""
        return {**self.quantities, **self.words}


Row = tuple[str, str, str] | tuple[str, str, str, str]


def group_of(group: str, *rows: Row, kinds: tuple[str, ...] = ()) -> tuple[Quantity, ...]:
    """Quantities of one table: rows of key, unit, meaning and, where it is not a number, form."""
    return tuple(
        Quantity(row[0], row[1], row[2], group, row[3] if len(row) == 4 else "number", kinds=kinds) for row in rows
    )
