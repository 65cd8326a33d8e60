"""Plain text in columns."""

from collections.abc import Sequence

from simcore.errors import printable


def aligned(rows: Sequence[Sequence[str]], alignment: str) -> str:
    """Rows in columns of equal width, two spaces apart.

    Parameters
    ----------
    rows
        At least one row of cells; what a terminal would obey is shown as an escape.
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
