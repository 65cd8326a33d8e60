"""Catalogue of the sheets of one kind of thing, such as chips: quantities, words, and the properties of each number."""

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
        Name in a sheet, SI unit, description, and the table of a sheet to which the quantity belongs. Counts (``1``)
        and bits are integers.
    form
        ``number``; ``list`` of numbers; ``table``: rows of a count and a number; or ``curve``: a number or a table.
    scope
        The only scope that an energy can have, if it is restricted.
    kinds
        Kinds of sheets that may state it; all kinds if empty.
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
    """A property that a sheet states in a word: one of the `allowed` words, or any text if there are none.

    Sheets of some `kinds` may state it, or all sheets if `kinds` is empty.
    """

    key: str
    meaning: str
    group: str
    allowed: tuple[str | bool, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All statements that the sheets of one kind of thing can make.

    Parameters
    ----------
    thing
        Name of the thing, for messages.
    kinds
        Kinds of the thing.
    quantities, words
        Quantities, and words, by their keys.
    evidence
        Allowed kinds of evidence for a number.
    over
        Things that the first column of a table can count.
    texts, tables
        Keys outside the tables of quantities: texts that every sheet has, and tables that the parser of the thing
        reads.
    units_with_node
        SI units of the quantities that state their technology node. If empty, facts do not have a node.
    energies_need_voltage
        Whether an energy without a voltage needs a note with the reason.
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
    """Quantities of one table, from rows of key, unit, meaning and, if it is not a number, form."""
    return tuple(
        Quantity(row[0], row[1], row[2], group, row[3] if len(row) == 4 else "number", kinds=kinds) for row in rows
    )
