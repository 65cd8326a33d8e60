"""A map of the states that bind the steps of a chip, in small multiples."""

from collections import Counter
from typing import TYPE_CHECKING

from benchnn.chips.bottlenecks import StateMap
from benchnn.report.figures.floorline import COLOURS
from benchnn.report.picture import Picture
from benchnn.report.style import INK, ON_COLOUR, new_figure, shortened
from simcore.display.numbers import HTML
from simcore.neuromorphic.costs.floorline import STATES, UNKNOWN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_IN, EDGE_IN = 0.34, 1.0
"""Heights of a row of places and of the margins around the panels."""
LETTER = 4.6
"""Font size in a place; smaller if there are many places."""
TITLE = 56
"""Number of letters that fit above all panels of a row."""
UNITS = {"hz": "1/s", "ms": "ms", "mv": "mV", "pa": "pA"}
"""Units by the last part of a key's name."""


def bottleneck_picture(found: StateMap) -> Picture:
    """A panel for each pair of values of columns and rows, with a place for each pair of x and y.

    Parameters
    ----------
    found
        The states.
    """
    rows, columns, up = (len(found.values[axis]) for axis in ("rows", "columns", "y"))
    from matplotlib.patches import Patch

    figure, panels = new_figure(EDGE_IN + rows * (ROW_IN * up + 0.5), rows, columns)
    for number, axes in enumerate(panels):
        row, column = divmod(number, columns)
        _panel(axes, found, row, column)
    figure.supxlabel(_name(found.keys["x"]))
    figure.supylabel(_name(found.keys["y"]))
    counts = Counter(place.state for place in found.places)
    shown = [state for state in (*STATES, UNKNOWN) if state != UNKNOWN or counts[UNKNOWN]]
    patches = [Patch(color=COLOURS[state], label=state) for state in shown]
    figure.legend(handles=patches, loc="outside upper left", ncols=len(patches), handlelength=1.0, columnspacing=1.2)
    states = ", ".join(f"{state} {counts[state]}" for state in shown)
    title = "Part of a step that binds, and mean duration of a step."
    return Picture("bottlenecks", title, f"States of {len(found.places)} places: {states}.", figure)


def _panel(axes: "Axes", found: StateMap, row: int, column: int) -> None:
    from matplotlib.patches import Rectangle

    across, up = (found.values[axis] for axis in ("x", "y"))
    size = min(1.0, 8.0 / (len(across) * len(found.values["columns"]))) * LETTER + 2.0
    for place in found.places:
        if (place.rows, place.columns) == (row, column):
            axes.add_patch(Rectangle((place.x - 0.48, place.y - 0.46), 0.96, 0.92, color=COLOURS[place.state], lw=0))
            time = "" if place.step_s is None else f"\n{HTML.prefixed(place.step_s, 's', 3)}"
            label, colour = f"{place.state}{time}", ON_COLOUR[COLOURS[place.state]]
            axes.text(place.x, place.y, label, ha="center", va="center", color=colour, fontsize=size)
    axes.set_xlim(-0.5, len(across) - 0.5)
    axes.set_ylim(-0.5, len(up) - 0.5)
    below = row == len(found.values["rows"]) - 1
    axes.set_xticks(range(len(across)), [shortened(value, 16) if below else "" for value in across])
    axes.set_yticks(range(len(up)), [shortened(value, 20) if column == 0 else "" for value in up])
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    places = (("rows", row), ("columns", column))
    wide = TITLE // len(found.values["columns"])
    lines = [shortened(f"{_name(found.keys[axis])}: {found.values[axis][place]}", wide) for axis, place in places]
    axes.set_title("\n".join(lines), fontsize="small", color=INK)


def _name(key: str) -> str:
    """The last part of a key in words, with its unit."""
    name, _, unit = (last := key.rpartition(".")[2]).rpartition("_")
    return f"{name} ({UNITS[unit]})".replace("_", " ") if name and unit in UNITS else last.replace("_", " ")
