"""The activity of a chip over the course of a run."""

from collections.abc import Mapping

import numpy as np

from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, new_figure
from simcore.neuromorphic.costs.floorline import FloatArray, IntArray

BINS = 150
"""Largest number of points of a line; all points represent the same number of steps."""


def course_picture(values: Mapping[str, IntArray | FloatArray], times_ms: FloatArray) -> Picture:
    """Quantities as functions of model time, one panel each: means of groups of steps, and their ranges.

    Parameters
    ----------
    values
        Title and values in each step, array (steps,).
    times_ms
        Model time at the end of each step, ms, float64 (steps,).
    """
    figure, axes = new_figure(0.5 + 1.05 * len(values), len(values), 1, sharex=True)
    size = -(-len(times_ms) // BINS)
    firsts = np.arange(0, len(times_ms), size)
    counts = np.diff(np.append(firsts, len(times_ms)))
    middles = np.add.reduceat(times_ms, firsts) / counts
    for one, (title, series) in zip(axes, values.items(), strict=True):
        if size > 1:
            low, high = np.minimum.reduceat(series, firsts), np.maximum.reduceat(series, firsts)
            one.fill_between(middles, low, high, color=BLUE, alpha=0.22, lw=0)
        one.plot(middles, np.add.reduceat(series, firsts) / counts, color=BLUE, lw=1.0)
        one.set_title(title, loc="left", pad=3)
        one.set_ylim(0.0, 1.08 * max(float(series.max()), 1e-12))
        one.yaxis.set_major_formatter("{x:,.6g}")
        one.grid(axis="y")
    axes[-1].set_xlabel("model time (ms)")
    axes[-1].margins(x=0.01)
    description = "; ".join(
        f"{title}: mean {series.mean():,.4g}, largest {series.max():,.4g}" for title, series in values.items()
    )
    caption = "Values per step." + (f" Lines are means over {size:,} steps, bands their range." if size > 1 else "")
    return Picture("chip-course", "Activity of the chip over model time.", f"{description}.", figure, caption)
