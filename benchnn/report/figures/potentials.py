"""Membrane potentials of many neurons."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from benchnn.report.picture import Picture
from benchnn.report.style import INK, new_figure, shortened
from simcore.recording.recorded_traces import Traces

SHOWN_MS = 1000.0
BINS = 500
LEAST_MV, MOST_MV = -80.0, -40.0
"""Range of potentials that the colours cover, below the threshold."""
VARIABLE = "V_m"


def potentials_picture(traces: Traces) -> Picture | None:
    """Membrane potentials in the last second, one row for each neuron; None if there are none.

    Parameters
    ----------
    traces
        Traces of one recording; other variables are ignored.
    """
    shown = {key[:2]: values for key, values in traces.items() if key[2] == VARIABLE and len(values)}
    if not shown:
        return None
    steps = min(len(next(iter(shown.values()))), max(1, round(SHOWN_MS / traces.resolution_ms)))
    image = np.array([_binned(values[-steps:]) for values in shown.values()])
    times = traces.times_ms[-steps:]
    figure, (axes,) = new_figure(4.2)
    extent = (float(times[0]) - traces.resolution_ms, float(times[-1]), float(len(image)), 0.0)
    drawn = axes.imshow(
        image, cmap="PuBu", vmin=LEAST_MV, vmax=MOST_MV, aspect="auto", interpolation="none", extent=extent
    )
    bar = figure.colorbar(drawn, extend="both")
    bar.set_label("membrane potential (mV)")
    populations = list(dict.fromkeys(name for name, _ in shown))
    edges = np.cumsum([0, *(sum(name == one for one, _ in shown) for name in populations)])
    axes.set_yticks((edges[:-1] + edges[1:]) / 2.0, [shortened(name, 10) for name in populations])
    axes.tick_params(axis="y", length=0)
    for edge in edges[1:-1]:
        axes.axhline(edge, color=INK, lw=0.5)
    axes.set_xlabel("model time (ms)")
    rows = zip(populations, pairwise(edges.tolist()), strict=True)
    means = (f"{name} {np.mean(image[low:high]):.4g}" for name, (low, high) in rows)
    description = f"Potentials of {len(image)} neurons; means by population (mV): {', '.join(means)}."
    caption = f"{len(image)} evenly chosen neurons; each point is the maximum of {_size(steps)} values."
    return Picture("potentials", "Membrane potentials.", description, figure, caption)


def _size(steps: int) -> int:
    return -(-steps // BINS)


def _binned(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Maxima of groups of values, because a spike is shorter than a point of the figure."""
    return np.asarray(np.maximum.reduceat(values, np.arange(0, len(values), _size(len(values)))))
