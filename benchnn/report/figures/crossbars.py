"""Pictures of the study of a crossbar: currents over the resistance of wires, measures over each other property."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, FAINT, MARKERS, SERIES, new_figure, set_log_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DECADES, SHORT = 3, 6
"""Most steps between the labels of a logarithmic abscissa; power of ten, or of 1/10, from which labels are powers."""
LEAST = 1e-30
"""Smaller values of a logarithmic abscissa count as 0."""
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class CurrentsOfSize:
    """Share of the ideal current over the resistance of wires: `points` are (Ohm, mean, worst column), ascending."""

    size: int
    points: Sequence[tuple[float, float, float]]


@dataclass(frozen=True)
class Panel:
    """A measure over a property.

    Parameters
    ----------
    title, axis
        Of the panel, and of its abscissa with its unit.
    logarithmic
        Whether the abscissa is; the ordinate at 0 then is a dotted line.
    points
        (value, mean, low, high) of the measure, ascending.
    """

    title: str
    axis: str
    logarithmic: bool
    points: Sequence[tuple[float, float, float, float]]


def wires_picture(lines: Sequence[CurrentsOfSize]) -> Picture:
    """Mean column and worst column over the resistance of a segment, a colour for each size."""
    from matplotlib.lines import Line2D

    figure, (axes,) = new_figure(2.9)
    handles = []
    for place, line in enumerate(lines):
        ohms, means, worst = zip(*line.points, strict=True)
        colour, marker = SERIES[place % len(SERIES)], MARKERS[place % len(MARKERS)]
        axes.plot(ohms, [100 * mean for mean in means], color=colour, marker=marker)
        axes.plot(ohms, [100 * one for one in worst], "--", color=colour, marker=marker, markerfacecolor="white")
        handles.append(Line2D([], [], label=f"{line.size} x {line.size}", color=colour, marker=marker))
    handles.append(Line2D([], [], color=FAINT, label="all columns"))
    handles.append(Line2D([], [], color=FAINT, linestyle="--", label="worst column"))
    axes.set_ylim(0.0, 104.0)
    axes.set_xlabel("resistance of a segment of wire (Ohm)")
    axes.set_ylabel("share of the ideal current (%)")
    axes.grid()
    figure.legend(handles=handles, loc="outside upper left", ncols=min(len(handles), 5), columnspacing=1.2)
    description = "; ".join(
        f"{line.size} x {line.size}: "
        + ", ".join(f"{100 * mean:.0f} % at {ohm:g} Ohm, worst {100 * worst:.0f} %" for ohm, mean, worst in line.points)
        for line in lines
    )
    return Picture("crossbar-wires", "Column currents over the resistance of wires.", f"{description}.", figure)


def panels_picture(
    name: str, title: str, measure: str, factor: float, highest: float | None, panels: Sequence[Panel]
) -> Picture:
    """A measure over each property, a panel each; bars go from the lowest to the highest of the arrays.

    Parameters
    ----------
    name, title
        Of the picture.
    measure, factor
        Name of the measure with its unit, and that unit's factor.
    highest
        Largest value of the measure, of all panels; None for that of each panel.
    panels
        At least one.
    """
    rows = (len(panels) + 1) // 2
    figure, axes = new_figure(0.3 + 1.65 * rows, rows, 2)
    for place, one in enumerate(axes):
        if place >= len(panels):
            one.set_axis_off()
            continue
        panel = panels[place]
        drawn = [point for point in panel.points if point[0] >= LEAST or not panel.logarithmic]
        if not drawn:
            one.set_axis_off()
            continue
        values = [point[0] for point in drawn]
        means = [factor * point[1] for point in drawn]
        bars = [[factor * max(0.0, point[1] - point[2]) for point in drawn],
                [factor * max(0.0, point[3] - point[1]) for point in drawn]]  # fmt: skip
        one.errorbar(values, means, yerr=bars, color=BLUE, marker="o", markersize=4, capsize=2, elinewidth=0.8)
        if len(drawn) < len(panel.points):
            one.axhline(factor * panel.points[0][1], color=FAINT, linestyle=":", linewidth=1.0)
        if panel.logarithmic:
            _set_decades(one, values)
        top = highest or max(factor * max(point[3] for point in drawn), 1.0)
        one.set_ylim(-0.04 * top, 1.08 * top)
        one.set_xlabel(panel.axis)
        one.set_title(panel.title, loc="left")
        one.grid()
        if place % 2 == 0:
            one.set_ylabel(measure)
    description = "; ".join(f"{panel.title}: {_in_words(panel, factor)}" for panel in panels)
    caption = "Bars: lowest and highest of the arrays. Dotted: at 0."
    if highest is None:
        caption += " Ordinates differ."
    return Picture(name, title, f"{measure}. {description}.", figure, caption)


def _set_decades(axes: "Axes", values: Sequence[float]) -> None:
    """Make an abscissa logarithmic; of many decades, every second or third has a label."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    if high - low <= DECADES and low > -SHORT and high < SHORT:
        set_log_axis(axes, "x", values)
        return
    # One value that is a power of ten has no decade of its own.
    low -= low == high
    set_log_axis(axes, "x", [10.0**low, 10.0**high])
    labelled = range(low, high + 1, math.ceil((high - low) / DECADES))
    axes.xaxis.set_ticks([10.0**decade for decade in labelled], [_power(decade) for decade in labelled])


def _power(decade: int) -> str:
    return "1" if decade == 0 else f"10{str(decade).translate(RAISED)}"


def _in_words(panel: Panel, factor: float) -> str:
    return ", ".join(f"{factor * mean:.3g} at {value:g}" for value, mean, *_ in panel.points)


def by_size(points: Mapping[int, list[tuple[float, float, float]]]) -> list[CurrentsOfSize]:
    """A line for each size, ascending."""
    return [CurrentsOfSize(size, sorted(points[size])) for size in sorted(points)]
