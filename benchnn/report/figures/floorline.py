"""Duration of the steps of a chip over the synaptic events in its busiest core, and the floor below them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchnn.report.picture import Picture
from benchnn.report.style import (
    BLUE,
    FAINT,
    INK,
    MAGENTA,
    MARKERS,
    ORANGE,
    SERIES,
    TEAL,
    new_figure,
    set_log_axis,
    shortened,
)
from simcore.neuromorphic.costs.floorline import STATES, UNKNOWN, FloatArray, Profile, floor_of, run_state, step_states

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NONE = 0.4
"""Place of steps without synaptic events, because a logarithmic axis cannot show 0."""
POINTS = 400
"""Largest number of steps that are drawn individually."""
CELLS = 40
"""Cells per decade beyond that: one mark shows the mean of all steps in a cell."""
SIZES = ((1, 2.0), (10, 3.2), (100, 4.6), (1000, 6.2))
"""Smallest number of steps in a cell, and size of its mark."""
COLOURS = {"memory": ORANGE, "compute": BLUE, "traffic": TEAL, "barrier": MAGENTA, UNKNOWN: FAINT}
SOURCE = "The floor is reconstructed after the floorline model (arXiv:2511.21549v1)."


@dataclass(frozen=True, eq=False)
class Series:
    """Steps with the same colour and mark: synaptic events in the busiest core, and durations in us."""

    label: str
    colour: str
    marker: str
    synops: FloatArray
    times_us: FloatArray


def floorline_picture(profiles: Sequence[tuple[str, Profile]]) -> Picture:
    """Steps of one run by state, or of several runs by run, and the floors of the runs.

    Parameters
    ----------
    profiles
        Names and profiles of runs whose durations are known.
    """
    figure, (axes,) = new_figure(3.4)
    single = len(profiles) == 1
    series = list(_by_state(profiles[0][1]) if single else _by_run(profiles))
    for one in series:
        _draw(axes, one)
    synops = np.concatenate([one.synops for one in series])
    reached = np.concatenate([one.times_us for one in series])
    floors = [floor_of(profile) for _, profile in profiles]
    right = max([2.0, float(synops.max()), *(2.0 * floor.ridge for floor in floors if floor and floor.ridge)])
    for number, floor in enumerate(floors):
        if floor is not None:
            across = np.geomspace(NONE if floor.compute_s else 1.0, 1.2 * right, 200)
            line = 1e6 * floor.at(across)
            axes.plot(across, line, color=INK if single else SERIES[number % len(SERIES)], lw=1.2)
            reached = np.append(reached, line[line > 0.0])
    axes.plot([], [], color=INK if single else FAINT, lw=1.2, label="floor (reconstructed)")
    set_log_axis(axes, "y", [reached.min() / 1.5, 1.5 * reached.max()])
    axes.set_ylabel("duration of a step (µs)")
    _count_axis(axes, right, bool((synops == 0.0).any()))
    figure.legend(loc="outside upper left", ncols=3 if single else 1, handlelength=1.2, columnspacing=1.2)
    runs = "; ".join(f"{name}: {profile.steps:,} steps, state: {run_state(profile)}" for name, profile in profiles)
    many = "Larger marks represent more steps. " if any(len(one.synops) > POINTS for one in series) else ""
    title = "Floorline: duration of a step as a function of the number of synaptic events in the busiest core."
    description = f"Duration of a step as a function of the number of synaptic events. {runs}."
    return Picture("floorline", title, description, figure, f"{many}{SOURCE}")


def _by_state(profile: Profile) -> Iterator[Series]:
    states = step_states(profile)
    for place, name, marker in zip((*range(len(STATES)), -1), (*STATES, UNKNOWN), MARKERS, strict=False):
        if (states == place).any():
            label = name if name == UNKNOWN else f"{name}-bound"
            yield _series(label, COLOURS[name], marker, profile, states == place)


def _by_run(profiles: Sequence[tuple[str, Profile]]) -> Iterator[Series]:
    for number, (name, profile) in enumerate(profiles):
        look = SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]
        yield _series(shortened(name, 48), *look, profile, np.ones(profile.steps, dtype=np.bool_))


def _series(label: str, colour: str, marker: str, profile: Profile, own: npt.NDArray[np.bool_]) -> Series:
    """Select the steps with a duration above 0, which a logarithmic axis can show."""
    assert profile.total_s is not None  # noqa: S101 - the run is timed
    shown = own & (profile.total_s > 0.0)
    return Series(label, colour, marker, profile.synops_max[shown].astype(np.float64), 1e6 * profile.total_s[shown])


def _draw(axes: "Axes", series: Series) -> None:
    """Draw a mark for each step, or one for each cell of a fine grid if there are many; its size shows the number."""
    places = np.log10([np.maximum(series.synops, NONE), series.times_us])
    counts = np.ones(places.shape[1], dtype=np.int64)
    if len(counts) > POINTS:
        _, cells, counts = np.unique(np.rint(CELLS * places), axis=1, return_inverse=True, return_counts=True)
        places = np.stack([np.bincount(cells.ravel(), values) for values in places]) / counts
    places = 10.0**places
    sizes = np.searchsorted([least for least, _ in SIZES], counts, side="right") - 1
    for level, (_, size) in enumerate(SIZES):
        across, up = places[:, sizes == level]
        axes.plot(across, up, series.marker, color=series.colour, ms=size, mew=0.0, alpha=0.75)
    axes.plot([], [], series.marker, color=series.colour, ms=5, label=series.label)


def _count_axis(axes: "Axes", right: float, with_none: bool) -> None:
    """A logarithmic axis of counts with an additional tick for 0."""
    set_log_axis(axes, "x", [1.0, right])
    if with_none:
        ticks = [tick for tick in axes.get_xticks() if tick >= 1.0]
        axes.set_xticks([NONE, *ticks], ["0", *(f"{tick:,.10g}" for tick in ticks)])
    axes.set_xlim(NONE / 1.35 if with_none else 1.0 / 1.35, 1.35 * right)
    axes.set_xlabel("synaptic events in the busiest core of the step")
