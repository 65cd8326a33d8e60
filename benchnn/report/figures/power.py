"""Power over the course of a run."""

from collections.abc import Sequence

import numpy as np

from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, new_figure


def power_picture(powers_w: Sequence[float], every_ms: float) -> Picture:
    """Mean power in each interval of the state propagation.

    Parameters
    ----------
    powers_w
        At least one value, W.
    every_ms
        Wall time of an interval, ms.
    """
    figure, (axes,) = new_figure(2.2)
    axes.stairs(powers_w, np.arange(len(powers_w) + 1) * every_ms * 1e-3, color=BLUE, lw=1.3)
    axes.set_xlabel("wall time of the state propagation (s)")
    axes.set_ylabel("power (W)")
    axes.set_ylim(0.0, 1.08 * max(*powers_w, 1e-12))
    axes.margins(x=0.0)
    low, high, mean = min(powers_w), max(powers_w), float(np.mean(powers_w))
    description = f"Power between {low:.4g} and {high:.4g} W, mean {mean:.4g} W."
    return Picture("power", "Power during the state propagation.", description, figure, f"Means over {every_ms:g} ms.")
