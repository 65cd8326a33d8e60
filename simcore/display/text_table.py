"""Tables in plain text."""

from collections.abc import Sequence

from simcore.errors import printable


def aligned(rows: Sequence[Sequence[str]], alignment: str) -> str:
    """Format rows in columns of equal width, separated by two spaces.

    Parameters
    ----------
    rows
        At least one row of cells; control characters are shown as escapes.
    alignment
        ``l`` or ``r`` for each column.
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(alignment))]
    lines = []
    for row in rows:
        cells = zip(row, widths, alignment, strict=True)
        line = "  ".join(f"{cell:{'<' if side == 'l' else '>'}{width}}" for cell, width, side in cells)
        lines.append(f"{line.rstrip()}\n")
    return "".join(lines)
