"""Pictures of designs of many cores: throughput over utilisation, and the gain of sparse weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, FAINT, GREY, INK, MARKERS, ORANGE, SERIES, new_figure, set_log_axis
from simcore.display.numbers import HTML

MOST_LABELLED = 8
DASHES = ("-", "--", ":")


@dataclass(frozen=True)
class DesignPoint:
    """A design: X, mean utilisation and mean throughput in operations a second, and whether its name is shown."""

    name: str
    size: int
    utilisation: float
    operations_per_s: float
    labelled: bool


@dataclass(frozen=True)
class GainCurve:
    """Gain of sparse weights in a regime, for blocks of so many weights: `points` are (sparsity, gain), ascending."""

    regime: str
    cells: int
    units: str
    points: Sequence[tuple[float, float]]


def designs_picture(points: Sequence[DesignPoint], batch: str) -> Picture:
    """A point for each design; colours and marks are the sizes of tensor units."""
    figure, (axes,) = new_figure(4.1)
    sizes = sorted({point.size for point in points})
    for place, size in enumerate(sizes):
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
    axes.set_xlim(0.0, 108.0)
    _label(axes, [point for point in points if point.labelled])
    axes.set_xlabel("mean utilisation (%)")
    axes.set_ylabel("mean throughput (TOPS)")
    axes.grid()
    figure.legend(loc="outside upper left", ncols=4, handlelength=1.0, columnspacing=1.2, title="tensor units")
    description = "; ".join(
        f"{point.name}: {HTML.share(point.utilisation)}, {point.operations_per_s / 1e12:.3g} TOPS" for point in points
    )
    caption = "Means over the networks; labels are (X,N,Tx,Ty). The losses are those of rounding up, an upper bound."
    title = f"Throughput over utilisation, batch {batch}."
    return Picture("many-core-designs", title, f"{description}.", figure, caption)


def _label(axes: object, points: Sequence[DesignPoint]) -> None:
    """Names of designs, on the side where there is more room; those that would touch are set apart."""
    import math

    taken: list[tuple[float, float]] = []
    low, high = axes.get_ylim()  # type: ignore[attr-defined]
    for point in sorted(points, key=lambda point: -point.operations_per_s):
        share = 100.0 * point.utilisation
        height = math.log(point.operations_per_s / 1e12 / low) / math.log(high / low)
        left = share > 60.0
        while any(abs(height - other) < 0.055 and abs(share - place) < 30.0 for place, other in taken):
            height -= 0.055
        taken.append((share, height))
        axes.annotate(  # type: ignore[attr-defined]
            point.name,
            (share, point.operations_per_s / 1e12),
            xytext=((share - 2.5 if left else share + 2.5) / 108.0, height),
            textcoords="axes fraction",
            ha="right" if left else "left",
            va="center",
            fontsize=7,
            color=INK,
        )


def gain_picture(curves: Sequence[GainCurve], break_even: float) -> Picture:
    """Gain over sparsity, drawn over the share that is not 0 on a logarithmic axis that falls to the right."""
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
            label=f"{curve.regime}, {curve.units}",
        )
    densities = sorted({1.0 - sparsity for curve in curves for sparsity, _ in curve.points})
    set_log_axis(axes, "y", [gain for curve in curves for _, gain in curve.points])
    axes.set_xscale("log")
    ticks = [density for density in (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001) if density >= densities[0] / 1.01]
    axes.xaxis.set_ticks(ticks, [f"{100.0 * (1.0 - density):g}" for density in ticks])
    axes.xaxis.set_minor_locator(__import__("matplotlib.ticker").ticker.NullLocator())
    axes.set_xlim(1.15, densities[0] / 1.15)
    axes.axhline(1.0, color=FAINT, linewidth=0.8)
    axes.axvline(1.0 - break_even, color=GREY, linewidth=0.8)
    axes.set_xlabel("sparsity of the weights (%), the share that is 0")
    axes.set_ylabel("gain over dense weights")
    axes.grid()
    figure.legend(loc="outside upper left", ncols=2, handlelength=3.0)
    return Picture("many-core-sparsity", "Gain of sparse weights.", _told(curves), figure, CAPTION.format(break_even))


CAPTION = (
    "By what binds the dense product, and the weights of a block that is skipped where all are 0. Equal powers of dense "
    "and sparse units. Grey: compressed weights have as many bytes as all weights, at {:.3f}."
)


def _told(curves: Sequence[GainCurve]) -> str:
    entries: Mapping[str, str] = {
        f"{curve.regime}, {curve.units}": ", ".join(f"{gain:.3g} at {sparsity:g}" for sparsity, gain in curve.points)
        for curve in curves
    }
    return "; ".join(f"{name}: {values}" for name, values in entries.items()) + "."
