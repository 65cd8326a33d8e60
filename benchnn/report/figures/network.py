"""The figure of a network: a few populations on a ring with lines between them, or many as a table of squares."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchnn.report.figures.populations import colour
from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, FAINT, GREY, GRID, INK, RED, TEAL, drawing, shortened
from simcore.display.words import counted
from simcore.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_ON_RING = 12
"""Largest number of populations for which lines remain distinguishable."""
SIDE_IN = 6.5
SIGNS = {"excitatory": BLUE, "inhibitory": RED, "mixed": GREY}
THICKEST, THINNEST = 4.0, 0.5
"""Widths of the lines of the ring, points."""
LABELS = 40
"""Number of names that fit along a side of the table; if there are more, every second, third, ... is written."""
BARS = 0.2
"""Length of the bar of the largest population as a share of the side of the table."""


@dataclass(frozen=True)
class Connection:
    """The synapses of one sign from one population to another, summed over their projections."""

    source: int
    target: int
    sign: str
    synapses: float


@dataclass(frozen=True)
class Place:
    """Position of a population, its direction from the centre (radians), and the radius of its disc."""

    x: float
    y: float
    angle: float
    radius: float

    def at(self, angle: float, distance: float) -> tuple[float, float]:
        """A point in the direction `angle` from the centre of the disc, at `distance` radii."""
        far = self.radius * distance
        return self.x + far * math.cos(angle), self.y + far * math.sin(angle)


def network_picture(network: Network, title: str) -> Picture:
    """The figure of a network, with a description in words."""
    from matplotlib.figure import Figure

    with drawing():
        figure = Figure(figsize=(SIDE_IN, SIDE_IN), layout="constrained")
        draw_network(figure.subplots(), network)
    size = f"{counted(network.n_neurons, 'neuron')} in {counted(len(network.populations), 'population')}"
    drives = counted(len(network.drives), "drive")
    description = f"{title}: {size}, {network.expected_synapses():,.0f} synapses, {drives}."
    return Picture("network", title, description, figure)


def draw_network(axes: "Axes", network: Network) -> None:
    """Draw populations, connections and drives."""
    connections = _connections(network)
    if len(network.populations) <= MAX_ON_RING:
        _draw_ring(axes, network, connections)
    else:
        _draw_table(axes, network, connections)
    axes.set_aspect("equal")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _connections(network: Network) -> list[Connection]:
    """Connections in ascending order of synapses, without those that have none."""
    synapses: dict[tuple[int, int, str], float] = {}
    for index, projection in enumerate(network.projections):
        expected = projection.rule.expected_synapses(network.wiring(index))
        low, high = projection.ends("weight")
        sign = "excitatory" if low >= 0.0 else "inhibitory" if high <= 0.0 else "mixed"
        key = network.index(projection.source), network.index(projection.target), sign
        synapses[key] = synapses.get(key, 0.0) + expected
    found = [Connection(*key, number) for key, number in synapses.items() if number > 0.0]
    return sorted(found, key=lambda connection: connection.synapses)


def _draw_ring(axes: "Axes", network: Network, connections: Sequence[Connection]) -> None:
    places = _places(network)
    most = max((connection.synapses for connection in connections), default=1.0)
    for connection in connections:
        _draw_line(axes, places, connection, math.sqrt(connection.synapses / most))
    recurrent = {connection.source for connection in connections if connection.source == connection.target}
    for index, place in enumerate(places):
        _draw_disc(axes, network, index, place, index in recurrent)
    reach = max(math.hypot(place.x, place.y) + 2.2 * place.radius for place in places) + 0.25
    axes.set_xlim(-reach - 0.1, reach + 0.1)
    axes.set_ylim(-reach, reach)
    axes.set_xticks([])
    axes.set_yticks([])
    _draw_legend(axes, connections, network, below=False)


def _places(network: Network) -> list[Place]:
    """Places on a ring, clockwise from the top; discs of neighbours do not touch."""
    number = len(network.populations)
    room = min(0.22, 0.42 * math.pi / number)
    largest = max(population.size for population in network.populations)
    places = []
    for index, population in enumerate(network.populations):
        angle = math.pi / 2 - 2 * math.pi * index / number
        ring = 0.0 if number == 1 else 1.0
        # Small populations stay visible.
        radius = room * max(math.sqrt(population.size / largest), 0.2)
        places.append(Place(ring * math.cos(angle), ring * math.sin(angle), angle, radius))
    return places


def _draw_line(axes: "Axes", places: Sequence[Place], connection: Connection, share: float) -> None:
    from matplotlib.patches import FancyArrowPatch

    source, target = places[connection.source], places[connection.target]
    thick = THINNEST + (THICKEST - THINNEST) * share
    if source is target:
        start, stop, bend = source.at(source.angle + 0.5, 1.06), source.at(source.angle - 0.5, 1.14), -2.0
    else:
        along = math.atan2(target.y - source.y, target.x - source.x)
        # Projections in both directions are drawn next to each other.
        start, stop, bend = source.at(along - 0.35, 1.06), target.at(along + math.pi + 0.35, 1.14), 0.18
    patch = FancyArrowPatch(
        start,
        stop,
        connectionstyle=f"arc3,rad={bend}",
        arrowstyle="|-|,widthA=0,widthB=0.5" if connection.sign == "inhibitory" else "-|>",
        mutation_scale=4.5 + 1.4 * thick,
        linewidth=thick,
        color=SIGNS[connection.sign],
        alpha=0.4 + 0.45 * share,
        shrinkA=0.0,
        shrinkB=0.0,
        capstyle="butt",
        joinstyle="miter",
        zorder=1 + share,
    )
    axes.add_patch(patch)


def _draw_disc(axes: "Axes", network: Network, index: int, place: Place, recurrent: bool) -> None:
    """A population with its name and size, and an arrow for each kind of drive."""
    from matplotlib.patches import Circle

    population = network.populations[index]
    axes.add_patch(Circle((place.x, place.y), place.radius, color=colour(population.name), zorder=3, lw=0))
    drives = list(dict.fromkeys(drive.name for _, drive in network.drives_of(population.name)))
    for number in range(len(drives)):
        direction = place.angle + 1.1 + 0.35 * number
        begin, end = place.at(direction, 1.08 + 0.16 / place.radius), place.at(direction, 1.08)
        arrow = {"arrowstyle": "-|>", "color": TEAL, "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", end, begin, arrowprops=arrow)
    out = (2.05 if recurrent else 1.0) + 0.06 / place.radius
    x, y = place.at(place.angle, out)
    lines = [shortened(population.name, 14), f"{population.size:,}", *drives]
    across = "center" if abs(math.cos(place.angle)) < 0.3 else "left" if math.cos(place.angle) > 0 else "right"
    down = "center" if abs(math.sin(place.angle)) < 0.3 else "bottom" if math.sin(place.angle) > 0 else "top"
    axes.text(x, y, "\n".join(lines), ha=across, va=down, fontsize=8, color=INK, linespacing=1.2)


def _draw_table(axes: "Axes", network: Network, connections: Sequence[Connection]) -> None:
    """Draw sources in columns and targets in rows; areas of squares show synapses, bars on the right show sizes."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Rectangle

    number = len(network.populations)
    most = max((connection.synapses for connection in connections), default=1.0)
    axes.add_patch(Rectangle((0, 0), number, number, facecolor="none", edgecolor=GRID, lw=0.8))
    for sign, shade in SIGNS.items():
        squares = [_square(connection, most) for connection in connections if connection.sign == sign]
        axes.add_collection(PolyCollection(squares, facecolors=shade, edgecolors="none"))
    largest = max(population.size for population in network.populations)
    first = 1.03 * number
    for row, population in enumerate(network.populations):
        length = max(BARS * number * population.size / largest, 0.1)
        axes.add_patch(Rectangle((first, row + 0.15), length, 0.7, color=colour(population.name), lw=0))
        if network.drives_of(population.name):
            axes.plot([1.012 * number], [row + 0.5], ">", color=TEAL, ms=max(1.5, 200.0 / number / 2), mew=0)
    axes.text(first, -0.01 * number, f"neurons, at most {largest:,}", fontsize=7, color=FAINT, va="bottom")
    every = -(-number // LABELS) if number > 1.6 * LABELS else 1
    names = [shortened(population.name, 12) for population in network.populations]
    size = min(8.0, 330.0 / number * every)
    ticks = [index + 0.5 for index in range(0, number, every)]
    axes.xaxis.set_ticks_position("top")
    axes.xaxis.set_label_position("top")
    axes.set_xticks(ticks, names[::every], rotation=90, fontsize=size)
    axes.set_yticks(ticks, names[::every], fontsize=size)
    axes.tick_params(length=0)
    for label, name in zip([*axes.get_xticklabels(), *axes.get_yticklabels()], 2 * names[::every], strict=True):
        label.set_color(colour(name))
    axes.set_xlabel("from")
    axes.set_ylabel("to")
    axes.set_xlim(-0.3, (1.05 + BARS) * number)
    axes.set_ylim(number + 0.3, -0.3)
    _draw_legend(axes, connections, network, below=True)


def _square(connection: Connection, most: float) -> list[tuple[float, float]]:
    """The corners of a connection's square; the smallest stays visible."""
    half = max(0.95 * math.sqrt(connection.synapses / most), 0.12) / 2
    x, y = connection.source + 0.5, connection.target + 0.5
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


def _draw_legend(axes: "Axes", connections: Sequence[Connection], network: Network, below: bool) -> None:
    from matplotlib.lines import Line2D

    signs = {connection.sign for connection in connections}
    handles = [Line2D([], [], color=SIGNS[sign], lw=3, label=sign) for sign in SIGNS if sign in signs]
    if network.drives:
        handles.append(Line2D([], [], color=TEAL, marker=">", lw=0, ms=5, label="drives"))
    if handles:
        columns, down = (4, -0.01) if below else (1, 0.0)
        loc: Any = "upper left" if below else "lower left"
        axes.legend(handles=handles, loc=loc, bbox_to_anchor=(0.0, down), fontsize=7, ncols=columns)
