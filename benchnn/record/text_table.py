"""Plain text in columns."""

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]], alignment: str) -> str:
    """Rows in columns of equal width, two spaces apart.

    Parameters
    ----------
    rows
        At least one row of cells.
    alignment
        ``l`` or ``r`` for each column.
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(alignment))]
    lines = []
    for row in rows:
        cells = zip(row, widths, alignment, strict=True)
        line = "  ".join(f"{cell:{'<' if side == 'l' else '>'}{width}}" for cell, width, side in cells)
        lines.append(f"{line.rstrip()}\n")
    return "".join(lines)
