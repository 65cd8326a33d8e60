"""Scaling of a network with the number of cores."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchnn.report.picture import Picture
from benchnn.report.style import FAINT, MARKERS, SERIES, new_figure, set_log_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Spread:
    """Median and range over seeds."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """A layout of a series; values that were not measured are None.

    Parameters
    ----------
    ranks, threads
        The layout.
    oversubscribed
        Whether there were more threads than CPUs, so that times are not meaningful.
    rtf, construction_s, peak_bytes
        Real-time factor, wall time of the network construction, and largest resident set of a rank.
    efficiency
        Parallel efficiency; 1 is ideal.
    of_seeds
        Real-time factors of all seeds.
    energy_uj
        Measured energy per synaptic event, microjoules.
    """

    ranks: int
    threads: int
    oversubscribed: bool
    rtf: Spread | None
    efficiency: float | None
    construction_s: Spread | None
    peak_bytes: Spread | None
    of_seeds: tuple[float, ...]
    energy_uj: Spread | None = None

    @property
    def cores(self) -> int:
        """Number of threads of all ranks."""
        return self.ranks * self.threads


Value = Callable[[Point], Spread | None]


def scaling_pictures(points: Sequence[Point], kind: str) -> list[Picture]:
    """Figures of real-time factor, efficiency, energy, construction and memory over the number of cores, if known.

    Parameters
    ----------
    points
        Layouts, in order; efficiency is relative to the first.
    kind
        ``strong`` or ``weak``.
    """
    pictures = [_speed(points, kind)] if any(point.rtf is not None for point in points) else []
    return pictures + _energy(points) + _costs(points)


def _speed(points: Sequence[Point], kind: str) -> Picture:
    figure, axes = new_figure(4.6, 2, 1, sharex=True)
    _lines(axes[0], points, lambda point: point.rtf)
    for point in points:
        axes[0].plot([point.cores] * len(point.of_seeds), point.of_seeds, "_", color=FAINT, ms=7, mew=0.8, zorder=1)
    known = [point.rtf for point in points if point.rtf is not None]
    cores = sorted({point.cores for point in points})
    reached = [value for spread in known for value in (spread.low, spread.high)]
    first = points[0].rtf
    if first is not None:
        ideal = [first.median * (points[0].cores / number if kind == "strong" else 1.0) for number in cores]
        axes[0].plot(cores, ideal, "--", color=FAINT, lw=1, label="ideal", zorder=0)
        reached += ideal
    if min(reached) / 3 < 1.0 < max(reached) * 3:
        axes[0].axhline(1.0, color=FAINT, lw=0.8, ls=":", label="real time", zorder=0)
        reached.append(1.0)
    set_log_axis(axes[0], "y", reached)
    axes[0].set_ylabel("real-time factor")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=3, columnspacing=1.2)
    _lines(axes[1], points, lambda point: _exact(point.efficiency, 100.0))
    axes[1].axhline(100.0, color=FAINT, lw=1, ls="--", zorder=0)
    _from_zero(axes[1])
    axes[1].set_ylabel("efficiency (%)")
    _core_axis(axes[1], cores)
    listed = "; ".join(
        f"{point.ranks} x {point.threads}: {point.rtf.median:.4g}" for point in points if point.rtf is not None
    )
    caption = "Lines are medians over seeds, bars the range, and dashes the single values."
    if any(point.oversubscribed for point in points):
        caption += " Hollow marks: more threads than CPUs, so that times are not meaningful."
    title = f"{kind.capitalize()} scaling: real-time factor and efficiency."
    return Picture("scaling", title, f"Real-time factor by ranks x threads. {listed}.", figure, caption)


def _energy(points: Sequence[Point]) -> list[Picture]:
    """Energy per synaptic event."""
    known = [(point, point.energy_uj) for point in points if point.energy_uj is not None]
    if not known:
        return []
    figure, (axes,) = new_figure(2.3)
    _lines(axes, points, lambda point: point.energy_uj)
    axes.set_ylabel("energy per event (µJ)")
    _from_zero(axes)
    _core_axis(axes, sorted({point.cores for point, _ in known}))
    listed = "; ".join(f"{point.ranks} x {point.threads}: {spread.median:.3g} µJ" for point, spread in known)
    caption = "Measured energy of the state propagation; lines are medians over seeds, bars the range."
    alternative = f"Energy per synaptic event by ranks x threads. {listed}."
    return [Picture("energy", "Energy per synaptic event.", alternative, figure, caption)]


def _costs(points: Sequence[Point]) -> list[Picture]:
    """Construction time and memory."""
    values: list[tuple[str, Value]] = [
        ("construction (s)", lambda point: point.construction_s),
        ("peak memory per rank (MB)", lambda point: _times(point.peak_bytes, 1e-6)),
    ]
    shown = [(label, value) for label, value in values if any(value(point) is not None for point in points)]
    if not shown:
        return []
    figure, axes = new_figure(2.3, 1, len(shown))
    for one, (label, value) in zip(axes, shown, strict=True):
        _lines(one, points, value)
        one.set_title(label)
        _from_zero(one)
        _core_axis(one, sorted({point.cores for point in points}))
    named = " and ".join(label for label, _ in shown)
    description = f"{named} as a function of the number of cores; the table has the values."
    return [Picture("costs", "Network construction and memory.", description, figure)]


def _lines(axes: "Axes", points: Sequence[Point], value: Value) -> None:
    """A line for each number of threads per rank."""
    for index, threads in enumerate(sorted({point.threads for point in points})):
        own = [(point, spread) for point in points if point.threads == threads and (spread := value(point)) is not None]
        own.sort(key=lambda entry: entry[0].cores)
        colour, marker = SERIES[index % len(SERIES)], MARKERS[index % len(MARKERS)]
        cores = [point.cores for point, _ in own]
        medians = [spread.median for _, spread in own]
        errors = [[spread.median - spread.low for _, spread in own], [spread.high - spread.median for _, spread in own]]
        label = f"{threads} thread{'s' if threads > 1 else ''} per rank"
        axes.errorbar(cores, medians, errors, color=colour, capsize=2.5, elinewidth=1, label=label)
        for hollow in (False, True):
            chosen = [
                (c, m) for c, m, (point, _) in zip(cores, medians, own, strict=True) if point.oversubscribed == hollow
            ]
            face = "white" if hollow else colour
            axes.plot(*zip(*chosen, strict=True), marker, mfc=face, color=colour) if chosen else None
    axes.grid(axis="y")


def _from_zero(axes: "Axes") -> None:
    """Let the y axis begin at 0, with room for whole marks at the top."""
    axes.set_ylim(0.0, 1.06 * max(axes.dataLim.ymax, 1e-12))


def _core_axis(axes: "Axes", cores: Sequence[int]) -> None:
    set_log_axis(axes, "x", cores)
    axes.set_xticks(cores, [str(number) for number in cores])
    axes.set_xlabel("cores (ranks x threads)")


def _exact(value: float | None, factor: float) -> Spread | None:
    return None if value is None else Spread(value * factor, value * factor, value * factor)


def _times(spread: Spread | None, factor: float) -> Spread | None:
    return None if spread is None else Spread(spread.median * factor, spread.low * factor, spread.high * factor)
