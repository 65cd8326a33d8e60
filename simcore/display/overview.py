"""Overviews of objects on one screen: text for `repr`, tables for notebooks."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from simcore.display.markup import Markup, element, joined
from simcore.display.text_table import aligned
from simcore.errors import printable

MAX_ROWS = 10
"""Maximum number of rows of a table."""
LONGEST_CELL = 60


@dataclass(frozen=True)
class Columns:
    """Table of an overview.

    Parameters
    ----------
    head
        Titles of the columns.
    rows
        Rows that are shown, at most `MAX_ROWS`.
    alignment
        ``l`` or ``r`` for each column.
    more
        Description of the omitted rows; empty if there are none.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    alignment: str
    more: str = ""

    def text(self) -> str:
        """Return the table as text, without a final line break."""
        lines = aligned([self.head, *self._cells()], self.alignment).rstrip("\n")
        return f"{lines}\n... {printable(self.more)}" if self.more else lines

    def html(self) -> Markup:
        """Return the table in the style of notebooks."""
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
    """Overview with a title, lines below it, and tables."""

    title: str
    lines: Sequence[str] = ()
    tables: Sequence[Columns] = ()

    def text(self) -> str:
        """Return the overview for a terminal, without empty tables."""
        head = "\n".join(printable(line) for line in (self.title, *self.lines))
        return "\n\n".join([head, *(table.text() for table in self.tables if table.rows)])

    def html(self) -> Markup:
        """Return the overview for a page, with all text escaped."""
        lines = [element("p", line) for line in self.lines]
        tables = [table.html() for table in self.tables if table.rows]
        return element("div", [element("p", element("strong", self.title)), *lines, *tables])


class Shown(ABC):
    """Base class of objects that `repr` and notebooks show as an overview."""

    @abstractmethod
    def overview(self) -> Overview:
        """Return the overview, without communication and long computations.

        Returns
        -------
        Overview
            Title, lines and tables.
        """

    def __repr__(self) -> str:
        return self.overview().text()

    def _repr_html_(self) -> str:
        return str(self.overview().html())
