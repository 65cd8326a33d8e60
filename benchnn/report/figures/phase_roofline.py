"""A few points under the roofs of one machine: a mark for each memory level at which a point moves bytes.

Marks have the colours of their levels; figures of several machines use colours for machines instead.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchnn.report.picture import Picture
from benchnn.report.style import FAINT, INK, MARKERS, SERIES, new_figure, set_log_axis, shortened
from simcore.accelerators.roofline.machine import Level, Machine
from simcore.accelerators.roofline.roofs import COMPUTE, Placed
from simcore.display.numbers import HTML

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GIGA = 1e9
HEIGHT_IN = 3.6
ROOM_FOR_ARROW = 0.6
"""Share of the roof below which an arrow fits between a mark and the roof."""
AROUND = 3.0
"""Factor by which the axes extend beyond marks and roofs."""


MOST_POINTS = 3
"""Largest number of points whose labels do not overlap."""


def fits_phases(machine: Machine, placed: Sequence[Placed]) -> bool:
    """Whether `phase_roofline` shows everything: several levels, few points, all measured, and no energies."""
    known = [level for level in machine.levels if level.bandwidth_bytes_per_s is not None]
    energies = any(one.ops_per_j or one.energy.j_per_op for one in placed)
    measured = all(one.ops_per_s and any(_moves(one, level) for level in known) for one in placed)
    few = 1 < len(known) <= len(SERIES) and 0 < len(placed) <= MOST_POINTS
    return machine.peak_ops_per_s is not None and few and measured and not energies


def phase_roofline(machine: Machine, placed: Sequence[Placed], name: str = "phase-roofline") -> Picture:
    """Throughput of phases over their operations per byte at each level.

    Parameters
    ----------
    machine
        A machine with a peak and known bandwidths.
    placed
        Phases with a measured time.
    name
        Name of the figure.
    """
    at = [x for one in placed for x in one.intensities_ops_per_byte.values() if math.isfinite(x)]
    measured = [one.ops_per_s for one in placed if one.ops_per_s is not None]
    span = (min(at) / AROUND, max(at) * AROUND * AROUND)
    figure, (axes,) = new_figure(HEIGHT_IN)
    peak = (machine.peak_ops_per_s or math.nan) / GIGA
    axes.plot(span, (peak, peak), color=INK, lw=1.2)
    _say(axes, span[0], peak, f"{COMPUTE}, {HTML.figures(peak)} Gop/s")
    streams = [level for level in machine.levels if any(_moves(one, level) for one in placed)]
    for number, level in enumerate(streams):
        colour, shape = SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]
        bandwidth = (level.bandwidth_bytes_per_s or 0.0) / GIGA
        ends = (span[0], min(span[1], peak / bandwidth))
        axes.plot(ends, [bandwidth * x for x in ends], color=colour, lw=1.2)
        axes.plot(
            [], [], color=colour, marker=shape, lw=1.2, label=f"{shortened(level.name)}, {HTML.figures(bandwidth)} GB/s"
        )
        for one in placed:
            if _moves(one, level):
                y = (one.ops_per_s or 0.0) / GIGA
                axes.plot(one.intensities_ops_per_byte[level.name], y, color=colour, marker=shape, ls="none", ms=6)
    for one in placed:
        _draw_distance(axes, one)
    set_log_axis(axes, "x", span)
    up = (min(measured) / GIGA / AROUND, max(peak, max(measured) / GIGA) * AROUND)
    set_log_axis(axes, "y", up)
    axes.set_xlim(*span)
    axes.set_ylim(*up)
    axes.set_xlabel("operations per byte moved at a level")
    axes.set_ylabel("throughput (10⁹ operations/s)")
    figure.legend(loc="outside upper left", ncols=2, columnspacing=1.2, fontsize=7.5)
    title = f"Throughput rooflines: {shortened(machine.title, 60)}."
    caption = "A point has one mark for each level at which it moves bytes; its arrow ends at the closest roof."
    return Picture(name, title, " ".join(_sentence(one) for one in placed), figure, caption)


def _moves(one: Placed, level: Level) -> bool:
    known = level.bandwidth_bytes_per_s is not None
    return known and math.isfinite(one.intensities_ops_per_byte.get(level.name, math.inf))


def _draw_distance(axes: "Axes", one: Placed) -> None:
    """Draw an arrow from a phase to its closest roof, and write the share of the roof that the phase reaches."""
    bound, roof, measured = one.throughput.bound_by, one.throughput.ops_per_s, one.ops_per_s
    if bound is None or roof is None or measured is None:
        return
    last = max(x for x in one.intensities_ops_per_byte.values() if math.isfinite(x))
    x, y, top = one.intensities_ops_per_byte.get(bound, last), measured / GIGA, roof / GIGA
    if measured < ROOM_FOR_ARROW * roof:
        axes.annotate("", (x, top), (x, y), arrowprops={"arrowstyle": "->", "color": FAINT, "shrinkA": 4})
    text = f"{shortened(one.point.name)}\n{100.0 * measured / roof:.0f} % of {bound}"
    if bound == COMPUTE:
        # The area above this roof is empty.
        axes.annotate(text, (x, top), (0, 4), textcoords="offset points", ha="center", fontsize=7.5, color=INK)
    else:
        axes.annotate(text, (last, y), (7, 0), textcoords="offset points", va="center", fontsize=7.5, color=INK)


def _say(axes: "Axes", x: float, y: float, text: str) -> None:
    axes.annotate(text, (x, y), (2, 3), textcoords="offset points", fontsize=7.5, color=INK)


def _sentence(one: Placed) -> str:
    measured, roof = one.ops_per_s or 0.0, one.throughput.ops_per_s or math.inf
    return (
        f"{one.point.name}: {HTML.figures(measured / GIGA)} of at most {HTML.figures(roof / GIGA)} 10⁹ operations/s, "
        f"bound by {one.throughput.bound_by}."
    )
