"""Figures of the study of a crossbar: currents over wire resistance, and errors over each other property."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, FAINT, MARKERS, SERIES, new_figure, set_log_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DECADES, SHORT = 3, 6
"""Largest number of decades between the labels of a logarithmic axis; exponent from which labels are powers of ten."""
LEAST = 1e-30
"""Smaller values count as 0 on a logarithmic axis."""
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class CurrentsOfSize:
    """Share of the ideal current over wire resistance: `points` are (ohm, mean, worst column), ascending."""

    size: int
    points: Sequence[tuple[float, float, float]]


@dataclass(frozen=True)
class Panel:
    """A quantity as a function of a property.

    Parameters
    ----------
    title, axis
        Title of the panel, and label of its x axis with the unit.
    logarithmic
        Whether the x axis is logarithmic; a dotted line then shows the value at 0.
    points
        (value, mean, low, high) of the quantity, ascending.
    """

    title: str
    axis: str
    logarithmic: bool
    points: Sequence[tuple[float, float, float, float]]


def wires_picture(lines: Sequence[CurrentsOfSize]) -> Picture:
    """Currents of the mean and the worst column over the resistance of a wire segment, one colour for each size."""
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
    axes.set_xlabel("resistance of a wire segment (Ω)")
    axes.set_ylabel("share of the ideal current (%)")
    axes.grid()
    figure.legend(handles=handles, loc="outside upper left", ncols=min(len(handles), 5), columnspacing=1.2)
    description = "; ".join(
        f"{line.size} x {line.size}: "
        + ", ".join(f"{100 * mean:.0f} % at {ohm:g} Ω, worst {100 * worst:.0f} %" for ohm, mean, worst in line.points)
        for line in lines
    )
    return Picture("crossbar-wires", "Column currents as a function of wire resistance.", f"{description}.", figure)


def panels_picture(
    name: str, title: str, measure: str, factor: float, highest: float | None, panels: Sequence[Panel]
) -> Picture:
    """A quantity as a function of several properties, one panel each; bars are the range over arrays.

    Parameters
    ----------
    name, title
        Name and title of the figure.
    measure, factor
        Name of the quantity with its unit, and the factor that converts to this unit.
    highest
        Upper end of the y axes of all panels; None for the largest value in each panel.
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
    caption = "Bars: lowest and highest array. Dotted lines: value at 0."
    if highest is None:
        caption += " The y axes have different scales."
    return Picture(name, title, f"{measure}. {description}.", figure, caption)


def _set_decades(axes: "Axes", values: Sequence[float]) -> None:
    """Make an x axis logarithmic; if it has many decades, only every second or third has a label."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    if high - low <= DECADES and low > -SHORT and high < SHORT:
        set_log_axis(axes, "x", values)
        return
    # A single power of ten spans no decade.
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
