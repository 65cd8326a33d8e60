"""HTML from functions that escape all text."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeAlias

from simcore.errors import printable_lines


class Markup(str):
    """Piece of HTML; other text is escaped when it becomes part of one."""

    __slots__ = ()


Content: TypeAlias = "str | Iterable[str]"
VOID = ("meta",)
MOST_ROWS = 60
"""Tables with more rows scroll within a box of limited height."""
TAG = re.compile("<[^>]*>")
SHORT, LONG = 12, 40
"""Names of rows with at most `SHORT` letters do not wrap; cells with more than `LONG` get a wide column."""


def element(tag: str, content: Content = "", **attributes: str | int | None) -> Markup:
    """Return an element with its content.

    Parameters
    ----------
    tag
        Name of the element.
    content
        Text or markup, or a sequence of them.
    attributes
        Underscores become hyphens, and a final one is dropped (``class_``); None omits an attribute.
    """
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    given = "".join(f' {names[name]}="{_text(str(value))}"' for name, value in attributes.items() if value is not None)
    return Markup(f"<{tag}{given}>" if tag in VOID else f"<{tag}{given}>{joined(content)}</{tag}>")


def joined(content: Content) -> Markup:
    """Join text and markup to one piece of markup."""
    pieces = [content] if isinstance(content, str) else content
    return Markup("".join(piece if isinstance(piece, Markup) else _text(piece) for piece in pieces))


def _text(text: str) -> str:
    """Escape text for a page, and remove characters that are not allowed in pages."""
    return escape(printable_lines(text))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[int] = ()) -> Markup:
    """Return a table in a box that scrolls if the screen is too narrow.

    Parameters
    ----------
    caption
        Caption of the table.
    head
        Titles of the columns.
    rows
        Cells; the first cell of each row is its title.
    numeric
        Columns that are aligned to the right.
    """
    sides = ["number" if column in numeric else None for column in range(len(head))]
    titles = (element("th", title, scope="col", class_=side) for title, side in zip(head, sides, strict=True))
    body = [_row(cells, sides) for cells in rows]
    content = [element("caption", caption), element("thead", element("tr", titles)), element("tbody", body)]
    return _boxed(element("table", content), caption, len(body))


def _boxed(content: Markup, caption: str, rows: int) -> Markup:
    # A box that scrolls must be reachable by keyboard.
    class_ = "long box" if rows > MOST_ROWS else "box"
    return element("div", content, class_=class_, tabindex=0, role="region", aria_label=caption)


def _row(cells: Sequence[str], sides: Sequence[str | None]) -> Markup:
    first = element("th", cells[0], scope="row", class_=sides[0] or ("name" if _length(cells[0]) <= SHORT else None))
    others = zip(cells[1:], sides[1:], strict=True)
    return element("tr", [first, *(element("td", cell, class_=side or _kind(cell)) for cell, side in others)])


def _kind(cell: str) -> str | None:
    """The class of a cell without a number."""
    return "sentence" if _length(cell) > LONG else None


def _length(cell: str) -> int:
    """The number of characters that a reader sees."""
    return len(TAG.sub("", cell)) if isinstance(cell, Markup) else len(cell)


def pairs(caption: str, rows: Iterable[tuple[str, str]]) -> Markup:
    """A table of names and values."""
    lines = [element("tr", [element("th", name, scope="row"), element("td", value)]) for name, value in rows]
    content = [element("caption", caption), element("tbody", lines)]
    return _boxed(element("table", content, class_="pairs"), caption, len(lines))


def alert(content: Content) -> Markup:
    """Return an error message."""
    return element("p", content, class_="alert", role="alert")


def note(content: Content) -> Markup:
    """A remark."""
    return element("p", content, class_="note")


def link(url: str, text: str) -> Markup:
    """Return a link to another site, without sending a referrer."""
    return element("a", text, href=url, rel="noreferrer")
