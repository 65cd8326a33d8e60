"""Spike rasters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchnn.report.figures.populations import MAX_SHOWN, colour, kind
from benchnn.report.picture import Picture
from benchnn.report.style import FAINT, new_figure, shortened
from simcore.recording.spikes import Spikes, step_times_ms

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_MS = 400.0
NEURONS = 700
MARKS = 6000
"""About as many spikes are drawn at most: fewer neurons are shown where they fire more."""
LEAST = 36
"""Neurons of a small population."""
LINE_WIDTHS = {"excitatory": 0.9, "inhibitory": 1.4, "other": 1.1}
TALL = 0.008
"""Height of a mark over that of the figure: it may reach into the rows beside it."""


@dataclass(frozen=True)
class Shown:
    """Contents of a raster: names of populations, number of neurons, interval and all spikes in it."""

    names: list[str]
    neurons: int
    start_ms: float
    stop_ms: float
    spikes: int


def raster_picture(spikes: Spikes) -> Picture | None:
    """The last 400 ms of a recording, of some neurons of every population; None without neurons or duration."""
    spikes = spikes.of_recorded()
    if not can_be_shown(spikes):
        return None
    figure, (axes,) = new_figure(4.6)
    shown = draw_raster(axes, spikes, SHOWN_MS)
    description = (
        f"Spikes of {shown.neurons} neurons of {', '.join(shown.names)} from {shown.start_ms:g} to {shown.stop_ms:g} "
        f"ms; all neurons have {shown.spikes:,} spikes in that time."
    )
    return Picture("raster", "Spike raster.", description, figure, _caption(spikes, shown.names, shown.neurons))


def can_be_shown(spikes: Spikes) -> bool:
    """Whether there is a neuron, and time in which it could spike."""
    return any(spikes.sizes.values()) and spikes.stop_step > spikes.start_step


def draw_raster(axes: "Axes", spikes: Spikes, shown_ms: float) -> Shown:
    """Draw the last `shown_ms` of a recording, of some neurons of every population.

    Populations have shares of the rows by their size, but at least a few; neurons are chosen evenly by id among those
    that were recorded.
    """
    spikes = spikes.of_recorded()
    names = [name for name, size in spikes.sizes.items() if size][:MAX_SHOWN]
    recorded = spikes.stop_step - spikes.start_step
    steps = max(1, round(min(shown_ms / spikes.resolution_ms, recorded)))
    late = spikes.since(spikes.stop_step - steps)
    per_neuron = len(late) / sum(spikes.sizes.values())
    neurons = min(NEURONS, MARKS / per_neuron) if per_neuron else NEURONS
    total = sum(spikes.sizes[name] for name in names)
    shown = {name: _rows(spikes.sizes[name], neurons * spikes.sizes[name] / total) for name in names}
    top, centres, half = 0, [], 0.5 * TALL * sum(shown.values())
    for name, rows in shown.items():
        times, places = _sampled(late, name, rows)
        _ticks(axes, times, places + np.float64(top + 0.5), half, name)
        centres.append(top + rows / 2)
        top += rows
        axes.axhline(top, color=FAINT, lw=0.3)
    axes.set_yticks(centres, [shortened(name, 10) for name in names])
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_color(colour(name))
    axes.tick_params(axis="y", length=0)
    start_ms, stop_ms = step_times_ms(np.array([late.start_step, late.stop_step]), spikes.resolution_ms).tolist()
    axes.set_xlim(start_ms, stop_ms)
    axes.set_ylim(top, 0)
    axes.set_xlabel("model time (ms)")
    return Shown(names, top, start_ms, stop_ms, len(late))


def _rows(size: int, share: float) -> int:
    """Neurons of a population that are shown."""
    return min(size, max(LEAST, round(share)))


def _caption(spikes: Spikes, names: list[str], rows: int) -> str:
    colours = {"excitatory": "blue, thin", "inhibitory": "red, thick", "other": "green"}
    kinds = [f"{one} {colours[one]}" for one in dict.fromkeys(kind(name) for name in names)]
    left_out = len(spikes.sizes) - len(names)
    more = f" {left_out} more populations are not shown." if left_out else ""
    return f"{rows} of {sum(spikes.sizes.values()):,} neurons, evenly chosen; {', '.join(kinds)}, by their names.{more}"


def _sampled(
    spikes: Spikes, name: str, rows: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:  # fmt: skip
    """Times and rows of the spikes of `rows` neurons of a population."""
    times, ids = spikes.of(name)
    chosen = np.linspace(0, spikes.sizes[name] - 1, rows).astype(np.int64)
    row_of = np.full(spikes.sizes[name], -1)
    row_of[chosen] = np.arange(rows)
    shown = row_of[ids] >= 0
    return times[shown], row_of[ids[shown]]


def _ticks(
    axes: "Axes", times: npt.NDArray[np.float64], places: npt.NDArray[np.float64], half: float, name: str
) -> None:
    """Draw a short upright line for each spike, all of them as one path: a tenth of the size of so many marks."""
    gap = np.full(len(times), np.nan)
    across = np.stack([times, times, gap], axis=1).ravel()
    up = np.stack([places - half, places + half, gap], axis=1).ravel()
    axes.plot(across, up, color=colour(name), lw=LINE_WIDTHS[kind(name)], solid_capstyle="butt")
