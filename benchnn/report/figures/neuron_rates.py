"""Rates of single neurons over trials: ranked, and compared between two experiments."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, FAINT, ORANGE, RED, SERIES, new_figure, set_log_axis, shortened
from benchnn.statistics.neuron_rates import NeuronRates, RateDifferences

POINTS = 300
"""Number of points of a line; ranks are chosen evenly on their logarithmic axis."""
MOST_MARKS = 1500
"""Largest number of neurons in a scatter plot."""
LARGEST = 20
"""Largest number of neurons whose differences are drawn with their intervals."""


def rank_picture(experiments: Mapping[str, NeuronRates]) -> Picture | None:
    """Mean rate over rank of the neurons that fired, one line for each experiment; None if no neuron fired."""
    shown = {name: rates for name, rates in experiments.items() if len(rates.neurons)}
    if not shown:
        return None
    figure, (axes,) = new_figure(2.6)
    described = []
    for (name, rates), colour, dashes in zip(shown.items(), SERIES, ("-", "--", ":", "-.") * 2, strict=False):
        n = len(rates.neurons)
        ranks = np.unique(np.geomspace(1, n, POINTS).round().astype(int))
        mean, half = rates.mean_hz[ranks - 1], rates.half_hz[ranks - 1]
        # A line of a single point is invisible without a mark.
        axes.plot(ranks, mean, dashes, color=colour, lw=1.3, marker="." if n < 30 else None, label=shortened(name))
        if np.isfinite(half).all():
            axes.fill_between(ranks, np.maximum(mean - half, 0.0), mean + half, color=colour, alpha=0.2, lw=0)
        described.append(f"{name}: {n} neurons, {mean[0]:.4g} to {mean[-1]:.3g} per second")
    set_log_axis(axes, "x", [1.0, float(max(len(rates.neurons) for rates in shown.values()))])
    axes.set_xlabel("rank of the neuron")
    axes.set_ylabel("mean rate (1/s)")
    axes.set_ylim(bottom=0.0)
    axes.grid(axis="y")
    if len(shown) > 1:
        figure.legend(loc="outside upper left")
    title = "Neurons ranked by their mean rate over trials."
    caption = "Bands are 95 % confidence intervals of the mean over trials. The axis of ranks is logarithmic."
    return Picture("neuron-rates", title, f"{'; '.join(described)}.", figure, caption)


def scatter_picture(found: RateDifferences, names: tuple[str, str]) -> Picture | None:
    """Mean rate in the second experiment over mean rate in the first; None if no neuron fired."""
    if not len(found.neurons):
        return None
    figure, (axes,) = new_figure(3.6)
    some = slice(0, MOST_MARKS)
    first, second, marked = found.first_hz[some], found.second_hz[some], found.marked[some]
    highest = 1.05 * float(max(first.max(), second.max()))
    axes.plot([0.0, highest], [0.0, highest], color=FAINT, lw=0.8)
    axes.plot(first[~marked], second[~marked], "o", color=FAINT, mfc="none", ms=3.5, label="not significant")
    axes.plot(first[marked], second[marked], "o", color=RED, ms=3.5, label="significant")
    axes.set_xlabel(f"{shortened(names[0])}: mean rate (1/s)")
    axes.set_ylabel(f"{shortened(names[1])}: mean rate (1/s)")
    # Marks on the axes are whole.
    axes.set_xlim(-0.03 * highest, highest)
    axes.set_ylim(-0.03 * highest, highest)
    axes.set_aspect("equal")
    figure.legend(loc="outside upper left", ncols=2)
    description = f"{len(found.neurons)} neurons, {int(found.marked.sum())} significant."
    more = f" Only the {MOST_MARKS:,} largest differences are shown." if len(found.neurons) > MOST_MARKS else ""
    caption = f"Each mark is a neuron; differences are significant by the Benjamini-Hochberg procedure.{more}"
    return Picture("rate-scatter", "Mean rates in both experiments.", description, figure, caption)


def interval_picture(found: RateDifferences, labels: Sequence[str]) -> Picture | None:
    """The largest differences with their 95 % confidence intervals; None if no neuron fired.

    Parameters
    ----------
    found
        The differences, in descending order.
    labels
        Labels of the neurons that are drawn.
    """
    n = min(LARGEST, len(found.neurons))
    if not n:
        return None
    figure, (axes,) = new_figure(0.8 + 0.17 * n)
    for place in range(n):
        difference, half = float(found.difference_hz[place]), float(found.half_hz[place])
        colour = (BLUE if difference < 0.0 else ORANGE) if found.marked[place] else FAINT
        if np.isfinite(half):
            axes.plot([difference - half, difference + half], [place, place], color=colour, lw=1.5)
        axes.plot([difference], [place], "o", color=colour, mfc=colour if found.marked[place] else "white", ms=4.5)
    axes.axvline(0.0, color=FAINT, lw=0.8)
    axes.set_yticks(range(n), [shortened(label, 24) for label in labels[:n]])
    axes.set_ylim(n - 0.5, -0.5)
    axes.set_xlabel("difference of the mean rates (1/s)")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    parts = (f"{label} {value:.4g}" for label, value in zip(labels, found.difference_hz[:n], strict=False))
    caption = "Lines are 95 % confidence intervals; filled marks are significant by the Benjamini-Hochberg procedure."
    return Picture("rate-differences", "Largest differences of mean rates.", f"{', '.join(parts)}.", figure, caption)
