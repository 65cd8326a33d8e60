"""Figures of an inference: accuracy over steps and over energy, confusion of classes, spike densities of layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchnn.report.picture import Picture
from benchnn.report.style import MARKERS, SERIES, new_figure, set_log_axis, shortened
from simcore.display.numbers import HTML

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERED = 12
"""Largest number of classes for which the figure shows counts as numbers."""
MOST_TICKS = 8
"""Largest number of different steps that all have a tick."""


@dataclass(frozen=True)
class Point:
    """A case of an inference; energy is None where it is not known."""

    steps: float
    share: float
    low: float
    high: float
    energy_j: float | None


Series = Mapping[str, Sequence[Point]]
"""Cases by their common property, such as network and noise; sorted by the number of steps."""


def accuracy_picture(series: Series) -> Picture:
    """Accuracy as a function of the mean number of steps, with confidence intervals."""
    figure, (axes,) = new_figure(2.8)
    for (name, points), colour, marker in zip(
        series.items(), _cycled(SERIES, series), _cycled(MARKERS, series), strict=True
    ):
        steps, shares = [point.steps for point in points], np.array([point.share for point in points])
        bounds = np.abs(np.array([[point.low, point.high] for point in points]).T - shares)
        axes.errorbar(steps, 100 * shares, 100 * bounds, color=colour, marker=marker, capsize=2, label=shortened(name))
    _set_step_axis(axes, sorted({point.steps for points in series.values() for point in points}))
    axes.set_xlabel("steps until the answer")
    axes.set_ylabel("accuracy (%)")
    axes.grid()
    if len(series) > 1:
        figure.legend(loc="outside upper left", ncols=2)
    caption = "; ".join(
        f"{name}: " + ", ".join(f"{100 * point.share:.2f} % after {point.steps:.3g} steps" for point in points)
        for name, points in series.items()
    )
    title = "Accuracy as a function of the number of steps."
    return Picture("inference-accuracy", title, caption, figure, "Bars: 95 % confidence intervals.")


def _set_step_axis(axes: "Axes", steps: Sequence[float]) -> None:
    """Make the axis of steps logarithmic, with ticks at the steps if these are few whole numbers."""
    set_log_axis(axes, "x", steps)
    if len(steps) <= MOST_TICKS and all(float(number).is_integer() for number in steps):
        axes.xaxis.set_ticks(steps, [f"{number:,.0f}" for number in steps])


def energy_picture(series: Series) -> Picture | None:
    """Accuracy as a function of the energy per inference; None if all energies are unknown."""
    known = {
        name: [(point.energy_j, 100 * point.share) for point in points if point.energy_j]
        for name, points in series.items()
    }
    known = {name: points for name, points in known.items() if points}
    if not known:
        return None
    figure, (axes,) = new_figure(2.8)
    for (name, points), colour, marker in zip(
        known.items(), _cycled(SERIES, known), _cycled(MARKERS, known), strict=True
    ):
        energies, shares = zip(*sorted(points), strict=True)
        axes.plot(np.array(energies) * 1e6, shares, color=colour, marker=marker, label=shortened(name))
    set_log_axis(axes, "x", [energy * 1e6 for points in known.values() for energy, _ in points])
    axes.set_xlabel("energy per inference on the chip (µJ)")
    axes.set_ylabel("accuracy (%)")
    axes.grid()
    if len(known) > 1:
        figure.legend(loc="outside upper left", ncols=2)
    caption = "; ".join(
        f"{name}: " + ", ".join(f"{share:.2f} % for {HTML.prefixed(energy, 'J')}" for energy, share in points)
        for name, points in known.items()
    )
    title = "Accuracy as a function of the energy per inference."
    return Picture("inference-energy", title, caption, figure, "Points further up and to the left are better.")


def confusion_picture(confused: npt.NDArray[np.int64]) -> Picture:
    """Confusion matrix: number of samples of each class by answer; colours show shares of the class."""
    figure, (axes,) = new_figure(3.6)
    totals = np.maximum(confused.sum(axis=1, keepdims=True), 1)
    shares = confused / totals
    shown = axes.imshow(shares, cmap="PuBu", vmin=0.0, vmax=1.0, interpolation="none")
    axes.set_xlabel("answer")
    axes.set_ylabel("class")
    if len(confused) <= NUMBERED:
        for (row, column), number in np.ndenumerate(confused):
            if number:
                colour = "white" if shares[row, column] > 0.6 else "black"
                axes.text(column, row, f"{number:,}", ha="center", va="center", size=7, color=colour)
        axes.set_xticks(range(len(confused)))
        axes.set_yticks(range(len(confused)))
    bar = figure.colorbar(shown, ax=axes, shrink=0.9, aspect=24, pad=0.02, label="share of the class")
    bar.outline.set_visible(False)
    right, samples = int(np.trace(confused)), int(confused.sum())
    description = f"{right:,} of {samples:,} samples were classified correctly."
    return Picture("inference-confusion", "Answers by class.", description, figure, "Numbers are counts of samples.")


def densities_picture(densities: Mapping[str, Sequence[float]]) -> Picture:
    """Spikes per neuron in each step, by layer."""
    figure, (axes,) = new_figure(2.6)
    for (name, values), colour in zip(densities.items(), _cycled(SERIES, densities), strict=True):
        axes.plot(np.arange(1, len(values) + 1), values, color=colour, label=shortened(name))
    axes.set_xlabel("step after the first input of the layer")
    axes.set_ylabel("spikes per neuron and step")
    axes.set_ylim(bottom=0.0)
    axes.grid()
    figure.legend(loc="outside upper left", ncols=3)
    caption = "; ".join(f"{name}: mean {np.mean(values):.3g}" for name, values in densities.items())
    return Picture("inference-densities", "Spike density by layer.", caption, figure)


def _cycled(values: Sequence[str], series: Mapping[str, object]) -> list[str]:
    return [values[place % len(values)] for place in range(len(series))]
