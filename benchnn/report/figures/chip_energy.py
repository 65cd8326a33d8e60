"""The energy of a chip by part."""

from collections.abc import Mapping

from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, new_figure
from simcore.display.numbers import HTML


def energy_picture(parts: Mapping[str, float]) -> Picture:
    """A bar for each known part of the energy, J."""
    figure, (axes,) = new_figure(0.5 + 0.3 * len(parts))
    names, values = list(parts), list(parts.values())
    bars = axes.barh(range(len(parts)), values, height=0.62, color=BLUE)
    axes.bar_label(bars, [HTML.prefixed(value, "J") for value in values], padding=3, size=8)
    axes.set_yticks(range(len(parts)), names)
    axes.set_xlim(0.0, 1.25 * max(values))
    axes.set_xticks([])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    description = "; ".join(f"{name}: {HTML.prefixed(value, 'J')}" for name, value in parts.items())
    caption = "Unknown parts have no bar."
    return Picture("chip-energy", "Energy of the chip by part.", f"{description}.", figure, caption)
