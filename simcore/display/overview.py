"""One readable screen about an object: text for `repr`, tables for notebooks."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from simcore.display.markup import Markup, element, joined
from simcore.display.text_table import aligned
from simcore.errors import printable

MAX_ROWS = 10
"""Rows of a table on a screen."""
LONGEST_CELL = 60


@dataclass(frozen=True)
class Columns:
    """A table.

    Parameters
    ----------
    head
        Titles of the columns.
    rows
        Those that are shown, at most `MAX_ROWS`.
    alignment
        ``l`` or ``r`` for each column.
    more
        What is left out, in words; empty if nothing is.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    alignment: str
    more: str = ""

    def text(self) -> str:
        """Lines without an end of line after the last."""
        lines = aligned([self.head, *self._cells()], self.alignment).rstrip("\n")
        return f"{lines}\n... {printable(self.more)}" if self.more else lines

    def html(self) -> Markup:
        """A table as notebooks style it."""
        sides = ["text-align: left" if side == "l" else "text-align: right" for side in self.alignment]
        titles = [element("th", title, style=side) for title, side in zip(self.head, sides, strict=True)]
        body = [
            element("tr", [element("td", cell, style=side) for cell, side in zip(row, sides, strict=True)])
            for row in self._cells()
        ]
        table = element("table", [element("thead", element("tr", titles)), element("tbody", body)])
        return joined([table, element("p", f"... {self.more}")]) if self.more else table

    def _cells(self) -> list[list[str]]:
        return [[cell if len(cell) <= LONGEST_CELL else f"{cell[: LONGEST_CELL - 3]}..." for cell in row]
                for row in self.rows]  # fmt: skip


@dataclass(frozen=True)
class Overview:
    """A title, lines below it, and tables."""

    title: str
    lines: Sequence[str] = ()
    tables: Sequence[Columns] = ()

    def text(self) -> str:
        """All of it, for a terminal; empty tables are left out."""
        head = "\n".join(printable(line) for line in (self.title, *self.lines))
        return "\n\n".join([head, *(table.text() for table in self.tables if table.rows)])

    def html(self) -> Markup:
        """All of it, for a page; every text is escaped."""
        lines = [element("p", line) for line in self.lines]
        tables = [table.html() for table in self.tables if table.rows]
        return element("div", [element("p", element("strong", self.title)), *lines, *tables])


class Shown(ABC):
    """Base of what `repr` and notebooks show as an overview."""

    @abstractmethod
    def overview(self) -> Overview:
        """What is shown; it asks nothing of other ranks and computes nothing that takes long."""

    def __repr__(self) -> str:
        return self.overview().text()

    def _repr_html_(self) -> str:
        return str(self.overview().html())
