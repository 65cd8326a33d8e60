"""A predicted scaling series with its band, measured layouts, and published curves from other machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchnn.report.picture import Picture
from benchnn.report.published_scaling import PublishedCurve, PublishedPoint
from benchnn.report.style import FAINT, INK, MARKERS, SERIES, new_figure, set_log_axis, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Estimate:
    """A predicted value, its band, and the measured value; unknown values are None."""

    predicted: float
    low: float | None
    high: float | None
    measured: float | None


@dataclass(frozen=True)
class PredictedPoint:
    """A layout of a prediction; values that were not predicted are None.

    Parameters
    ----------
    ranks, threads
        The layout.
    rtf, memory_gb, construction_s
        Real-time factor, and peak memory (GB) and network construction (s) of a rank.
    """

    ranks: int
    threads: int
    rtf: Estimate | None
    memory_gb: Estimate | None
    construction_s: Estimate | None

    @property
    def cores(self) -> int:
        """Number of threads of all ranks."""
        return self.ranks * self.threads


PANELS = (
    ("rtf", "real-time factor"), ("memory_gb", "memory per rank (GB)"), ("construction_s", "construction (s)"),
)  # fmt: skip


def prediction_picture(points: Sequence[PredictedPoint], curves: Sequence[PublishedCurve], kind: str) -> Picture:
    """Predicted real-time factor, memory and network construction as functions of the number of cores.

    Parameters
    ----------
    points
        Layouts, at least one with a prediction.
    curves
        Published curves of the same network.
    kind
        ``strong`` or ``weak``.
    """
    figure, axes = new_figure(7.2, 3, 1, sharex=True)
    cores = [point.cores for point in points]
    cores += [published.units * curve.cores_per_unit for curve in curves for published in curve.points]
    for one, (name, label) in zip(axes, PANELS, strict=True):
        reached = _panel(one, points, curves, name)
        if reached:
            set_log_axis(one, "y", reached)
        one.set_ylabel(label)
        one.grid(axis="y")
    set_log_axis(axes[-1], "x", cores)
    axes[-1].set_xlabel("cores (ranks x threads)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=2, columnspacing=1.2)
    listed = "; ".join(
        f"{point.ranks:,} x {point.threads}: {point.rtf.predicted:.4g}" for point in points if point.rtf is not None
    )
    caption = "Hollow marks and lines are predictions, shaded areas their bands, and filled squares measurements."
    if curves:
        caption += " Dashed lines: published, on other hardware; a node counts with all its cores, a GPU as one core."
    title = f"Predicted {kind} scaling."
    return Picture("prediction", title, f"Predicted real-time factor by ranks x threads. {listed}.", figure, caption)


def _panel(axes: "Axes", points: Sequence[PredictedPoint], curves: Sequence[PublishedCurve], name: str) -> list[float]:
    """Draw one quantity; return all values that the axis must include."""
    reached: list[float] = []
    for place, threads in enumerate(sorted({point.threads for point in points})):
        own = [(point.cores, getattr(point, name)) for point in points if point.threads == threads]
        known = sorted((cores, value) for cores, value in own if value is not None)
        if known:
            label = f"predicted, {threads} thread{'s' if threads > 1 else ''} per rank"
            reached += _predicted(axes, known, SERIES[place % len(SERIES)], MARKERS[0], label)
    measured = [(point.cores, value.measured) for point in points if (value := getattr(point, name)) is not None]
    run = [(cores, value) for cores, value in measured if value is not None]
    if run:
        axes.plot(*zip(*run, strict=True), "s", color=INK, ms=5, label="measured", zorder=4)
        reached += [value for _, value in run]
    for place, curve in enumerate(curves):
        reached += _published(axes, curve, name, MARKERS[(place + 2) % len(MARKERS)])
    return reached


def _predicted(
    axes: "Axes", known: Sequence[tuple[int, Estimate]], colour: str, marker: str, label: str
) -> list[float]:
    cores = [number for number, _ in known]
    values = [value.predicted for _, value in known]
    axes.plot(cores, values, f"{marker}-", color=colour, mfc="white", label=label, zorder=3)
    bands = [(number, value.low, value.high) for number, value in known if value.low is not None]
    if not bands:
        return values
    lows = [low for _, low, _ in bands if low is not None]
    highs = [high for _, _, high in bands if high is not None]
    axes.fill_between([number for number, _, _ in bands], lows, highs, color=colour, alpha=0.18, lw=0, zorder=1)
    return [*values, *lows, *highs]


def _published(axes: "Axes", curve: PublishedCurve, name: str, marker: str) -> list[float]:
    pairs = [(point.units * curve.cores_per_unit, _value(point, name)) for point in curve.points]
    known = [(cores, value) for cores, value in pairs if value is not None]
    if known:
        label = shortened(f"{curve.simulator} (other hardware)", 44)
        axes.plot(*zip(*known, strict=True), f"{marker}--", color=FAINT, mfc="white", lw=1, label=label, zorder=2)
    return [value for _, value in known]


def _value(point: PublishedPoint, name: str) -> float | None:
    return {"rtf": point.real_time_factor, "construction_s": point.construction_s}.get(name)
