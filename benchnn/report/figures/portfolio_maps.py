"""Heat maps of several mappings side by side, with the same colours: messages on links, synaptic events in cores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchnn.report.figures.chip_map import (
    LINES,
    draw_bar,
    draw_core_cells,
    draw_link_lines,
    draw_router_cells,
    map_height,
)
from benchnn.report.picture import Picture
from benchnn.report.style import new_figure, shortened
from simcore.neuromorphic.costs.floorline import FloatArray, IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 2
"""Number of maps in a row."""


@dataclass(frozen=True, eq=False)
class MappedLoads:
    """Loads of one mapping.

    Parameters
    ----------
    name
        Mapper and placement of cores.
    position
        Positions of the routers, float64 (routers, 2).
    origin, target, messages
        Routers at both ends of the links, int64, and expected messages/s, float64 (links,).
    router, synops
        Router of each core, int64, and its expected synaptic events/s, float64 (cores,).
    """

    name: str
    position: FloatArray
    origin: IntArray
    target: IntArray
    messages: FloatArray
    router: IntArray
    synops: FloatArray


def portfolio_pictures(loads: Sequence[MappedLoads], torus: bool) -> list[Picture]:
    """Figures of links and of cores; the former only if there are links."""
    linked = [one for one in loads if len(one.origin)]
    pictures = [_links(linked, torus)] if linked else []
    return [*pictures, _cores(loads)]


def _links(loads: Sequence[MappedLoads], torus: bool) -> Picture:
    most = max(float(one.messages.max()) for one in loads)
    figure, axes = _panels(loads)
    for panel, one in zip(axes, loads, strict=False):
        if len(one.origin) <= LINES:
            shown = draw_link_lines(panel, one.position, one.origin, one.target, one.messages, torus, most)
        else:
            shown = draw_router_cells(panel, one.position, one.origin, one.messages, most)
    draw_bar(axes, shown, "messages/s")
    description = "; ".join(f"{one.name}: busiest link {one.messages.max():,.4g} messages/s" for one in loads)
    caption = "Each line is a link in one direction, or each cell a router with its busiest link. Maps share a scale."
    return Picture("mappings-links", "Expected messages/s on the links.", description, figure, caption)


def _cores(loads: Sequence[MappedLoads]) -> Picture:
    most = max(float(one.synops.max()) for one in loads)
    figure, axes = _panels(loads)
    for panel, one in zip(axes, loads, strict=False):
        shown = draw_core_cells(panel, one.position, one.router, one.synops, most)
    draw_bar(axes, shown, "synaptic events/s")
    description = "; ".join(
        f"{one.name}: busiest core {one.synops.max():,.4g} synaptic events/s, mean {one.synops.mean():,.4g}"
        for one in loads
    )
    caption = "Each cell is a core, or the busiest of several cores. Maps share a scale."
    return Picture("mappings-cores", "Expected synaptic events/s in the cores.", description, figure, caption)


def _panels(loads: Sequence[MappedLoads]) -> "tuple[Figure, list[Axes]]":
    rows = -(-len(loads) // ACROSS)
    each = max(map_height(one.position) for one in loads) / ACROSS + 0.35
    figure, axes = new_figure(float(np.clip(rows * each, 1.6, 30.0)), rows, ACROSS)
    for panel in axes[len(loads) :]:
        panel.set_axis_off()
    for panel, one in zip(axes, loads, strict=False):
        panel.set_title(shortened(one.name, 40))
    return figure, axes
