"""Heat maps of a chip: messages on its links, and synaptic events in its cores."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from benchnn.report.picture import Picture
from benchnn.report.style import FAINT, WIDTH_IN, new_figure
from simcore.neuromorphic.costs.floorline import FloatArray, IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.figure import Figure

LINES = 2000
"""Up to this number, links are drawn as lines; beyond it, each router shows its busiest link."""
CELLS = 96
"""Largest number of cells along a side of a map."""
SEPARATE = 48
"""Up to this number of cells along a side, white lines separate them."""
LEVELS = 8
"""Approximate number of colours."""
NUMBER_IN = 0.16
"""Height of a number next to a colour bar."""
ASIDE = 0.09
"""Offset of a link from the line between its routers, as a share of the distance of neighbours. It separates the
links of both directions."""
LONG = 1.6
"""Links of a torus that exceed this multiple of the median length wrap around; only their ends are drawn."""


def links_picture(
    position: FloatArray, origin: IntArray, target: IntArray, messages: IntArray, torus: bool
) -> Picture | None:
    """Messages on each link over the run; None without links.

    Parameters
    ----------
    position
        Positions of the routers, float64 (routers, 2).
    origin, target, messages
        Routers at both ends of the links, and numbers of messages, int64 (links,).
    torus
        Whether links wrap around.
    """
    if not len(origin):
        return None
    lines = len(origin) <= LINES
    figure, (axes,) = new_figure(_height(position) if lines else map_height(position))
    if lines:
        draw_link_lines(axes, position, origin, target, messages, torus)
        caption = "Each line is a link in one direction; neighbours are connected by two links."
    else:
        draw_router_cells(axes, position, origin, messages)
        caption = (
            "Each cell is one or several routers; its colour shows the number of messages on the busiest outgoing link."
        )
    busiest = int(messages.argmax())
    description = (
        f"Messages on {len(origin):,} links between {len(position):,} routers; maximum {messages[busiest]:,}, from "
        f"router {origin[busiest]} to {target[busiest]}."
    )
    return Picture("chip-links", "Messages on the links over the run.", description, figure, caption)


def cores_picture(position: FloatArray, router: IntArray, synops: IntArray) -> Picture:
    """Synaptic events in each core over the run; the cores of a router are adjacent.

    Parameters
    ----------
    position
        Positions of the routers, float64 (routers, 2).
    router, synops
        Router and synaptic events of each core, int64 (cores,).
    """
    places, side = _core_places(position, router)
    figure, (axes,) = new_figure(_height(places))
    _draw_cells(axes, places, synops, "synaptic events")
    largest = int(synops.argmax())
    description = (
        f"Synaptic events in {len(router):,} cores; maximum {synops[largest]:,}, in core {largest}; mean "
        f"{synops.mean():,.4g}."
    )
    adjacent = " The cores of a router are adjacent." if side > 1 else ""
    caption = f"Each cell is a core, or the busiest of several cores.{adjacent}"
    return Picture("chip-cores", "Synaptic events in the cores over the run.", description, figure, caption)


def map_height(position: FloatArray) -> float:
    """Height of a figure of all routers, inches."""
    return _height(_grid(position))


def draw_router_cells(
    axes: "Axes",
    position: FloatArray,
    origin: IntArray,
    messages: IntArray | FloatArray,
    most: float | None = None,
) -> "ScalarMappable":
    """A cell for each router with the messages on its busiest outgoing link; `most` as in `draw_link_lines`."""
    busiest_there = np.zeros(len(position))
    np.maximum.at(busiest_there, origin, messages)
    return _draw_cells(axes, _grid(position), busiest_there, "messages", most)


def draw_core_cells(
    axes: "Axes", position: FloatArray, router: IntArray, synops: IntArray | FloatArray, most: float | None = None
) -> "ScalarMappable":
    """A cell for each core, adjacent for one router; `most` as in `draw_link_lines`."""
    places, side = _core_places(position, router)
    corners = _grid(position) * side
    return _draw_cells(axes, places, synops, "synaptic events", most, np.concatenate([corners, corners + side - 1]))


def _core_places(position: FloatArray, router: IntArray) -> tuple[IntArray, int]:
    """Places of cores on a grid, int64 (cores, 2), and the number of cells along a side of a router."""
    order = np.argsort(router, kind="stable")
    number = np.empty(len(router), dtype=np.int64)
    number[order] = np.arange(len(router)) - np.searchsorted(router[order], router[order])
    side = math.isqrt(int(number.max())) + 1
    return _grid(position)[router] * side + np.stack([number % side, number // side], axis=1), side


def _grid(position: FloatArray) -> IntArray:
    """Places of routers on a grid, int64 (routers, 2): their positions if these form a grid, otherwise row by row."""
    whole = np.rint(position).astype(np.int64)
    if np.allclose(position, whole, atol=1e-6):
        return whole
    side = math.isqrt(len(position) - 1) + 1
    return np.stack(np.divmod(np.arange(len(position)), side)[::-1], axis=1)


def _height(places: FloatArray | IntArray) -> float:
    """Height of a figure, inches, in which a map fills the width or a square."""
    width, height = (np.ptp(places, axis=0) + 1.0).tolist()
    return float(np.clip(0.8 * WIDTH_IN * height / width, 1.4, 0.85 * WIDTH_IN))


def _draw_cells(
    axes: "Axes",
    places: IntArray,
    values: IntArray | FloatArray,
    label: str,
    most: float | None = None,
    around: IntArray | None = None,
) -> "ScalarMappable":
    """An image of places on a grid; if there are too many, a cell shows the largest value of a square of places.

    With `around`, the image extends to these places without values, int64 (n, 2).
    """
    extent = places if around is None else around
    corner = extent.min(axis=0)
    square = -(-(int((extent - corner).max()) + 1) // CELLS)
    cells, last = (places - corner) // square, (extent.max(axis=0) - corner) // square
    image = np.full(tuple(last[::-1] + 1), np.nan)
    np.fmax.at(image, tuple(cells.T[::-1]), values.astype(np.float64))
    colours, norm = _colours(values, most)
    shown = axes.imshow(image, cmap=colours, norm=norm, origin="lower", interpolation="none")
    if max(image.shape) <= SEPARATE:
        for edges, draw in zip(image.shape[::-1], (axes.axvline, axes.axhline), strict=True):
            for edge in range(1, edges):
                draw(edge - 0.5, color="white", lw=0.8)
    if around is not None:
        _draw_frame(axes, image.shape)
    _finish(axes, shown, label, most is None)
    return shown


def _draw_frame(axes: "Axes", shape: Sequence[int]) -> None:
    """Draw the outline of all places, most of which may have no value."""
    from matplotlib.patches import Rectangle

    rows, columns = shape
    axes.add_patch(Rectangle((-0.5, -0.5), columns, rows, fill=False, edgecolor=FAINT, lw=0.6, clip_on=False))


def draw_link_lines(
    axes: "Axes",
    position: FloatArray,
    origin: IntArray,
    target: IntArray,
    messages: IntArray | FloatArray,
    torus: bool,
    most: float | None = None,
) -> "ScalarMappable":
    """A short line for each link, next to that of the other direction; one path for each colour.

    With `most`, the largest value of several maps, all maps share their colours, and none has its own colour bar.
    """
    from matplotlib.cm import ScalarMappable as Coloured

    start, along = position[origin], position[target] - position[origin]
    length = np.hypot(*along.T)
    usual = float(np.median(length))
    round_it = torus & (length > LONG * usual)
    unit = along / np.maximum(length, 1e-12)[:, None]
    # A link that wraps around a torus leaves its router on the side away from its target.
    unit[round_it] *= -1.0
    first = start + 0.16 * usual * unit
    last = start + np.where(round_it, 0.5 * usual, length - 0.16 * usual)[:, None] * unit
    aside = ASIDE * usual * np.stack([unit[:, 1], -unit[:, 0]], axis=1)
    colours, norm = _colours(messages, most)
    levels = norm(messages)
    # In points: 72 per inch.
    width = float(np.clip(0.12 * 72.0 * WIDTH_IN * usual / (np.ptp(position, axis=0).max() + usual), 0.8, 5.0))
    for level in np.unique(levels):
        own = levels == level
        gaps = np.full((np.count_nonzero(own), 2), np.nan)
        path = np.stack([(first + aside)[own], (last + aside)[own], gaps], axis=1).reshape(-1, 2)
        axes.plot(*path.T, color=colours(int(level)), lw=width, solid_capstyle="butt")
    axes.plot(*position.T, "s", color=FAINT, ms=width, mew=0.0, zorder=1)
    axes.set_aspect("equal")
    shown = Coloured(norm, colours)
    _finish(axes, shown, "messages", most is None)
    return shown


def _colours(values: IntArray | FloatArray, most: float | None) -> "tuple[ListedColormap, BoundaryNorm]":
    """A few colours, from pale for small to dark for large values, with round numbers as boundaries."""
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.ticker import MaxNLocator

    largest = max(int(values.max() if most is None else most), 1)
    bounds: Sequence[float] = MaxNLocator(LEVELS, integer=True).tick_values(0, largest)
    # The palest colours would be indistinguishable from the page.
    shades = colormaps["PuBu"](np.linspace(0.25, 1.0, len(bounds) - 1))
    return ListedColormap(shades), BoundaryNorm(bounds, len(shades), clip=True)


def _finish(axes: "Axes", shown: "ScalarMappable", label: str, bar: bool) -> None:
    axes.set_axis_off()
    if bar:
        draw_bar([axes], shown, label)


def draw_bar(axes: "Sequence[Axes]", shown: "ScalarMappable", label: str) -> None:
    """The colour bar of one or several maps, with as many numbers as have room."""
    shrink = 0.9 if len(axes) == 1 else 0.5
    figure, bounds = cast("Figure", axes[0].figure), cast("BoundaryNorm", shown.norm).boundaries
    every = math.ceil(len(bounds) * NUMBER_IN / (shrink * figure.get_figheight()))
    bar = figure.colorbar(shown, ax=axes, shrink=shrink, aspect=24, pad=0.02, label=label, format="{x:,.0f}",
                          ticks=bounds[::every])  # fmt: skip
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)
