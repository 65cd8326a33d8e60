"""Distributions of recorded weights."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from benchnn.report.figures.populations import MAX_SHOWN
from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, INK, new_figure, shortened
from simcore.recording.weights_file import RecordedWeights

FloatArray = npt.NDArray[np.float64]
BINS = 64
BLOCK = 1 << 20
"""Number of weights that are processed at a time."""


def weights_picture(recorded: Mapping[int, RecordedWeights]) -> Picture | None:
    """Distributions of the first and the last recorded weights, one panel for each projection; None without weights."""
    shown = [one for one in recorded.values() if one.integers.size][:MAX_SHOWN]
    if not shown:
        return None
    figure, panels = new_figure(0.75 + 1.5 * len(shown), len(shown))
    described = []
    for axes, one in zip(panels, shown, strict=True):
        name = f"{one.source}->{one.target}"
        edges = _edges(one)
        for row, colour, dashes in ((0, INK, "--"), (-1, BLUE, "-")):
            label = f"{one.times_ms[row]:g} ms"
            axes.stairs(_shares(one, row, edges), edges * one.factor, color=colour, ls=dashes, lw=1.3, label=label)
        axes.set_title(shortened(f"{one.projection}: {name}"), loc="left")
        axes.set_xlabel(f"weight ({one.unit})")
        axes.set_ylim(bottom=0.0)
        # Next to the title, where it cannot cover a line.
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0, ncols=2)
        means = (f"{np.mean(one.integers[row]) * one.factor:.4g} at {one.times_ms[row]:g} ms" for row in (0, -1))
        described.append(f"{name}, mean {one.unit}: {', '.join(means)}")
    figure.supylabel("share of synapses")
    caption = f"First and last recording of the weights; {BINS} bins."
    return Picture("weights", "Weights of plastic synapses.", f"{'; '.join(described)}.", figure, caption)


def _edges(one: RecordedWeights) -> FloatArray:
    """Edges of the bins, as integers of the file."""
    ends = np.array([(piece.min(), piece.max()) for row in (0, -1) for piece in _pieces(one, row)], dtype=np.int64)
    low, high = int(ends.min()), int(ends.max())
    return np.linspace(low, max(high, low + 1), BINS + 1)


def _shares(one: RecordedWeights, row: int, edges: FloatArray) -> FloatArray:
    counts = np.sum([np.histogram(piece, edges)[0] for piece in _pieces(one, row)], axis=0)
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def _pieces(one: RecordedWeights, row: int) -> Iterator[npt.NDArray[np.int32]]:
    values = one.integers[row]
    return (values[start : start + BLOCK] for start in range(0, len(values), BLOCK))
