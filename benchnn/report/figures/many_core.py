"""Figures of many-core designs: throughput over utilisation, and the gain from sparse weights."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, FAINT, MARKERS, ORANGE, SERIES, new_figure, set_log_axis, shortened
from simcore.display.numbers import HTML

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_AT_POINTS = 12
"""Up to this number of designs, labels are next to their points; beyond it, in a corner with lines to the points."""
RIGHT_END = 108.0
"""End of the axis of utilisation, so that marks at 100 % are not cut."""
RING_PT = 10.0
"""Size of the ring around a point whose label is in the corner."""
LINE_HEIGHT = 0.055
"""Height of a label as a share of the axis."""
DASHES = ("-", "--", ":")


@dataclass(frozen=True)
class DesignPoint:
    """A design: X, mean utilisation, mean throughput in operations per second, and whether its name is shown."""

    name: str
    size: int
    utilisation: float
    operations_per_s: float
    labelled: bool


@dataclass(frozen=True)
class GainCurve:
    """Gain from sparse weights in a regime for blocks of `cells` weights: `points` are (sparsity, gain), ascending."""

    regime: str
    cells: int
    units: str
    points: Sequence[tuple[float, float]]


def designs_picture(points: Sequence[DesignPoint], batch: str) -> Picture:
    """A point for each design; colours and marks show the size of the tensor units."""
    figure, (axes,) = new_figure(4.1)
    for place, size in enumerate(sorted({point.size for point in points})):
        own = [point for point in points if point.size == size]
        axes.plot(
            [100.0 * point.utilisation for point in own],
            [point.operations_per_s / 1e12 for point in own],
            linestyle="none",
            marker=MARKERS[place % len(MARKERS)],
            color=SERIES[place % len(SERIES)],
            markerfacecolor="white" if place >= len(SERIES) else None,
            label=f"{size} x {size}",
        )
    set_log_axis(axes, "y", [point.operations_per_s / 1e12 for point in points])
    axes.set_xlim(0.0, RIGHT_END)
    labelled = sorted((point for point in points if point.labelled), key=lambda point: -point.operations_per_s)
    if len(points) <= MOST_AT_POINTS:
        _label_points(axes, labelled)
    else:
        _label_in_corner(axes, labelled)
    axes.set_xlabel("mean utilisation (%)")
    axes.set_ylabel("mean throughput (TOPS)")
    axes.grid()
    figure.legend(
        loc="outside upper left", ncols=4, handlelength=1.0, columnspacing=1.2, title="tensor units", alignment="left"
    )
    description = "; ".join(
        f"{point.name}: {HTML.share(point.utilisation)}, {point.operations_per_s / 1e12:.3g} TOPS" for point in points
    )
    caption = "Means over the networks for a fixed mapping; better mappings exist. Labels are (X,N,Tx,Ty)."
    title = f"Throughput as a function of utilisation, batch size {batch}."
    return Picture("many-core-designs", title, f"{description}.", figure, caption)


def _label_points(axes: "Axes", points: Sequence[DesignPoint]) -> None:
    """Write names next to their points, highest first, on the side with more room; move down those that overlap."""
    low, high = axes.get_ylim()
    taken: list[tuple[float, float]] = []
    for point in points:
        share, left = point.utilisation * 100.0 / RIGHT_END, point.utilisation > 0.6
        height = (math.log(point.operations_per_s / 1e12) - math.log(low)) / (math.log(high) - math.log(low))
        while any(abs(height - other) < LINE_HEIGHT and abs(share - place) < 0.3 for place, other in taken):
            height -= LINE_HEIGHT
        taken.append((share, height))
        axes.text(
            share - 0.025 if left else share + 0.025,
            height,
            shortened(point.name),
            transform=axes.transAxes,
            ha="right" if left else "left",
            va="center",
            fontsize=7,
        )


def _label_in_corner(axes: "Axes", points: Sequence[DesignPoint]) -> None:
    """List names where utilisation and throughput are low, with lines to rings around their points."""
    axes.plot(
        [100.0 * point.utilisation for point in points],
        [point.operations_per_s / 1e12 for point in points],
        linestyle="none",
        marker="o",
        markersize=RING_PT,
        markerfacecolor="none",
        markeredgecolor="black",
    )
    for place, point in enumerate(sorted(points, key=lambda point: point.utilisation)):
        axes.annotate(
            shortened(point.name),
            (100.0 * point.utilisation, point.operations_per_s / 1e12),
            xytext=(0.03, LINE_HEIGHT * (len(points) - place)),
            textcoords="axes fraction",
            va="center",
            fontsize=7,
            arrowprops={
                "arrowstyle": "-",
                "color": FAINT,
                "linewidth": 0.6,
                "shrinkB": RING_PT / 2,
                "relpos": (1.0, 0.5),
            },
        )


def gain_picture(curves: Sequence[GainCurve], break_even: float) -> Picture:
    """Gain as a function of sparsity; the x axis is logarithmic in the share of non-zero weights."""
    from matplotlib.ticker import NullLocator

    figure, (axes,) = new_figure(3.8)
    regimes = list(dict.fromkeys(curve.regime for curve in curves))
    blocks = list(dict.fromkeys(curve.cells for curve in curves))
    for curve in curves:
        place = blocks.index(curve.cells)
        axes.plot(
            [1.0 - sparsity for sparsity, _ in curve.points],
            [gain for _, gain in curve.points],
            color=(BLUE, ORANGE)[place % 2],
            linestyle=DASHES[regimes.index(curve.regime) % len(DASHES)],
            marker=MARKERS[place % len(MARKERS)],
            markersize=3.5,
            label=shortened(f"{curve.regime}: {curve.units}", 40),
        )
    least = min(1.0 - sparsity for curve in curves for sparsity, _ in curve.points)
    set_log_axis(axes, "y", [1.0, *(gain for curve in curves for _, gain in curve.points)])
    axes.set_xscale("log")
    decades = range(math.floor(math.log10(least)), 1)
    ticks = [float(f"{digit}e{decade}") for decade in decades for digit in (1, 2, 5)]
    ticks = [tick for tick in ticks if least / 1.01 <= tick <= 1.0]
    if len(ticks) > MOST_AT_POINTS:
        ticks = [float(f"1e{decade}") for decade in decades]
    axes.xaxis.set_ticks(ticks, [f"{100.0 * (1.0 - tick):.12g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(1.15, least / 1.15)
    axes.axhline(1.0, color=FAINT, linewidth=0.8)
    axes.axvline(1.0 - break_even, color=FAINT, linewidth=0.8)
    axes.set_xlabel("sparsity of the weights (%)")
    axes.set_ylabel("gain over dense weights")
    axes.grid()
    figure.legend(loc="outside upper left", ncols=2, handlelength=3.0)
    description = "; ".join(
        f"{curve.regime}, {curve.units}: " + ", ".join(f"{gain:.3g} at {sparsity:g}" for sparsity, gain in curve.points)
        for curve in curves
    )
    caption = (
        "Lines: the dense product is bound by memory or, at the ridge, by memory and computation. Blocks of weights "
        "that are all 0 are skipped: blocks of 64 weights in TU8 and RT64, of 1,024 weights in TU32 and RT1024. Dense "
        "and sparse units have equal power. Vertical line: compressed weights take as many bytes as all weights, "
        f"at a sparsity of {100.0 * break_even:.1f} %."
    )
    return Picture("many-core-sparsity", "Gain from sparse weights.", f"{description}.", figure, caption)
