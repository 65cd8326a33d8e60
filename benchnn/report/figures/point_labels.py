"""Names next to the points of a figure with two logarithmic axes, placed where they do not cover other marks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchnn.report.style import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_PT, LETTER_PT, MARK_PT, GAP_PT = 6.5, 3.9, 6.0, 4.5
LONGEST = 22
BACKGROUND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.4}
PLACES = (
    (1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1), (1, -2), (-1, -2), (1, 2), (-1, 2),
    (0, -2), (0, 2), (1, -3), (-1, 3), (1, 3), (-1, -3),
)  # fmt: skip
"""Places of a name relative to its point, best first: (right or left, lines up or down)."""


@dataclass(frozen=True)
class Label:
    """A name and its point on the axes."""

    x: float
    y: float
    text: str
    colour: str


@dataclass(frozen=True)
class _Box:
    """A rectangle, in points."""

    left: float
    low: float
    right: float
    high: float

    def covers(self, other: "_Box") -> bool:
        """Whether the two boxes overlap."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.high <= other.low or other.high <= self.low)


def set_labels(
    axes: "Axes",
    labels: Sequence[Label],
    across: tuple[float, float],
    up: tuple[float, float],
    size_pt: tuple[float, float],
) -> None:
    """Write names next to their points; names that do not fit are left out.

    Parameters
    ----------
    axes
        Axes that are logarithmic in both directions.
    labels
        Labels in the order in which they are placed.
    across, up
        Limits of the axes.
    size_pt
        Width and height of the area of the axes, points.
    """
    middles = [(size_pt[0] * _share(label.x, across), size_pt[1] * _share(label.y, up)) for label in labels]
    half = MARK_PT / 2
    taken = [_Box(x - half, y - half, x + half, y + half) for x, y in middles]
    whole = _Box(0.0, 0.0, *size_pt)
    for label, (x, y) in zip(labels, middles, strict=True):
        text = shortened(label.text, LONGEST)
        for side, line in PLACES:
            box = _box(x, y, side, line, LETTER_PT * len(text))
            if whole.left <= box.left and box.right <= whole.right and whole.low <= box.low and box.high <= whole.high:
                if any(box.covers(other) for other in taken):
                    continue
                taken.append(box)
                axes.annotate(
                    text, (label.x, label.y), (side * GAP_PT, line * (SIZE_PT + 1.5)), textcoords="offset points",
                    ha={1: "left", -1: "right", 0: "center"}[side], va="center", fontsize=SIZE_PT, color=label.colour,
                    bbox=BACKGROUND,
                )  # fmt: skip
                break


def _share(value: float, ends: tuple[float, float]) -> float:
    return math.log(value / ends[0]) / math.log(ends[1] / ends[0])


def _box(x: float, y: float, side: int, line: int, width: float) -> _Box:
    left = {1: x + GAP_PT, -1: x - GAP_PT - width, 0: x - width / 2}[side]
    middle = y + line * (SIZE_PT + 1.5)
    return _Box(left, middle - SIZE_PT / 2, left + width, middle + SIZE_PT / 2)
