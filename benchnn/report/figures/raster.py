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
"""Approximate largest number of spikes that are drawn; if neurons fire more, fewer neurons are shown."""
LEAST = 36
"""Smallest number of neurons that are shown of a population."""
LINE_WIDTHS = {"excitatory": 0.9, "inhibitory": 1.4, "other": 1.1}
TALL = 0.008
"""Height of a mark as a share of the figure; it may extend into neighbouring rows."""


@dataclass(frozen=True)
class Shown:
    """Contents of a raster: names of populations, number of neurons, interval, and number of all spikes in it."""

    names: list[str]
    neurons: int
    start_ms: float
    stop_ms: float
    spikes: int


def raster_picture(spikes: Spikes) -> Picture | None:
    """The last 400 ms of some neurons of each population; None if the recording has no neurons or no duration."""
    spikes = spikes.of_recorded()
    if not can_be_shown(spikes):
        return None
    figure, (axes,) = new_figure(4.6)
    shown = draw_raster(axes, spikes, SHOWN_MS)
    description = (
        f"Spikes of {shown.neurons} neurons of {', '.join(shown.names)} from {shown.start_ms:g} to {shown.stop_ms:g} "
        f"ms; all recorded neurons have {shown.spikes:,} spikes in this interval."
    )
    return Picture("raster", "Spike raster.", description, figure, _caption(spikes, shown.names, shown.neurons))


def can_be_shown(spikes: Spikes) -> bool:
    """Whether the recording has at least one neuron and a duration."""
    return any(spikes.sizes.values()) and spikes.stop_step > spikes.start_step


def draw_raster(axes: "Axes", spikes: Spikes, shown_ms: float) -> Shown:
    """Draw the last `shown_ms` of a recording for some neurons of each population.

    The number of rows of a population is proportional to its size, but at least `LEAST`. The neurons are chosen
    evenly by id from those that were recorded.
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
    """Number of neurons of a population that are shown."""
    return min(size, max(LEAST, round(share)))


def _caption(spikes: Spikes, names: list[str], rows: int) -> str:
    colours = {"excitatory": "thin blue", "inhibitory": "thick red", "other": "green"}
    found = list(dict.fromkeys(kind(name) for name in names))
    kinds = ", ".join(f"{colours[one]}: {one}" for one in found)
    coloured = "" if found == ["other"] else f"; {kinds} (by the name of the population)"
    left_out = len(spikes.sizes) - len(names)
    more = f" {left_out} more populations are not shown." if left_out else ""
    chosen = f"{rows} evenly chosen neurons of {sum(spikes.sizes.values()):,}"
    return f"{chosen}{coloured}.{more}"


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
    """Draw a vertical line for each spike, all as one path, which takes a tenth of the bytes of single marks."""
    gap = np.full(len(times), np.nan)
    across = np.stack([times, times, gap], axis=1).ravel()
    up = np.stack([places - half, places + half, gap], axis=1).ravel()
    axes.plot(across, up, color=colour(name), lw=LINE_WIDTHS[kind(name)], solid_capstyle="butt")
